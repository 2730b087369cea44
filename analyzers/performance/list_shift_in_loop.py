"""Taking from the front of a list, or putting there, again and again.

What it does: reports ``items.pop(0)``, ``items.insert(0, x)`` and ``del items[0]`` inside a loop where ``items`` is
known to be a list that lives longer than the iteration. Short lists, windows that are kept short, lists that the same
iteration walks anyway, loops that only trim the front (``while lines and not lines[0]``), and names of unknown type are
left alone. A list that is only emptied, and not added to in the same loop, is a hint: it takes thousands of elements
to be felt.

Why is this bad: every other element moves by one place; emptying a list that way takes time proportional to the
square of its length (measured exponent 1.6 to 1.9; small lists hide it).

Example::

    queue = [root]
    while queue:
        node = queue.pop(0)
        queue.extend(node.children)

Use instead::

    queue = collections.deque([root])
    while queue:
        node = queue.popleft()
        queue.extend(node.children)

References: https://docs.python.org/3/library/collections.html#collections.deque
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from ..few import says_few
from ..findings import Finding
from ..flow import Flow, Loop, arguments_of, flow_of, is_own, method_of
from ..rules import Rule
from ..syntax import Unit
from .loops import dominated, has_loops, in_handler, loop_evidence, trims, walked


def check(unit: Unit) -> Iterator[Finding]:
    flow = flow_of(unit)
    for node, loops in flow.in_loops("call", "delete_statement"):
        shift = _shift(unit, node)
        if shift is None:
            continue
        owner, what = shift
        confidence = 0.0 if _moves_few(unit, node) else _judge(flow, owner, what, loops)
        if confidence and not in_handler(node, loops[-1]) and not dominated(flow, loops[-1], node):
            name = unit.text(owner)
            made = flow.made_at(name)
            found = unit.finding(
                RULE,
                node,
                f"{what} moves every other element of the list '{name}' in each iteration",
                confidence=confidence,
                suggestion="use collections.deque" if what != "insert(0, …)" else "append, and reverse once at the end",
                evidence=(loop_evidence(unit, loops[-1], node, made),),
            )
            # What is there at first is moved in one go each time, which takes thousands of elements to be felt; a list
            # that also grows meanwhile may come to have them.
            emptied = what != "insert(0, …)" and not _refilled(flow, name, loops[-1])
            yield replace(found, severity="low") if emptied else found


def _shift(unit: Unit, node: Node) -> tuple[Node, str] | None:
    """(the list, what is done to its front)."""
    if node.type == "delete_statement":
        target = node.named_children[0] if node.named_child_count == 1 else None
        if target is not None and target.type == "subscript":
            owner, index = target.child_by_field_name("value"), target.child_by_field_name("subscript")
            if owner is not None and index is not None and index.type == "integer" and unit.text(index) == "0":
                return owner, "del …[0]"
        return None
    called = method_of(unit, node)
    if called is None or called[1] not in ("pop", "insert"):
        return None
    listed = arguments_of(node)
    if len(listed) != (1 if called[1] == "pop" else 2) or listed[0].type != "integer" or unit.text(listed[0]) != "0":
        return None
    return called[0], "pop(0)" if called[1] == "pop" else "insert(0, …)"


def _moves_few(unit: Unit, node: Node) -> bool:
    """``option = rest.pop(0)``, ``out.insert(0, dirname)``: elements of which there are few."""
    parent = node.parent
    if parent is not None and parent.type == "assignment":
        left = parent.child_by_field_name("left")
        return left is not None and left.type == "identifier" and says_few(unit.text(left))
    listed = arguments_of(node) if node.type == "call" else []
    return len(listed) == 2 and listed[1].type in ("identifier", "attribute") and says_few(unit.text(listed[1]))


def _judge(flow: Flow, owner: Node, what: str, loops: tuple[Loop, ...]) -> float:
    """How sure we are; 0 for not at all."""
    loop, name = loops[-1], flow.unit.text(owner)
    drained = what != "insert(0, …)" and _drains(flow.unit, loop, name)
    if owner.type == "attribute":
        if not drained or not _refilled(flow, name, loop):
            return 0.0
        return 0.65 if is_own(flow.unit, owner) and flow.shape(owner) == "list" else 0.5
    if owner.type != "identifier" or not flow.made_outside(name, loop, owner) or flow.small(owner):
        return 0.0
    if walked(flow, name, loop, owner) or _kept_short(flow.unit, owner, name, loop) or trims(flow.unit, name, loop):
        return 0.0
    if flow.shape(owner) == "list":
        bound = flow.bindings.get(name, ())
        if any(each.how == "assign" and len(loops) > 1 and loops[-2].contains(each.node) for each in bound):
            return 0.5  # making it anew for the inner loop costs as much as a few shifts
        return 0.8 if drained or any(each.how == "assign" for each in bound) else 0.55
    return 0.65 if (drained and flow.shape(owner) == "") or _copied(flow, name) else 0.0


def _kept_short(unit: Unit, owner: Node, name: str, loop: Loop) -> bool:
    """``if len(window) > size: del window[0]``: a window that slides keeps its length."""
    current: Node | None = owner
    while current is not None and current != loop.node:
        if current.type == "if_statement":
            condition = current.child_by_field_name("condition")
            if condition is not None and condition.type == "comparison_operator":
                signs = [each.type for each in condition.children_by_field_name("operators")]
                tested = unit.text(condition.named_children[0])
                if tested == f"len({name})" and signs in ([">"], [">="], ["=="]):
                    limit = condition.named_children[-1]
                    return limit.type != "integer" or unit.text(limit) not in ("0", "1")
        current = current.parent
    return False


def _drains(unit: Unit, loop: Loop, name: str) -> bool:
    """``while items:`` or ``while len(items) > 0:``: the loop goes on for as long as there are elements, and not only
    for as long as the first one is of some kind."""
    condition = loop.node.child_by_field_name("condition") if loop.node.type == "while_statement" else None
    if condition is None:
        return False
    if condition.type == "comparison_operator":
        condition = condition.named_children[0]
    return unit.text(condition) in (name, f"len({name})")


def _refilled(flow: Flow, name: str, loop: Loop) -> bool:
    """Is the list added to while it is emptied? Then nobody knows that it is short."""
    for node in (place.node for place in flow.places if place.node.type == "call" and loop.contains(place.node)):
        called = method_of(flow.unit, node)
        if called is not None and called[1] in ("append", "extend", "insert") and flow.unit.text(called[0]) == name:
            return True
    return False


def _copied(flow: Flow, name: str) -> bool:
    """Is it only ever a slice or a copy of something? With ``pop`` and ``insert`` that is a list."""
    values = [each.value for each in flow.bindings.get(name, ()) if each.how != "augment"]
    return bool(values) and all(value is not None and _is_slice(value) for value in values)


def _is_slice(value: Node) -> bool:
    index = value.child_by_field_name("subscript") if value.type == "subscript" else None
    return index is not None and index.type == "slice"


RULE = Rule(
    name="list-shift-in-loop",
    reviewer="performance",
    kind="list_shift",
    summary="The front of a list is taken or filled in every iteration of a loop",
    severity="medium",
    check=check,
    where=has_loops,
)
