"""Syntax errors at typing speed: where, and in words a person understands.

That there is an error is tree-sitter's verdict, which does not depend on the host's Python. Where it is and how it is
called is asked of the host's parser, for the smallest piece that holds it: its messages are the ones that people know.
Where the host knows better only because it is older (syntax of a later version), its word is not taken.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from dataclasses import dataclass

from tree_sitter import Node

from .findings import Range
from .source import LineIndex
from .syntax import code_points, descend

#: Pieces above this size are not handed to the host's parser on the keystroke path (bytes).
MAX_HOST = 96 * 1024

#: What a host may reject only because it is old: f-strings of 3.12, type parameters, ``type``, bare ``except A, B``.
_NEWER = frozenset({"type_parameter", "type_alias_statement", "interpolation"})


#: The piece's own line numbers mean nothing to the reader, and would change as the piece moves.
_ON_LINE = re.compile(r" on line \d+")


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """A message and its range; rows count from the first row of the piece that was looked at."""

    message: str
    range: Range


def faults_of(nodes: list[Node], data: bytes, in_class: bool) -> tuple[SyntaxFault, ...]:
    """Errors of adjacent nodes: a statement, or a run of statements broken by one error."""
    row0 = nodes[0].start_point[0]
    if any(node.has_error for node in nodes):
        found = _host_fault(_lines(nodes, data), in_class)
        if found is not None and not _only_newer(found, nodes, row0, anywhere=False):
            return (found,)
        return (_tree_fault(nodes, data, row0),)
    found = _host_fault(_exactly(nodes, data), in_class)
    if found is not None and not _only_newer(found, nodes, row0, anywhere=True):
        return (found,)
    return ()


def _lines(nodes: list[Node], data: bytes) -> bytes:
    """The whole lines that broken nodes cover: what is missing may lie behind them."""
    first, last = nodes[0], nodes[-1]
    start = first.start_byte - first.start_point[1]
    end = data.find(b"\n", last.end_byte) if data[last.end_byte - 1 : last.end_byte] != b"\n" else last.end_byte
    return data[start : end if end >= 0 else len(data)]


def _exactly(nodes: list[Node], data: bytes) -> bytes:
    """The nodes' own text, indented as it stands; other statements of the first line are left out."""
    start = nodes[0].start_byte
    before = data[start - nodes[0].start_point[1] : start]
    indent = b" " * code_points(before) if before.strip() else before
    return indent + data[start : nodes[-1].end_byte]


def _host_fault(piece: bytes, in_class: bool) -> SyntaxFault | None:
    if len(piece) > MAX_HOST:
        return None
    text = piece.decode("utf-8", "replace").removeprefix("\ufeff")
    shift = 0
    if in_class or text[:1] in " \t":
        text, shift = "if True:\n" + text, 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        lines = LineIndex(text)
        row = min(max((error.lineno or 1) - 1, shift), len(lines.starts) - 1)
        column = min(max((error.offset or 1) - 1, 0), len(lines.line(row)))
        end_row = (error.end_lineno or row + 1) - 1
        end_column = (error.end_offset or 0) - 1
        if (end_row, end_column) <= (row, column) or end_row >= len(lines.starts):
            end_row, end_column = row, max(len(lines.line(row).rstrip()), column + 1)
        message = _ON_LINE.sub("", error.msg).removeprefix("invalid syntax. ")
        # The wrapper that holds an indented piece must not show in the message or the place.
        return SyntaxFault(message, Range(row - shift, column, max(end_row, row) - shift, end_column))
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _only_newer(fault: SyntaxFault, nodes: list[Node], row0: int, anywhere: bool) -> bool:
    """Whether the host may have rejected the piece only because it does not know later syntax."""
    if sys.version_info >= (3, 14):
        return False
    if "f-string" in fault.message or "multiple exception types must be parenthesized" in fault.message:
        return True
    row = fault.range.line + row0
    for node in nodes:
        for each in descend(node):
            if each.type in _NEWER and (anywhere or each.start_point[0] <= row <= each.end_point[0]):
                return True
    return False


def _tree_fault(nodes: list[Node], data: bytes, row0: int) -> SyntaxFault:
    """tree-sitter's own place, with a plain message."""
    for node in nodes:
        if not node.has_error:
            continue
        for each in descend(node):
            if each.is_missing:
                return SyntaxFault(f"expected '{each.type}'", _range(each, data, row0))
        errors = [each for each in descend(node) if each.is_error]
        if errors:
            smallest = min(errors, key=lambda each: each.end_byte - each.start_byte)
            return SyntaxFault("invalid syntax", _range(smallest, data, row0))
    return SyntaxFault("invalid syntax", _range(nodes[0], data, row0))


def _range(node: Node, data: bytes, row0: int) -> Range:
    (row, column), start = node.start_point, node.start_byte
    end = data.find(b"\n", start)
    line_end = len(data) if end < 0 else end
    begin = code_points(data[start - column : start])
    width = code_points(data[start : min(max(node.end_byte, start + 1), line_end)].rstrip(b"\r"))
    return Range(row - row0, begin, row - row0, begin + max(width, 1))
