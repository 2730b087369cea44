"""Taking the first element off a sequence by slicing the rest out of it, again and again.

What it does: reports ``items = items[1:]`` (any small number) inside a ``while`` loop that goes on for as long as
``items`` holds something, or that looks at the front of ``items``, where ``items`` is not known to be short. Slices by
an amount that the iteration worked out (``data = data[sent:]``) are left alone: then there are few iterations; so are
loops that only trim the front (``while lines and not lines[0]``).

Why is this bad: each slice copies everything that is left, so the loop takes time proportional to the square of the
length (measured exponent 1.9).

Example::

    while items:
        use(items[0])
        items = items[1:]

Use instead::

    for item in items:
        use(item)

References: https://docs.python.org/3/library/itertools.html#itertools.islice
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import Flow, Loop, flow_of
from ..rules import Rule
from ..syntax import Unit, descend
from .loops import dominated, has_loops, in_handler, loop_evidence, trims

_KINDS = {"list": "list", "tuple": "tuple", "str": "text", "bytes": "bytes"}


def check(unit: Unit) -> Iterator[Finding]:
    if "slice" not in unit.index or "while_statement" not in unit.index:
        return
    flow = flow_of(unit)
    for node, loops in flow.in_loops("assignment"):
        loop = loops[-1]
        owner = _rest(unit, node)
        if owner is None or loop.node.type != "while_statement" or not _consumes(flow, owner, loop):
            continue
        if flow.small(owner) or in_handler(node, loop) or dominated(flow, loop, node) or _replaced(flow, node, loop):
            continue
        name, shape = unit.text(owner), flow.shape(owner)
        if trims(unit, name, loop) or shape not in ("", *_KINDS):
            continue
        yield unit.finding(
            RULE,
            node,
            f"what is left of {'the ' + _KINDS[shape] + ' ' if shape else ''}'{name}' is copied in every iteration",
            confidence=0.65 if shape in ("list", "tuple") else 0.5,
            suggestion="walk it with for, keep a position, or use collections.deque and popleft()",
            evidence=(loop_evidence(unit, loop, node, flow.made_at(name)[:1]),),
        )


def _rest(unit: Unit, node: Node) -> Node | None:
    """``items`` of ``items = items[1:]``."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or left.type != "identifier" or right.type != "subscript":
        return None
    owner, part = right.child_by_field_name("value"), right.child_by_field_name("subscript")
    if owner is None or part is None or part.type != "slice" or unit.text(owner) != unit.text(left):
        return None
    text = unit.text(part).replace(" ", "")
    return owner if text.endswith(":") and text[:-1].isdigit() and 0 < int(text[:-1]) < 10 else None


def _consumes(flow: Flow, owner: Node, loop: Loop) -> bool:
    """Is the loop about this very sequence: does its condition ask for it?"""
    condition = loop.node.child_by_field_name("condition")
    if condition is None:
        return False
    name = flow.unit.text(owner)
    asked = any(each.type == "identifier" and flow.unit.text(each) == name for each in descend(condition))
    return asked or (condition.type == "true" and flow.shape(owner) in ("list", "tuple"))


def _replaced(flow: Flow, node: Node, loop: Loop) -> bool:
    """Is it given another value in the loop, so that it is not one sequence that is consumed?"""
    left = node.child_by_field_name("left")
    bound = flow.bindings.get(flow.unit.text(left), ()) if left is not None else ()
    return any(loop.contains(each.node) and _rest(flow.unit, each.node) is None for each in bound)


RULE = Rule(
    name="slice-consumed-in-loop",
    reviewer="performance",
    kind="slice_consume",
    summary="The rest of a sequence is copied in every iteration to take its first element",
    severity="medium",
    check=check,
    where=has_loops,
)
