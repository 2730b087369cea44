"""The tables of the store, and the ordered steps that bring an older database to them.

Imported only when a store is opened (SQLAlchemy costs 300 ms).

Invariant: a published step is never edited; a change of the schema is a new step at the end. Steps are plain SQL that
SQLite and PostgreSQL both understand, or a text for each, so that a team's database can hold the same records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Column, Connection, Float, Integer, MetaData, Table, Text

from .errors import Unavailable
from .store_guards import GUARDS, MORE_GUARDS

metadata = MetaData()

dismissals = Table(
    "dismissals",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created", Float, nullable=False),
)

choices = Table(
    "choices",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated", Float, nullable=False),
)

egress = Table(
    "egress",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Float, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("files", Text, nullable=False),
    Column("masked", Integer, nullable=False),
)

spending = Table(
    "spending",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Float, nullable=False),
    Column("usd", Float, nullable=False),
    Column("settled", Integer, nullable=False),
    Column("model", Text, nullable=False),
)

#: What was tried on a failing command, or offered for a static fault, and what became of it (healing/learning).
heals = Table(
    "heals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Float, nullable=False),
    Column("shape", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("data", Text, nullable=False),
)

#: How often a repair's edits were tried for a shape of fault, and how often they did what they should.
heal_counts = Table(
    "heal_counts",
    metadata,
    Column("shape", Text, primary_key=True),
    Column("repair", Text, primary_key=True),
    Column("edit", Text, primary_key=True),
    Column("tries", Float, nullable=False),
    Column("wins", Float, nullable=False),
    Column("updated", Float, nullable=False),
)

#: What happened when, for figures over time (history).
events = Table(
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Float, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", Text, nullable=False),
)

#: Code that was proposed (codegen/artifacts): what it is, how it came about, what checks and people said of it.
proposals = Table(
    "proposals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("generation", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("path", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("tests", Text, nullable=False),
    Column("code_sha256", Text, nullable=False),
    Column("tests_sha256", Text, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("record_sha256", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("result_sha256", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Float, nullable=False),
    Column("reason", Text, nullable=False),
)

#: How often a proposal's code ran, and failed, by occasion: ``tests``, ``fuzz``, ``run``.
executions = Table(
    "executions",
    metadata,
    Column("proposal", Text, primary_key=True),
    Column("occasion", Text, primary_key=True),
    Column("runs", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("updated", Float, nullable=False),
)

#: Who did what to which proposal; each entry holds the digest of the one before it.
audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("person", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("proposal", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
)

#: What was asked for and what came of it, one row a request (codegen/learning).
generations = Table(
    "generations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Float, nullable=False),
    Column("path", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("failed", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("strategy", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("verified", Integer, nullable=False),
    Column("rounds", Integer, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("proposal", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("kept", Float, nullable=False),
    Column("updated", Float, nullable=False),
    Column("data", Text, nullable=False),
)

#: What was fitted on the rows above.
learned = Table(
    "learned",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated", Float, nullable=False),
)

#: One statement for all databases, or one for each that needs it by the name of its dialect.
Statement = str | Mapping[str, str]

#: Step n brings a database from version n to n + 1.
STEPS: tuple[tuple[Statement, ...], ...] = (
    (
        """CREATE TABLE artifacts (id TEXT PRIMARY KEY, kind TEXT NOT NULL, created DOUBLE PRECISION NOT NULL,
           path TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, digest TEXT NOT NULL, data TEXT NOT NULL)""",
        "CREATE INDEX artifacts_by_kind ON artifacts (kind, created)",
        """CREATE TABLE dismissals (fingerprint TEXT PRIMARY KEY, rule TEXT NOT NULL, path TEXT NOT NULL,
           reason TEXT NOT NULL, created DOUBLE PRECISION NOT NULL)""",
        "CREATE TABLE choices (name TEXT PRIMARY KEY, value TEXT NOT NULL, updated DOUBLE PRECISION NOT NULL)",
        """CREATE TABLE egress (id TEXT PRIMARY KEY, at DOUBLE PRECISION NOT NULL, endpoint TEXT NOT NULL,
           model TEXT NOT NULL, bytes INTEGER NOT NULL, digest TEXT NOT NULL, why TEXT NOT NULL, files TEXT NOT NULL,
           masked INTEGER NOT NULL)""",
        """CREATE TABLE spending (id TEXT PRIMARY KEY, at DOUBLE PRECISION NOT NULL, usd DOUBLE PRECISION NOT NULL,
           settled INTEGER NOT NULL, model TEXT NOT NULL)""",
        "CREATE INDEX spending_by_time ON spending (at)",
    ),
    (
        """CREATE TABLE heals (id TEXT PRIMARY KEY, at DOUBLE PRECISION NOT NULL, shape TEXT NOT NULL,
           outcome TEXT NOT NULL, data TEXT NOT NULL)""",
        "CREATE INDEX heals_by_time ON heals (at)",
        """CREATE TABLE heal_counts (shape TEXT NOT NULL, repair TEXT NOT NULL, edit TEXT NOT NULL,
           tries DOUBLE PRECISION NOT NULL, wins DOUBLE PRECISION NOT NULL, updated DOUBLE PRECISION NOT NULL,
           PRIMARY KEY (shape, repair, edit))""",
    ),
    (
        """CREATE TABLE events (id TEXT PRIMARY KEY, at DOUBLE PRECISION NOT NULL, kind TEXT NOT NULL,
           data TEXT NOT NULL)""",
        "CREATE INDEX events_by_kind ON events (kind, at)",
    ),
    (
        """CREATE TABLE proposals (id TEXT PRIMARY KEY, generation TEXT NOT NULL, created DOUBLE PRECISION NOT NULL,
           path TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, code TEXT NOT NULL, tests TEXT NOT NULL,
           code_sha256 TEXT NOT NULL, tests_sha256 TEXT NOT NULL, provenance TEXT NOT NULL,
           record_sha256 TEXT NOT NULL, status TEXT NOT NULL, result TEXT NOT NULL, result_sha256 TEXT NOT NULL,
           decided_by TEXT NOT NULL, decided_at DOUBLE PRECISION NOT NULL, reason TEXT NOT NULL)""",
        "CREATE INDEX proposals_by_status ON proposals (status, created)",
        "CREATE INDEX proposals_by_generation ON proposals (generation)",
        """CREATE TABLE executions (proposal TEXT NOT NULL, occasion TEXT NOT NULL, runs INTEGER NOT NULL,
           failures INTEGER NOT NULL, updated DOUBLE PRECISION NOT NULL, PRIMARY KEY (proposal, occasion))""",
        """CREATE TABLE audit (seq INTEGER NOT NULL PRIMARY KEY, at DOUBLE PRECISION NOT NULL, person TEXT NOT NULL,
           action TEXT NOT NULL, proposal TEXT NOT NULL, content TEXT NOT NULL, detail TEXT NOT NULL,
           previous TEXT NOT NULL, digest TEXT NOT NULL)""",
        "CREATE INDEX audit_by_proposal ON audit (proposal)",
        """CREATE TABLE generations (id TEXT PRIMARY KEY, at DOUBLE PRECISION NOT NULL, path TEXT NOT NULL,
           name TEXT NOT NULL, status TEXT NOT NULL, failed TEXT NOT NULL, domain TEXT NOT NULL,
           strategy TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, verified INTEGER NOT NULL,
           rounds INTEGER NOT NULL, confidence DOUBLE PRECISION NOT NULL, proposal TEXT NOT NULL,
           outcome TEXT NOT NULL, kept DOUBLE PRECISION NOT NULL, updated DOUBLE PRECISION NOT NULL,
           data TEXT NOT NULL)""",
        "CREATE INDEX generations_by_time ON generations (at)",
        "CREATE INDEX generations_by_domain ON generations (domain)",
        "CREATE TABLE learned (name TEXT PRIMARY KEY, value TEXT NOT NULL, updated DOUBLE PRECISION NOT NULL)",
        # What was recorded before proposals were approved: it stays in the history, as what it was.
        """INSERT INTO generations SELECT id, created, path, name,
           CASE status WHEN 'accepted' THEN 'offered' ELSE status END, '', '', '', '', '', 0, 1, 0.0, '',
           CASE status WHEN 'accepted' THEN 'kept' ELSE '' END, 0.0, created, data FROM artifacts
           WHERE kind = 'generation'""",
        "DROP TABLE artifacts",
        *GUARDS,
    ),
    MORE_GUARDS,
)


def bring_up(
    connection: Connection, version_of: Callable[[Connection], int], set_version: Callable[[Connection, int], None]
) -> None:
    """Bring a database to the newest version inside the caller's transaction, which holds the lock of writers.

    Raises Unavailable if it was written by a newer Suture; then nothing is touched."""
    version = version_of(connection)
    if version > len(STEPS):
        raise Unavailable(
            "the store was written by a newer Suture", "upgrade Suture, or set SUTURE_CACHE_DIR to another folder"
        )
    for step in STEPS[version:]:
        for statement in step:
            text = statement if isinstance(statement, str) else statement.get(connection.dialect.name, "")
            if text:
                connection.exec_driver_sql(text)
    if version < len(STEPS):
        set_version(connection, len(STEPS))
