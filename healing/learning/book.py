"""Records and counts in a store: the workspace's holds both, the user's own counts only.

Invariant: a record and what it counts for are written in one transaction: a process killed at any instant leaves
counts that fit the records. The user's counts are a second transaction in another file: of a process killed in between
they miss that one healing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ...analyzers.store import Store
from .ranking import Counts, Tally
from .records import (
    Contributions,
    Outcome,
    Record,
    change,
    contributions,
    record_from_json,
    record_to_json,
    with_outcome,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: Records that a store keeps; the oldest go first, what they counted for stays.
KEPT = 5_000


def add(store: Store, record: Record) -> Contributions:
    """Write a record and its counts; returns what was counted, for the user's own store."""
    from ...analyzers import store_tables as t

    counted = contributions(record)
    row = {
        "id": record.id,
        "at": record.at,
        "shape": record.shape.key,
        "outcome": record.outcome,
        "data": record_to_json(record),
    }
    with store.writing() as connection:
        connection.execute(t.heals.insert().values(row))
        _count(connection, counted, record.at)
        _forget(connection)
    return counted


def set_outcome(store: Store, ident: str, outcome: Outcome, *, edit: str = "", now: float) -> Contributions | None:
    """Change a record's outcome and the counts with it; None if there is no such record."""
    from ...analyzers import store_tables as t

    with store.writing() as connection:
        row = connection.execute(t.heals.select().where(t.heals.c.id == ident)).first()
        if row is None:
            return None
        old = record_from_json(row.id, row.at, row.outcome, row.data)
        new = with_outcome(old, outcome, edit)
        delta = change(contributions(old), contributions(new))
        query = t.heals.update().where(t.heals.c.id == ident)
        connection.execute(query.values(outcome=new.outcome, data=record_to_json(new)))
        _count(connection, delta, now)
    return delta


def count(store: Store, delta: Contributions, now: float) -> None:
    """Add to the counts alone: for the user's own store, which keeps no records."""
    if delta:
        with store.writing() as connection:
            _count(connection, delta, now)


def counts_of(connection: sqlite3.Connection, shape: str) -> Counts:
    """What is known of a shape, by its key; nothing in a store of before there was learning."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'heal_counts'").fetchone():
        return {}
    rows = connection.execute("SELECT repair, edit, tries, wins FROM heal_counts WHERE shape = ?", (shape,))
    return {(repair, edit): Tally(tries, wins) for repair, edit, tries, wins in rows}


def all_counts(store: Store) -> Mapping[tuple[str, str, str], Tally]:
    """Every count of a store; rows that came back to nothing are left out."""
    from ...analyzers import store_tables as t

    with store.reading() as connection:
        rows = list(connection.execute(t.heal_counts.select()))
    return {
        (row.shape, row.repair, row.edit): Tally(row.tries, row.wins) for row in rows if (row.tries, row.wins) != (0, 0)
    }


def records(store: Store, *, since: float = 0.0, limit: int = KEPT) -> tuple[Record, ...]:
    """The newest records first."""
    from ...analyzers import store_tables as t

    query = t.heals.select().where(t.heals.c.at >= since).order_by(t.heals.c.at.desc(), t.heals.c.id.desc())
    with store.reading() as connection:
        rows = list(connection.execute(query.limit(limit)))
    return tuple(record_from_json(row.id, row.at, row.outcome, row.data) for row in rows)


def find(store: Store, edit: str) -> Record | None:
    """The newest record that offered an edit, by its key."""
    from ...analyzers import store_tables as t

    query = t.heals.select().where(t.heals.c.data.contains(f'"{edit}"', autoescape=True))
    with store.reading() as connection:
        row = connection.execute(query.order_by(t.heals.c.at.desc(), t.heals.c.id.desc()).limit(1)).first()
    return None if row is None else record_from_json(row.id, row.at, row.outcome, row.data)


def _count(connection: Connection, delta: Contributions, now: float) -> None:
    from ...analyzers import store_tables as t

    table = t.heal_counts
    for (shape, repair, edit), tally in sorted(delta.items()):
        here = (table.c.shape == shape) & (table.c.repair == repair) & (table.c.edit == edit)
        done = connection.execute(
            table.update()
            .where(here)
            .values(tries=table.c.tries + tally.tries, wins=table.c.wins + tally.wins, updated=now)
        )
        if done.rowcount == 0:
            row = {"shape": shape, "repair": repair, "edit": edit, "updated": now}
            connection.execute(table.insert().values(**row, tries=tally.tries, wins=tally.wins))


def _forget(connection: Connection) -> None:
    from sqlalchemy import func, select

    from ...analyzers import store_tables as t

    total = int(connection.execute(select(func.count()).select_from(t.heals)).scalar_one())
    if total > KEPT:
        oldest = select(t.heals.c.id).order_by(t.heals.c.at, t.heals.c.id).limit(total - KEPT)
        connection.execute(t.heals.delete().where(t.heals.c.id.in_(oldest)))


def only_forms(delta: Contributions) -> Contributions:
    """Without the keys of exact edits: what the user's own store may know."""
    return {key: tally for key, tally in delta.items() if not key[2].startswith("=")}


def apply_all(counts: Mapping[tuple[str, str, str], Tally], deltas: Iterable[Contributions]) -> Contributions:
    """The counts after these changes; what a store does, for whoever has none."""
    found = dict(counts)
    for delta in deltas:
        for key, tally in delta.items():
            found[key] = found.get(key, Tally()).plus(tally.tries, tally.wins)
    return {key: tally for key, tally in found.items() if tally != Tally()}
