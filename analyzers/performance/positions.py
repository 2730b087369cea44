"""A sequence that is asked for positions: ``place = names.index(name)``, then ``sizes[place]``.

Whatever ``names`` is, a position that picks from *another* sequence, or that takes the place of what was looked for
(``each.kind = kinds.index(each.kind)``, ``[kinds.index(each) for each in rows]``), or that is kept for it
(``places[name] = names.index(name)``), numbers its elements: it is a list
of things, not a text in which something is sought, and a dictionary of positions does the same. Letters of a text are
looked up in an alphabet, which is short.

Invariant: pure; nothing is known of where the sequence comes from, or of how long it is.
"""

from __future__ import annotations

from tree_sitter import Node

from ..bindings import COMPREHENSIONS
from ..flow import Flow, Loop, arguments_of, method_of
from ..syntax import Unit, descend
from .loops import targets_of


def numbers(flow: Flow, call: Node, loops: tuple[Loop, ...]) -> bool:
    """Does ``names.index(x)``, with another ``x`` in each pass, give elements their numbers?"""
    unit, called = flow.unit, method_of(flow.unit, call)
    if called is None or called[1] != "index" or not _differs(flow, call, loops[-1]):
        return False
    owner, needle = unit.text(called[0]), arguments_of(call)[0]
    parent = call.parent
    if parent is None or is_letter(flow, needle):
        return False
    if parent.type in COMPREHENSIONS or (parent.type == "pair" and parent.child_by_field_name("value") == call):
        return needle.type == "identifier" and unit.text(needle) in targets_of(unit, loops[-1])
    if parent.type == "subscript":
        return _picks(unit, parent, call, owner)
    if parent.type != "assignment" or parent.child_by_field_name("right") != call:
        return False
    left = parent.child_by_field_name("left")
    if left is None:
        return False
    if unit.text(left) == unit.text(needle):
        return left.type in ("attribute", "subscript")
    if left.type == "subscript" and [unit.text(each) for each in left.children_by_field_name("subscript")] == [
        unit.text(needle)
    ]:
        return True
    return left.type == "identifier" and any(
        _picks(unit, each, part, owner)
        for each in descend(loops[-1].node)
        if each.type == "subscript"
        for part in each.children_by_field_name("subscript")
        if unit.text(part) == unit.text(left)
    )


def is_numbered(flow: Flow, name: str) -> bool:
    """Is ``name`` asked so for positions somewhere in the unit?"""
    if b".index(" not in flow.unit.data:
        return False
    return any(
        method == "index" and flow.unit.text(owner) == name and numbers(flow, place.node, place.loops)
        for place in flow.in_loops("call")
        for owner, method in [method_of(flow.unit, place.node) or (place.node, "")]
    )


def is_letter(flow: Flow, needle: Node) -> bool:
    """Is the needle a letter of a text? There are only so many different ones."""
    if needle.type != "identifier":
        return False
    bound = flow.reaching(needle)
    sources = [each.node.child_by_field_name("right") for each in bound if each.how == "loop"]
    return bool(sources) and all(flow.shape(each) in ("str", "bytes") for each in sources)


def _picks(unit: Unit, part: Node, index: Node, owner: str) -> bool:
    """Does the position pick an element of something else than what was searched?"""
    value = part.child_by_field_name("value")
    return value is not None and value != index and unit.text(value) != owner


def _differs(flow: Flow, call: Node, loop: Loop) -> bool:
    """Is something else looked for in each pass?"""
    listed = arguments_of(call)
    if len(listed) != 1 or listed[0].type in ("string", "concatenated_string", "integer"):
        return False
    own = targets_of(flow.unit, loop)
    names = [flow.unit.text(each) for each in [listed[0], *descend(listed[0])] if each.type == "identifier"]
    bound = [each for name in names for each in flow.bindings.get(name, ())]
    return any(name in own for name in names) or any(loop.contains(each.node) for each in bound)
