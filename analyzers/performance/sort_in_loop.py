"""Sorting the same collection again in every iteration.

What it does: reports ``items.sort()`` and ``sorted(items)`` inside a loop where ``items`` was made before it and each
iteration changes it by single elements (adds one, takes one away), or not at all; and ``sorted(groups[i])`` where only
an outer loop moves ``i``. A collection that is made, or changed as a whole, in the same iteration is left alone, and so
are short ones and orders that depend on the iteration.

Why is this bad: between two iterations hardly anything changes, but every sort looks at everything: the loop takes at
least time proportional to the square of the length.

Example::

    while tasks:
        tasks.sort(key=priority)
        run(tasks.pop(0))

Use instead::

    heap = [(priority(task), number, task) for number, task in enumerate(tasks)]
    heapq.heapify(heap)
    while heap:
        run(heapq.heappop(heap)[-1])

References: https://docs.python.org/3/library/heapq.html
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import Flow, Loop, arguments_of, flow_of, keyword_of, method_of, together
from ..rules import Rule
from ..syntax import Unit, descend
from .loops import always, changes, dominated, handed_on, has_loops, loop_evidence, same_part

_SINGLE = frozenset(
    {"append", "insert", "pop", "remove", "add", "discard", "popleft", "popitem", "heappush", "heappop", "insort"}
)


def check(unit: Unit) -> Iterator[Finding]:
    flow = flow_of(unit)
    for node, loops in flow.in_loops("call"):
        owner = _sorted(unit, node)
        loop = loops[-1]
        if owner is None and len(loops) > 1 and _is_part_again(flow, node, loop):
            yield unit.finding(
                RULE,
                node,
                f"{unit.text(node)} is the same in every iteration of the inner loop",
                confidence=0.55,
                suggestion="sort it once before the inner loop",
                evidence=(loop_evidence(unit, loop, node),),
            )
        if owner is None or not always(node, loop) or _in_head(node, loop):
            continue
        changed = _judge(flow, owner, node, loop)
        if changed is None or dominated(flow, loop, node):
            continue
        name = unit.text(owner)
        why = "though only single elements change" if changed else "though it does not change"
        cure = "use heapq, or bisect.insort into a sorted list" if changed else "sort it once before the loop"
        if not changed and _is_for_one(unit, node):
            cure = "take the element once before the loop, with min() or max()"
        yield unit.finding(
            RULE,
            node,
            f"'{name}' is sorted again in every iteration {why}",
            confidence=0.6 if changed else 0.55,
            suggestion=cure,
            evidence=(loop_evidence(unit, loop, node, changed),),
        )


def _sorted(unit: Unit, call: Node) -> Node | None:
    """The collection that is sorted here, if it has a name."""
    if unit.call_name(call) == "sorted":
        listed = arguments_of(call)
        return listed[0] if listed and listed[0].type == "identifier" else None
    called = method_of(unit, call)
    if called is not None and called[1] == "sort" and called[0].type == "identifier" and not arguments_of(call):
        return called[0]
    return None


def _is_for_one(unit: Unit, call: Node) -> bool:
    """Is only the least or the greatest taken of what is sorted here?"""
    parent = call.parent
    if parent is None or parent.type != "subscript" or parent.child_by_field_name("value") != call:
        return False
    index = parent.child_by_field_name("subscript")
    return index is not None and unit.text(index).replace(" ", "") in ("0", "-1")


def _is_part_again(flow: Flow, call: Node, loop: Loop) -> bool:
    """Is a part of a collection sorted that neither the loop's variable picks nor its passes change?"""
    unit = flow.unit
    listed = arguments_of(call) if unit.call_name(call) == "sorted" else []
    if len(listed) != 1 or listed[0].type != "subscript" or not always(call, loop) or _in_head(call, loop):
        return False
    return same_part(flow, listed[0], loop) and not dominated(flow, loop, call)


def _judge(flow: Flow, owner: Node, call: Node, loop: Loop) -> list[Node] | None:
    """Where single elements change; empty if nothing changes; None if there is nothing to say."""
    name = flow.unit.text(owner)
    home = _assigned(flow.unit, call)
    others = [each for each in flow.bindings.get(name, ()) if loop.contains(each.node) and each.node != home]
    if others or not flow.bindings.get(name) or flow.small(owner) or handed_on(flow, name, loop):
        return None
    key = keyword_of(flow.unit, call, "key")
    if key is not None and _depends(flow, key, loop):
        return None
    found = [each for each in changes(flow, name, loop) if not _is_sort(flow.unit, each) and together(each, call, loop)]
    if not all(_is_single(flow.unit, each) for each in found):
        return None
    if found:
        return found
    if home is not None or method_of(flow.unit, call) is not None or flow.shape(owner) == "":
        return None  # sorting what is sorted already costs one look; what is not known may be short
    return found


def _in_head(node: Node, loop: Loop) -> bool:
    """In the head of an inner loop it is done once for all of that loop; as a ``while`` condition each time."""
    right = loop.node.child_by_field_name("right")
    return right is not None and right.start_byte <= node.start_byte and node.end_byte <= right.end_byte


def _assigned(unit: Unit, call: Node) -> Node | None:
    """``items = sorted(items)``"""
    parent = call.parent
    if parent is None or parent.type != "assignment" or unit.call_name(call) != "sorted":
        return None
    left = parent.child_by_field_name("left")
    return parent if left is not None and unit.text(left) == unit.text(arguments_of(call)[0]) else None


def _is_sort(unit: Unit, node: Node) -> bool:
    called = method_of(unit, node) if node.type == "call" else None
    return called is not None and called[1] == "sort"


def _is_single(unit: Unit, node: Node) -> bool:
    if node.type == "call":
        called = method_of(unit, node)
        return called is not None and called[1] in _SINGLE
    if node.type == "augmented_assignment":
        right = node.child_by_field_name("right")
        return right is not None and right.type == "list" and right.named_child_count == 1
    target = node.named_children[0] if node.named_children else None
    index = target.child_by_field_name("subscript") if target is not None and target.type == "subscript" else None
    return index is not None and index.type != "slice"


def _depends(flow: Flow, key: Node, loop: Loop) -> bool:
    """Does the order change with the iteration?"""
    own = {flow.unit.text(each) for node in descend(key) if node.type == "lambda_parameters" for each in node.children}
    names = {flow.unit.text(each) for each in descend(key) if each.type == "identifier"} - own
    return any(loop.contains(each.node) for name in names for each in flow.bindings.get(name, ()))


RULE = Rule(
    name="sort-in-loop",
    reviewer="performance",
    kind="sort_in_loop",
    summary="The same collection is sorted again in every iteration of a loop",
    severity="medium",
    check=check,
    where=has_loops,
    words=(b"sort",),
)
