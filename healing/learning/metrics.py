"""The figures of healing as metrics, for whoever collects them: names, units and points, in no exporter's types.

Names follow the conventions of OpenTelemetry: lower case, dots between namespaces, no unit in the name, units in UCUM
with what is counted in braces. Counters only grow: an edit that was taken back stays counted as applied. All are over
the records that the workspace's store keeps.

Invariant: no metric and no attribute holds text of a program, a path or a message: categories, languages, repairs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .measures import trust_of
from .records import Outcome, Record

Kind = Literal["counter", "gauge", "histogram"]

CATEGORY, LANGUAGE, SOURCE = "suture.heal.category", "suture.heal.language", "suture.heal.source"
REPAIR, VERIFIED, DECISION = "suture.heal.repair", "suture.heal.verified", "suture.heal.decision"

#: Upper bounds of the buckets of durations, in seconds.
BOUNDS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)

#: What an outcome says that people did.
_DECIDED: Mapping[Outcome, tuple[str, ...]] = {
    "applied": ("applied",),
    "rejected": ("rejected",),
    "taken_back": ("applied", "taken_back"),
}


@dataclass(frozen=True, slots=True)
class Definition:
    """What a metric is; ``attributes`` are the names of those that its points have."""

    name: str
    kind: Kind
    unit: str
    description: str
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its attributes. Of a histogram ``value`` is the sum, ``counts`` are those of the buckets, one more
    than there are bounds, and ``least`` and ``most`` the extremes."""

    attributes: tuple[tuple[str, str], ...]
    value: float
    counts: tuple[int, ...] = ()
    least: float = 0.0
    most: float = 0.0


@dataclass(frozen=True, slots=True)
class Metric:
    definition: Definition
    points: tuple[Point, ...]


ATTEMPTS = Definition(
    "suture.heal.attempts", "counter", "{attempt}", "Faults for which edits were looked for.",
    (CATEGORY, LANGUAGE, SOURCE),
)  # fmt: skip
NAMED = Definition(
    "suture.heal.named", "counter", "{fault}", "Faults that no edit would mend, and that were only named.", (CATEGORY,)
)
SUCCESSES = Definition(
    "suture.heal.successes", "counter", "{attempt}", "Attempts with an edit that was verified.",
    (CATEGORY, LANGUAGE, SOURCE),
)  # fmt: skip
TRIALS = Definition(
    "suture.heal.trials", "counter", "{edit}", "Edits that were run, by their repair and whether they were verified.",
    (REPAIR, VERIFIED),
)  # fmt: skip
DECISIONS = Definition(
    "suture.heal.decisions", "counter", "{edit}",
    "What people did with edits: applied, rejected, or taken_back, which were applied before.",
    (DECISION, CATEGORY),
)  # fmt: skip
FIRST = Definition(
    "suture.heal.verification.duration", "histogram", "s", "Time until the first edit was verified.", (CATEGORY,)
)
DURATION = Definition("suture.heal.duration", "histogram", "s", "Time of the whole attempt.", (CATEGORY,))
JUDGED = Definition(
    "suture.heal.confidence.judged", "gauge", "{edit}", "Edits of which it is known whether people kept them."
)
ECE = Definition(
    "suture.heal.confidence.error", "gauge", "1", "Expected calibration error of the confidence of judged edits."
)
BRIER = Definition("suture.heal.confidence.brier", "gauge", "1", "Brier score of the confidence of judged edits.")

DEFINITIONS = (ATTEMPTS, NAMED, SUCCESSES, TRIALS, DECISIONS, FIRST, DURATION, JUDGED, ECE, BRIER)


def metrics_of(records: Sequence[Record]) -> tuple[Metric, ...]:
    """Every metric of :data:`DEFINITIONS` over these records; a gauge that nothing stands behind has no point."""
    attempts = [each for each in records if each.outcome != "named"]
    successes = [each for each in attempts if each.verified]
    decisions = [
        {DECISION: decision, CATEGORY: each.shape.category}
        for each in records
        for decision in _DECIDED.get(each.outcome, ())
    ]
    tried = [{REPAIR: trial.repair, VERIFIED: str(trial.verified).lower()} for each in records for trial in each.trials]
    first = [
        ({CATEGORY: each.shape.category}, each.first_verified_ms / 1000)
        for each in successes
        if each.first_verified_ms is not None
    ]
    trust = trust_of(records)
    return (
        _counted(ATTEMPTS, (_of(each) for each in attempts)),
        _counted(NAMED, ({CATEGORY: each.shape.category} for each in records if each.outcome == "named")),
        _counted(SUCCESSES, (_of(each) for each in successes)),
        _counted(TRIALS, tried),
        _counted(DECISIONS, decisions),
        _spread(FIRST, first),
        _spread(DURATION, [({CATEGORY: each.shape.category}, each.elapsed_ms / 1000) for each in attempts]),
        Metric(JUDGED, (Point((), trust.count),)),
        Metric(ECE, () if trust.ece is None else (Point((), trust.ece),)),
        Metric(BRIER, () if trust.brier is None else (Point((), trust.brier),)),
    )


def _of(record: Record) -> dict[str, str]:
    return {CATEGORY: record.shape.category, LANGUAGE: record.shape.language, SOURCE: record.source}


def _key(definition: Definition, attributes: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, attributes[name]) for name in definition.attributes)


def _counted(definition: Definition, found: Iterable[Mapping[str, str]]) -> Metric:
    counts = Counter(_key(definition, each) for each in found)
    return Metric(definition, tuple(Point(key, count) for key, count in sorted(counts.items())))


def _spread(definition: Definition, found: Iterable[tuple[Mapping[str, str], float]]) -> Metric:
    values: dict[tuple[tuple[str, str], ...], list[float]] = {}
    for attributes, seconds in found:
        values.setdefault(_key(definition, attributes), []).append(seconds)
    points: list[Point] = []
    for key, listed in sorted(values.items()):
        counts = [0] * (len(BOUNDS) + 1)
        for seconds in listed:
            counts[bisect_left(BOUNDS, seconds)] += 1
        points.append(Point(key, sum(listed), tuple(counts), min(listed), max(listed)))
    return Metric(definition, tuple(points))
