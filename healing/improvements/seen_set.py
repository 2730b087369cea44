"""A list that collects what was seen, and is searched for each element, gets a set for the searching.

What it does: a local list that is only appended to and searched becomes a set. One that is also returned, walked or
indexed stays, and a set of the same elements is kept beside it, from where the list begins to where it is bound anew.

Before::

    def unique(names):
        result = []
        for name in names:
            if name not in result:
                result.append(name)
        return result

After::

    def unique(names):
        result = []
        seen = set()
        for name in names:
            if name not in seen:
                result.append(name)
                seen.add(name)
        return result

Safe because: the list itself, and its order, is built as before; whether all elements can be hashed is tried on inputs
of the function's domain.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

import libcst as cst

from ...analyzers.findings import Finding, Replacement
from ..dataflow import changes, is_empty_list, is_plain, is_target
from ..rewriting import Place, assigned, call_of, node_at, place_of
from . import Improvement, Rewrite


class _Start(NamedTuple):
    """Where a list begins: the line that binds it, its value, and the statements behind it that do not bind it."""

    line: cst.SimpleStatementLine
    value: cst.BaseExpression
    region: list[cst.BaseStatement]


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    comparison = node_at(place, finding, cst.Comparison) if place is not None else None
    if place is None or comparison is None or len(comparison.comparisons) != 1:
        return
    target = comparison.comparisons[0]
    function = place.function(comparison)
    if not isinstance(target.operator, cst.In | cst.NotIn) or not isinstance(target.comparator, cst.Name):
        return
    if function is None:
        return
    name = target.comparator.value
    start = _start(place, comparison, name)
    if start is None:
        return
    searches, appends, others = _uses(place, start.region, name)
    if not appends:
        return
    plain = isinstance(start.line.body[0], cst.Assign) and _set_of(place, start.value)
    everywhere = 1 + len(searches) + len(appends) == len(place.names(function, name))
    if plain and everywhere:
        changed = [place.replace(start.value, plain)]
        changed += [place.replace(each.func.attr, "add") for each in appends if isinstance(each.func, cst.Attribute)]
        yield from place.rewrite(f"Make '{name}' a set", comparison, changed)
    elif all(not changes(place, each, False) for each in others) and all(
        _is_cheap(each.args[0].value) for each in appends
    ):
        yield from _beside(place, function, name, start, searches, appends)


def _start(place: Place, node: cst.CSTNode, name: str) -> _Start | None:
    """The nearest assignment of a list in a block around ``node``, unless something may bind the name in between."""
    for block in place.above(node):
        if isinstance(block, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            return None
        if not isinstance(block, cst.IndentedBlock):
            continue
        here = next(number for number, each in enumerate(block.body) if place.within(node, each))
        for number in range(here, -1, -1):
            line = block.body[number]
            pair = assigned(line) if isinstance(line, cst.SimpleStatementLine) else None
            if number < here and pair is not None and isinstance(pair[0], cst.Name) and pair[0].value == name:
                behind = takewhile(lambda each: not _binds(place, each, name), block.body[number + 1 :])
                assert isinstance(line, cst.SimpleStatementLine)
                return _Start(line, pair[1], list(behind))
            if _binds(place, line, name):
                return None
    return None


def _binds(place: Place, statement: cst.CSTNode, name: str) -> bool:
    return any(is_target(place, each) for each in place.names(statement, name))


def _is_cheap(node: cst.CSTNode) -> bool:
    """A value that may be written twice: names, what they hold at plain places, and tuples of such."""
    if isinstance(node, cst.Subscript):
        parts = [each.slice for each in node.slice]
        return _is_cheap(node.value) and all(isinstance(each, cst.Index) and _is_cheap(each.value) for each in parts)
    if isinstance(node, cst.Tuple):
        return all(isinstance(each, cst.Element) and _is_cheap(each.value) for each in node.elements)
    return is_plain(node)


def _beside(
    place: Place,
    function: cst.FunctionDef,
    name: str,
    start: _Start,
    searches: list[cst.Name],
    appends: list[cst.Call],
) -> Iterator[Rewrite]:
    seen = place.free_name("seen", function)
    changed = [place.insert_after(start.line, f"{seen} = set({'' if is_empty_list(start.value) else name})")]
    changed += [place.replace(each, seen) for each in searches]
    for call in appends:
        added = f"{seen}.add({place.code(call.args[0].value)})"
        statement = place.parent(place.parent(call) or call)
        if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
            changed.append(place.insert_after(statement, added))
        else:
            end = place.span(call)[1]
            changed.append(Replacement(end, end, f"; {added}"))
    yield from place.rewrite(f"Search a set beside '{name}'", function, changed)


def _uses(
    place: Place, region: list[cst.BaseStatement], name: str
) -> tuple[list[cst.Name], list[cst.Call], list[cst.Name]]:
    """Where a list is searched, where it is appended to by a statement, and where else it is mentioned."""
    searches: list[cst.Name] = []
    appends: list[cst.Call] = []
    others: list[cst.Name] = []
    for each in (use for statement in region for use in place.names(statement, name)):
        parent = place.parent(each)
        call = place.parent(parent) if isinstance(parent, cst.Attribute) else None
        appended = call_of(call, "append")
        if isinstance(parent, cst.ComparisonTarget) and isinstance(parent.operator, cst.In | cst.NotIn):
            searches.append(each)
        elif isinstance(call, cst.Call) and appended is not None and len(appended[1]) == 1:
            if isinstance(place.parent(call), cst.Expr):
                appends.append(call)
            else:
                others.append(each)
        elif not isinstance(parent, cst.AssignTarget | cst.AnnAssign):
            others.append(each)
    return searches, appends, others


def _set_of(place: Place, value: cst.BaseExpression) -> str:
    """The set with the elements of a list that is written down; "" for anything else."""
    if is_empty_list(value):
        return "set()"
    if isinstance(value, cst.List):
        return "{" + place.code(value)[1:-1] + "}"
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Name) and value.func.value == "list":
        return f"set{place.code(value)[4:]}"
    return ""


IMPROVEMENT = Improvement(
    name="seen-set",
    rules=("membership",),
    summary="Keep what was seen in a set instead of searching a list",
    rewrite=rewrite,
    speeds_up=True,
)
