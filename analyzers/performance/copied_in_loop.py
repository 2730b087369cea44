"""Copying a whole collection in every iteration to read one element of it.

What it does: reports, inside a loop, a copy (``list(items)``, ``items[:]``, ``items.copy()``, ``copy.copy``,
``copy.deepcopy``) of something that was made before the loop, where the copy is only indexed or measured and then
thrown away: ``list(table)[i]``, ``copy.copy(items)[-1]``, ``len(list(table))``.

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
from ..syntax import Unit
from .loops import changes, dominated, has_loops, in_handler, loop_evidence

_COPIES = frozenset({"list", "tuple", "copy.copy", "copy.deepcopy"})
_VIEWS = ("keys", "values", "items")


def check(unit: Unit) -> Iterator[Finding]:
    flow = flow_of(unit)
    for node, loops in flow.in_loops("call"):
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
