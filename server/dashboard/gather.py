"""What the dashboard shows, read from the stores of a workspace and of the user.

Invariant: it only reads; a workspace that nothing is remembered of is left without a store.
Invariant: no text of a program and no secret is in it: counts, names, places, sizes and hashes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ...analyzers.findings import Json
from ..settings import BudgetSettings, saved_settings

if TYPE_CHECKING:
    from ...analyzers.history import Event
    from ...analyzers.store import Egress, Store
    from ...healing.learning.measures import Health
    from ...healing.learning.records import Record

DAY_S = 86_400.0

#: Rows of a list at most; what is older is counted, not listed.
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Spent:
    """US dollars of calls to models on one day (UTC, ``2026-03-01``)."""

    day: str
    usd: float
    calls: int


@dataclass(frozen=True, slots=True)
class Made:
    """A proposal: code that was written for somebody, and what became of it."""

    id: str
    at: float
    name: str
    place: str
    status: str
    by: str
    score: float | None
    cost_usd: float | None
    digest: str


@dataclass(frozen=True, slots=True)
class Audited:
    """An entry of the audit log: who did what with which proposal, and why."""

    at: float
    person: str
    action: str
    proposal: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything on the page. ``at`` is when it was read, in seconds since the epoch; events are oldest first, lists of
    ``made``, ``audited`` and ``sent`` newest first. ``chain`` says whether the audit log is whole (empty: there is
    none)."""

    root: Path
    at: float
    reviews: tuple[Event, ...] = ()
    fuzzed: tuple[Event, ...] = ()
    healed: tuple[Record, ...] = ()
    health: Mapping[str, Health] | None = None
    made: tuple[Made, ...] = ()
    audited: tuple[Audited, ...] = ()
    chain: str = ""
    sent: tuple[Egress, ...] = ()
    spent: tuple[Spent, ...] = ()
    day_usd: float = 0.0
    month_usd: float = 0.0
    limits: BudgetSettings = field(default_factory=BudgetSettings)


def gather(root: Path, *, folder: Path | None = None, clock: Callable[[], float] = time.time) -> Dashboard:
    """Read what is remembered of the workspace ``root``. ``folder`` replaces the user's cache folder.

    Raises Unavailable if a store is there and cannot be read."""
    from ...analyzers.history import has_store, told
    from ...analyzers.store import DATABASE, open_store, user_folder
    from ...healing.learning.book import records
    from ...healing.learning.measures import windows

    now = clock()
    found: dict[str, Any] = {"limits": saved_settings(root / "pyproject.toml").budget}
    if has_store(root, folder):
        with open_store(root, folder=folder, clock=clock) as store:
            healed = records(store)
            found |= {
                "reviews": told(store, "review"),
                "fuzzed": told(store, "fuzz"),
                **_proposals(store),
                "healed": tuple(sorted(healed, key=lambda each: each.at)),
                "health": windows(healed, now) if healed else None,
                "sent": store.egress(limit=MOST_ROWS),
            }
    if (user_folder(folder) / DATABASE).exists():
        with open_store(None, folder=folder, clock=clock) as purse:
            found |= {
                "spent": _spent(purse),
                "day_usd": purse.spent(DAY_S),
                "month_usd": purse.spent(30 * DAY_S),
            }
    return Dashboard(root, now, **found)


def _spent(purse: Store) -> tuple[Spent, ...]:
    """Days with calls, oldest first."""
    from sqlalchemy import select

    from ...analyzers.store_tables import spending

    days: dict[str, tuple[float, int]] = {}
    with purse.reading() as connection:
        for at, usd in connection.execute(select(spending.c.at, spending.c.usd).order_by(spending.c.at)):
            day = time.strftime("%Y-%m-%d", time.gmtime(at))
            before = days.get(day, (0.0, 0))
            days[day] = (before[0] + usd, before[1] + 1)
    return tuple(Spent(day, usd, calls) for day, (usd, calls) in days.items())


def _proposals(store: Store) -> dict[str, Any]:
    """What was generated, what people did with it, and whether the log of that is whole."""
    from ...codegen.artifacts.audit import entries
    from ...codegen.artifacts.book import proposals
    from ...codegen.artifacts.verify import verify

    kept = proposals(store, limit=MOST_ROWS)
    if not kept:
        return {}
    names = {each.id: each.name for each in kept}
    checked = verify(store)
    bad = [f"{each.record}: {each.what}" for each in checked.alterations]
    said = (
        f"The log of {checked.entries} entries is whole; the digest of the last is {checked.head[:16]}."
        if not bad
        else f"The log or what it speaks of was altered: {'; '.join(bad[:5])}"
    )
    return {
        "made": tuple(
            Made(
                each.id,
                each.created,
                each.name,
                each.path,
                each.status,
                str(each.provenance.get("model") or each.provenance.get("drafter") or ""),
                _number(each.result, "score"),
                _number(each.result, "cost_usd"),
                each.code_sha256,
            )
            for each in kept
        ),
        "audited": tuple(
            Audited(each.at, each.person, each.action, names.get(each.proposal, each.proposal), _because(each.detail))
            for each in sorted(entries(store, limit=MOST_ROWS), key=lambda each: -each.seq)
        ),
        "chain": said,
    }


def _number(data: Mapping[str, Any], key: str) -> float | None:
    value = data.get(key)
    return float(cast(float, value)) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _because(detail: Mapping[str, Json]) -> str:
    reason = detail.get("reason")
    return reason if isinstance(reason, str) else ""
