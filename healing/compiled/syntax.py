"""The syntax of a Rust or Go file, in code points: error-tolerant, as everything that is still being written.

Invariant: parsing never fails; where the text is broken the tree has nodes of errors.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import accumulate
from typing import Literal

import tree_sitter_go
import tree_sitter_rust
from tree_sitter import Language, Node, Parser

Compiled = Literal["rust", "go"]


@cache
def _parser(language: Compiled) -> Parser:
    return Parser(Language(tree_sitter_rust.language() if language == "rust" else tree_sitter_go.language()))


class Tree:
    """A parsed text. Nodes are tree-sitter's; their places and texts are asked for here."""

    def __init__(self, text: str, language: Compiled) -> None:
        self.text = text
        data = text.encode("utf-8", "surrogatepass")
        self._ascii = len(data) == len(text)
        self._starts = [] if self._ascii else [0, *accumulate(len(c.encode("utf-8", "surrogatepass")) for c in text)]
        self.root = _parser(language).parse(data).root_node

    def _byte(self, offset: int) -> int:
        return offset if self._ascii else self._starts[min(offset, len(self._starts) - 1)]

    def _offset(self, byte: int) -> int:
        return byte if self._ascii else bisect_right(self._starts, byte) - 1

    def start(self, node: Node) -> int:
        return self._offset(node.start_byte)

    def end(self, node: Node) -> int:
        return self._offset(node.end_byte)

    def of(self, node: Node | None) -> str:
        """The text of a node; empty for none."""
        return self.text[self.start(node) : self.end(node)] if node is not None else ""

    def field(self, node: Node | None, name: str) -> str:
        """The text of a node's field; empty if there is none."""
        return self.of(node.child_by_field_name(name)) if node is not None else ""

    def at(self, offset: int, end: int | None = None) -> Node:
        """The smallest named node that covers a place."""
        first = self._byte(offset)
        last = self._byte(end) if end is not None else first
        return self.root.named_descendant_for_byte_range(first, max(first, last - 1) if end else first) or self.root

    def errors(self) -> list[int]:
        """Offsets of what does not parse."""
        if not self.root.has_error:
            return []
        return [self.start(node) for node in walk(self.root) if node.is_error or node.is_missing]


@lru_cache(maxsize=16)
def parse(text: str, language: Compiled) -> Tree:
    return Tree(text, language)


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the text."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(each.children))


def find(node: Node | None, *kinds: str) -> Iterator[Node]:
    if node is not None:
        yield from (each for each in walk(node) if each.type in kinds)


def up(node: Node | None, *kinds: str) -> Node | None:
    """The node itself or the nearest one around it of one of these kinds."""
    while node is not None and node.type not in kinds:
        node = node.parent
    return node


def inside(node: Node, outer: Node) -> bool:
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


def statement_around(node: Node | None) -> Node | None:
    """The statement of a block that holds the node."""
    while node is not None:
        parent = node.parent
        if parent is None:
            return None
        if parent.type in ("block", "statement_list", "expression_case", "default_case"):
            return node
        node = parent
    return None
