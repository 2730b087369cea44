"""The history of generations: one row for each request, with what was offered and what became of it.

Invariant: an outcome belongs to what was offered: ``kept`` and ``edited`` it was taken, ``gone`` and ``rejected`` it
was not, empty nobody has said yet.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from ...analyzers.findings import Json
from ...analyzers.store import Store, canonical
from ...analyzers.store_guards import REJECTED
from ..artifacts.book import as_object
from ..artifacts.files import relative
from ..artifacts.records import storable
from ..redaction import mask
from .confidence import raw

if TYPE_CHECKING:
    from ..drafter import Task
    from ..proposal import Proposal

log = logging.getLogger(__name__)

Outcome = Literal["", "kept", "edited", "gone", "rejected"]

#: What a strategy's success must not have had.
_UNDONE = ("gone", "rejected")


@dataclass(frozen=True, slots=True)
class Generation:
    """One request. ``failed`` is the check that refused the last draft; ``kept`` the share of the offered lines that
    were still there when somebody looked, 0 if nobody has; ``rounds`` the drafts that were checked."""

    id: str
    at: float
    path: str
    name: str
    status: str
    failed: str
    domain: str
    strategy: str
    provider: str
    model: str
    verified: bool
    rounds: int
    confidence: float
    proposal: str
    outcome: Outcome
    kept: float
    data: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Tally:
    """Of ``tries`` requests, ``wins`` ended with an offer that had passed its tests and was not undone."""

    tries: int = 0
    wins: int = 0


def finished(task: Task, proposal: Proposal, record: Mapping[str, str]) -> Proposal:
    """Keep how a generation ended; the proposal as it is. A store that fails costs the row, with a warning."""
    if task.store is None:
        return proposal
    try:
        _add(task, task.store.shared, proposal, record)
    except Exception as error:  # noqa: BLE001 - a full disk must not take the answer away
        log.warning("the generation is not in the history: %s", error)
    return proposal


def _add(task: Task, store: Store, proposal: Proposal, record: Mapping[str, str]) -> None:
    from ...analyzers import store_tables as t

    now = store.clock()
    data: dict[str, Json] = {
        "reason": mask(proposal.reason)[0],
        "specification": mask(task.spec.text)[0],
        "kind": task.target.kind,
        "cost_usd": proposal.cost_usd,
        "score": proposal.score,
        "seconds": round(max(0.0, now - int(task.generation[:12], 16) / 1000), 3),
    }
    row: dict[str, Any] = {
        "id": task.generation,
        "at": now,
        "path": storable(relative(task.request.root, task.request.path)),
        "name": storable(task.spec.name),
        "status": proposal.status,
        "failed": proposal.failed_check,
        "domain": record.get("domain", ""),
        "strategy": record.get("strategy", ""),
        "provider": proposal.provider,
        "model": record.get("model", ""),
        "verified": int(proposal.verified),
        "rounds": proposal.attempts,
        "confidence": raw(proposal.confidence, proposal.evidence),
        "proposal": proposal.id,
        "outcome": "",
        "kept": 0.0,
        "updated": now,
        "data": canonical(data),
    }
    with store.writing() as connection:
        connection.execute(t.generations.insert().values(row))


def generations(store: Store, *, since: float = 0.0, limit: int = 5_000) -> tuple[Generation, ...]:
    """The newest first."""
    from ...analyzers import store_tables as t

    query = t.generations.select().where(t.generations.c.at >= since)
    query = query.order_by(t.generations.c.at.desc(), t.generations.c.id.desc()).limit(limit)
    with store.shared.reading() as connection:
        return tuple(
            Generation(
                id=row.id,
                at=row.at,
                path=row.path,
                name=row.name,
                status=row.status,
                failed=row.failed,
                domain=row.domain,
                strategy=row.strategy,
                provider=row.provider,
                model=row.model,
                verified=bool(row.verified),
                rounds=row.rounds,
                confidence=row.confidence,
                proposal=row.proposal,
                outcome=row.outcome,
                kept=row.kept,
                data=cast("dict[str, Json]", json.loads(row.data)),
            )
            for row in connection.execute(query)
        )


def set_outcome(store: Store, proposal: str, outcome: Outcome, kept: float) -> bool:
    """What became of a proposal; true if that is news. ``kept`` is the share of its lines that are still there."""
    from ...analyzers import store_tables as t

    store = store.shared
    table = t.generations
    with store.writing() as connection:
        done = connection.execute(
            table.update()
            .where((table.c.proposal == proposal) & ((table.c.outcome != outcome) | (table.c.kept != kept)))
            .values(outcome=outcome, kept=kept, updated=store.clock())
        )
    return done.rowcount > 0


def failed_checks(store: Store, *, limit: int = 40) -> Mapping[str, int]:
    """By which check the last refused drafts of this workspace were refused: check → how many of ``limit``."""
    from ...analyzers import store_tables as t

    c = t.proposals.c
    query = t.proposals.select().where((c.status == REJECTED) & (c.result != "")).order_by(c.created.desc())
    with store.shared.reading() as connection:
        results = [as_object(row.result) for row in connection.execute(query.limit(limit))]
    return Counter(str(each.get("failed_check")) for each in results if each.get("failed_check"))


def strategy_counts(store: Store, domain: str) -> Mapping[tuple[str, str], Tally]:
    """(strategy, model) → how it did on specifications of this domain. A request that no draft came of (no model could
    be asked, the budget was spent) is no try."""
    from sqlalchemy import case, func, select

    from ...analyzers import store_tables as t

    c = t.generations.c
    won = (c.status == "offered") & (c.verified == 1) & c.outcome.not_in(_UNDONE)
    query = (
        select(c.strategy, c.model, func.count(), func.sum(case((won, 1), else_=0)))
        .where((c.domain == domain) & (c.strategy != "") & ((c.status == "offered") | (c.failed != "")))
        .group_by(c.strategy, c.model)
    )
    with store.shared.reading() as connection:
        rows = list(connection.execute(query))
    return {(str(strategy), str(model)): Tally(int(tries), int(wins)) for strategy, model, tries, wins in rows}
