"""A list or tuple that is copied to add to it grows in place.

What it does: ``items = items + [x]`` becomes ``items.append(x)``, ``items = items + more`` becomes
``items.extend(more)``; a tuple is collected in a list and made once, behind the loop.

Before::

    def names(rows):
        result = []
        for row in rows:
            result = result + [row.name]
        return result

After::

    def names(rows):
        result = []
        for row in rows:
            result.append(row.name)
        return result

Safe because: growing in place is seen by everybody who holds the same list, so the identity of the list, of the
arguments and of the result is compared too.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding
from ..dataflow import is_empty_list, single_start
from ..rewriting import Loop, Place, assigned, node_at, place_of
from . import Improvement, Rewrite


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    node = node_at(place, finding, cst.AugAssign, cst.Assign) if place is not None else None
    function = place.function(node) if place is not None and node is not None else None
    if place is None or node is None or function is None:
        return
    step = _step(place, node)
    if step is None:
        return
    name, added, front = step
    if isinstance(added, cst.Tuple) or isinstance(node, cst.AugAssign):
        yield from _tuple(place, node, name)
    elif front:
        yield from _in_front(place, function, node, name, added)
    else:
        loop = next(iter(reversed(place.loops(node))), function)
        steps = [(each, _step(place, each)) for each in place.find(loop, cst.Assign)]
        same = [(each, step[1]) for each, step in steps if step is not None and step[0] == name and not step[2]]
        changes = [place.replace(each, _grow(place, name, more)) for each, more in same]
        yield from place.rewrite(f"Add to '{name}' in place", node, changes)


def _step(place: Place, node: cst.CSTNode) -> tuple[str, cst.BaseExpression, bool] | None:
    """(the sequence, what is added, whether in front) of ``x = x + y``, ``x += y`` and ``x = y + x``."""
    if isinstance(node, cst.AugAssign):
        plain = isinstance(node.operator, cst.AddAssign) and isinstance(node.target, cst.Name)
        return (place.code(node.target), node.value, False) if plain else None
    pair = assigned(node)
    if pair is None or not isinstance(pair[0], cst.Name) or not isinstance(pair[1], cst.BinaryOperation):
        return None
    name, total = pair[0].value, pair[1]
    if not isinstance(total.operator, cst.Add):
        return None
    if place.code(total.left) == name and not place.names(total.right, name):
        return name, total.right, False
    return (name, total.left, True) if place.code(total.right) == name and not place.names(total.left, name) else None


def _grow(place: Place, name: str, added: cst.BaseExpression) -> str:
    if isinstance(added, cst.List) and len(added.elements) == 1 and isinstance(added.elements[0], cst.Element):
        return f"{name}.append({place.code(added.elements[0].value)})"
    return f"{name}.extend({place.code(added)})"


def _in_front(
    place: Place, function: cst.FunctionDef, node: cst.CSTNode, name: str, added: cst.BaseExpression
) -> Iterator[Rewrite]:
    """Appended, and turned round behind the loop: where the list is not looked at in between."""
    start = _start_beside(place, function, name, node)
    loop = next(iter(place.loops(node)), None)
    one = isinstance(added, cst.List) and len(added.elements) == 1
    if loop is None or not one or len(place.names(loop, name)) != 2:
        return
    if start is not None and is_empty_list(start) and len(place.loops(node)) == 1:
        changes = [place.replace(node, _grow(place, name, added)), place.insert_after(loop, f"{name}.reverse()")]
        yield from place.rewrite(f"Append to '{name}', and reverse it once", node, changes)
        return
    parts = place.free_name(f"{name}_parts", function)
    changes = [
        place.insert_before(loop, f"{parts} = []"),
        place.replace(node, _grow(place, parts, added)),
        place.insert_after(loop, f"{name} = {parts}[::-1] + {name}"),
    ]
    yield from place.rewrite(f"Collect what goes in front of '{name}', and put it there once", node, changes)


def _start_beside(place: Place, function: cst.FunctionDef, name: str, node: cst.CSTNode) -> cst.BaseExpression | None:
    """The value of the only other assignment of a variable."""
    found = single_start(place, function, name, besides=node)
    return found[1] if found is not None else None


def _tuple(place: Place, node: cst.CSTNode, name: str) -> Iterator[Rewrite]:
    function = place.function(node)
    loop: Loop | None = None
    for each in place.loops(node):
        inside = [
            _step(place, place.enclosing(use, cst.AugAssign, cst.Assign) or use) for use in place.names(each, name)
        ]
        if any(step is None or step[0] != name or step[2] for step in inside):
            break
        loop = each
    if loop is None or function is None:
        return
    items = place.free_name(f"{name}_items", function)
    steps = {place.enclosing(use, cst.AugAssign, cst.Assign) for use in place.names(loop, name)}
    changes = [
        place.insert_before(loop, f"{items} = list({name})"),
        place.insert_after(loop, f"{name} = tuple({items})"),
    ]
    for each in steps:
        step = _step(place, each)
        if step is not None:
            changes.append(place.replace(each, _collect(place, items, step[1])))
    yield from place.rewrite(f"Collect '{name}' in a list, and make it a tuple once", node, changes)


def _collect(place: Place, items: str, added: cst.BaseExpression) -> str:
    if isinstance(added, cst.Tuple) and len(added.elements) == 1 and isinstance(added.elements[0], cst.Element):
        return f"{items}.append({place.code(added.elements[0].value)})"
    return f"{items}.extend({place.code(added)})"


IMPROVEMENT = Improvement(
    name="append-in-place",
    rules=("list_concat",),
    summary="Add to a list in place instead of copying it",
    rewrite=rewrite,
    speeds_up=True,
)
