"""Ending a transaction for each element of a loop.

What it does: reports ``session.commit()`` in a ``for`` loop of which each pass does nothing but write rows: adds,
deletes or changes them through the session, asks it, and logs. Left alone is a pass that is a unit of its own: one that
calls other functions, waits, stands in a ``try`` or a ``with``, or rolls back; and so are loops that commit once for a
part of the rows (a count, a chunk, a loop inside), that end after the commit, that go through few things, or that
stand in a ``while``. ``flush`` is left alone: keys that the next row needs come from it. It is a hint in code that
somebody starts by hand.

Why is this bad: each commit waits until the database has written its log to the disk, and makes the session forget
what it has loaded: each row is then asked for again. A thousand rows take a thousand transactions where one would do,
and what fails halfway leaves half of the work behind.

Example::

    for token in user.tokens:
        if token.expired:
            session.delete(token)
            session.commit()

Use instead::

    for token in user.tokens:
        if token.expired:
            session.delete(token)
    session.commit()

References: https://docs.sqlalchemy.org/en/20/orm/session_basics.html#committing
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from ..by_hand import in_command
from ..findings import Finding
from ..flow import Flow, Loop, flow_of, method_of, together
from ..places import is_by_hand
from ..rules import Rule
from ..syntax import Unit, descend
from .loops import clause_of, covers, has_loops, in_handler, loop_evidence
from .query_in_loop import SESSION, chain_of, over_few

#: What a session writes one row by; ``execute`` may change many.
_WRITES = frozenset({"add", "delete", "merge"})
#: Methods of what is at hand: of texts, collections, dates and loggers.
_AT_HAND = frozenset(
    {
        *("append", "add", "get", "items", "keys", "values", "pop", "strip", "lower", "upper", "format", "split"),
        *("join", "replace", "startswith", "endswith", "now", "utcnow", "today", "isoformat", "update", "extend"),
        *("discard", "debug", "info", "warning", "error", "exception"),
    }
)
_BUILT_IN = frozenset(dir(builtins)) - {"open", "input", "exec", "eval", "__import__"}
_PARTS = re.compile(r"chunk|batch|page|partition|islice|bucket|slice|range\(.*,.*,", re.IGNORECASE | re.DOTALL)
#: Around a commit these say that a pass stands for itself.
_OF_ITS_OWN = frozenset({"try_statement", "with_statement", "while_statement", "function_definition", "lambda"})
_ENDS = frozenset({"return_statement", "break_statement", "raise_statement"})


def check(unit: Unit) -> Iterator[Finding]:
    flow = flow_of(unit)
    for node, loops in flow.in_loops("call"):
        called = method_of(unit, node)
        if called is None or called[1] != "commit" or not SESSION.search(unit.text(called[0])):
            continue
        loop = loops[-1]
        if any(each.node.type == "while_statement" for each in loops) or loop.node.type != "for_statement":
            continue
        if loop.node.children[0].type == "async" or over_few(unit, loop) or _in_parts(unit, loop):
            continue
        if in_handler(node, loop) or not _goes_on(unit, node, loop) or not _only_writes(flow, node, loop):
            continue
        by_hand = is_by_hand(unit.path) or in_command(unit, node)
        found = unit.finding(
            RULE,
            node,
            f"'{unit.text(node)[:60]}' ends a transaction for each element of the loop",
            confidence=0.65,
            suggestion="commit once after the loop",
            evidence=(loop_evidence(unit, loop, node),),
        )
        yield replace(found, severity="low") if by_hand else found


def _in_parts(unit: Unit, loop: Loop) -> bool:
    """Does each pass get several rows?"""
    clause = clause_of(loop)
    heads = (clause.child_by_field_name("left"), clause.child_by_field_name("right"))
    if any(head is not None and _PARTS.search(unit.text(head)) for head in heads):
        return True
    body = loop.node.child_by_field_name("body")
    return body is not None and any(each.type in ("for_statement", "for_in_clause") for each in descend(body))


def _goes_on(unit: Unit, node: Node, loop: Loop) -> bool:
    """Does the loop go on after a commit, which each pass may come to: not once for some number of rows, nor as the
    end of a pass that stands for itself?"""
    current = node
    while current != loop.node:
        parent = current.parent
        if parent is None or parent.type in _OF_ITS_OWN:
            return False
        if parent.type == "block":
            after = (each for each in parent.named_children if each.start_byte > current.start_byte)
            if any(each.type in _ENDS for each in after):
                return False
        condition = parent.child_by_field_name("condition")
        if condition is not None and condition != current and _counts(unit, condition, loop):
            return False
        current = parent
    above = loop.node.parent
    while above is not None and above.type != "function_definition":
        if above.type == "while_statement":
            return False
        above = above.parent
    return True


def _counts(unit: Unit, condition: Node, loop: Loop) -> bool:
    """``count % 1000 == 0``, ``len(rows) > 100``, ``count > limit`` of what the passes add up"""
    text = unit.text(condition)
    if "%" in text or "len(" in text:
        return True
    added = {
        unit.text(each.child_by_field_name("left") or each)
        for each in descend(loop.node)
        if each.type == "augmented_assignment"
    }
    return any(
        each.type in ("identifier", "attribute") and unit.text(each) in added
        for each in (condition, *descend(condition))
    )


def _only_writes(flow: Flow, commit: Node, loop: Loop) -> bool:
    """Do the passes that come to a commit write rows by the session, and do nothing that may take longer?"""
    unit = flow.unit
    head, body = loop.node.child_by_field_name("right"), loop.node.child_by_field_name("body")
    writes = False
    for each in descend(body) if body is not None else ():
        if each.type in ("await", "yield", "with_statement", "try_statement"):
            if covers(each, commit) or together(each, commit, loop):
                return False
        elif each.type == "assignment":
            left = each.child_by_field_name("left")
            writes = writes or (left is not None and left.type == "attribute" and together(each, commit, loop))
        elif each.type == "call" and not covers(head, each) and each != commit and together(each, commit, loop):
            kind = _kind(unit, each)
            if not kind:
                return False
            writes = writes or kind == "write"
    return writes


def _kind(unit: Unit, call: Node) -> str:
    """``write`` for a call that writes a row, ``hand`` for one that takes next to no time; empty for any other."""
    function = call.child_by_field_name("function")
    called = method_of(unit, call)
    if called is not None:
        methods = {each[1] for each in (method_of(unit, one) for one in chain_of(call)) if each is not None}
        if "rollback" in methods or "with_for_update" in methods:
            return ""
        if SESSION.search(unit.text(called[0])):
            return "write" if called[1] in _WRITES else "hand" if called[1] in _ASKS else ""
        if _of_session(unit, called[0]) or called[1] in _AT_HAND:
            return "hand"
    name = unit.text(function).rpartition(".")[2] if function is not None else ""
    return "hand" if name in _BUILT_IN or name[:1].isupper() else ""


_ASKS = frozenset({"query", "get", "refresh", "flush", "expunge", "scalar", "commit"})


def _of_session(unit: Unit, owner: Node) -> bool:
    """Is something called on what a session gave?"""
    while owner.type == "call" and (called := method_of(unit, owner)) is not None:
        owner = called[0]
    return bool(SESSION.search(unit.text(owner)))


RULE = Rule(
    name="commit-in-loop",
    reviewer="performance",
    kind="n_plus_1",
    summary="A transaction is ended for each element of a loop",
    severity="medium",
    check=check,
    where=has_loops,
    words=(b"commit",),
)
