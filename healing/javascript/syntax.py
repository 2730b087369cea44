"""Trees of JavaScript and TypeScript, and whether a changed text still has errors, and where the first is.

Invariant: parsing never fails; offsets are in code points, trees are in bytes, and only this module converts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Tree

from ..grammar import Splice, splice

FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "arrow_function",
        "method_definition",
        "generator_function",
        "generator_function_declaration",
    }
)


@cache
def _parser(suffix: str) -> Parser:
    if suffix in {".ts", ".mts", ".cts"}:
        return Parser(Language(tree_sitter_typescript.language_typescript()))
    if suffix == ".tsx":
        return Parser(Language(tree_sitter_typescript.language_tsx()))
    return Parser(Language(tree_sitter_javascript.language()))


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many errors a tree has, and the offset of the first (-1 if there is none)."""

    errors: int
    first: int = -1


class Syntax:
    """One text and its tree."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.suffix = PurePosixPath(name).suffix
        self.data = text.encode("utf-8", "surrogatepass")
        self.ascii = text.isascii()
        self.tree: Tree = _parser(self.suffix).parse(self.data)

    @property
    def root(self) -> Node:
        return self.tree.root_node

    def offset(self, byte: int) -> int:
        """Code-point offset of a byte offset."""
        return byte if self.ascii else len(self.data[:byte].decode("utf-8", "surrogatepass"))

    def byte(self, offset: int) -> int:
        return offset if self.ascii else len(self.text[:offset].encode("utf-8", "surrogatepass"))

    def span(self, node: Node) -> tuple[int, int]:
        """Code-point offsets of a node."""
        return self.offset(node.start_byte), self.offset(node.end_byte)

    def of(self, node: Node) -> str:
        """A node's text."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")

    def at(self, start: int, end: int | None = None) -> Node:
        """The smallest named node over a range of code points."""
        first, last = self.byte(start), self.byte(start if end is None else end)
        found = self.root.named_descendant_for_byte_range(first, max(first, last))
        return found or self.root

    def verdict(self) -> Verdict:
        return _verdict(self)

    def after(self, splices: Sequence[Splice]) -> Verdict:
        """The verdict on the text with these changes; what lies between them is not parsed again."""
        other = Syntax.__new__(Syntax)
        other.text, other.suffix = splice(self.text, splices), self.suffix
        other.data = other.text.encode("utf-8", "surrogatepass")
        other.ascii = other.text.isascii()
        tree, data = self.tree.copy(), self.data
        for start, end, new in sorted(splices, reverse=True):
            first, last, put = self.byte(start), self.byte(end), new.encode("utf-8", "surrogatepass")
            after = data[:first] + put + data[last:]
            points = _point(data, first), _point(data, last), _point(after, first + len(put))
            tree.edit(first, last, first + len(put), *points)
            data = after
        other.tree = _parser(self.suffix).parse(other.data, tree)
        return _verdict(other)


def _point(data: bytes, byte: int) -> tuple[int, int]:
    return data.count(b"\n", 0, byte), byte - (data.rfind(b"\n", 0, byte) + 1)


def _verdict(syntax: Syntax) -> Verdict:
    if not syntax.root.has_error:
        return Verdict(0)
    count, first = 0, -1
    for node in errors(syntax.root):
        count += 1
        first = node.start_byte if first < 0 else min(first, node.start_byte)
    return Verdict(max(count, 1), syntax.offset(max(first, 0)))


def errors(node: Node) -> Iterator[Node]:
    """Outermost nodes that the parser could not read, or made up."""
    if node.is_error or node.is_missing:
        yield node
        return
    if node.has_error:
        for child in node.children:
            yield from errors(child)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in order."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.children))


def enclosing(node: Node | None, kinds: frozenset[str] | set[str]) -> Node | None:
    """The innermost node of one of these kinds that holds, or is, ``node``."""
    while node is not None and node.type not in kinds:
        node = node.parent
    return node
