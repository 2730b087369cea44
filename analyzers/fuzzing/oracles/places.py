"""Where a traceback points: frames, exact positions, and the syntax that was running there.

Deliberately only reads; nothing here judges.
"""

from __future__ import annotations

import ast
import functools
import linecache
import os
from collections.abc import Iterator
from itertools import islice
from types import FrameType, TracebackType
from typing import Any


def frames_of(trace: TracebackType | None) -> Iterator[tuple[FrameType, Any]]:
    """Frames with (line, end line, column, end column) of what was running in each; columns are in UTF-8 bytes."""
    while trace is not None:
        positions = trace.tb_frame.f_code.co_positions()
        exact = next(islice(positions, trace.tb_lasti // 2, None), None)
        yield trace.tb_frame, exact if exact and exact[0] is not None else (trace.tb_lineno, None, None, None)
        trace = trace.tb_next


@functools.lru_cache(maxsize=4)
def _places(tree: ast.Module) -> tuple[dict[tuple[int, int, int, int], ast.AST], dict[int, ast.stmt]]:
    """Nodes by exact position, and ``raise`` and ``assert`` statements by line."""
    exact: dict[tuple[int, int, int, int], ast.AST] = {}
    lines: dict[int, ast.stmt] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.stmt):
            end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
            exact.setdefault((node.lineno, end_line, node.col_offset, end_column), node)
            if isinstance(node, ast.Raise | ast.Assert):
                lines.update(dict.fromkeys(range(node.lineno, end_line + 1), node))
    return exact, lines


def node_at(tree: ast.Module, position: Any) -> ast.AST | None:
    """The node at exactly this position, or the ``raise`` or ``assert`` on the line."""
    exact, lines = _places(tree)
    return exact.get(tuple(position)) or lines.get(position[0])


def is_raise(frame: FrameType, position: Any) -> bool:
    line = linecache.getline(frame.f_code.co_filename, position[0] or 0).strip()
    return line.startswith("raise ") or line == "raise" or ": raise " in line


def in_project(filename: str, root: str) -> bool:
    parts = filename.split(os.sep)
    return filename.startswith(root.rstrip(os.sep) + os.sep) and not {
        "site-packages",
        "dist-packages",
        ".venv",
        "venv",
    } & set(parts)


def frames_parameters(frame: FrameType) -> set[str]:
    code = frame.f_code
    flags = bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    return set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + flags])


def is_given(node: ast.AST, parameters: set[str]) -> bool:
    """A parameter itself, or its constant field (``row["id"]``)."""
    if isinstance(node, ast.Starred):
        node = node.value
    if isinstance(node, ast.Name):
        return node.id in parameters
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id in parameters - {"self", "cls"}
    return False


def mentions(node: ast.AST, parameters: set[str]) -> bool:
    return any(isinstance(each, ast.Name) and each.id in parameters for each in ast.walk(node))


def is_own_attribute(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def called_name(node: ast.Call) -> str:
    return (
        node.func.id
        if isinstance(node.func, ast.Name)
        else node.func.attr
        if isinstance(node.func, ast.Attribute)
        else ""
    )
