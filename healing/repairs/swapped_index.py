"""What it does
    Swaps rows and columns: the two places of ``grid[x][y]``, or the two sizes where the grid was made.

Example
    ``grid = [[0] * width for _ in range(height)]`` and then ``grid[x][y]``

Use instead
    ``grid[y][x]``, or ``[[0] * height for _ in range(width)]``

When it stays silent
    No index out of range, or no index of an item that was taken by index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, callee, field_of, mendable, origins
from ..repair import Context, Draft, Repair

_SIZE = re.compile(r"^\[\[?[^\[\]\n]+\]? \* (?P<inner>[\w.]+|len\([\w.\[\]]+\))$")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "IndexError":
        return
    every = mendable(context)
    for site in every[:1]:
        for node in site.nodes("subscript"):
            owner = field_of(node, "value")
            keys = node.children_by_field_name("subscript")
            if owner is None or owner.type != "subscript" or len(keys) != 1:
                continue
            first = owner.children_by_field_name("subscript")
            table = field_of(owner, "value")
            if len(first) != 1 or table is None or "slice" in {first[0].type, keys[0].type}:
                continue
            a, b = site.code(first[0]), site.code(keys[0])
            if a != b and not (first[0].type == keys[0].type == "integer"):
                yield site.edit(
                    f"Swap the places `{a}` and `{b}`", [(*site.span(first[0]), b), (*site.span(keys[0]), a)], 0.8
                )
            for place, value, _ in origins(every, site, table):
                yield from _sizes(place, value)


def _sizes(site: Site, grid: Node) -> Iterator[Draft]:
    """``[[0] * width for _ in range(height)]`` with the sizes swapped."""
    body = field_of(grid, "body") if grid.type == "list_comprehension" else None
    clause = next((each for each in grid.named_children if each.type == "for_in_clause"), None)
    right = field_of(clause, "right") if clause is not None else None
    match = _SIZE.match(site.code(body)) if body is not None else None
    if body is None or right is None or match is None or right.type != "call" or callee(right) != "range":
        return
    outer = site.code(right)[len("range(") : -1]
    end = site.span(body)[1]
    inner = (end - len(match["inner"]), end, outer)
    start = site.span(right)[0] + len("range(")
    edits = [inner, (start, start + len(outer), match["inner"])]
    yield site.edit(f"Swap the sizes `{match['inner']}` and `{outer[:30]}`", edits, 0.84)


REPAIR = Repair("swapped-index", "Swap rows and columns", propose)
