"""A function that is long and branches all the way.

What it does: reports a function of more than 80 lines of code (comments, empty lines and the docstring do not count)
that also has a cyclomatic complexity over 20. A long but straight list of steps (set-up, rendering, attribute
defaults) is left alone.

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

from ..findings import Finding
from ..rules import Rule
from ..syntax import Unit
from ..tests_of import in_tests
from .metrics import code_lines, counted, cyclomatic, heading

LINES = 80
CYCLOMATIC = 20


def check(unit: Unit) -> Iterator[Finding]:
    node = unit.node
    if unit.kind != "function" or in_tests(unit.path) or node.end_point[0] - node.start_point[0] < LINES:
        return
    branches = cyclomatic(unit)
    if branches <= CYCLOMATIC:
        return
    lines = code_lines(unit)
    if lines <= LINES:
        return
    yield unit.finding(
        RULE,
        heading(unit),
        f"'{unit.name}' has {lines} lines of code and {branches} paths through them",
        confidence=min(0.9, 0.55 + lines / 600),
        suggestion="split it at its natural steps",
        evidence=(
            counted("lines of code", lines, LINES),
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
