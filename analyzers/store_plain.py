"""One transaction in the store of one person with nothing but the driver: for who writes a row and ends, since the
library that everything else goes through takes longer to load than the row to write.

Invariant: what is written is as durable, and shuts out others as long, as what store_sqlite writes.
Invariant: nothing is mended here. Whoever fails goes through store_sqlite, which sets a damaged file aside and says
what is wrong.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from .store_steps import missing

#: How a database is used, whoever opens it.
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON")

#: A statement with its values.
Statement = tuple[str, tuple[str | float | int, ...]]


def write(path: Path, statements: Sequence[Statement]) -> None:
    """Execute statements in the database ``path``, made or migrated, all or none.

    Raises sqlite3.Error, OSError, or Unavailable if it was written by a newer Suture."""
    with closing(sqlite3.connect(path, timeout=10.0, isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            lacking, newest = missing(version, "sqlite")
            for each in lacking:
                connection.execute(each)
            if version < newest:
                connection.execute(f"PRAGMA user_version = {newest}")
            for text, values in statements:
                connection.execute(text, values)
        except BaseException:
            connection.rollback()
            raise
        connection.execute("COMMIT")
    path.chmod(0o600)
