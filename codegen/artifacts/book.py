"""Proposals in the store, and the one way from each status to the next.

Invariant: every step is one transaction with its entry in the audit log; a process killed in between has done nothing.
Invariant: which steps there are is said once, in :mod:`...analyzers.store_guards`, and the database holds to it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ...analyzers.errors import UserError
from ...analyzers.findings import Json
from ...analyzers.store import Store, canonical, new_ident
from ...analyzers.store_guards import APPROVED, AWAITING, CHECKS, DEPLOYED, PROPOSED, REJECTED, TESTING, TRANSITIONS
from . import anchor, audit
from .records import Entry, Occasion, Provenance, Status, Stored, record_digest, sha256, storable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Select


def propose(
    store: Store,
    *,
    path: str,
    name: str,
    kind: str,
    code: str,
    tests: str,
    provenance: Provenance,
    generation: str = "",
) -> str:
    """Keep a new proposal, and return its id."""
    from ...analyzers import store_tables as t

    store = store.shared
    now = store.clock()
    code, tests = storable(code), storable(tests)
    row: dict[str, Any] = {
        "id": new_ident(now),
        "generation": generation,
        "created": now,
        "path": storable(path),
        "name": storable(name),
        "kind": kind,
        "code": code,
        "tests": tests,
        "code_sha256": sha256(code),
        "tests_sha256": sha256(tests),
        "provenance": canonical(provenance.to_json()),
        "status": PROPOSED,
        "result": "",
        "result_sha256": "",
        "decided_by": "",
        "decided_at": 0.0,
        "reason": "",
    }
    row["record_sha256"] = record_digest(row)
    with store.writing() as connection:
        entry = audit.append(
            connection,
            at=now,
            person=provenance.author,
            action=PROPOSED,
            proposal=row["id"],
            content=row["record_sha256"],
        )
        connection.execute(t.proposals.insert().values(row))
    anchor.set_down(store, entry)
    return row["id"]


def test(store: Store, ident: str) -> None:
    """The checks begin."""
    _move(store, ident, TESTING, CHECKS)


def passed(store: Store, ident: str, result: Mapping[str, Json]) -> None:
    """The checks let it through: it awaits a person."""
    _move(store, ident, AWAITING, CHECKS, result=result)


def failed(store: Store, ident: str, reason: str, result: Mapping[str, Json] | None = None) -> None:
    """The checks refused it, or it was given up before they were through."""
    _move(store, ident, REJECTED, CHECKS, reason=reason or "refused", result=result)


def approve(store: Store, ident: str, person: str, *, detail: Mapping[str, Json] | None = None) -> None:
    """A person takes it. Raises UserError unless it awaits approval."""
    _move(store, ident, APPROVED, person, detail=detail)


def reject(store: Store, ident: str, person: str, reason: str) -> None:
    """A person does not want it. Raises UserError without a reason, or if it cannot be rejected any more."""
    if not reason.strip():
        raise UserError("a rejection needs a reason", "say --reason TEXT")
    _move(store, ident, REJECTED, person, reason=reason.strip())


def deployed(store: Store, ident: str, person: str, *, detail: Mapping[str, Json] | None = None) -> None:
    """It is in its file. Raises UserError unless it was approved."""
    _move(store, ident, DEPLOYED, person, detail=detail)


def _move(
    store: Store,
    ident: str,
    to: str,
    person: str,
    *,
    reason: str = "",
    result: Mapping[str, Json] | None = None,
    detail: Mapping[str, Json] | None = None,
) -> None:
    from sqlalchemy.exc import DBAPIError

    from ...analyzers import store_tables as t

    store = store.shared
    now = store.clock()
    values: dict[str, Any] = {"status": to, "decided_by": storable(person), "decided_at": now}
    values["reason"] = storable(reason)
    said: dict[str, Json] = {**({"reason": values["reason"]} if reason else {}), **(detail or {})}
    try:
        with store.writing() as connection:
            row = connection.execute(t.proposals.select().where(t.proposals.c.id == ident)).first()
            if row is None:
                raise UserError(f"there is no proposal {ident}", "`suture proposals` lists them")
            if (row.status, to) not in TRANSITIONS:
                raise UserError(_no_way(row, to), "`suture proposals` says where each stands")
            if result is not None:
                text = canonical(result)
                values |= {"result": text, "result_sha256": sha256(text)}
                said["result_sha256"] = values["result_sha256"]
            entry = audit.append(
                connection, at=now, person=person, action=to, proposal=ident, content=row.record_sha256, detail=said
            )
            connection.execute(t.proposals.update().where(t.proposals.c.id == ident).values(values))
    except DBAPIError as error:
        raise UserError(f"the store refused it: {error.orig}") from error
    anchor.set_down(store, entry)


def _no_way(row: Row[Any], to: str) -> str:
    """Why there is no step, for a person."""
    if row.status == REJECTED:
        return f"{row.name} ({row.id}) was rejected by {row.decided_by}: {row.reason}"
    if to == DEPLOYED and row.status == AWAITING:
        return f"{row.name} ({row.id}) awaits approval: approve it first"
    return f"{row.name} ({row.id}) is {row.status}: it cannot become {to}"


def note(store: Store, ident: str, action: str, person: str, detail: Mapping[str, Json]) -> Entry:
    """An entry about a proposal whose status stays: ``edited``, ``undone``, ``deploy refused``."""
    store = store.shared
    with store.writing() as connection:
        entry = audit.append(connection, at=store.clock(), person=person, action=action, proposal=ident, detail=detail)
    anchor.set_down(store, entry)
    return entry


def executed(store: Store, ident: str, occasion: Occasion, runs: int, failures: int) -> None:
    """Count executions of its code."""
    from ...analyzers import store_tables as t

    store = store.shared
    table = t.executions
    here = (table.c.proposal == ident) & (table.c.occasion == occasion)
    with store.writing() as connection:
        counted = {"runs": table.c.runs + runs, "failures": table.c.failures + failures, "updated": store.clock()}
        if connection.execute(table.update().where(here).values(counted)).rowcount == 0:
            first = {"runs": runs, "failures": failures, "updated": store.clock()}
            connection.execute(table.insert().values(proposal=ident, occasion=occasion, **first))


# -- reading -----------------------------------------------------------------------------------------------------------


def proposal(store: Store, ident: str) -> Stored | None:
    """By its id."""
    from ...analyzers import store_tables as t

    with store.shared.reading() as connection:
        found = _read(connection, t.proposals.select().where(t.proposals.c.id == ident))
    return found[0] if found else None


def named(store: Store, words: str) -> Stored:
    """By its id, a beginning or end of it that is only one's, or by the function's name: the newest that waits for a
    person, else the newest. Raises UserError if that says none or several."""
    from sqlalchemy import case

    from ...analyzers import store_tables as t

    c = t.proposals.c
    with store.shared.reading() as connection:
        query = t.proposals.select().where(
            (c.id == words) | c.id.startswith(words, autoescape=True) | c.id.endswith(words, autoescape=True)
        )
        found = _read(connection, query.limit(5))
        if not found:
            waits = case((c.status.in_((AWAITING, APPROVED)), 0), else_=1)
            query = t.proposals.select().where(c.name == words)
            found = _read(connection, query.order_by(waits, c.created.desc(), c.id.desc()).limit(1))
    exact = [each for each in found if each.id == words] or found
    if len(exact) != 1 or not words:
        many = ", ".join(each.id for each in exact)
        problem = f"{words!r} is {'any of ' + many if many and words else 'no proposal'}"
        raise UserError(problem, "`suture proposals` lists them")
    return exact[0]


def proposals(
    store: Store, *, status: Status | None = None, generation: str = "", path: str = "", limit: int = 100
) -> tuple[Stored, ...]:
    """The newest first."""
    from ...analyzers import store_tables as t

    query = t.proposals.select().order_by(t.proposals.c.created.desc(), t.proposals.c.id.desc()).limit(limit)
    if status is not None:
        query = query.where(t.proposals.c.status == status)
    if generation:
        query = query.where(t.proposals.c.generation == generation)
    if path:
        query = query.where(t.proposals.c.path == path)
    with store.shared.reading() as connection:
        return _read(connection, query)


def _read(connection: Connection, query: Select[Any]) -> tuple[Stored, ...]:
    from ...analyzers import store_tables as t

    rows = list(connection.execute(query))
    counts: dict[str, dict[str, tuple[int, int]]] = {}
    if rows:
        table = t.executions
        wanted = table.select().where(table.c.proposal.in_([row.id for row in rows]))
        for each in connection.execute(wanted):
            counts.setdefault(each.proposal, {})[each.occasion] = (each.runs, each.failures)
    return tuple(_stored(row, counts.get(row.id, {})) for row in rows)


def _stored(row: Row[Any], executions: Mapping[str, tuple[int, int]]) -> Stored:
    return Stored(
        id=row.id,
        generation=row.generation,
        created=row.created,
        path=row.path,
        name=row.name,
        kind=row.kind,
        code=row.code,
        tests=row.tests,
        code_sha256=row.code_sha256,
        tests_sha256=row.tests_sha256,
        provenance=as_object(row.provenance),
        record_sha256=row.record_sha256,
        status=row.status,
        result=as_object(row.result),
        result_sha256=row.result_sha256,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        executions=executions,
    )


def as_object(text: str) -> dict[str, Any]:
    """The object in a column; an altered one that is none any more is empty (:mod:`.verify` names it)."""
    try:
        value: Any = json.loads(text) if text else {}
    except ValueError:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
