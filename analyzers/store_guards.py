"""What the database itself refuses about proposals and their audit log, as triggers of SQLite and of PostgreSQL.

A proposal is ``proposed``, then ``testing``, then ``awaiting approval``; a person makes it ``approved`` and then
``deployed``, or ``rejected``. Checks may reject it too, before it awaits anybody.

Invariant: no statement, ours or another's, reaches ``approved`` but from ``awaiting approval``, or ``deployed`` but
from ``approved``; neither is reached without the name of a person, and no status without its entry in the audit log.
Invariant: what a proposal is (code, tests, provenance, its result once it has one) never changes, no proposal is
deleted, and the audit log only grows, each entry with the digest of the one before it.
Whoever may drop triggers can still alter rows: that is what the chain of digests is for (codegen/artifacts/verify).
"""

from __future__ import annotations

from typing import Final

PROPOSED: Final = "proposed"
TESTING: Final = "testing"
AWAITING: Final = "awaiting approval"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"
DEPLOYED: Final = "deployed"

STATUSES = (PROPOSED, TESTING, AWAITING, APPROVED, REJECTED, DEPLOYED)

#: Every way from one status to another. A rejected or deployed proposal stays what it is.
TRANSITIONS = (
    (PROPOSED, TESTING),
    (PROPOSED, REJECTED),
    (TESTING, AWAITING),
    (TESTING, REJECTED),
    (AWAITING, APPROVED),
    (AWAITING, REJECTED),
    (APPROVED, DEPLOYED),
    (APPROVED, REJECTED),
)

#: The name under which Suture's own checks act; never enough to approve or deploy.
CHECKS: Final = "suture"

_WAYS = ", ".join(f"'{before} > {after}'" for before, after in TRANSITIONS)
_FIXED = (
    *("id", "generation", "created", "path", "name", "kind", "code", "tests", "code_sha256", "tests_sha256"),
    *("provenance", "record_sha256"),
)

#: When a row must be refused, and why: table, event, columns of an update, condition, message (an expression).
_RULES: tuple[tuple[str, str, str, tuple[str, ...], str, str], ...] = (
    ("begin", "proposals", "INSERT", (), f"NEW.status <> '{PROPOSED}'", "'a proposal begins as proposed'"),
    (
        "way",
        "proposals",
        "UPDATE",
        ("status",),
        f"(OLD.status || ' > ' || NEW.status) NOT IN ({_WAYS})",
        "'no way from ' || OLD.status || ' to ' || NEW.status",
    ),
    (
        "logged",
        "proposals",
        "UPDATE",
        ("status",),
        "NOT EXISTS (SELECT 1 FROM audit WHERE seq = (SELECT max(seq) FROM audit)"
        " AND proposal = NEW.id AND action = NEW.status)",
        "'a status changes with its entry in the audit log'",
    ),
    (
        "person",
        "proposals",
        "UPDATE",
        ("status",),
        f"NEW.status IN ('{APPROVED}', '{DEPLOYED}') AND NEW.decided_by IN ('', '{CHECKS}')",
        "'a person must approve and deploy'",
    ),
    (
        "reason",
        "proposals",
        "UPDATE",
        ("status",),
        f"NEW.status = '{REJECTED}' AND NEW.reason = ''",
        "'a rejection has a reason'",
    ),
    (
        "fixed",
        "proposals",
        "UPDATE",
        _FIXED,
        " OR ".join(f"NEW.{each} <> OLD.{each}" for each in _FIXED),
        "'what was proposed does not change'",
    ),
    (
        "result",
        "proposals",
        "UPDATE",
        ("result", "result_sha256"),
        f"OLD.status <> '{TESTING}' AND (NEW.result <> OLD.result OR NEW.result_sha256 <> OLD.result_sha256)",
        "'a result is written once, while testing'",
    ),
    ("kept", "proposals", "DELETE", (), "1 = 1", "'proposals are not deleted'"),
    (
        "chained",
        "audit",
        "INSERT",
        (),
        "NEW.seq <> coalesce((SELECT max(seq) FROM audit), 0) + 1 OR"
        " NEW.previous <> coalesce((SELECT digest FROM audit ORDER BY seq DESC LIMIT 1), '')",
        "'an entry follows the last one'",
    ),
    ("unchanged", "audit", "UPDATE", (), "1 = 1", "'the audit log is not changed'"),
    ("undeleted", "audit", "DELETE", (), "1 = 1", "'the audit log is not shortened'"),
)


def _sqlite(name: str, table: str, event: str, columns: tuple[str, ...], when: str, message: str) -> str:
    of = f" OF {', '.join(columns)}" if columns else ""
    # RAISE of SQLite before 3.47 takes a literal only.
    text = message if message.count("'") == 2 else "'" + message.split("'")[1].strip() + " one status to the other'"
    return (
        f"CREATE TRIGGER {table}_{name} BEFORE {event}{of} ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, {text}); END"
    )


def _postgresql(name: str, table: str, event: str, columns: tuple[str, ...], when: str, message: str) -> str:
    of = f" OF {', '.join(columns)}" if columns else ""
    row = "OLD" if event == "DELETE" else "NEW"
    return (
        f"CREATE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN "
        f"RAISE EXCEPTION USING MESSAGE = {message}, ERRCODE = 'check_violation'; END IF; RETURN {row}; END $$; "
        f"CREATE TRIGGER {table}_{name} BEFORE {event}{of} ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION {table}_{name}()"
    )


#: The triggers of step 4, by dialect.
GUARDS: tuple[dict[str, str], ...] = tuple(
    {"sqlite": _sqlite(*rule), "postgresql": _postgresql(*rule)} for rule in _RULES
)

_ONCE = (
    "once",
    "proposals",
    "INSERT",
    (),
    "EXISTS (SELECT 1 FROM proposals WHERE id = NEW.id)",
    "'a proposal is written once'",
)


def _not_emptied(table: str) -> str:
    return (
        f"CREATE FUNCTION {table}_emptied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION USING MESSAGE = '{table} is not emptied', ERRCODE = 'check_violation'; END $$; "
        f"CREATE TRIGGER {table}_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
        f"EXECUTE FUNCTION {table}_emptied()"
    )


#: The triggers of step 5: rows also go by SQLite's ``INSERT OR REPLACE`` and PostgreSQL's ``TRUNCATE``, unseen by
#: those for DELETE.
MORE_GUARDS: tuple[dict[str, str], ...] = (
    {"sqlite": _sqlite(*_ONCE), "postgresql": _postgresql(*_ONCE)},
    {"postgresql": _not_emptied("proposals")},
    {"postgresql": _not_emptied("audit")},
)
