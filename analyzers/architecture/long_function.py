"""A function that is long and branches all the way.

What it does: reports a function with more than 50 statements of logic that also has a cyclomatic complexity over 20.
What is written down rather than done does not count: docstrings, names and attributes set to literals, calls with
nothing but literals, declarations; and a cascade of short arms (``if``/``elif``, ``match``) counts as one statement and
one decision, as the table that it is. So a long but straight list of steps (set-up, rendering, options of a command)
is left alone, and so is a function in which several others are defined and registered by a decorator (the views of a
blueprint): it is a module by another name. The block that holds most of the statements is named: what could be taken
out first.

Why is this bad: the reader has to keep every variable in mind from the first line to the last, and no part can be
tested by itself.

Example::

    def run(options):
        ...  # a hundred lines with thirty branches

Use instead::

    def run(options):
        plan = parse(options)
        results = execute(plan)
        report(results)

References: Fowler, "Refactoring", Long Function; Lanza and Marinescu, "Object-Oriented Metrics in Practice" (2006)
"""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding, Related
from ..places import is_test_code
from ..rules import Rule
from ..syntax import Unit
from .metrics import counted, cyclomatic, head_of, heading, is_setup, largest_part, logic, sureness

STATEMENTS = 50
CYCLOMATIC = 20


def check(unit: Unit) -> Iterator[Finding]:
    node = unit.node
    if unit.kind != "function" or node.end_point[0] - node.start_point[0] < STATEMENTS or is_test_code(unit.path):
        return
    if cyclomatic(unit) <= CYCLOMATIC or is_setup(unit):
        return
    statements, branches = logic(unit)
    if statements <= STATEMENTS or branches <= CYCLOMATIC:
        return
    part = largest_part(unit)
    yield unit.finding(
        RULE,
        heading(unit),
        f"'{unit.name}' has {statements} statements of logic and {branches} paths through them",
        confidence=sureness(statements / STATEMENTS, branches / CYCLOMATIC),
        suggestion=f"make a function of '{head_of(unit, part[0])}', which holds {part[1]} statements"
        if part
        else "split it at its natural steps: no block holds much of it",
        related=(Related(unit.path, unit.range(part[0]), f"a block of {part[1]} statements"),) if part else (),
        evidence=(
            counted("statements of logic", statements, STATEMENTS),
            counted("cyclomatic complexity", branches, CYCLOMATIC),
        ),
    )


RULE = Rule(
    name="long-function",
    reviewer="architecture",
    kind="long_function",
    summary="A function is long and branches all the way",
    severity="medium",
    check=check,
)
