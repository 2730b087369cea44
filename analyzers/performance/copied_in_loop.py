"""Copying a whole collection in every iteration to read one element of it.

What it does: reports, inside a loop, a copy (``list(items)``, ``items[:]``, ``items.copy()``, ``copy.copy``,
``copy.deepcopy``) of something that was made before the loop, where the copy is only indexed or measured and then
thrown away: ``list(table)[i]``, ``copy.copy(items)[-1]``, ``len(list(table))``; and a slice up to or from where the
passes have come (``items[:i + 1]``) that is only measured, or of a list given to another function. A function that
gives a part to itself is left alone, and so is a part that is walked (``for other in enumerate(items[i + 1:])``): that
takes longer than the copy.

Why is this bad: each copy takes time proportional to the whole collection, for one element of it.

Example::

    for i in range(len(table)):
        print(list(table.keys())[i])

Use instead::

    for key in table:
        print(key)

References: https://wiki.python.org/moin/TimeComplexity
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import Flow, Loop, arguments_of, flow_of, method_of
from ..rules import Rule
from ..syntax import Unit, descend
from .loops import changes, clause_of, counts, dominated, has_loops, in_handler, is_open, loop_evidence

_COPIES = frozenset({"list", "tuple", "copy.copy", "copy.deepcopy"})
#: Reported by what looks at the part itself.
_LOOKED = frozenset(
    {
        *("max", "min", "sum", "list", "tuple", "set", "print", "str", "repr", "isinstance"),
        *("enumerate", "reversed", "zip", "map", "filter", "iter", "any", "all"),
    }
)
_VIEWS = ("keys", "values", "items")


def check(unit: Unit) -> Iterator[Finding]:
    flow = flow_of(unit)
    for node, loops in flow.in_loops("call"):
        part = _growing_part(flow, node, loops[-1])
        if part is not None and not in_handler(node, loops[-1]) and not dominated(flow, loops[-1], node):
            yield unit.finding(
                RULE,
                node,
                f"'{unit.text(part)}' copies all elements up to there again in every iteration",
                confidence=0.5,
                suggestion="work with the positions, or give what looks at the part the whole list and where it ends",
                evidence=(loop_evidence(unit, loops[-1], node),),
            )
            continue
        copied = _copied(unit, node)
        if copied is None or not _thrown_away(unit, node):
            continue
        loop = loops[-1]
        if not _lasts(flow, copied, loop) or in_handler(node, loop) or dominated(flow, loop, node):
            continue
        yield unit.finding(
            RULE,
            node,
            f"all of '{unit.text(copied)}' is copied in every iteration, to look at a part of the copy",
            confidence=0.65,
            suggestion="copy it once before the loop, or look at the original",
            evidence=(loop_evidence(unit, loop, node),),
        )


def _growing_part(flow: Flow, call: Node, loop: Loop) -> Node | None:
    """The slice that a call is given, if it grows or shrinks with the passes over what it is taken from."""
    unit = flow.unit
    called, listed = unit.call_name(call), arguments_of(call)
    if len(listed) != 1 or listed[0].type != "subscript" or called in _LOOKED or not called or "." in called:
        return None
    part = listed[0]
    owner, index = part.child_by_field_name("value"), part.child_by_field_name("subscript")
    source = clause_of(loop).child_by_field_name("right")
    if owner is None or index is None or index.type != "slice" or owner.type != "identifier" or source is None:
        return None
    name = unit.text(owner)
    counted = source.type == "call" and unit.call_name(source) in ("range", "enumerate")
    if not counted or not flow.made_outside(name, loop, owner) or flow.small(owner) or not is_open(unit, index):
        return None
    if not counts(unit, part, loop) or called == unit.name.rpartition(".")[2]:
        return None
    if called == "len":
        return part
    length = f"len({name})" in unit.text(source) or unit.call_name(source) == "enumerate"
    return part if length and (flow.shape(owner) == "list" or _is_assigned_to(flow, name, loop)) else None


def _is_assigned_to(flow: Flow, name: str, loop: Loop) -> bool:
    """``items[i] = …`` in the loop: by position, so it is a list (of the sequences, with which it is sliced)."""
    for place in flow.places:
        left = place.node.child_by_field_name("left") if loop.contains(place.node) else None
        for each in descend(left) if left is not None and place.node.type == "assignment" else ():
            owner = each.child_by_field_name("value") if each.type == "subscript" else None
            if owner is not None and flow.unit.text(owner) == name:
                return True
    return False


def _copied(unit: Unit, call: Node) -> Node | None:
    """What is copied as a whole here."""
    listed = arguments_of(call)
    if unit.call_name(call) in _COPIES:
        if len(listed) != 1:
            return None
        view = method_of(unit, listed[0]) if listed[0].type == "call" else None
        inner = view[0] if view is not None and view[1] in _VIEWS and not arguments_of(listed[0]) else listed[0]
        return inner if inner.type == "identifier" else None
    called = method_of(unit, call)
    if called is not None and called[1] == "copy" and not listed and called[0].type == "identifier":
        return called[0]
    return None


def _thrown_away(unit: Unit, call: Node) -> bool:
    """Is only a part of the copy read, or its length?"""
    parent = call.parent
    if parent is None:
        return False
    if parent.type == "subscript" and parent.child_by_field_name("value") == call:
        above = parent.parent
        target = above is not None and above.type in ("assignment", "augmented_assignment", "delete_statement")
        return not (target and above is not None and above.child_by_field_name("left") in (None, parent))
    if parent.type == "argument_list" and parent.parent is not None:
        return unit.call_name(parent.parent) == "len"
    return False


def _lasts(flow: Flow, copied: Node, loop: Loop) -> bool:
    """Is it the same collection in all iterations, and not short?"""
    name = flow.unit.text(copied)
    if not flow.bindings.get(name) or flow.small(copied) or not flow.made_outside(name, loop, copied):
        return False
    return not changes(flow, name, loop)


RULE = Rule(
    name="copied-in-loop",
    reviewer="performance",
    kind="copy",
    summary="A whole collection is copied in every iteration to read a part of it",
    severity="medium",
    check=check,
    where=has_loops,
)
