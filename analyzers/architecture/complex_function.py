"""A function whose control flow nobody can hold in mind.

What it does: reports a function with both a high cyclomatic complexity (over 18) and a high cognitive complexity
(over 35). Both, because a flat dispatch over many cases has many branches and is easy to read, and a nested search
has few and is not long.

Why is this bad: the number of paths to test grows with the first, the effort to understand with the second; defects
gather where both are high.

Example::

    def price(order):
        for item in order.items:
            if item.active:
                if item.discount and not item.locked:
                    ...  # and so on, for twenty branches

Use instead::

    def price(order):
        return sum(price_of(item) for item in order.items if item.active)

References: McCabe, "A Complexity Measure", IEEE TSE 2 (1976); Campbell, "Cognitive Complexity", SonarSource 2018
"""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding
from ..places import is_test_code
from ..rules import Rule
from ..syntax import Unit
from .metrics import cognitive, counted, cyclomatic, heading, is_setup, sureness

CYCLOMATIC = 18
COGNITIVE = 40


def check(unit: Unit) -> Iterator[Finding]:
    if unit.kind != "function" or is_test_code(unit.path):
        return
    branches = cyclomatic(unit)
    if branches <= CYCLOMATIC or is_setup(unit):
        return
    effort = cognitive(unit)
    if effort <= COGNITIVE:
        return
    yield unit.finding(
        RULE,
        heading(unit),
        f"'{unit.name}' is hard to follow: {branches} paths, cognitive complexity {effort}",
        confidence=sureness(effort / COGNITIVE, branches / CYCLOMATIC),
        suggestion="split off parts that have a name of their own",
        evidence=(
            counted("cognitive complexity", effort, COGNITIVE),
            counted("cyclomatic complexity", branches, CYCLOMATIC),
        ),
    )


RULE = Rule(
    name="complex-function",
    reviewer="architecture",
    kind="complexity",
    summary="A function's control flow is too complex",
    severity="medium",
    check=check,
)
