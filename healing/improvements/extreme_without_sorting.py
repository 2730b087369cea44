"""The smallest or largest element is found without sorting them all.

What it does: ``sorted(items)[0]`` becomes ``min(items)``, ``sorted(items)[-1]`` ``max(items)``, with their key; a few
of the first (``sorted(items)[:3]``) become ``heapq.nsmallest(3, items)``; an order that nobody sees
(``len(sorted(items))``, ``set(sorted(items))``) is left out.

Before::

    def cheapest(prices):
        if not prices:
            return None
        return sorted(prices)[0]

After::

    def cheapest(prices):
        if not prices:
            return None
        return min(prices)

Safe because: which of equal elements comes out, and what is raised for no elements at all, is compared; where that
differs nothing is offered.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding
from ..rewriting import Place, imported, node_at, place_of
from . import Improvement, Rewrite

#: More than so many of the first are sorted as well as they can be.
_FEW = 20
_UNORDERED = frozenset(
    ("len", "set", "frozenset", "sum", "min", "max", "any", "all", "sorted", "Counter", "dict.fromkeys")
)


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    node = node_at(place, finding, cst.Call, cst.Subscript) if place is not None else None
    if place is None or node is None:
        return
    call = next(iter(place.find(node, cst.Call, _is_sorted)), None)
    parent = place.parent(call) if call is not None else None
    if call is None or parent is None:
        return
    if isinstance(parent, cst.Subscript) and len(parent.slice) == 1:
        yield from _subscript(place, call, parent)
    outer = place.parent(parent)
    if isinstance(parent, cst.Arg) and isinstance(outer, cst.Call) and place.code(outer.func) in _UNORDERED:
        keyless = [each for each in call.args if each.keyword is None]
        inner = place.code(keyless[0].value)
        yield from place.rewrite("Do not sort what is not seen in order", call, [place.replace(call, inner)])


def _is_sorted(call: cst.Call) -> bool:
    return (
        isinstance(call.func, cst.Name)
        and call.func.value == "sorted"
        and sum(each.keyword is None for each in call.args) == 1
        and not any(each.star for each in call.args)
    )


def _subscript(place: Place, call: cst.Call, whole: cst.Subscript) -> Iterator[Rewrite]:
    index = whole.slice[0].slice
    items = next(place.code(each.value) for each in call.args if each.keyword is None)
    named = {each.keyword.value: place.code(each.value) for each in call.args if each.keyword is not None}
    key = f", key={named['key']}" if "key" in named else ""
    turned = named.get("reverse", "False")
    if turned not in ("True", "False"):
        return
    if isinstance(index, cst.Index) and place.code(index) in ("0", "-1"):
        function = "min" if (place.code(index) == "0") == (turned == "False") else "max"
        one = f"{function}({items}{key})"
        yield from place.rewrite(f"Find it with {function}()", whole, [place.replace(whole, one)])
    if isinstance(index, cst.Slice) and index.lower is None and index.step is None and index.upper is not None:
        many = place.code(index.upper)
        name = "nsmallest" if turned == "False" else "nlargest"
        written = imported(place.text, "heapq", name)
        if many.isdigit() and 0 < int(many) <= _FEW and written is not None:
            some = f"{written[0]}({many}, {items}{key})"
            yield from place.rewrite(f"Find them with heapq.{name}()", whole, [place.replace(whole, some)], written[1])


IMPROVEMENT = Improvement(
    name="extreme-without-sorting",
    rules=("sort_misuse",),
    summary="Find the smallest or largest without sorting",
    rewrite=rewrite,
    speeds_up=True,
)
