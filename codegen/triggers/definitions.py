"""The definition around a line, and its parts as text: what a stub, a selection and a draft are compared by.

Invariant: the syntax is the version-independent one, so a text with newer syntax than the host's, or one that is
half written, still gives its definitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from tree_sitter import Node

from ...analyzers.source import LineIndex
from ...analyzers.syntax import parse, text_of
from .comment import TOKENS

_COMMENT = re.compile(r"#[^\r\n]*")
_DEFINITIONS = ("function_definition", "class_definition")
_SPACE = re.compile(r"\s+")


class Lines(Protocol):
    """The lines of a text, as an open document has them without looking through the whole of it."""

    @property
    def line_count(self) -> int: ...

    def line_text(self, line: int) -> str:
        """Without its line ending."""
        ...

    def line_start(self, line: int) -> int:
        """Its first byte in UTF-8."""
        ...


class TextLines:
    """The lines of a text that is no document."""

    def __init__(self, text: str) -> None:
        self.index = LineIndex(text)

    @property
    def line_count(self) -> int:
        return len(self.index.starts)

    def line_text(self, line: int) -> str:
        return self.index.line(line)

    def line_start(self, line: int) -> int:
        return len(self.index.text[: self.index.starts[line]].encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text with its tree; offsets of nodes are bytes of ``data``, rows of nodes are the editor's lines."""

    data: bytes
    root: Node
    lines: Lines

    @staticmethod
    def of(text: str) -> Parsed:
        data = text.encode("utf-8", "surrogatepass")
        return Parsed(data, parse(data).root_node, TextLines(text))

    def offset(self, byte: int) -> int:
        """Code points before a byte."""
        head = self.data[:byte]
        return byte if head.isascii() else len(head.decode("utf-8", "surrogatepass"))

    def text(self, node: Node) -> str:
        return text_of(node, self.data)


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or a class. ``whole`` begins with its decorators; lines are 0-based, ``last`` inclusive."""

    node: Node
    whole: Node
    name: str
    first: int
    last: int
    indent: str
    parents: tuple[Node, ...]  # definitions around it, the innermost last

    @property
    def is_class(self) -> bool:
        return self.node.type == "class_definition"


def definitions_around(parsed: Parsed, line: int) -> Iterator[Definition]:
    """Definitions whose lines hold ``line``, the innermost first. Costs what stands around the line."""
    if not 0 <= line < parsed.lines.line_count:
        return
    written = parsed.lines.line_text(line)
    indent = written[: len(written) - len(written.lstrip(" \t\f"))]
    at = parsed.lines.line_start(line) + (len(indent) if written != indent else 0)
    node = parsed.root.descendant_for_byte_range(at, min(at + 1, len(parsed.data)))
    wholes: list[tuple[Node, Node]] = []  # with decorators and without
    while node is not None:
        whole, node = node, node.parent
        if whole.type == "decorated_definition":
            inner = whole.child_by_field_name("definition")
            if inner is not None and not (wholes and wholes[-1][1] == inner):
                wholes.append((whole, inner))
        elif whole.type in _DEFINITIONS:
            decorated = node is not None and node.type == "decorated_definition"
            wholes.append((node if node is not None and decorated else whole, whole))
    for number, (whole, node) in enumerate(wholes):
        yield _definition(parsed, whole, node, tuple(each for _, each in reversed(wholes[number + 1 :])))


def top_definitions(parsed: Parsed) -> Iterator[Definition]:
    """The definitions at the top level of a text, in order."""
    for each in parsed.root.named_children:
        definition = each.child_by_field_name("definition") if each.type == "decorated_definition" else each
        if definition is not None and definition.type in _DEFINITIONS:
            yield _definition(parsed, each, definition, ())


def first_line(node: Node) -> int:
    """The line on which a node begins."""
    return node.start_point.row


def last_line(node: Node) -> int:
    """The line of a node's last character."""
    row, column = node.end_point
    return row - (column == 0 and node.end_byte > node.start_byte)


def _definition(parsed: Parsed, whole: Node, node: Node, parents: tuple[Node, ...]) -> Definition:
    name = node.child_by_field_name("name")
    first = first_line(whole)
    written = parsed.lines.line_text(first)
    return Definition(
        node,
        whole,
        parsed.text(name) if name is not None else "",
        first,
        last_line(whole),
        written[: len(written) - len(written.lstrip(" \t\f"))],
        parents,
    )


# --- parts -----------------------------------------------------------------------------------------------------------


def decorators(parsed: Parsed, definition: Definition) -> tuple[str, ...]:
    """Each as it is written, with its ``@``."""
    return tuple(parsed.text(each) for each in definition.whole.named_children if each.type == "decorator")


def signature(parsed: Parsed, node: Node) -> str:
    """``async def f(a, *, b: int = 1) -> str`` on one line, without comments and the colon."""
    body = node.child_by_field_name("body")
    end = body.start_byte if body is not None else node.end_byte
    head = parsed.data[node.start_byte : end].decode("utf-8", "replace")
    line = _SPACE.sub(" ", _without_comments(head)).strip().removesuffix(":").rstrip()
    line = re.sub(r"([(\[]) ", r"\1", re.sub(r",? ([)\]])", r"\1", line))
    return line.replace(",)", ")")


def _without_comments(head: str) -> str:
    """A header without comments; a ``#`` in a default value is text."""
    strings = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|(#[^\r\n]*)")
    return strings.sub(lambda match: "" if match[1] else match.group(), head)


def statements(node: Node) -> list[Node]:
    """What a definition's body holds, comments left out."""
    body = node.child_by_field_name("body")
    return [each for each in body.named_children if each.type != "comment"] if body is not None else []


def docstring_node(node: Node) -> Node | None:
    """The statement that is the docstring."""
    first = next(iter(statements(node)), None)
    if first is None or first.type != "expression_statement" or not first.named_children:
        return None
    value = first.named_children[0]
    return first if value.type in ("string", "concatenated_string") else None


def docstring(parsed: Parsed, node: Node) -> str:
    """Its words, without quotes and indentation."""
    statement = docstring_node(node)
    if statement is None:
        return ""
    written = re.sub(r"^[rRuUbBfF]*", "", parsed.text(statement).strip())
    quote = 3 if written.startswith(('"""', "'''")) else 1
    lines = written[quote:-quote].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.strip() for line in lines).strip()


def frozen_lines(code: str) -> set[int]:
    """Lines (0-based) that are the inside of a text, whose indentation is content; but for docstrings, whose lines
    move with their function."""
    lines = code.split("\n")
    frozen: set[int] = set()
    for token in TOKENS.finditer(code):
        if token.group()[0] in "\"'" and "\n" in token.group():
            first = code.count("\n", 0, token.start())
            before = lines[first][: token.start() - (code.rfind("\n", 0, token.start()) + 1)]
            if before.strip(" \trRuU"):  # not the first thing on its line: not a docstring
                frozen |= set(range(first + 1, first + 1 + token.group().count("\n")))
    return frozen


def at_depth_zero(text: str, indent: str, unit: str) -> str:
    """Lines of a file as drafts are written: without ``indent``, four spaces for each ``unit``, ending in ``\\n``."""
    text = re.sub(r"\r\n|\r", "\n", text)
    frozen = frozen_lines(text)
    result: list[str] = []
    for number, line in enumerate(text.split("\n")):
        if number in frozen:
            result.append(line)
            continue
        body = line.removeprefix(indent)
        depth = 0
        while unit and body.startswith(unit) and body.strip():
            body, depth = body[len(unit) :], depth + 1
        result.append("    " * depth + body if body.strip() else "")
    return "\n".join(result).strip("\n") + "\n"


# --- comparing signatures --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Argument:
    """``hint`` is without quotes and spaces. ``kind`` is "" for a plain parameter, ``*`` or ``**`` for one that takes
    the rest, ``/`` or a bare ``*``."""

    name: str
    kind: str = ""
    hint: str = ""
    default: str = ""


def arguments(parsed: Parsed, node: Node) -> tuple[Argument, ...]:
    parameters = node.child_by_field_name("parameters")
    found: list[Argument] = []
    for each in parameters.named_children if parameters is not None else ():
        if each.type == "comment":
            continue
        if each.type in ("keyword_separator", "positional_separator"):
            found.append(Argument("", "*" if each.type == "keyword_separator" else "/"))
            continue
        inner = each.child_by_field_name("name") or (each.named_children[0] if each.named_children else each)
        inner_text = parsed.text(inner)
        hint, default = each.child_by_field_name("type"), each.child_by_field_name("value")
        stars = len(inner_text) - len(inner_text.lstrip("*"))
        if not stars and each.type in ("list_splat_pattern", "dictionary_splat_pattern"):
            stars = 1 if each.type == "list_splat_pattern" else 2
        found.append(
            Argument(
                inner_text.lstrip("*"),
                "*" * stars,
                _plain(parsed.text(hint)) if hint is not None else "",
                _SPACE.sub(" ", parsed.text(default)) if default is not None else "",
            )
        )
    return tuple(found)


def _plain(text: str) -> str:
    return _SPACE.sub("", text).replace("'", '"').strip('"')


def returned(parsed: Parsed, node: Node) -> str:
    hint = node.child_by_field_name("return_type")
    return _plain(parsed.text(hint)) if hint is not None else ""


def is_async(node: Node) -> bool:
    return bool(node.children) and node.children[0].type == "async"
