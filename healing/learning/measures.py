"""What can be said of the healings of a workspace: how many, how well, how fast, and how far confidence can be trusted.

*Attempts* are all records but those whose fault was only named (a missing distribution, a flaky test); a *success* has
a verified edit. *Tried* counts the edits that were run. The confidence of an edit is compared with what became of it:
applied and kept is right, rejected or taken back is wrong, and what nobody took says nothing.

Invariant: pure functions of records; a figure that nothing stands behind is None, not 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from ...analyzers.confidence.model import Label, quality

if TYPE_CHECKING:
    from ...analyzers.findings import Json
    from .records import Record

#: Bins of the reliability table, of equal width.
BINS = 5

#: Windows of time, in seconds, newest first; the last is everything.
WINDOWS: dict[str, float | None] = {"24 hours": 86_400, "7 days": 7 * 86_400, "30 days": 30 * 86_400, "all": None}


@dataclass(frozen=True, slots=True)
class Bin:
    """Edits whose confidence lies in ``low`` to ``high``: how many, what they said on average, the share kept."""

    low: float
    high: float
    count: int
    said: float
    right: float


@dataclass(frozen=True, slots=True)
class Trust:
    """The calibration in use: of how many edits one knows what became of them, and the measures over them."""

    count: int
    right: int
    ece: float | None
    brier: float | None
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """The figures of some records. Times are in milliseconds."""

    attempts: int
    named: int
    successes: int
    tried: int
    tried_per_success: float | None
    edits_per_success: float | None
    first_verified_p50: float | None
    first_verified_p95: float | None
    elapsed_p50: float | None
    elapsed_p95: float | None
    applied: int
    rejected: int
    taken_back: int
    trust: Trust

    @property
    def success_rate(self) -> float | None:
        return self.successes / self.attempts if self.attempts else None

    @property
    def taken_back_rate(self) -> float | None:
        """Of the edits that were applied, the share that was taken back."""
        applied = self.applied + self.taken_back
        return self.taken_back / applied if applied else None

    def to_json(self) -> dict[str, Json]:
        return {
            "attempts": self.attempts,
            "named": self.named,
            "successes": self.successes,
            "success_rate": _rounded(self.success_rate),
            "tried": self.tried,
            "tried_per_success": _rounded(self.tried_per_success),
            "edits_per_success": _rounded(self.edits_per_success),
            "first_verified_ms": {"p50": _rounded(self.first_verified_p50), "p95": _rounded(self.first_verified_p95)},
            "elapsed_ms": {"p50": _rounded(self.elapsed_p50), "p95": _rounded(self.elapsed_p95)},
            "applied": self.applied,
            "rejected": self.rejected,
            "taken_back": self.taken_back,
            "taken_back_rate": _rounded(self.taken_back_rate),
            "calibration": {
                "count": self.trust.count,
                "right": self.trust.right,
                "ece": _rounded(self.trust.ece),
                "brier": _rounded(self.trust.brier),
                "bins": [
                    {
                        "low": each.low,
                        "high": each.high,
                        "count": each.count,
                        "said": _rounded(each.said),
                        "right": _rounded(each.right),
                    }
                    for each in self.trust.bins
                ],
            },
        }


def health_of(records: Iterable[Record]) -> Health:
    """The figures of these records."""
    listed = list(records)
    attempts = [each for each in listed if each.outcome != "named"]
    successes = [each for each in attempts if each.verified]
    first = [each.first_verified_ms for each in successes if each.first_verified_ms is not None]
    elapsed = [each.elapsed_ms for each in attempts]
    steps = [len(each.choice.steps) for each in successes if each.choice is not None and each.choice.steps]
    outcomes = [each.outcome for each in listed]
    return Health(
        attempts=len(attempts),
        named=len(listed) - len(attempts),
        successes=len(successes),
        tried=sum(len(each.trials) for each in attempts),
        tried_per_success=_mean([len(each.trials) for each in successes]),
        edits_per_success=_mean(steps),
        first_verified_p50=percentile(first, 0.5),
        first_verified_p95=percentile(first, 0.95),
        elapsed_p50=percentile(elapsed, 0.5),
        elapsed_p95=percentile(elapsed, 0.95),
        applied=outcomes.count("applied"),
        rejected=outcomes.count("rejected"),
        taken_back=outcomes.count("taken_back"),
        trust=trust_of(listed),
    )


def trust_of(records: Iterable[Record]) -> Trust:
    """Expected calibration error and Brier score of the confidence of edits of which one knows what became of them."""
    known = [
        (each.choice.confidence, each.right) for each in records if each.choice is not None and each.right is not None
    ]
    if not known:
        return Trust(0, 0, None, None, ())
    labels = [Label("", "", said, right, "") for said, right in known]
    found = quality(labels, [said for said, _ in known])
    bins: list[Bin] = []
    for number in range(BINS):
        inside = [(said, right) for said, right in known if min(BINS - 1, int(said * BINS)) == number]
        if inside:
            count = len(inside)
            said, right = sum(each for each, _ in inside) / count, sum(each for _, each in inside) / count
            bins.append(Bin(number / BINS, (number + 1) / BINS, count, said, right))
    return Trust(found.count, sum(right for _, right in known), found.ece, found.brier, tuple(bins))


def grouped(records: Iterable[Record], key: Callable[[Record], str]) -> dict[str, Health]:
    """The figures of each group, the largest first."""
    found: dict[str, list[Record]] = {}
    for each in records:
        found.setdefault(key(each) or "—", []).append(each)
    order = sorted(found, key=lambda name: (-len(found[name]), name))
    return {name: health_of(found[name]) for name in order}


def repair_of(record: Record) -> str:
    """The repair that was offered first or chosen; empty if none was."""
    return record.choice.repair if record.choice is not None else ""


#: What figures can be broken down by.
GROUPS: dict[str, Callable[[Record], str]] = {
    "category": lambda record: record.shape.category,
    "language": lambda record: record.shape.language,
    "repair": repair_of,
}


def windows(records: Sequence[Record], now: float) -> dict[str, Health]:
    """The figures of the last day, week, month, and of all."""
    return {
        name: health_of(each for each in records if seconds is None or each.at >= now - seconds)
        for name, seconds in WINDOWS.items()
    }


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: the smallest value that is not below ``share`` of them."""
    if not values:
        return None
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
