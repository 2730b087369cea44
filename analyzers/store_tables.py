"""The tables of the store, and the ordered steps that bring an older database to them.

Imported only when a store is opened (SQLAlchemy costs 300 ms).

Invariant: a published step is never edited; a change of the schema is a new step at the end. Steps are plain SQL that
SQLite and PostgreSQL both understand, so that a team database can replace the local one.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, MetaData, Table, Text

metadata = MetaData()

artifacts = Table(
    "artifacts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("path", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("data", Text, nullable=False),
)

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

#: Step n brings a database from version n to n + 1.
STEPS: tuple[tuple[str, ...], ...] = (
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
)
