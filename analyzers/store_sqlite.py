"""SQLite: the store of one person, a file in a folder that is closed to others.

Invariant: a transaction that may write takes the write lock when it begins (``BEGIN IMMEDIATE``), so that what it
read still holds when it writes.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

from .errors import Unavailable
from .store_plain import PRAGMAS
from .store_tables import bring_up

log = logging.getLogger(__name__)


class _Damaged(Exception):
    """The file is not a database, or its pages contradict each other."""


def open_file(path: Path, clock: Callable[[], float]) -> Engine:
    """The database in ``path``, made or migrated. A damaged one is set aside under another name, and a new one begun.

    Raises Unavailable if the file cannot be used or was written by a newer Suture."""
    before = _inode(path)
    try:
        return _connect(path)
    except _Damaged as error:
        if _inode(path) != before:  # another process has set it aside: what is there now is the new one
            return _connect(path)
        aside = path.with_name(f"store.damaged-{int(clock())}.sqlite3")
        log.warning("the store %s is damaged (%s); kept as %s, a new one is begun", path, error, aside.name)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.rename(aside)
        return _connect(path)


def _inode(path: Path) -> int:
    return path.stat().st_ino if path.exists() else 0


def _connect(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10.0})

    def on_connect(connection: sqlite3.Connection, _: object) -> None:
        # SQLAlchemy, not the driver, says BEGIN: the driver's own begins too late and leaves DDL outside.
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    def on_begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("suture_read", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    try:
        with engine.begin() as connection:
            bring_up(connection, _version, _set_version)
    except OperationalError as error:
        engine.dispose()
        if "malformed" in str(error.orig):
            raise _Damaged(str(error.orig)) from error
        raise Unavailable(f"the store {path} cannot be used: {error.orig}", "set SUTURE_CACHE_DIR") from error
    except DatabaseError as error:
        engine.dispose()
        raise _Damaged(str(error.orig)) from error
    except Unavailable:
        engine.dispose()
        raise
    path.chmod(0o600)
    return engine


def _version(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def _set_version(connection: Connection, version: int) -> None:
    connection.exec_driver_sql(f"PRAGMA user_version = {version}")
