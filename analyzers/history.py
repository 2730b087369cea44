"""What happened in a workspace over time: reviews, fuzz runs, verdicts. For figures that show a course, not a state.

An event is small (counts and names, no text of a program) and is written when the work that it tells of is over.

Invariant: telling never fails the work: where the store cannot be used, the event is lost with a warning.
Invariant: at most :data:`MOST` events of a kind are kept; the oldest go first.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from .errors import Unavailable
from .findings import Finding, Json, Reviewer
from .store import DATABASE, Store, new_ident, open_store, private_folder, store_path, workspace_folder

log = logging.getLogger(__name__)

#: ``review``: a run over a folder (``scope``, ``files``, ``counts`` by reviewer and severity, ``votes``, ``verdict``);
#: ``fuzz``: a run on a target (``target``, ``executions``, ``branches``, ``coverage``, ``findings``, ``seconds``,
#: ``status``).
Kind = Literal["review", "fuzz"]

#: Events of a kind that are kept: years of a day's work.
MOST = 5_000


@dataclass(frozen=True, slots=True)
class Event:
    """``at`` is in seconds since the epoch."""

    at: float
    kind: str
    data: Mapping[str, Json]


#: An event is put beside the others of its kind, and the oldest are forgotten.
_PUT = "INSERT INTO events (id, at, kind, data) VALUES (?, ?, ?, ?)"
_FORGET = """DELETE FROM events WHERE kind = ?
    AND id NOT IN (SELECT id FROM events WHERE kind = ? ORDER BY at DESC, id DESC LIMIT ?)"""


def tell(
    root: Path,
    kind: Kind,
    data: Mapping[str, Json],
    *,
    folder: Path | None = None,
    clock: Callable[[], float] = time.time,
) -> bool:
    """Keep an event of the workspace ``root``; false, with a warning, where the store cannot be used."""
    import sqlite3

    try:
        path = store_path(root, folder)
        try:
            keep(path, kind, data, at=clock())
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
                raise
            open_store(root, folder=folder, clock=clock).close()  # a damaged one is set aside
            keep(path, kind, data, at=clock())
    except (OSError, sqlite3.Error, Unavailable) as error:
        log.warning("what happened is not remembered: %s", error)
        return False
    return True


def keep(store: Path, kind: Kind, data: Mapping[str, Json], *, at: float) -> None:
    """Keep an event in the database of a store, in one transaction with forgetting the oldest.

    Raises as :func:`.store_plain.write` does."""
    from .store_plain import write

    write(store, [(_PUT, (new_ident(at), at, kind, json.dumps(data))), (_FORGET, (kind, kind, MOST))])


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


def tell_review(
    root: Path, scope: Path, files: int, findings: Iterable[Finding], reviewers: Sequence[Reviewer]
) -> None:
    """Remember what a review of the folder ``scope`` of ``root`` found, unless the last one of it found just that.

    Most reviews of a folder find what the one before did; those do not even open the store, which takes longer than
    reading a whole unchanged tree from the cache."""
    data = review_data(root, scope, files, findings, reviewers)
    mark = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    name = f"review-{hashlib.sha256(str(data['scope']).encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    try:
        place = workspace_folder(root) / "last" / name
        if place.exists() and place.read_bytes() == mark.encode():
            return
        private_folder(place.parent)
        if tell(root, "review", data):
            place.write_text(mark, "utf-8")
    except (OSError, Unavailable) as error:
        log.warning("what happened is not remembered: %s", error)


def review_data(
    root: Path, scope: Path, files: int, findings: Iterable[Finding], reviewers: Sequence[Reviewer]
) -> dict[str, Json]:
    """The event of a review: counts by reviewer and severity, and the verdict on everything that was found."""
    from .consensus import consensus

    listed = tuple(findings)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for each in listed:
        counts[each.reviewer or "faults"][each.severity] += 1
    verdict = consensus(listed, reviewers)
    return {
        "scope": scope.relative_to(root).as_posix() if scope.is_relative_to(root) else scope.as_posix(),
        "files": files,
        "counts": {reviewer: dict(of) for reviewer, of in sorted(counts.items())},
        "votes": {each.reviewer: {"vote": each.vote, "weight": round(each.weight, 3)} for each in verdict.votes},
        "verdict": verdict.summary(),
    }


def fuzz_data(path: Path, root: Path, done: Mapping[str, Json]) -> dict[str, Json]:
    """The event of a fuzz run, from the JSON of its last event."""
    place = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    kept = ("executions", "branches", "coverage", "findings", "seconds", "status")
    return {"target": f"{place}::{done.get('target')}", **{key: done[key] for key in kept if key in done}}
