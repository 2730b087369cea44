"""Sentences about what was generated here: what fails where, what is kept, what feedback repairs, what it costs.

A rate is told with its numbers and its interval of 95 % (Wilson 1927), and only of a group that has at least
:data:`FEWEST` cases; a group is *remarkable* if its interval does not hold the rate of all the others together. Smaller
groups are counted and not judged.

Invariant: computed from the rows when asked; nothing is guessed for what has too few.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal, cast

from ...analyzers.findings import Json
from ...analyzers.store import Store
from ..artifacts import book
from .history import Generation, generations

#: Cases that a group needs before a rate of it is told.
FEWEST = 10

#: Normal quantile of a two-sided interval of 95 %.
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Insight:
    """``count`` of ``total`` cases of ``group``; ``low`` and ``high`` bound the rate. ``elsewhere`` is the rate of the
    other groups together, None if there are none; ``remarkable``: it lies outside of the interval."""

    subject: Literal["offered", "fails", "kept", "undone", "repaired"]
    group: str
    detail: str
    count: int
    total: int
    low: float
    high: float
    elsewhere: float | None
    remarkable: bool

    @property
    def rate(self) -> float:
        return self.count / self.total

    @property
    def sentence(self) -> str:
        verb = {
            "offered": "are offered",
            "fails": f"fail on {self.detail}",
            "kept": "are kept as they are",
            "undone": "are undone or rejected",
            "repaired": "that failed at first are repaired by feedback",
        }[self.subject]
        others = "" if self.elsewhere is None else f"; elsewhere {self.elsewhere:.0%}"
        interval = f"{self.count} of {self.total}, 95 % interval {self.low:.0%} to {self.high:.0%}{others}"
        return f"{self.group} {verb}: {self.rate:.0%} ({interval})"

    def to_json(self) -> dict[str, Json]:
        return {
            "subject": self.subject,
            "group": self.group,
            "detail": self.detail,
            "count": self.count,
            "total": self.total,
            "rate": round(self.rate, 3),
            "low": round(self.low, 3),
            "high": round(self.high, 3),
            "elsewhere": None if self.elsewhere is None else round(self.elsewhere, 3),
            "remarkable": self.remarkable,
            "sentence": self.sentence,
        }


@dataclass(frozen=True, slots=True)
class Insights:
    """``found`` the most remarkable first; ``small`` group → cases, of those with too few; ``rounds`` how many drafts
    passed in round 1, 2, …, of how many that were checked in it; ``failed_first`` the levels on which first drafts
    failed, the commonest first."""

    generations: int
    offered: int
    judged: int
    cost_usd: float
    found: tuple[Insight, ...]
    small: Mapping[str, int]
    rounds: Mapping[int, tuple[int, int]]
    failed_first: Mapping[str, int]

    def to_json(self) -> dict[str, Json]:
        return {
            "generations": self.generations,
            "offered": self.offered,
            "judged": self.judged,
            "cost_usd": self.cost_usd,
            "insights": [each.to_json() for each in self.found],
            "too_few": dict(self.small),
            "failed_first": dict(self.failed_first),
            "rounds": {str(number): {"passed": passed, "checked": of} for number, (passed, of) in self.rounds.items()},
        }


def insights(store: Store, *, since: float = 0.0) -> Insights:
    """What the history of a workspace says. Rows of before there were proposals count as requests, and no more."""
    rows = generations(store, since=since)
    tried = [each for each in rows if each.status == "offered" or each.failed]
    drafts = _drafts(store, {each.id: each.proposal for each in rows})
    small: dict[str, int] = {}
    found: list[Insight] = []
    first = {ident: failed[0] for ident, failed in drafts.items() if failed}
    levels = sorted({name for failed in first.values() for name in failed})
    groups = _grouped(tried)
    for name, members in groups.items():
        if len(members) < FEWEST:
            small[name] = len(members)
    with_drafts = [each for each in tried if each.id in first]
    for level in levels:
        found += _rates("fails", level, _grouped(with_drafts), with_drafts, lambda each, at=level: at in first[each.id])
    judged = [each for each in tried if each.outcome]
    found += _rates("offered", "", groups, tried, lambda each: each.status == "offered")
    found += _rates("kept", "", _grouped(judged), judged, lambda each: each.outcome == "kept")
    found += _rates("undone", "", _grouped(judged), judged, lambda each: each.outcome in ("gone", "rejected"))
    failed_first = [each for each in with_drafts if first[each.id]]
    found += _rates("repaired", "", _grouped(failed_first), failed_first, lambda each: each.status == "offered")
    found.sort(key=lambda each: (not each.remarkable, -abs(each.rate - (each.elsewhere or 0.0)), each.sentence))
    rounds: dict[int, tuple[int, int]] = {}
    for checks in drafts.values():
        for number, failures in enumerate(checks, 1):
            passed, of = rounds.get(number, (0, 0))
            rounds[number] = passed + (not failures), of + 1
    cost = sum(_number(each.data.get("cost_usd")) for each in rows)
    offered = sum(each.status == "offered" for each in rows)
    on = Counter(level for failed in first.values() for level in failed)
    commonest = dict(sorted(on.items(), key=lambda item: (-item[1], item[0])))
    ordered = dict(sorted(rounds.items()))
    return Insights(len(rows), offered, len(judged), round(cost, 6), tuple(found), small, ordered, commonest)


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _grouped(rows: Iterable[Generation]) -> dict[str, list[Generation]]:
    """By what was asked for, by what wrote it, and by both together; groups of the same rows are told of
    once, by the name that says most."""
    found: dict[str, list[Generation]] = defaultdict(list)
    for each in rows:
        what = each.domain or each.strategy
        by = each.model or each.provider
        if by:
            found[f"tasks with {'model ' if each.model else ''}{by}"].append(each)
        if what:
            found[f"{what} tasks"].append(each)
        if what and each.model:
            found[f"{what} tasks with model {each.model}"].append(each)
    once: dict[tuple[str, ...], str] = {}
    for name in sorted(found, key=lambda name: (-len(name), name)):
        once.setdefault(tuple(each.id for each in found[name]), name)
    return {name: found[name] for name in sorted(once.values())}


def _rates(
    subject: Literal["offered", "fails", "kept", "undone", "repaired"],
    detail: str,
    groups: Mapping[str, Sequence[Generation]],
    everything: Sequence[Generation],
    is_so: Callable[[Generation], bool],
) -> list[Insight]:
    total = sum(map(is_so, everything))
    result: list[Insight] = []
    for name, members in sorted(groups.items()):
        if len(members) < FEWEST:
            continue
        count = sum(map(is_so, members))
        if subject == "fails" and not count:
            continue
        low, high = wilson(count, len(members))
        others = len(everything) - len(members)
        elsewhere = (total - count) / others if others >= FEWEST else None
        remarkable = elsewhere is not None and not low <= elsewhere <= high
        result.append(Insight(subject, name, detail, count, len(members), low, high, elsewhere, remarkable))
    return result


def wilson(count: int, total: int) -> tuple[float, float]:
    """The interval of 95 % for a rate of ``count`` in ``total`` (Wilson's score interval)."""
    rate, square = count / total, _Z * _Z
    middle = (rate + square / (2 * total)) / (1 + square / total)
    half = _Z * sqrt(rate * (1 - rate) / total + square / (4 * total * total)) / (1 + square / total)
    return max(0.0, middle - half), min(1.0, middle + half)


def _drafts(store: Store, wanted: Mapping[str, str]) -> dict[str, list[tuple[str, ...]]]:
    """Generation → for each round, the levels that failed: of the draft that the generation ended with (``wanted``,
    or its last one), and of those that it came from."""
    from sqlalchemy import select

    from ...analyzers import store_tables as t

    c = t.proposals.c
    query = select(c.id, c.generation, c.created, c.provenance, c.result, c.status).order_by(c.created, c.id)
    found: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = defaultdict(dict)
    with store.shared.reading() as connection:
        for row in connection.execute(query):
            if row.generation not in wanted or not row.result:
                continue
            result, provenance = book.as_object(row.result), book.as_object(row.provenance)
            parents = tuple(str(each) for each in provenance.get("parents", ()))
            found[row.generation][row.id] = (parents, _failures(result))
    return {generation: _line(drafts, wanted[generation]) for generation, drafts in found.items()}


def _line(drafts: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]], end: str) -> list[tuple[str, ...]]:
    """The failures of the draft ``end`` (if it is there, else the last) and of those it came from, the first first."""
    ident = end if end in drafts else [*drafts][-1]
    line: list[tuple[str, ...]] = []
    seen: set[str] = set()
    while ident in drafts and ident not in seen:
        seen.add(ident)
        parents, failures = drafts[ident]
        line.append(failures)
        ident = parents[0] if parents else ""
    return line[::-1]


def _failures(result: Mapping[str, Any]) -> tuple[str, ...]:
    listed = [cast("Mapping[str, Any]", each) for each in result.get("levels") or () if isinstance(each, dict)]
    failed = [str(each.get("level") or each.get("name", "")) for each in listed if each.get("status") == "failed"]
    if not failed and result.get("failed_check"):
        failed = [str(result["failed_check"])]
    return tuple(dict.fromkeys(failed))
