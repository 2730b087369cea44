"""Text or bytes that grow in a loop are collected in a list and joined once.

What it does: ``data += piece`` on bytes, ``self.text += piece`` on an attribute and ``text = piece + text`` in a loop
become ``append`` to a list; behind the loop the parts are joined.

Before::

    def read(stream):
        data = b""
        while chunk := stream.read(4096):
            data += chunk
        return data

After::

    def read(stream):
        data_parts = []
        while chunk := stream.read(4096):
            data_parts.append(chunk)
        data = b"".join(data_parts)
        return data

Safe because: nothing else in the loop mentions the text, so nobody sees it before it is whole; an exception on the way,
which would leave an attribute half done, is compared as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import libcst as cst

from ...analyzers.findings import Finding, Replacement
from ..dataflow import root_name
from ..rewriting import Loop, Place, assigned, node_at, place_of
from . import Improvement, Rewrite


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    node = node_at(place, finding, cst.AugAssign, cst.Assign) if place is not None else None
    if place is None or node is None:
        return
    grown = _grown(place, node)
    function = place.function(node)
    if grown is None or function is None:
        return
    target, front = grown.target, grown.front
    loop, steps = _whole_loop(place, node, target, front)
    if loop is None:
        return
    name = place.free_name(f"{target.rpartition('.')[2].lstrip('_')}_parts", function)
    empty = _empty(place, function, target, grown.pieces[0])
    changes = [place.replace(step, f"{name}.append({piece})") for step, piece in steps]
    joined = f"{target} = {empty}.join({f'reversed({name})' if front else name})"
    changes.append(place.insert_after(loop, joined))
    changes.append(_beginning(place, function, loop, target, name))
    for each in place.rewrite(f"Collect the parts of '{target}' and join them once", node, changes):
        yield replace(each, unshared="." not in target)


class _Grown(NamedTuple):
    """A step: what grows, the pieces that are added, their sum as it is written, and whether it goes in front."""

    target: str
    pieces: list[cst.BaseExpression]
    written: str
    front: bool


def _grown(place: Place, node: cst.CSTNode) -> _Grown | None:
    if isinstance(node, cst.AugAssign) and isinstance(node.operator, cst.AddAssign) and root_name(node.target):
        return _Grown(place.code(node.target), [node.value], place.code(node.value), False)
    pair = assigned(node)
    if pair is None or not root_name(pair[0]) or not isinstance(pair[1], cst.BinaryOperation):
        return None
    target, total = place.code(pair[0]), pair[1]
    if not isinstance(total.operator, cst.Add) or total.lpar:
        return None
    if place.code(total.right) == target:
        return _Grown(target, [total.left], place.code(total.left), True)
    first: cst.BaseExpression = total
    pieces: list[cst.BaseExpression] = []
    while isinstance(first, cst.BinaryOperation) and isinstance(first.operator, cst.Add) and not first.lpar:
        pieces.insert(0, first.right)
        first = first.left
    if place.code(first) != target:
        return None
    start, end = place.span(pieces[0])[0], place.span(pieces[-1])[1]  # (target + a) + b adds a + b
    return _Grown(target, pieces, place.text[start:end], False)


def _whole_loop(
    place: Place, node: cst.CSTNode, target: str, front: bool
) -> tuple[Loop | None, list[tuple[cst.CSTNode, str]]]:
    """The outermost loop in which the target is only ever grown, and the steps that grow it."""
    found: Loop | None = None
    steps: list[tuple[cst.CSTNode, str]] = []
    for loop in place.loops(node):
        here = _steps(place, loop, target, front)
        if here is None:
            break
        found, steps = loop, here
    return found, steps


def _steps(place: Place, loop: Loop, target: str, front: bool) -> list[tuple[cst.CSTNode, str]] | None:
    steps: dict[cst.CSTNode, str] = {}
    for mention in place.mentions(loop, target):
        statement = place.enclosing(mention, cst.AugAssign, cst.Assign)
        grown = _grown(place, statement) if statement is not None else None
        if statement is None or grown is None or grown.target != target or grown.front != front:
            return None
        if any(place.mentions(piece, target) for piece in grown.pieces):
            return None
        steps[statement] = grown.written
    if "." in target and _lent(place, loop, target.partition(".")[0]):
        return None
    return list(steps.items())


def _lent(place: Place, loop: Loop, owner: str) -> bool:
    """Whether the object is called, or given away, in the loop: then somebody may look at the attribute."""
    for each in place.names(loop, owner):
        parent = place.parent(each)
        above = place.parent(parent) if parent is not None else None
        if not isinstance(parent, cst.Attribute) or (isinstance(above, cst.Call) and above.func is parent):
            return True
    return False


def _empty(place: Place, function: cst.FunctionDef, target: str, piece: cst.BaseExpression) -> str:
    """``""`` or ``b""``, from what the target starts as, or else from the piece."""
    outer = place.enclosing(function, cst.ClassDef) if "." in target else function
    for each in place.find(outer or function, cst.Assign):
        pair = assigned(each)
        if pair is not None and place.code(pair[0]) == target and isinstance(pair[1], cst.SimpleString):
            return 'b""' if "b" in pair[1].prefix.lower() else '""'
    starts = [pair[1] for each in place.find(outer or function, cst.Assign) if (pair := assigned(each)) is not None
              and place.code(pair[0]) == target]  # fmt: skip
    return 'b""' if any(_is_bytes(place, each) for each in (piece, *starts)) else '""'


def _is_bytes(place: Place, value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.BinaryOperation):
        return _is_bytes(place, value.left) or _is_bytes(place, value.right)
    if isinstance(value, cst.SimpleString):
        return "b" in value.prefix.lower()
    return isinstance(value, cst.Call) and place.code(value.func) in ("bytes", "struct.pack", "os.urandom")


def _beginning(place: Place, function: cst.FunctionDef, loop: Loop, target: str, name: str) -> Replacement:
    """The list of parts: in the place of ``data = b""`` if that stands just before the loop, else above the loop."""
    start = _empty_start(place, function, loop, target)
    if start is not None:
        return place.replace(start, f"{name} = []")
    return place.insert_before(loop, f"{name} = [{target}]")


def _empty_start(place: Place, function: cst.FunctionDef, loop: Loop, target: str) -> cst.CSTNode | None:
    """The plain assignment of an empty text in the block of the loop, if nothing mentions the target between them."""
    if "." in target:
        return None
    block = place.parent(loop)
    for each in place.find(function, cst.Assign):
        pair = assigned(each)
        line = place.parent(each)
        if pair is None or place.code(pair[0]) != target or line is None or place.parent(line) is not block:
            continue
        if not isinstance(pair[1], cst.SimpleString) or pair[1].raw_value or place.loops(each) != place.loops(loop):
            continue
        between = range(place.span(each)[1], place.span(loop)[0])
        first = place.span(each)[0] < place.span(loop)[0]
        if first and not any(place.span(use)[0] in between for use in place.names(function, target)):
            return each
    return None


IMPROVEMENT = Improvement(
    name="join-parts",
    rules=("str_concat",),
    summary="Collect the parts in a list and join them once",
    rewrite=rewrite,
    speeds_up=True,
)
