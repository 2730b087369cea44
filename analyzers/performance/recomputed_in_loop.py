"""Working the same thing out of a whole collection again in every iteration.

What it does: reports ``max(items)``, ``min``, ``sum``, ``set(items)``, ``frozenset``, ``Counter``, ``dict`` inside a
loop where ``items`` was made before it and does not change in it; ``max(items[:i])`` and relatives that grow by one
element with each iteration; and ``difflib.get_close_matches(word, candidates)`` for always the same candidates. What
is short, what the same iteration walks anyway, and what it might change, is left alone.

Why is this bad: each call looks at every element, so the loop takes time proportional to the product of both lengths,
where one look before the loop (or one running value) would do.

Example::

    for row in rows:
        row.share = row.size / sum(sizes)

Use instead::

    total = sum(sizes)
    for row in rows:
        row.share = row.size / total

References: https://docs.python.org/3/library/itertools.html#itertools.accumulate
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import Flow, Loop, arguments_of, flow_of
from ..rules import Rule
from ..syntax import Unit, descend
from .loops import always, counts, dominated, has_loops, in_handler, is_open, loop_evidence, steady, walked

_LOOKS = frozenset({"max", "min", "sum"})
_BUILDS = frozenset({"set", "frozenset", "dict", "collections.Counter"})
_MATCHES = frozenset({"difflib.get_close_matches"})
_SEQUENCES = ("list", "tuple", "dict", "set")


def check(unit: Unit) -> Iterator[Finding]:
    flow = flow_of(unit)
    for node, loops in flow.in_loops("call"):
        name = unit.call_name(node)
        if name not in _LOOKS and name not in _BUILDS and name not in _MATCHES:
            continue
        loop = loops[-1]
        found = _judge(flow, name, node, loop)
        if found is None or in_handler(node, loop) or (name not in _MATCHES and dominated(flow, loop, node)):
            continue
        message, confidence, suggestion = found
        yield unit.finding(
            RULE,
            node,
            message,
            confidence=confidence,
            suggestion=suggestion,
            evidence=(loop_evidence(unit, loop, node),),
        )


def _judge(flow: Flow, name: str, node: Node, loop: Loop) -> tuple[str, float, str] | None:
    """(message, confidence, suggestion), or None if there is nothing to say."""
    unit = flow.unit
    listed = arguments_of(node)
    if name in _MATCHES:
        owner = _whole(unit, listed[1]) if len(listed) > 1 else None
        if owner is None or flow.small(owner) or not flow.made_outside(unit.text(owner), loop, owner):
            return None
        text = unit.text(owner)
        return f"every candidate in '{text}' is compared in each iteration", 0.55, "narrow the candidates down first"
    if len(listed) != 1 or _has_key(node):
        return None
    given = listed[0]
    if name in _LOOKS and given.type == "subscript" and _is_end(flow, given, loop):
        text = unit.text(given)
        if not counts(unit, given, loop):
            return f"{name}({text}) is the same in every iteration", 0.6, "work it out once before the loop"
        return (
            f"{name}({text}) looks at all elements up to here again in every iteration",
            0.6,
            f"keep the {name} so far in a variable, or use itertools.accumulate",
        )
    owner = _whole(unit, given)
    if owner is None or owner.type != "identifier" or flow.small(owner) or not always(node, loop):
        return None
    if name in _BUILDS and not _only_asked(node):
        return None
    text = unit.text(owner)
    if not flow.bindings.get(text) or not steady(flow, text, loop) or walked(_without(flow, node), text, loop, node):
        return None
    if flow.shape(owner) not in _SEQUENCES:
        return None
    return f"{name}({unit.text(given)}) is the same in every iteration", 0.65, "work it out once before the loop"


def _only_asked(node: Node) -> bool:
    """Is what is built only looked into here, so that it need not be a new one?"""
    parent = node.parent
    return parent is not None and parent.type in ("binary_operator", "comparison_operator")


def _without(flow: Flow, node: Node) -> Flow:
    """The flow without the call in question, which is a walk itself."""
    return Flow(flow.unit, flow.bindings, tuple(place for place in flow.places if place.node != node))


def _whole(unit: Unit, node: Node) -> Node | None:
    """``items`` of ``items``, ``items.keys()``, ``items.values()``."""
    if node.type == "call" and not arguments_of(node):
        function = node.child_by_field_name("function")
        method = function.child_by_field_name("attribute") if function is not None else None
        if function is not None and method is not None and unit.text(method) in ("keys", "values", "items"):
            return function.child_by_field_name("object")
        return None
    return node if node.type in ("identifier", "attribute") else None


def _has_key(call: Node) -> bool:
    listed = call.child_by_field_name("arguments")
    return listed is None or any(each.type == "keyword_argument" for each in listed.named_children)


def _is_end(flow: Flow, part: Node, loop: Loop) -> bool:
    """``items[:i + 1]`` of what is the same in every pass, up to where the passes have come or always as far."""
    unit = flow.unit
    owner, index = part.child_by_field_name("value"), part.child_by_field_name("subscript")
    if owner is None or index is None or index.type != "slice" or owner.type != "identifier":
        return False
    if not is_open(unit, index) or flow.small(owner) or not steady(flow, unit.text(owner), loop):
        return False
    if counts(unit, part, loop):
        return True
    ends = [unit.text(each) for each in descend(index) if each.type in ("identifier", "call")]
    return bool(ends) and all(flow.bindings.get(each) and flow.made_outside(each, loop) for each in ends)


RULE = Rule(
    name="recomputed-in-loop",
    reviewer="performance",
    kind="recompute",
    summary="The same value is worked out of a whole collection again in every iteration",
    severity="medium",
    check=check,
    where=has_loops,
)
