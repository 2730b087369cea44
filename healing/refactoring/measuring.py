"""What the architecture rules count in a function, together: a refactoring must not trade one for another."""

from __future__ import annotations

from typing import NamedTuple

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
