"""Making a whole new list or tuple to add one element.

What it does: reports, inside a loop, ``items = items + [x]``, ``items = [x] + items``, ``items = [*items, x]`` and
``items += (x,)`` on a tuple, where ``items`` was made before the loop, and only grows so in it, and ``table =
pandas.concat([table, rows])`` and the like of arrays. ``items += [x]`` on a list extends it in place and is left alone;
so is what is kept, as it is then, by something else in the same loop (``paths.append(path)``, ``yield path``): each of
those has to be a list of its own.

Why is this bad: each iteration copies everything that is there already, so the loop takes time proportional to the
square of the result's length.

Example::

    result = []
    for item in items:
        result = result + [item.name]

Use instead::

    result = []
    for item in items:
        result.append(item.name)

References: https://docs.python.org/3/library/stdtypes.html#common-sequence-operations (note 6)
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import Flow, Loop, Shape, arguments_of, flow_of, method_of
from ..rules import Rule
from ..syntax import Unit, descend
from .loops import has_loops, loop_evidence


def check(unit: Unit) -> Iterator[Finding]:
    flow = flow_of(unit)
    for node, loops in flow.in_loops("assignment", "augmented_assignment"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            continue
        if right.type == "call" and _is_joined(flow, left, right, loops):
            yield unit.finding(
                RULE,
                node,
                f"'{unit.text(left)}' is copied as a whole in every iteration to add to it",
                confidence=0.75,
                suggestion="collect the parts in a list and join them once after the loop",
                evidence=(loop_evidence(unit, loops[-1], node),),
            )
        if left.type != "identifier":
            continue
        shape = _rebuilt(flow, node, left, right, loops[-1])
        name = unit.text(left)
        if shape and not _is_kept(flow, name, loops[-1]):
            yield unit.finding(
                RULE,
                node,
                f"the {shape} '{name}' is copied in every iteration to add to it",
                confidence=0.75,
                suggestion="append to a list" + (", and make it a tuple at the end" if shape == "tuple" else ""),
                evidence=(loop_evidence(unit, loops[-1], node),),
            )


#: Functions that make one table or array of several, or of one and what is added to it.
_JOINS = frozenset({"pandas.concat", "numpy.concatenate", "numpy.vstack", "numpy.hstack", "numpy.append"})


def _is_joined(flow: Flow, left: Node, right: Node, loops: tuple[Loop, ...]) -> bool:
    """``table = pandas.concat([table, row])``: a whole table for each part that is added."""
    unit, name = flow.unit, flow.unit.text(left)
    listed = arguments_of(right)
    if unit.call_name(right) not in _JOINS or not listed or left.type not in ("identifier", "attribute", "subscript"):
        return False
    parts = listed[0].named_children if listed[0].type in ("list", "tuple") else listed[:1]
    if name not in [unit.text(each) for each in parts]:
        return False
    root = left
    while root.type in ("attribute", "subscript"):
        root = root.child_by_field_name("object") or root.child_by_field_name("value") or root
        if root.type == "call":
            return False
    if left.type == "identifier":
        inside = [each for each in flow.bindings.get(name, ()) if loops[-1].contains(each.node)]
        return all(each.value is not None and each.value.type == "call" for each in inside) and any(
            each.how == "parameter" or not loops[-1].contains(each.node) for each in flow.bindings.get(name, ())
        )
    inside = [each for each in descend(left) if each.type == "identifier"]
    return all(flow.made_outside(unit.text(each), loops[-1], left) for each in inside)


def _rebuilt(flow: Flow, node: Node, left: Node, right: Node, loop: Loop) -> str:
    """What kind of sequence is copied here, if one is."""
    if node.type == "assignment" and right.type not in ("list", "tuple", "binary_operator"):
        return ""
    name = flow.unit.text(left)
    inside = [each for each in flow.bindings.get(name, ()) if loop.contains(each.node)]
    others = [each for each in inside if each.node != node]
    before = _before(flow, node, right, name, loop)
    if not before or any(each.how != "assign" or not _adds_to(flow, each.value, name) for each in others):
        return ""
    if node.type == "augmented_assignment":
        operator = node.child_by_field_name("operator")
        return "tuple" if operator is not None and operator.type == "+=" and before == {"tuple"} else ""
    if right.type in ("list", "tuple"):
        spread = [each for each in right.named_children if each.type == "list_splat"]
        return right.type if any(flow.unit.text(each).lstrip("*").strip() == name for each in spread) else ""
    if right.type != "binary_operator" or before not in ({"list"}, {"tuple"}):
        return ""
    operator = right.child_by_field_name("operator")
    sides = (right.child_by_field_name("left"), right.child_by_field_name("right"))
    if (
        operator is None
        or operator.type != "+"
        or not any(side is not None and flow.unit.text(side) == name for side in sides)
    ):
        return ""
    return before.pop()


def _before(flow: Flow, node: Node, right: Node, name: str, loop: Loop) -> set[Shape]:
    """The kinds of what it may be when the loop begins."""
    if node.type == "augmented_assignment":
        found = [each for each in flow.bindings.get(name, ()) if each.node != node]
    else:
        uses = [each for each in descend(right) if each.type == "identifier" and flow.unit.text(each) == name]
        found = list(flow.reaching(uses[0])) if uses else []
    outside = [each for each in found if not loop.contains(each.node)]
    return {flow.shape(each.value) if each.how == "assign" else "" for each in outside}


#: Methods that keep what they are given.
_KEEP = frozenset({"append", "appendleft", "insert", "add", "put", "put_nowait", "setdefault", "send"})
_WRAPS = frozenset({"tuple", "list", "set", "dictionary", "pair", "expression_list", "parenthesized_expression"})


def _is_kept(flow: Flow, name: str, loop: Loop) -> bool:
    """Does something else hold on to what ``name`` is in this pass?"""
    unit = flow.unit
    for each in descend(loop.node):
        if each.type != "identifier" or unit.text(each) != name:
            continue
        holder = each.parent
        while holder is not None and holder.type in _WRAPS:
            holder = holder.parent
        if holder is None:
            continue
        if holder.type == "yield":
            return True
        if holder.type == "argument_list" and holder.parent is not None:
            called = method_of(unit, holder.parent)
            if called is not None and called[1] in _KEEP:
                return True
        if holder.type == "assignment":
            left, right = holder.child_by_field_name("left"), holder.child_by_field_name("right")
            within = right is not None and right.start_byte <= each.start_byte < right.end_byte
            if within and left is not None and unit.text(left) != name:
                return True
    return False


def _adds_to(flow: Flow, value: Node | None, name: str) -> bool:
    """``[x] + items``, given to ``items``: another branch that adds to it."""
    if value is None or value.type != "binary_operator":
        return False
    sides = (value.child_by_field_name("left"), value.child_by_field_name("right"))
    return any(side is not None and flow.unit.text(side) == name for side in sides)


RULE = Rule(
    name="list-rebuilt-in-loop",
    reviewer="performance",
    kind="list_concat",
    summary="A list or tuple is copied in every iteration of a loop to add to it",
    severity="medium",
    check=check,
    where=has_loops,
)
