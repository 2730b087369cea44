"""PostgreSQL: the store that a team shares, a schema of its own for each workspace.

Invariant: one writer of a workspace at a time, as SQLite has it: a transaction that may write takes the schema's
advisory lock when it begins. Migrations take it too, so that of two new versions that start at once one waits.
Invariant: no message, log line or record holds the address' user or password.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from .errors import Unavailable, UserError
from .store_places import shown_url
from .store_tables import bring_up

#: Seconds to wait for a connection, for the writer before, and for one statement.
CONNECT_S, LOCK_S, STATEMENT_S = 5, 20, 30


def open_server(url: str, schema: str) -> Engine:
    """The workspace's schema in the database at ``url``, made or migrated.

    Raises Unavailable without the driver or the server, or if the schema was written by a newer Suture; UserError for
    an address that is none."""
    engine = _engine(url)
    key = int.from_bytes(hashlib.sha256(schema.encode()).digest()[:8], "big", signed=True)

    def on_connect(connection: Any, _: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path TO {schema}")
            cursor.execute(f"SET lock_timeout = '{LOCK_S}s'")
            cursor.execute(f"SET statement_timeout = '{STATEMENT_S}s'")
        connection.commit()

    def on_begin(connection: Connection) -> None:
        if connection.get_execution_options().get("suture_read", False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({key})")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    try:
        with engine.begin() as connection:
            if connection.exec_driver_sql(f"SELECT to_regnamespace('{schema}')").scalar_one() is None:
                connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
            bring_up(connection, _version, _set_version)
    except SQLAlchemyError as error:
        engine.dispose()
        raise _unusable(url, error) from error
    except Unavailable:
        engine.dispose()
        raise
    return engine


def reach(url: str) -> str:
    """The version of the server at ``url``. Raises as :func:`open_server` does; changes nothing there."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            return f"PostgreSQL {connection.exec_driver_sql('SHOW server_version').scalar_one()}"
    except SQLAlchemyError as error:
        raise _unusable(url, error) from error
    finally:
        engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
        return create_engine(parsed, connect_args={"connect_timeout": CONNECT_S}, pool_pre_ping=True, pool_size=2)
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"the team's store {shown_url(url)} needs the driver {error.name}", "pip install 'suture[team]'"
        ) from error
    except (ArgumentError, ValueError) as error:
        raise UserError("the team's store has no valid address", "write postgresql://USER@HOST/DATABASE") from error


def _unusable(url: str, error: SQLAlchemyError) -> Unavailable:
    said = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
    parsed = make_url(url)
    if parsed.username:
        said = said.replace(f'"{parsed.username}"', "of its address")
    if parsed.password:
        said = said.replace(str(parsed.password), "…")
    return Unavailable(
        f"the team's store {shown_url(url)} cannot be used: {said}",
        "start the server, or unset SUTURE_STORE_URL to keep records on this machine",
    )


def _version(connection: Connection) -> int:
    if connection.exec_driver_sql("SELECT to_regclass('suture_version')").scalar_one() is None:
        connection.exec_driver_sql("CREATE TABLE suture_version (version INTEGER NOT NULL)")
    return int(connection.exec_driver_sql("SELECT coalesce(max(version), 0) FROM suture_version").scalar_one())


def _set_version(connection: Connection, version: int) -> None:
    connection.exec_driver_sql("DELETE FROM suture_version")
    connection.exec_driver_sql(f"INSERT INTO suture_version VALUES ({version})")
