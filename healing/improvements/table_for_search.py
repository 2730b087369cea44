"""Where elements are, or how often, is asked of a table made once instead of a list.

What it does: ``items.index(x)`` in a loop over the same list becomes ``enumerate``, elsewhere a look-up in a dictionary
of first places; ``items.count(x)`` becomes a look-up in a ``collections.Counter``.

Before::

    def frequencies(words):
        found = {}
        for word in words:
            found[word] = words.count(word)
        return found

After::

    def frequencies(words):
        found = {}
        counts = Counter(words)
        for word in words:
            found[word] = counts[word]
        return found

Safe because: whether elements repeat, can be hashed, and are always there (a list raises another exception than a
dictionary) is tried.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding
from ..dataflow import outermost_repeat, root_name, searches
from ..rewriting import Place, call_of, imported, node_at, place_of
from . import Improvement, Rewrite


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    call = node_at(place, finding, cst.Call) if place is not None else None
    called = call_of(call)
    if place is None or called is None or not isinstance(call, cst.Call) or len(called[1]) != 1:
        return
    items, wanted = called[0], called[1][0]
    function = place.function(call)
    repeat = outermost_repeat(place, call, items)
    if repeat is None or function is None or not root_name(items) or not isinstance(call.func, cst.Attribute):
        return
    same = [each for each in place.find(repeat.body, cst.Call) if place.code(each.func) == place.code(call.func)]
    code = place.code(items)
    if call.func.attr.value == "count":
        written = imported(place.text, "collections", "Counter")
        if written is None:
            return
        name = place.free_name("counts", function)
        changes = [place.insert_before(repeat.line, f"{name} = {written[0]}({code})")]
        changes += [place.replace(each, f"{name}[{place.code(each.args[0].value)}]") for each in same]
        yield from place.rewrite(f"Count {code} once", call, changes, written[1])
    elif call.func.attr.value == "index":
        yield from _enumerated(place, call, code, wanted)
        name = place.free_name("positions", function)
        table = f"{name} = {{value: index for index, value in reversed(list(enumerate({code})))}}"
        changes = [place.insert_before(repeat.line, table)]
        changes += [place.replace(each, name) for each in searches(place, repeat.body, code)]
        changes += [
            place.replace(each, f"{name}[{place.code(each.args[0].value)}]") for each in same if len(each.args) == 1
        ]
        yield from place.rewrite(f"Look the places of {code} up in a dictionary", call, changes)


def _enumerated(place: Place, call: cst.Call, code: str, wanted: cst.BaseExpression) -> Iterator[Rewrite]:
    """``for x in items: … items.index(x)``."""
    loop = next((each for each in place.loops(call) if isinstance(each, cst.For)), None)
    function = place.function(call)
    if loop is None or function is None or loop.asynchronous is not None:
        return
    if place.code(loop.iter) != code or place.code(loop.target) != place.code(wanted):
        return
    position = place.free_name("position", function)
    same = [each for each in place.find(loop.body, cst.Call) if place.code(each) == place.code(call)]
    changes = [
        place.replace(loop.target, f"{position}, {place.code(loop.target)}"),
        place.replace(loop.iter, f"enumerate({code})"),
        *(place.replace(each, position) for each in same),
    ]
    yield from place.rewrite(f"Number {code} with enumerate", call, changes)


IMPROVEMENT = Improvement(
    name="table-for-search",
    rules=("linear_search",),
    summary="Ask a dictionary or a Counter instead of walking a list",
    rewrite=rewrite,
    speeds_up=True,
)
