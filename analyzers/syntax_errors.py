"""Syntax errors at typing speed: where, and in words a person understands.

That there is an error is tree-sitter's verdict, which does not depend on the host's Python. Where it is and how it is
called is asked of the host's parser, definition by definition: one missing colon makes an error-tolerant parser stumble
over everything behind it, while each definition by itself either parses or does not. Its messages are the ones that
people know. Where the host knows better only because it is older (syntax of a later version), its word is not taken.
"""

from __future__ import annotations

import ast
import re
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tree_sitter import Node

from .findings import Range
from .source import LineIndex
from .syntax import code_points, descend

#: Pieces above this size are not handed to the host's parser (bytes).
MAX_HOST = 256 * 1024

#: A line that starts a definition, a decorator, or (at the left margin) any statement.
_HEAD = re.compile(rb"^(?:([ \t]*)(def|class|async|@)(?=[ \t\w])|(?=[A-Za-z_]))", re.MULTILINE)

#: What a host may reject only because it is old: f-strings of 3.12, type parameters, ``type``, bare ``except A, B``.
_NEWER = frozenset({"type_alias_statement", "interpolation"})

#: What the host says of a head whose body comes later.
_BODY_MISSING = "expected an indented block"

#: The piece's own line numbers mean nothing to the reader, and would change as the piece moves.
_ON_LINE = re.compile(r" on line \d+")


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """A message and its range; rows count from the first row of what was looked at."""

    message: str
    range: Range


class Faults(NamedTuple):
    """Faults of a file with rows of the file; ``complete`` is false if time ran out before all was looked at."""

    faults: tuple[SyntaxFault, ...]
    complete: bool


def faults_in(data: bytes, broken: Sequence[tuple[int, int]], root: Node, near: int, budget_s: float) -> Faults:
    """The faults behind the ``broken`` byte ranges of a tree. The definition at byte ``near`` (the last edit) is
    looked at first; what was looked at before is remembered, so that typing costs one definition."""
    deadline = time.perf_counter() + budget_s
    parts: list[tuple[int, int]] = []
    for start, end in broken:
        region = _whole_statements(data, start, end, root)
        if not parts or region[0] >= parts[-1][1]:
            parts += _definitions(data, *region, root)
    parts.sort(key=lambda part: not part[0] <= near <= part[1])
    found: list[SyntaxFault] = []
    for start, end in parts:
        if time.perf_counter() > deadline:
            return Faults(tuple(found), complete=False)
        fault = _fault_of_part(data, start, end, parts, root)
        if fault is not None:
            found.append(fault)
    return Faults(tuple(sorted(set(found), key=lambda each: each.range)), complete=True)


def _fault_of_part(
    data: bytes, start: int, end: int, parts: Sequence[tuple[int, int]], root: Node
) -> SyntaxFault | None:
    piece = data[start:end]
    if not piece.strip():
        return None
    found = _host_fault(piece)
    if found is not None and "triple-quoted" in found.message:
        # What looks like a definition may stand in a string: take more, as long as that is what is wrong.
        for _, later in sorted(part for part in parts if part[0] >= end):
            piece = data[start:later]
            found = _host_fault(piece)
            if found is None or "triple-quoted" not in found.message:
                break
    if found is None:
        return None
    if found.message.startswith(_BODY_MISSING) and _indent(data[end:]) > _indent(_last_line(piece)):
        return None  # its body are the next parts
    row0 = data.count(b"\n", 0, start)
    if sys.version_info >= (3, 14) or not _may_be_newer(found, piece):
        return SyntaxFault(found.message, found.range.shifted(row0))
    return _tree_fault(root, data, start, end)


def _whole_statements(data: bytes, start: int, end: int, root: Node) -> tuple[int, int]:
    """The range from the line at the left margin that starts its first statement to where the next one starts."""
    start = data.rfind(b"\n", 0, start) + 1
    while start > 0 and not _starts_statement(data, start, root):
        start = data.rfind(b"\n", 0, start - 1) + 1
    following = data.find(b"\n", max(end - 1, start))
    while following >= 0 and not _starts_statement(data, following + 1, root):
        following = data.find(b"\n", following + 1)
    return start, len(data) if following < 0 else following + 1


def _starts_statement(data: bytes, start: int, root: Node) -> bool:
    """Whether a line starts a statement: a letter or a decorator in column 0 of code, which neither continues an
    earlier statement (``else``) nor has a decorator above it."""
    first = data[start : start + 1]
    if not (first.isalpha() or first in (b"_", b"@")):
        return False
    if data.startswith((b"else", b"elif", b"except", b"finally"), start):
        return False
    above = data.rfind(b"\n", 0, max(start - 1, 0)) + 1
    return not (above < start and data[above : above + 1] == b"@") and not _in_string(root, start)


def _in_string(root: Node, byte: int) -> bool:
    node = root.descendant_for_byte_range(byte, byte)
    return node is not None and node.type in ("string_content", "string_start", "string_end", "string")


def _definitions(data: bytes, start: int, end: int, root: Node) -> Iterator[tuple[int, int]]:
    """Parts of a region: its top-level definitions, and the members of its classes each by itself."""
    starts = [start]
    around: list[tuple[int, bool]] = []  # (indent, is a class) of the definitions that hold this line
    decorated = False
    for match in _HEAD.finditer(data, start, end):
        word = match[2]
        if _in_string(root, match.start() + len(match[0])):
            continue
        if word is None:
            around.clear()
            decorated = False
            continue
        indent = len(match[1])
        while around and around[-1][0] >= indent:
            around.pop()
        outer = indent == 0 if not around else around[-1][1]
        if outer and not decorated and match.start() > start:
            starts.append(match.start())
        decorated = word == b"@" and outer
        if word != b"@":
            around.append((indent, word == b"class"))
    yield from zip(starts, [*starts[1:], end], strict=True)


def faults_of(node: Node, data: bytes) -> tuple[SyntaxFault, ...]:
    """What the error-tolerant parser lets pass in a statement: Python 2, a missing block. Rows count from its own."""
    found = _host_fault(_exactly(node, data))
    if found is None or (sys.version_info < (3, 14) and any(_is_newer(each) for each in descend(node))):
        return ()
    return () if "multiple exception types" in found.message else (found,)


def _exactly(node: Node, data: bytes) -> bytes:
    """The node's own text, indented as it stands; other statements of the first line are left out."""
    start = node.start_byte
    before = data[start - node.start_point[1] : start]
    indent = b" " * code_points(before) if before.strip() else before
    return indent + data[start : node.end_byte]


def _last_line(piece: bytes) -> bytes:
    return piece.rstrip().rpartition(b"\n")[2]


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" \t"))


@lru_cache(maxsize=4096)
def _host_fault(piece: bytes) -> SyntaxFault | None:
    if len(piece) > MAX_HOST:
        return None
    text = piece.decode("utf-8", "replace").removeprefix("\ufeff")
    shift = 0
    if text[:1] in " \t":
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


def _is_newer(node: Node) -> bool:
    if node.type == "type_parameter":  # the brackets of ``list[int]`` have the same name in the tree
        return node.parent is not None and node.parent.type in ("function_definition", "class_definition")
    return node.type in _NEWER


_FSTRING = re.compile(rb"\b[fFtT][rR]?[\"']|\b[rR][fFtT][\"']")
_NEW_STATEMENT = re.compile(rb"^\s*(?:type\s+\w|(?:async\s+)?def\s+\w+\s*\[|class\s+\w+\s*\[)")


def _may_be_newer(fault: SyntaxFault, piece: bytes) -> bool:
    """Whether the host may have rejected the piece only because it does not know later syntax."""
    if "f-string" in fault.message or "multiple exception types must be parenthesized" in fault.message:
        return True
    lines = piece.split(b"\n")
    line = lines[min(fault.range.line, len(lines) - 1)]
    if _NEW_STATEMENT.match(line):
        return True
    return bool(_FSTRING.search(line)) and not fault.message.startswith("expected")


def _tree_fault(root: Node, data: bytes, start: int, end: int) -> SyntaxFault | None:
    """tree-sitter's own place between two bytes, with a plain message; None if it finds nothing wrong there."""
    inside: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if not node.has_error or node.end_byte < start or node.start_byte > end:
            continue
        if node.is_missing or (node.is_error and start <= node.start_byte < end):
            inside.append(node)
        stack.extend(reversed(node.children))
    if not inside:
        return None
    node = min(inside, key=lambda each: (not each.is_missing, each.end_byte - each.start_byte))
    message = f"expected '{node.type}'" if node.is_missing else "invalid syntax"
    row, column = node.start_point
    begin = node.start_byte
    newline = data.find(b"\n", begin)
    line_end = len(data) if newline < 0 else newline
    first = code_points(data[begin - column : begin])
    width = code_points(data[begin : min(max(node.end_byte, begin + 1), line_end)].rstrip(b"\r"))
    return SyntaxFault(message, Range(row, first, row, first + max(width, 1)))
