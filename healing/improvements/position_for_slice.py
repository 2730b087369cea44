"""A text or list that is eaten up by slicing is read by a position that moves on.

What it does: in a ``while`` loop with ``data = data[n:]``, keeps ``data`` and moves a position instead: ``data[0]``
becomes ``data[position]``, ``data[:n]`` ``data[position : position + n]``, ``len(data)`` ``len(data) - position``. What
is left is cut off once, behind the loop.

Before::

    def chunks(data, size):
        found = []
        while data:
            found.append(data[:size])
            data = data[size:]
        return found

After::

    def chunks(data, size):
        found = []
        position = 0
        while position < len(data):
            found.append(data[position : position + size])
            position += size
        data = data[position:]
        return found

Safe because: every use of the text in the loop is one of these; negative sizes and places beyond the end are tried.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding, Replacement
from ..rewriting import Place, assigned, node_at, place_of
from . import Improvement, Rewrite


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    node = node_at(place, finding, cst.Assign, cst.Subscript) if place is not None else None
    if isinstance(node, cst.Subscript) and place is not None:
        node = place.enclosing(node, cst.Assign)
    function = place.function(node) if place is not None and node is not None else None
    if place is None or node is None or function is None:
        return
    pair = assigned(node)
    if pair is None or not isinstance(pair[0], cst.Name):
        return
    name = pair[0].value
    loop = next((each for each in place.loops(node) if isinstance(each, cst.While)), None)
    if loop is None or loop.orelse is not None or place.loops(node)[0] is not loop:
        return
    position = place.free_name("position", function)
    changes = _changes(place, loop, name, position)
    if changes is None:
        return
    changes.append(place.insert_before(loop, f"{position} = 0"))
    after = [each for each in place.names(function, name) if place.span(each)[0] >= place.span(loop)[1]]
    if after or place.loops(loop):
        changes.append(place.insert_after(loop, f"{name} = {name}[{position}:]"))
    yield from place.rewrite(f"Move a position instead of slicing '{name}'", node, changes)


def _changes(place: Place, loop: cst.While, name: str, position: str) -> list[Replacement] | None:
    """The loop's mentions of the text, rewritten; None if one of them cannot be."""
    changes: list[Replacement] = []
    stepped = [each for each in place.find(loop.body, cst.Assign) if _step(place, each, name) is not None]
    if not stepped:
        return None
    for each in stepped:
        changes.append(place.replace(each, f"{position} += {_step(place, each, name)}"))
    for use in place.names(loop, name):
        if any(place.within(use, each) for each in stepped):
            continue
        change = _use(place, loop, use, position)
        if change is None:
            return None
        changes.append(change)
    return changes


def _step(place: Place, node: cst.Assign, name: str) -> str | None:
    """How far ``name = name[n:]`` moves on."""
    pair = assigned(node)
    if pair is None or place.code(pair[0]) != name or not isinstance(pair[1], cst.Subscript):
        return None
    part = pair[1].slice[0].slice if len(pair[1].slice) == 1 else None
    if place.code(pair[1].value) != name or not isinstance(part, cst.Slice) or part.lower is None:
        return None
    if part.upper is not None or part.step is not None or place.names(part.lower, name):
        return None
    return place.code(part.lower)


def _use(place: Place, loop: cst.While, use: cst.Name, position: str) -> Replacement | None:
    name = use.value
    parent = place.parent(use)
    if parent is loop and loop.test is use:
        return place.replace(use, f"{position} < len({name})")
    if isinstance(parent, cst.Arg):
        call = place.parent(parent)
        if isinstance(call, cst.Call) and place.code(call.func) == "len":
            above = place.parent(call)
            bare = isinstance(above, cst.While | cst.If)
            return place.replace(call, f"{position} < len({name})" if bare else f"len({name}) - {position}")
        return None
    if not isinstance(parent, cst.Subscript) or parent.value is not use or len(parent.slice) != 1:
        return None
    part = parent.slice[0].slice
    if isinstance(part, cst.Index):
        index = place.code(part)
        if index.startswith("-"):
            return None
        return place.replace(parent, f"{name}[{position}]" if index == "0" else f"{name}[{position} + {index}]")
    if not isinstance(part, cst.Slice) or part.step is not None:
        return None
    low = place.code(part.lower) if part.lower is not None else ""
    high = place.code(part.upper) if part.upper is not None else ""
    if low.startswith("-") or high.startswith("-"):
        return None
    first = f"{position} + {low}" if low and low != "0" else position
    last = f" {position} + {high}" if high else ""
    return place.replace(parent, f"{name}[{first} :{last}]" if last else f"{name}[{first}:]")


IMPROVEMENT = Improvement(
    name="position-for-slice",
    rules=("slice_consume",),
    summary="Move a position instead of slicing what is left",
    rewrite=rewrite,
    speeds_up=True,
)
