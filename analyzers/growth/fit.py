"""How a cost grows with the size of the input: the exponent of ``cost ≈ a·n^b``, by least squares on logarithms.

Only the tail of a table counts, where constant and linear parts have faded (Goldsmith, Aiken & Wilkerson, "Measuring
empirical computational complexity", ESEC/FSE 2007, fit the same model). Exponential growth is told apart by the
exponent itself growing, and by ``log cost`` being straighter over ``n`` than over ``log n``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

#: Points that count, the largest sizes first.
TAIL = 5
#: From this exponent on growth is called superlinear. Sorting (n·log n) has 1.1 to 1.25 at the sizes measured.
SUPERLINEAR = 1.45
#: The exponent that stands for exponential growth in a table.
EXPONENTIAL = 99.0

Table = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Fit:
    """``quality`` is R², the share of the variance in the logarithms that the line explains; ``points`` used."""

    exponent: float
    quality: float
    exponential: bool = False
    points: int = 0

    @property
    def superlinear(self) -> bool:
        return self.exponential or (self.exponent >= SUPERLINEAR and self.quality >= 0.9)


def fit(table: Table) -> Fit:
    """``table`` is (size, cost), sizes ascending. Fewer than three sizes with a cost tell nothing: exponent 0."""
    points = [(float(n), float(cost)) for n, cost in table if n > 0 and cost > 0]
    if len(points) < 3:
        return Fit(0.0, 0.0, points=len(points))
    if _exponential(points):
        _, quality = _line([(n, math.log(cost)) for n, cost in points])
        return Fit(EXPONENTIAL, quality, True, len(points))
    # Lower terms fade with the size, so the largest sizes count. A tail that spans less than 4x says little.
    tail = points[-TAIL:]
    slope, quality = _line([(math.log(n), math.log(cost)) for n, cost in tail])
    last, _ = _line([(math.log(n), math.log(cost)) for n, cost in tail[-3:]])
    slope = min(slope, last)  # what starts late climbs steeply at first
    return Fit(round(slope, 2), round(quality, 3), False, len(tail))


def _exponential(points: Sequence[tuple[float, float]]) -> bool:
    slopes = [
        (math.log(b[1]) - math.log(a[1])) / (math.log(b[0]) - math.log(a[0]))
        for a, b in pairwise(points)
        if b[0] > a[0]
    ]
    if len(slopes) < 2 or slopes[-1] < 3.5 or slopes[-1] <= slopes[0] + 0.8:
        return False
    tail = points[-TAIL:]
    _, straight = _line([(n, math.log(cost)) for n, cost in tail])
    _, power = _line([(math.log(n), math.log(cost)) for n, cost in tail])
    return straight > power


def _line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Slope and R² of the least-squares line."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        return 0.0, 0.0
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    total = sum((y - mean_y) ** 2 for _, y in points)
    left = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in points)
    return slope, 1.0 if total < 1e-9 else 1 - left / total


def fit_seconds(table: Sequence[tuple[int, float]]) -> float:
    """The exponent of processor seconds; 0 where they are too few or too short to tell growth from noise."""
    points = [(float(n), seconds) for n, seconds in table if seconds >= 0.001]
    if len(points) < 3 or points[-1][1] < 0.02:
        return 0.0
    slope, quality = _line([(math.log(n), math.log(seconds)) for n, seconds in points[-4:]])
    return round(slope, 2) if quality >= 0.9 else 0.0
