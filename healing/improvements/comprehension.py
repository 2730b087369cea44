"""A loop that only builds a list becomes a comprehension.

What it does: an empty list, followed by a loop that does nothing but add one element to it (perhaps under a
condition), becomes one expression.

Before::

    def names(rows):
        result = []
        for row in rows:
            result = result + [row.name]
        return result

After::

    def names(rows):
        result = [row.name for row in rows]
        return result

Safe because: the list is not mentioned in what is added, and the loop's variable not behind the loop; a list that an
exception would have left half done is the function's own.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding, Replacement
from ..dataflow import is_empty_list
from ..rewriting import Place, assigned, call_of, descend, node_at, place_of
from . import Improvement, Rewrite


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    node = node_at(place, finding, cst.Assign, cst.AugAssign, cst.Call, cst.For) if place is not None else None
    if place is None or node is None:
        return
    loop = node if isinstance(node, cst.For) else place.enclosing(node, cst.For)
    function = place.function(node)
    if not isinstance(loop, cst.For) or loop.asynchronous is not None or loop.orelse is not None or function is None:
        return
    found = _added(place, loop)
    start = _above(place, loop)
    pair = assigned(start) if start is not None else None
    if found is None or pair is None or start is None:
        return
    name, element, condition = found
    if place.code(pair[0]) != name or not is_empty_list(pair[1]) or "#" in _between(place, start, loop):
        return
    targets = {each.value for each in descend(loop.target) if isinstance(each, cst.Name)}
    if any(not place.within(use, loop) for target in targets for use in place.names(function, target)):
        return
    expressions = [element, loop.iter, *([condition] if condition is not None else [])]
    if any(isinstance(part, cst.Await | cst.Yield) for each in expressions for part in descend(each)):
        return
    if any(place.names(each, name) for each in expressions):
        return
    code = f"[{place.code(element)} for {place.code(loop.target)} in {place.code(loop.iter)}"
    code += f" if {place.code(condition)}]" if condition is not None else "]"
    if "\n" in code or len(place.indent(start)) + len(name) + len(code) > 117:
        return
    changes = [place.replace(pair[1], code), Replacement(place.line_end(start), place.line_end(loop), "")]
    yield from place.rewrite(f"Build '{name}' with a comprehension", loop, changes)


def _added(place: Place, loop: cst.For) -> tuple[str, cst.BaseExpression, cst.BaseExpression | None] | None:
    """(the list, the element, the condition) of a loop that only adds."""
    line = loop.body.body[0] if len(loop.body.body) == 1 else None
    condition = None
    if isinstance(line, cst.If) and line.orelse is None and len(line.body.body) == 1:
        condition = line.test
        line = line.body.body[0]
    statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else line
    if isinstance(statement, cst.Expr):
        called = call_of(statement.value, "append")
        return (place.code(called[0]), called[1][0], condition) if called is not None and len(called[1]) == 1 else None
    value: cst.BaseExpression | None = None
    name = ""
    if isinstance(statement, cst.AugAssign) and isinstance(statement.operator, cst.AddAssign):
        name, value = place.code(statement.target), statement.value
    elif isinstance(statement, cst.Assign):
        pair = assigned(statement)
        if pair is not None and isinstance(pair[1], cst.BinaryOperation) and isinstance(pair[1].operator, cst.Add):
            name, value = (
                place.code(pair[0]),
                pair[1].right if place.code(pair[1].left) == place.code(pair[0]) else None,
            )
    if not isinstance(value, cst.List) or len(value.elements) != 1 or not isinstance(value.elements[0], cst.Element):
        return None
    return name, value.elements[0].value, condition


def _above(place: Place, loop: cst.For) -> cst.SimpleStatementLine | None:
    block = place.parent(loop)
    body = list(block.body) if isinstance(block, cst.IndentedBlock) else []
    at = next((number for number, each in enumerate(body) if each is loop), 0)
    above = body[at - 1] if at else None
    return above if isinstance(above, cst.SimpleStatementLine) else None


def _between(place: Place, start: cst.CSTNode, loop: cst.CSTNode) -> str:
    return place.text[place.span(start)[0] : place.line_end(loop)]


IMPROVEMENT = Improvement(
    name="comprehension",
    rules=("list_concat",),
    summary="Build a list with a comprehension",
    rewrite=rewrite,
    speeds_up=True,
)
