"""What the architecture rules count in a function, together: a refactoring must not trade one for another."""

from __future__ import annotations

from typing import NamedTuple

from ...analyzers.architecture.metrics import code_lines, cognitive, cyclomatic, depth
from ...analyzers.syntax import Unit


class Metrics(NamedTuple):
    """Lines of code, cyclomatic and cognitive complexity, deepest nesting."""

    lines: int
    branches: int
    effort: int
    nesting: int


def measure(unit: Unit) -> Metrics:
    """The metrics of a function."""
    return Metrics(code_lines(unit), cyclomatic(unit), cognitive(unit), depth(unit)[0])
