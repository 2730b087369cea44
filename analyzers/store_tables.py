"""The tables of the store, as :mod:`.store_steps` makes them.

Imported only when a store is opened (SQLAlchemy costs 300 ms).
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Column, Connection, Float, Integer, MetaData, Table, Text

from .store_steps import missing

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


def bring_up(
    connection: Connection, version_of: Callable[[Connection], int], set_version: Callable[[Connection, int], None]
) -> None:
    """Bring a database to the newest version inside the caller's transaction, which holds the lock of writers.

    Raises Unavailable if it was written by a newer Suture; then nothing is touched."""
    version = version_of(connection)
    statements, newest = missing(version, connection.dialect.name)
    for text in statements:
        connection.exec_driver_sql(text)
    if version < newest:
        set_version(connection, newest)
