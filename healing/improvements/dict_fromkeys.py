"""A loop that keeps the first of equal elements becomes ``dict.fromkeys``.

What it does: an empty list, followed by a loop that does nothing but append what the list does not hold yet, becomes
one expression that keeps the order.

Before::

    def unique(names):
        result = []
        for name in names:
            if name not in result:
                result.append(name)
        return result

After::

    def unique(names):
        result = list(dict.fromkeys(names))
        return result

Safe because: a dictionary keeps its keys in the order in which they came first, and finds what compares equal; whether
all elements can be hashed is tried on inputs of the function's domain.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding, Replacement
from ..dataflow import is_empty_list, names_in
from ..rewriting import Place, assigned, call_of, descend, node_at, place_of
from . import Improvement, Rewrite


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    comparison = node_at(place, finding, cst.Comparison) if place is not None else None
    if place is None or comparison is None:
        return
    loop = place.enclosing(comparison, cst.For)
    if not isinstance(loop, cst.For) or loop.asynchronous is not None or loop.orelse is not None:
        return
    found = _only_appends_new(place, loop)
    start = _line_above(place, loop)
    function = place.function(loop)
    if found is None or start is None or function is None:
        return
    name, element = found
    pair = assigned(start)
    if pair is None or place.code(pair[0]) != name or not is_empty_list(pair[1]):
        return
    inside = {each.value for each in descend(loop.target) if isinstance(each, cst.Name)}
    if any(not place.within(each, loop) for each_name in inside for each in place.names(function, each_name)):
        return
    source, target = place.code(loop.iter), place.code(loop.target)
    items = source if element == target else f"{element} for {target} in {source}"
    if name in names_in(place, loop.iter) or "#" in place.text[place.span(start)[0] : place.span(loop)[1]]:
        return
    changes = [
        place.replace(pair[1], f"list(dict.fromkeys({items}))"),
        Replacement(place.line_end(start), place.line_end(loop), ""),
    ]
    yield from place.rewrite("Keep the first of each with dict.fromkeys", loop, changes)


def _only_appends_new(place: Place, loop: cst.For) -> tuple[str, str] | None:
    """(the list, the element) of a loop whose body is ``if element not in items: items.append(element)``."""
    test = loop.body.body[0] if len(loop.body.body) == 1 else None
    if not isinstance(test, cst.If) or test.orelse is not None or len(test.body.body) != 1:
        return None
    comparison = test.test
    if not isinstance(comparison, cst.Comparison) or len(comparison.comparisons) != 1:
        return None
    line = test.body.body[0]
    statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else line
    called = call_of(statement.value, "append") if isinstance(statement, cst.Expr) else None
    target = comparison.comparisons[0]
    if called is None or len(called[1]) != 1 or not isinstance(target.operator, cst.NotIn):
        return None
    name, element = place.code(called[0]), place.code(called[1][0])
    if not name.isidentifier() or place.code(target.comparator) != name or place.code(comparison.left) != element:
        return None
    return name, element


def _line_above(place: Place, loop: cst.For) -> cst.SimpleStatementLine | None:
    """The statement right above a loop, if only white space is between them."""
    block = place.parent(loop)
    body = list(block.body) if isinstance(block, cst.IndentedBlock) else []
    at = next((number for number, each in enumerate(body) if each is loop), 0)
    above = body[at - 1] if at else None
    return above if isinstance(above, cst.SimpleStatementLine) else None


IMPROVEMENT = Improvement(
    name="dict-fromkeys",
    rules=("membership",),
    summary="Keep the first of equal elements with dict.fromkeys",
    rewrite=rewrite,
    speeds_up=True,
)
