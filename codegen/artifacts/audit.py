"""The audit log: who did what to which proposal, each entry with the digest of the one before.

Invariant: an entry is written in the same transaction as what it tells of; it is never changed or taken out (the
database refuses, :mod:`...analyzers.store_guards`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ...analyzers.findings import Json
from ...analyzers.store import Store, canonical
from .records import Entry, entry_digest, storable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


def append(
    connection: Connection,
    *,
    at: float,
    person: str,
    action: str,
    proposal: str,
    content: str = "",
    detail: Mapping[str, Json] | None = None,
) -> Entry:
    """Add an entry within the caller's transaction, which is the only one that writes."""
    from ...analyzers import store_tables as t

    last = connection.execute(t.audit.select().order_by(t.audit.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.digest) if last is not None else (1, "")
    text, who = canonical(detail or {}), storable(person)
    digest = entry_digest(seq, at, who, action, proposal, content, text, previous)
    row: dict[str, Any] = {
        "seq": seq,
        "at": at,
        "person": who,
        "action": action,
        "proposal": proposal,
        "content": content,
        "detail": text,
        "previous": previous,
        "digest": digest,
    }
    connection.execute(t.audit.insert().values(row))
    return Entry(seq, at, who, action, proposal, content, dict(detail or {}), previous, digest)


def entries(store: Store, *, proposal: str = "", limit: int = 0) -> tuple[Entry, ...]:
    """The log, oldest first; with ``limit`` the newest so many."""
    from ...analyzers import store_tables as t

    query = t.audit.select().order_by(t.audit.c.seq.desc())
    if proposal:
        query = query.where(t.audit.c.proposal == proposal)
    if limit:
        query = query.limit(limit)
    with store.shared.reading() as connection:
        rows = list(connection.execute(query))
    return tuple(_entry(row) for row in reversed(rows))


def _entry(row: Row[Any]) -> Entry:
    try:
        detail: Any = json.loads(row.detail)
    except ValueError:
        detail = {}  # it was altered; :mod:`.verify` names it
    detail = cast("dict[str, Json]", detail) if isinstance(detail, dict) else {}
    return Entry(
        row.seq, row.at, row.person, row.action, row.proposal, row.content, detail, row.previous, row.digest
    )  # fmt: skip
