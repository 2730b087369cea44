"""Whether the records are what they were when they were written; if not, exactly which one is another.

Three questions: does each entry of the log have its digest and follow the one before; is each proposal, its code, its
tests and its result, what the log's entries about it say; does the log still reach to where this person saw it reach.

Invariant: only reads. What somebody with the database's password cannot hide from this is said in each function; what
they can is: new entries at the end, in the name of another, with everything computed anew. Whoever holds an anchor
(:mod:`.anchor`) sees everything before it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from ...analyzers.findings import Json
from ...analyzers.store import Store
from ...analyzers.store_guards import PROPOSED, STATUSES, TRANSITIONS
from . import anchor
from .records import Entry, entry_digest, record_digest, sha256

_ENTRY = ("seq", "at", "person", "action", "proposal", "content", "detail", "previous")


@dataclass(frozen=True, slots=True)
class Alteration:
    """A record that is not what it was. ``record`` names it: ``entry 12``, ``proposal 0192…``."""

    kind: Literal["entry", "proposal", "log"]
    record: str
    what: str

    def to_json(self) -> dict[str, Json]:
        return {"kind": self.kind, "record": self.record, "what": self.what}


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and what is wrong with it, in the log's order."""

    entries: int
    proposals: int
    head: str  # the digest of the last entry: note it elsewhere, and you can prove this state later
    alterations: tuple[Alteration, ...]

    def to_json(self) -> dict[str, Json]:
        return {
            "ok": not self.alterations,
            "entries": self.entries,
            "proposals": self.proposals,
            "head": self.head,
            "alterations": [each.to_json() for each in self.alterations],
        }


def verify(store: Store) -> Verified:
    """Look at every entry and every proposal. A sound log is remembered as seen."""
    from ...analyzers import store_tables as t

    store = store.shared
    with store.reading() as connection:
        logged: list[Mapping[str, Any]] = [
            dict(row._mapping)  # pyright: ignore[reportPrivateUsage] - its public name in SQLAlchemy
            for row in connection.execute(t.audit.select().order_by(t.audit.c.seq))
        ]
        kept: list[Mapping[str, Any]] = [
            dict(row._mapping)  # pyright: ignore[reportPrivateUsage] - its public name in SQLAlchemy
            for row in connection.execute(t.proposals.select().order_by(t.proposals.c.created, t.proposals.c.id))
        ]
    found = [*_chain(logged), *_end(store, logged), *_proposals(logged, kept)]
    if logged and not found:
        last = logged[-1]
        anchor.set_down(store, Entry(last["seq"], 0.0, "", "", "", "", {}, "", last["digest"]))
    head = logged[-1]["digest"] if logged else ""
    return Verified(len(logged), len(kept), head, tuple(found))


def alterations_of(store: Store, ident: str) -> tuple[Alteration, ...]:
    """What is wrong with one proposal and the entries about it; the rest of the log is not looked at."""
    from ...analyzers import store_tables as t

    with store.shared.reading() as connection:
        logged: list[Mapping[str, Any]] = [
            dict(row._mapping)  # pyright: ignore[reportPrivateUsage] - its public name in SQLAlchemy
            for row in connection.execute(t.audit.select().where(t.audit.c.proposal == ident).order_by(t.audit.c.seq))
        ]
        kept: list[Mapping[str, Any]] = [
            dict(row._mapping)  # pyright: ignore[reportPrivateUsage] - its public name in SQLAlchemy
            for row in connection.execute(t.proposals.select().where(t.proposals.c.id == ident))
        ]
    altered = [row for row in logged if _own_digest(row) != row["digest"]]
    entries = [Alteration("entry", f"entry {row['seq']}", f"was altered ({row['action']})") for row in altered]
    return (*entries, *_proposals(logged, kept))


def _own_digest(row: Mapping[str, Any]) -> str:
    return entry_digest(*(row[each] for each in _ENTRY))


def _chain(logged: Sequence[Mapping[str, Any]]) -> Iterator[Alteration]:
    """Entries that were altered, put in, or taken out in between."""
    number, digest = 0, ""
    for row in logged:
        name = f"entry {row['seq']}"
        own = _own_digest(row)
        if row["seq"] != number + 1:
            missing = f"{number + 1}" if row["seq"] == number + 2 else f"{number + 1} to {row['seq'] - 1}"
            yield Alteration("log", f"entry {missing}", "was taken out of the log")
        elif row["previous"] != digest and own == row["digest"]:
            yield Alteration("entry", name, "does not follow the entry before it: one of the two was written anew")
        if own != row["digest"]:
            yield Alteration("entry", name, f"was altered ({row['action']} of {row['proposal'] or 'nothing'})")
        number, digest = row["seq"], row["digest"]


def _end(store: Store, logged: Sequence[Mapping[str, Any]]) -> Iterator[Alteration]:
    """An end that was cut off, or a log that was written anew, since this person last saw it."""
    known = anchor.seen(store)
    if known is None:
        return
    number, digest = known
    row = next((each for each in logged if each["seq"] == number), None)
    if row is None:
        last = logged[-1]["seq"] if logged else 0
        yield Alteration("log", f"entry {last + 1} to {number}", "was seen here before, and is gone from the end")
    elif row["digest"] != digest:
        yield Alteration("entry", f"entry {number}", "is not the one that was seen here before")


def _proposals(logged: Sequence[Mapping[str, Any]], kept: Sequence[Mapping[str, Any]]) -> Iterator[Alteration]:
    """Proposals that are not what the log says of them. Whoever computes a row's own digests anew is found by the
    log's, which has them too."""
    steps: dict[str, list[Mapping[str, Any]]] = {}
    for row in logged:
        if row["action"] in STATUSES:
            steps.setdefault(row["proposal"], []).append(row)
    for row in kept:
        said = steps.pop(row["id"], [])
        for what in _altered(row, said):
            yield Alteration("proposal", f"proposal {row['id']}", f"{what} ({row['name']})")
    for ident, said in steps.items():
        yield Alteration("proposal", f"proposal {ident}", f"is gone; entry {said[0]['seq']} of the log tells of it")


def _altered(row: Mapping[str, Any], said: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for column in ("code", "tests"):
        if sha256(row[column]) != row[f"{column}_sha256"]:
            yield f"its {column} was altered"
    if not said or said[0]["action"] != PROPOSED:
        yield "the log does not tell of it"
        return
    if record_digest(row) != said[0]["content"] or row["record_sha256"] != said[0]["content"]:
        yield "its provenance or digests were altered"
    if row["result"] and sha256(row["result"]) != row["result_sha256"]:
        yield "its result was altered"
    logged_result = next((each for each in map(_result_of, said) if each), "")
    if row["result_sha256"] != logged_result:
        yield "its result is not the one of the log"
    if row["status"] != said[-1]["action"]:
        yield f"its status was altered: {row['status']}, and {said[-1]['action']} in the log"
    elif row["decided_by"] != said[-1]["person"] and said[-1]["action"] != PROPOSED:
        yield f"who decided was altered: {row['decided_by']}, and {said[-1]['person']} in the log"
    ways = [(before["action"], after["action"]) for before, after in itertools.pairwise(said)]
    for before, after in ways:
        if (before, after) not in TRANSITIONS:
            yield f"it went from {before} to {after}, which is no way"


def _result_of(entry: Mapping[str, Any]) -> str:
    try:
        detail: Any = json.loads(entry["detail"])
    except ValueError:
        return ""
    return str(cast("dict[str, Any]", detail).get("result_sha256", "")) if isinstance(detail, dict) else ""
