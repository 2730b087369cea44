"""One look at a file for all rules over the program: parsed once, and the nodes that they ask for found once.

The nodes come from one query, which the parser's library runs; only what is asked for becomes an object here. So the
extracts of several rules together cost little more than the parse.

Invariant: the nodes of a kind are in source order.
It keeps the last text only, and knows nothing of any rule.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import tree_sitter
from tree_sitter import Node

from ..findings import Range
from ..syntax import LANGUAGE, code_points, parsed

_QUERY = """
(function_definition) @function
(class_definition) @class
(import_statement) @import
(import_from_statement) @import
(if_statement condition: (_) @condition consequence: (_) @consequence)
(elif_clause condition: (_) @condition consequence: (_) @consequence)
(case_clause (case_pattern) @case)
(module (expression_statement (assignment left: (identifier) @variable)))
"""


@dataclass(frozen=True, slots=True)
class Spans:
    """Outermost byte ranges, to tell what lies within one."""

    starts: Sequence[int]
    ends: Sequence[int]

    def hold(self, node: Node) -> bool:
        at = bisect_right(self.starts, node.start_byte) - 1
        return at >= 0 and node.start_byte < self.ends[at]


@dataclass(frozen=True, slots=True)
class Reading:
    """A parsed text with its nodes by kind: function, class, import, condition, consequence, variable
    (assigned by the module), case."""

    data: bytes
    root: Node
    nodes: Mapping[str, Sequence[Node]]

    def of(self, kind: str) -> Sequence[Node]:
        return self.nodes.get(kind, ())

    def text(self, node: Node | None) -> str:
        return "" if node is None else self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def field(self, node: Node, name: str) -> str:
        """Source text of a field of a node; empty if it has none."""
        return self.text(node.child_by_field_name(name))

    def range(self, node: Node, end: Node | None = None) -> Range:
        """From the start of ``node`` to the end of ``end`` (or of itself), in lines and code-point columns."""
        (row, column), (end_row, end_column) = node.start_point, (end or node).end_point
        start, stop = node.start_byte, (end or node).end_byte
        first = code_points(self.data[start - column : start])
        return Range(row, first, end_row, code_points(self.data[stop - end_column : stop]))

    def heading(self, definition: Node) -> Range:
        """A definition's name: what a finding about the whole of it points at."""
        return self.range(definition.child_by_field_name("name") or definition)


@lru_cache(maxsize=1)
def read(text: str) -> Reading:
    """The reading of a text; the rules of a file are asked one after the other, so the last one is kept."""
    data = text.encode("utf-8", "surrogatepass")
    root = parsed(data).root_node
    found = tree_sitter.QueryCursor(_query()).captures(root)
    return Reading(data, root, {kind: sorted(nodes, key=_start) for kind, nodes in found.items()})


def _start(node: Node) -> int:
    return node.start_byte


def spans(nodes: Sequence[Node]) -> Spans:
    """The outermost of these nodes, which are in source order."""
    starts: list[int] = []
    ends: list[int] = []
    for node in nodes:
        if not ends or node.start_byte >= ends[-1]:
            starts.append(node.start_byte)
            ends.append(node.end_byte)
    return Spans(starts, ends)


def innermost(around: Sequence[Node], starts: Sequence[int], node: Node) -> int:
    """The index of the innermost of the nodes ``around`` (with their ``starts``) that holds ``node``; -1 for none."""
    at = bisect_right(starts, node.start_byte) - 1
    while at >= 0 and (around[at].end_byte < node.end_byte or around[at].id == node.id):
        at -= 1
    return at


@cache
def _query() -> tree_sitter.Query:
    return tree_sitter.Query(LANGUAGE, _QUERY)
