"""Blocks within blocks within blocks.

What it does: reports a function with blocks nested five deep or more, if either three or more of them are bare ``if``
statements directly inside each other (one condition or early returns say the same), or the function is complex anyway
(cyclomatic complexity over 20); and one with blocks seven deep of which three or more are no loops, which is said even
where the function is called too long as well. A short textbook algorithm with nested loops is left alone.

Why is this bad: each level is one more condition to remember in order to know when a line runs.

Example::

    for cookie in cookies:
        if cookie.name == name:
            if domain is None or cookie.domain == domain:
                if path is None or cookie.path == path:
                    return cookie

Use instead::

    for cookie in cookies:
        if cookie.name != name:
            continue
        if domain in (None, cookie.domain) and path in (None, cookie.path):
            return cookie

References: PEP 20; Campbell, "Cognitive Complexity", SonarSource 2018
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from ..findings import Finding, Related
from ..places import is_test_code
from ..rules import Rule
from ..syntax import Unit
from .metrics import counted, cyclomatic, depth, heading

DEPTH = 5
CYCLOMATIC = 20
#: From here on depth alone is the problem, if so many of the blocks are no loops.
DEEP, CONDITIONS = 7, 3


def check(unit: Unit) -> Iterator[Finding]:
    if unit.kind != "function" or is_test_code(unit.path):
        return
    if sum(len(unit.index.get(kind, ())) for kind in _BLOCKS) < DEPTH:
        return
    deepest, innermost = depth(unit)
    if deepest < DEPTH or innermost is None:
        return
    chain = max((_chain(each) for each in unit.index.get("if_statement", ())), default=0)
    branches = cyclomatic(unit)
    extreme = deepest >= DEEP and _conditions(unit, innermost) >= CONDITIONS
    if chain < 3 and branches <= CYCLOMATIC and not extreme:
        return
    flat = chain >= 3
    found = unit.finding(
        RULE,
        heading(unit),
        f"'{unit.name}' nests blocks {deepest} deep",
        confidence=0.75 if flat else 0.6,
        suggestion="join the conditions, or leave early" if flat else "move the inner blocks into a function",
        evidence=(counted("nesting", deepest, DEPTH - 1),),
        related=(Related(unit.path, unit.range(innermost), "the innermost block"),),
    )
    yield replace(found, severity="medium") if extreme else found


_BLOCKS = ("if_statement", "for_statement", "while_statement", "try_statement", "with_statement", "match_statement")


def _conditions(unit: Unit, innermost: Node) -> int:
    """How many of the blocks around the innermost one, and itself, are no loops."""
    number = 0
    current: Node | None = innermost
    while current is not None and current != unit.node:
        number += current.type in _BLOCKS and current.type not in ("for_statement", "while_statement")
        current = current.parent
    return number


def _chain(node: Node) -> int:
    """How many ``if`` statements follow each other with nothing beside them."""
    length = 0
    current: Node | None = node
    while current is not None and current.type == "if_statement":
        if current.children_by_field_name("alternative") and length:
            break
        length += 1
        body = current.child_by_field_name("consequence")
        inside = [each for each in body.named_children if each.type != "comment"] if body is not None else []
        current = inside[0] if len(inside) == 1 else None
    return length


RULE = Rule(
    name="deep-nesting",
    reviewer="architecture",
    kind="deep_nesting",
    summary="Blocks are nested too deep",
    severity="low",
    check=check,
)
