"""A list that is searched in a loop is searched as a set, made once before the loop.

What it does: where ``x in items`` stands in a loop or a comprehension that does not change ``items``, makes
``set(items)`` before it and searches that; the list itself stays what it is. The same for ``x in list(items)`` and
``x in table.values()``.

Before::

    def common(names, others):
        found = []
        for name in names:
            if name in others:
                found.append(name)
        return found

After::

    def common(names, others):
        found = []
        others_set = set(others)
        for name in names:
            if name in others_set:
                found.append(name)
        return found

Safe because: a set finds what compares equal, as a list does, if all elements and all that is looked for can be hashed;
whether they can be is tried on inputs of the function's domain, and one that cannot spoils the proof.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding
from ..dataflow import outermost_repeat, root_name, searches
from ..rewriting import Place, call_of, is_call, node_at, place_of
from . import Improvement, Rewrite


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    comparison = node_at(place, finding, cst.Comparison) if place is not None else None
    if place is None or comparison is None:
        return
    for target in comparison.comparisons:
        if isinstance(target.operator, cst.In | cst.NotIn):
            yield from _as_set(place, target.comparator)


def _as_set(place: Place, where: cst.BaseExpression) -> Iterator[Rewrite]:
    held = _held(where)
    if held is None:
        return
    inner, wanted = held
    repeat = outermost_repeat(place, where, inner)
    function = place.function(where)
    if repeat is None or function is None:
        return
    name = place.free_name(wanted, function)
    changes = [place.insert_before(repeat.line, f"{name} = set({place.code(inner)})")]
    changes += [place.replace(each, name) for each in searches(place, repeat.body, place.code(where))]
    yield from place.rewrite(f"Search a set of {place.code(inner)}", where, changes)


def _held(where: cst.BaseExpression) -> tuple[cst.BaseExpression, str] | None:
    """(what the set is made of, its name)."""
    if is_call(where, "list", "tuple", "sorted") and isinstance(where, cst.Call):
        where = where.args[0].value
    called = call_of(where, "values")
    if called is not None and not called[1] and root_name(called[0]):
        return where, f"{_last(called[0])}_values"
    return (where, f"{_last(where)}_set") if root_name(where) else None


def _last(node: cst.BaseExpression) -> str:
    return node.attr.value if isinstance(node, cst.Attribute) else root_name(node)


IMPROVEMENT = Improvement(
    name="set-for-membership",
    rules=("membership",),
    summary="Search a set made once before the loop instead of a list",
    rewrite=rewrite,
    speeds_up=True,
)
