"""The quality score of a proposal, 0 to 100, and the table of what it is made of.

``score = 100 * Σ weight * quality / Σ weight`` over the levels that apply. A level that failed, or did not run although
it applies, earns nothing; one that has nothing to say here (no type checker, no declared telemetry) is left out.

Invariant: the weights are those of the levels; the documentation is made from the same table (:func:`table`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .level import Level, LevelResult


def score(results: Iterable[LevelResult]) -> float:
    """0 to 100, rounded to one decimal place; 0 if nothing applies."""
    counted = [each for each in results if each.applies]
    whole = sum(each.weight for each in counted)
    earned = sum(each.weight * each.quality for each in counted if each.status == "passed")
    return round(100 * earned / whole, 1) if whole else 0.0


def table(levels: Sequence[Level]) -> list[tuple[str, str, str, str]]:
    """(level, weight, whether it refuses, what it checks) as texts, in the order in which they run."""
    return [(each.name, f"{each.weight:g}", "yes" if each.gates else "no", each.about) for each in levels]
