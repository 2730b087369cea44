"""What the architecture rules count in a function, together: a refactoring must not trade one for another."""

from __future__ import annotations

from typing import NamedTuple

from ...analyzers.architecture.deep_nesting import DEPTH
from ...analyzers.architecture.metrics import cognitive, cyclomatic, depth, logic
from ...analyzers.syntax import Unit


class Metrics(NamedTuple):
    """Statements of logic, cyclomatic and cognitive complexity, deepest nesting."""

    statements: int
    branches: int
    effort: int
    nesting: int


def measure(unit: Unit) -> Metrics:
    """The metrics of a function."""
    return Metrics(logic(unit)[0], cyclomatic(unit), cognitive(unit), depth(unit)[0])


def flatter(before: int, after: int) -> bool:
    """Whether so much less nesting is worth a change: it is no longer flagged, or two levels are gone."""
    return after < before and (after < DEPTH or before - after >= 2)
