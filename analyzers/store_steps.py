"""The ordered steps that bring the store's database from nothing, or from an older Suture, to what it is today.

Invariant: a published step is never edited; a change of the schema is a new step at the end. Steps are plain SQL that
SQLite and PostgreSQL both understand, or a text for each, so that a team's database can hold the same records.
Invariant: no SQLAlchemy here: who has one row to write does without it (store_plain).
"""

from __future__ import annotations

from collections.abc import Mapping

from .errors import Unavailable
from .store_guards import GUARDS, MORE_GUARDS

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


def missing(version: int, dialect: str) -> tuple[list[str], int]:
    """The statements that a database of a version lacks, and the version that it has with them.

    Raises Unavailable if it was written by a newer Suture; then nothing is to be touched."""
    if version > len(STEPS):
        raise Unavailable(
            "the store was written by a newer Suture", "upgrade Suture, or set SUTURE_CACHE_DIR to another folder"
        )
    listed = [each if isinstance(each, str) else each.get(dialect, "") for step in STEPS[version:] for each in step]
    return [each for each in listed if each], len(STEPS)
