"""Looking for something in a list, again and again.

What it does: reports ``x in items`` inside a loop where ``items`` is known to be a list (or is made into one right
there, or is a dictionary's ``values()``) whose size follows the input. Sets, dictionaries, strings, short literals,
lists that were made in the same iteration and names of unknown type are left alone.

Why is this bad: each test walks the list, so the loop takes time proportional to the square of the input
(measured: exponent 2.0 where a set gives 0.9).

Example::

    unique = []
    for item in items:
        if item not in unique:
            unique.append(item)

Use instead::

    unique = list(dict.fromkeys(items))

References: https://wiki.python.org/moin/TimeComplexity
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import Flow, Loop, arguments_of, flow_of, method_of
from ..rules import Rule
from ..syntax import Unit
from .loops import has_loops, loop_evidence, walked


def check(unit: Unit) -> Iterator[Finding]:
    if not has_loops(unit) or "comparison_operator" not in unit.index:
        return
    flow = flow_of(unit)
    for node, loops in flow.in_loops("comparison_operator"):
        operators = node.children_by_field_name("operators")
        if len(operators) != 1 or operators[0].type not in ("in", "not in") or len(node.named_children) != 2:
            continue
        needle, where = node.named_children
        found = _judge(flow, needle, where, loops)
        if found is None:
            continue
        message, confidence, suggestion, steps = found
        if _guarded(node):
            confidence -= 0.15
        yield unit.finding(
            RULE,
            node,
            message,
            confidence=confidence,
            suggestion=suggestion,
            evidence=(loop_evidence(unit, loops[-1], node, steps),),
        )


def _judge(
    flow: Flow, needle: Node, where: Node, loops: tuple[Loop, ...]
) -> tuple[str, float, str, tuple[Node, ...]] | None:
    """(message, confidence, suggestion, nodes that show it), or None if there is nothing to say."""
    unit = flow.unit
    if where.type == "identifier":
        name = unit.text(where)
        if flow.shape(where) != "list" or flow.small(where) or not flow.made_outside(name, loops[-1]):
            return None
        if walked(flow, name, loops[-1]):
            return None
        made = tuple(each.node for each in flow.bindings[name] if each.how == "assign")
        if _collects(flow, name, unit.text(needle), loops[-1]):
            message = f"'{name}' is a list that is searched for every element that is added to it"
            return message, 0.85, "keep what was seen in a set beside it, or use dict.fromkeys", made
        if not made:
            message = f"the list '{name}' is searched again in every iteration"
            return message, 0.5, f"search set({name}), made once before the loop", made
        return (
            f"the list '{name}' is searched again in every iteration",
            0.65,
            f"make '{name}' a set, or a dictionary if order matters",
            made,
        )
    if where.type != "call" or where.child_by_field_name("arguments") is None:
        return None
    if unit.call_name(where) in ("list", "sorted", "tuple"):
        listed = arguments_of(where)
        if len(listed) != 1 or flow.small(listed[0]):
            return None
        inner = unit.text(listed[0])
        return (
            f"a list of {inner} is built and searched in every iteration",
            0.7,
            f"search {inner} itself, or a set",
            (),
        )
    called = method_of(unit, where)
    if called is not None and called[1] == "values" and not arguments_of(where):
        owner = called[0]
        if flow.shape(owner) != "dict" or flow.small(owner):
            return None
        text = unit.text(owner)
        return f"the values of '{text}' are searched in every iteration", 0.65, "keep the values in a set", ()
    return None


def _guarded(node: Node) -> bool:
    """``other and x in items``: the list is only searched where the other condition holds."""
    parent = node.parent
    return (
        parent is not None
        and parent.type == "boolean_operator"
        and parent.child_by_field_name("right") == node
        and any(child.type == "and" for child in parent.children)
    )


def _collects(flow: Flow, name: str, needle: str, loop: Loop) -> bool:
    """Is the very thing that is looked for appended to the list in the same loop?"""
    for node in (place.node for place in flow.places if place.node.type == "call" and loop.contains(place.node)):
        called = method_of(flow.unit, node)
        if called is not None and called[1] == "append" and flow.unit.text(called[0]) == name:
            listed = arguments_of(node)
            if len(listed) == 1 and flow.unit.text(listed[0]) == needle:
                return True
    return False


RULE = Rule(
    name="membership-in-list",
    reviewer="performance",
    kind="membership",
    summary="A list is searched in every iteration of a loop",
    severity="medium",
    check=check,
)
