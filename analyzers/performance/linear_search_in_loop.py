"""Asking a list where something is, again and again.

What it does: reports ``items.index(x)``, ``items.remove(x)`` and ``items.count(x)`` inside a loop where ``items`` is
known to be a list that lives longer than the iteration and whose size follows the input (``remove`` only where it is
done in every iteration, not under a condition). Sets, dictionaries, strings,
short lists, lists that the same iteration walks anyway, and names of unknown type are left alone.

Why is this bad: each call walks the list, so the loop takes time proportional to the square of its length.

Example::

    for name in names:
        print(names.index(name), name)

Use instead::

    for position, name in enumerate(names):
        print(position, name)

References: https://wiki.python.org/moin/TimeComplexity
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tree_sitter import Node

from ..findings import Finding
from ..flow import Flow, Loop, arguments_of, flow_of, method_of
from ..rules import Rule
from ..syntax import Unit
from .loops import has_loops, loop_evidence

_CURES: Mapping[str, str] = {
    "index": "use enumerate, or a dictionary from value to position made before the loop",
    "remove": "collect what stays in a new list, or use a set or dictionary",
    "count": "use collections.Counter, made before the loop",
}


def check(unit: Unit) -> Iterator[Finding]:
    if not has_loops(unit):
        return
    flow = flow_of(unit)
    for node, loops in flow.in_loops("call"):
        called = method_of(unit, node)
        if called is None or called[1] not in _CURES or len(arguments_of(node)) != 1:
            continue
        owner, method = called
        if owner.type != "identifier" or not _is_long_list(flow, owner, loops[-1]):
            continue
        if method == "remove" and not _in_every_iteration(node, loops[-1]):
            continue
        name = unit.text(owner)
        made = tuple(each.node for each in flow.bindings[name] if each.how == "assign")
        yield unit.finding(
            RULE,
            node,
            f"{method}() walks the list '{name}' in every iteration",
            confidence=0.65 if made else 0.5,
            suggestion=_CURES[method],
            evidence=(loop_evidence(unit, loops[-1], node, made),),
        )


def _is_long_list(flow: Flow, owner: Node, loop: Loop) -> bool:
    name = flow.unit.text(owner)
    if flow.shape(owner) != "list" or flow.small(owner) or not flow.made_outside(name, loop):
        return False
    return not _sorted_beside(flow, name, loop)


def _sorted_beside(flow: Flow, name: str, loop: Loop) -> bool:
    """Does the same iteration sort the list, or look for its extreme? Then one more walk does not matter."""
    for node in (place.node for place in flow.places if place.node.type == "call" and loop.contains(place.node)):
        called = method_of(flow.unit, node)
        if called is not None and called[1] == "sort" and flow.unit.text(called[0]) == name:
            return True
        listed = arguments_of(node)
        walks = flow.unit.call_name(node) in ("sorted", "min", "max", "sum")
        if walks and any(flow.unit.text(each) == name for each in listed):
            return True
    return False


def _in_every_iteration(node: Node, loop: Loop) -> bool:
    """Is the call a statement of the loop's own body? Under a condition, elements are removed rarely, or once."""
    body = loop.node.child_by_field_name("body")
    return body is not None and any(node in statement.children for statement in body.children)


RULE = Rule(
    name="linear-search-in-loop",
    reviewer="performance",
    kind="linear_search",
    summary="A list is walked to find something in every iteration of a loop",
    severity="medium",
    check=check,
)
