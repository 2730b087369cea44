"""What it does
    Begins with the first item of a sequence, where a variable that later holds single items was given all of them.

Example
    ``best = orders``, and then ``for order in orders: if order.total > best.total: best = order``

Use instead
    ``best = orders[0]``

When it stays silent
    The value that could not be used is no list or tuple, or its name is never given one item of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, assignments, field_of, mendable, walk
from ..repair import Context, Draft, Repair

_MANY = re.compile(r"^'(?:list|tuple)' object has no attribute|'(?:list|tuple)'")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception not in {"AttributeError", "TypeError"} or not _MANY.search(fault.message):
        return
    for site in mendable(context)[:1]:
        names = dict.fromkeys(site.code(each) for each in site.nodes("identifier"))
        for name in names:
            known = site.types.get(name)
            if known not in {None, "list", "tuple"}:
                continue
            bound = assignments(site.function, name, site.text)
            wholes = [value for _, value in bound if value.type in {"identifier", "attribute"}]
            for value in wholes:
                single = _items(site, site.code(value))
                if single & {site.code(other) for _, other in bound}:
                    end = site.span(value)[1]
                    yield site.edit(f"Begin with the first of `{site.code(value)[:30]}`", [(end, end, "[0]")], 0.94)


def _items(site: Site, container: str) -> set[str]:
    """The names of the single items where a function goes through a container."""
    found: set[str] = set()
    for loop in walk(site.function, nested=False):
        left, right = (
            (field_of(loop, each) for each in ("left", "right")) if loop.type == "for_statement" else (None, None)
        )
        if left is not None and right is not None and _of(site, right, container):
            found.add(site.code(left))
    return found


def _of(site: Site, node: Node, container: str) -> bool:
    return re.match(rf"{re.escape(container)}(?!\w)", site.code(node)) is not None


REPAIR = Repair("first-item", "Begin with the first item instead of all of them", propose)
