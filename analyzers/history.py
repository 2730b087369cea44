"""What happened in a workspace over time: reviews, fuzz runs, verdicts. For figures that show a course, not a state.

An event is small (counts and names, no text of a program) and is written when the work that it tells of is over.

Invariant: telling never fails the work: where the store cannot be used, the event is lost with a warning.
Invariant: at most :data:`MOST` events of a kind are kept; the oldest go first.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from .errors import Unavailable
from .findings import Json
from .store import DATABASE, Store, open_store, workspace_folder

log = logging.getLogger(__name__)

#: ``review``: a run over files (``files``, ``lines``, ``counts`` by reviewer and severity, ``votes``); ``fuzz``: a run
#: on a target (``target``, ``executions``, ``branches``, ``findings``, ``seconds``, ``status``).
Kind = Literal["review", "fuzz"]

#: Events of a kind that are kept: years of a day's work.
MOST = 5_000


@dataclass(frozen=True, slots=True)
class Event:
    """``at`` is in seconds since the epoch."""

    at: float
    kind: str
    data: Mapping[str, Json]


def tell(
    root: Path,
    kind: Kind,
    data: Mapping[str, Json],
    *,
    folder: Path | None = None,
    clock: Callable[[], float] = time.time,
) -> None:
    """Keep an event of the workspace ``root``; a folder nobody may write to costs the event, nothing else."""
    try:
        with open_store(root, folder=folder, clock=clock) as store:
            keep(store, kind, data, at=clock())
    except Unavailable as error:
        log.warning("what happened is not remembered: %s", error)


def keep(store: Store, kind: Kind, data: Mapping[str, Json], *, at: float) -> None:
    """Keep an event in an open store, in one transaction with forgetting the oldest."""
    from sqlalchemy import select

    from .store_tables import events

    row = {"id": f"{int(at * 1000):012x}{secrets.token_hex(6)}", "at": at, "kind": kind, "data": json.dumps(data)}
    of_kind = select(events.c.id).where(events.c.kind == kind)
    newest = of_kind.order_by(events.c.at.desc(), events.c.id.desc()).limit(MOST)
    with store.writing() as connection:
        connection.execute(events.insert().values(row))
        connection.execute(events.delete().where(events.c.kind == kind, events.c.id.not_in(newest)))


def told(store: Store, kind: Kind, *, since: float = 0.0) -> tuple[Event, ...]:
    """The events of a kind, oldest first."""
    from .store_tables import events

    query = events.select().where(events.c.kind == kind, events.c.at >= since).order_by(events.c.at, events.c.id)
    with store.reading() as connection:
        return tuple(
            Event(row.at, row.kind, cast("dict[str, Json]", json.loads(row.data))) for row in connection.execute(query)
        )


def has_store(root: Path, folder: Path | None = None) -> bool:
    """Whether anything is remembered of a workspace; asking creates nothing."""
    return (workspace_folder(root, folder) / DATABASE).exists()
