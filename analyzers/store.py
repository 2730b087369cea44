"""What Suture remembers of a workspace: proposals, dismissals, choices, and what left the machine.

One SQLite database per workspace, in the user's cache folder (``SUTURE_CACHE_DIR`` moves it); nothing is written into
the workspace. ``open_store(None)`` is the user's own store, shared by all workspaces: it holds the money spent, since
a budget of a day is a person's, not a folder's.

Invariant: every write is one transaction, committed before the call returns; a process killed at any instant leaves a
readable database that holds every record it acknowledged.
Invariant: the folder belongs to the user and is closed to others (mode 0700).
Invariant: what was sent to a model is recorded by its size and hash, never by its text.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from .errors import Unavailable
from .findings import Json

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Row

log = logging.getLogger(__name__)

#: The file of a store in its folder.
DATABASE = "store.sqlite3"

ArtifactKind = Literal["generation", "heal", "fuzz"]

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A record of something Suture made. ``digest`` is the SHA-256 of ``data`` in canonical JSON."""

    id: str
    kind: str
    created: float  # seconds since the epoch
    path: str
    name: str
    status: str
    digest: str
    data: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A finding that the person does not want to see again, by its fingerprint."""

    fingerprint: str
    rule: str
    path: str
    reason: str
    created: float


@dataclass(frozen=True, slots=True)
class Egress:
    """One request that left the machine: when, where to, how much, why. ``digest`` is the SHA-256 of what was sent."""

    at: float
    endpoint: str
    model: str
    bytes: int
    digest: str
    why: str
    files: tuple[str, ...] = ()  # workspace files of which text was in the request
    masked: int = 0  # secrets replaced before sending

    def to_json(self) -> dict[str, Json]:
        return {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.at)),
            "endpoint": self.endpoint,
            "model": self.model,
            "bytes": self.bytes,
            "sha256": self.digest,
            "why": self.why,
            "files": list(self.files),
            "masked": self.masked,
        }


def cache_folder() -> Path:
    """The folder that holds all of Suture's databases and caches of this user; not created here."""
    chosen = os.environ.get("SUTURE_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("suture", appauthor=False))


def workspace_folder(root: Path, folder: Path | None = None) -> Path:
    """Where the store (and other private files) of a workspace live. Two names of one folder share one place."""
    real = os.path.realpath(root)
    name = "".join(char if char.isalnum() or char in "-_." else "_" for char in Path(real).name)[:40] or "root"
    mark = hashlib.sha256(os.fsencode(real)).hexdigest()[:16]
    return (folder or cache_folder()) / "workspaces" / f"{name}-{mark}"


def user_folder(folder: Path | None = None) -> Path:
    """Where the user's own store lives."""
    return (folder or cache_folder()) / "user"


def private_folder(path: Path) -> Path:
    """Create ``path`` (and missing parents) closed to other users. Raises Unavailable where that is impossible."""
    hint = "point SUTURE_CACHE_DIR at a folder of your own"
    try:
        missing = [each for each in (path, *path.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(mode=0o700, exist_ok=True)
        if os.name == "posix":
            state = path.stat()
            if state.st_uid != os.geteuid():
                raise Unavailable(f"{path} belongs to another user", hint)
            if state.st_mode & 0o077:
                path.chmod(0o700)
    except OSError as error:
        raise Unavailable(f"{path} cannot be used: {error.strerror or error}", hint) from error
    return path


class Store:
    """An open store. Methods may be called from any thread; each is one transaction."""

    def __init__(self, engine: Engine, path: Path, folder: Path, clock: Clock) -> None:
        self._engine = engine
        self._reader = engine.execution_options(suture_read=True)
        self._clock = clock
        self.path = path
        self.folder = folder  # the cache folder, for opening the user's own store beside it

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- tables of other parts ------------------------------------------------------------------------------------

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction, committed at the end of the block; for parts that have tables of their own here."""
        return self._engine.begin()

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that only reads."""
        return self._reader.connect()

    # --- artifacts -----------------------------------------------------------------------------------------------

    def record(
        self, kind: ArtifactKind, *, path: str, name: str, status: str, data: Mapping[str, Json], ident: str = ""
    ) -> str:
        """Keep a record and return its id. An ``ident`` that exists already is replaced."""
        from . import store_tables as t

        now = self._clock()
        ident = ident or _ident(now)
        text = _canonical(data)
        row = {
            "id": ident,
            "kind": kind,
            "created": now,
            "path": path,
            "name": name,
            "status": status,
            "digest": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            "data": text,
        }
        with self._engine.begin() as connection:
            connection.execute(t.artifacts.delete().where(t.artifacts.c.id == ident))
            connection.execute(t.artifacts.insert().values(row))
        return ident

    def artifact(self, ident: str) -> Artifact | None:
        from . import store_tables as t

        with self._reader.connect() as connection:
            row = connection.execute(t.artifacts.select().where(t.artifacts.c.id == ident)).first()
        return None if row is None else _artifact(row)

    def artifacts(self, kind: ArtifactKind | None = None, *, path: str = "", limit: int = 100) -> tuple[Artifact, ...]:
        """The newest records first."""
        from . import store_tables as t

        query = t.artifacts.select().order_by(t.artifacts.c.created.desc(), t.artifacts.c.id.desc()).limit(limit)
        if kind is not None:
            query = query.where(t.artifacts.c.kind == kind)
        if path:
            query = query.where(t.artifacts.c.path == path)
        with self._reader.connect() as connection:
            return tuple(_artifact(row) for row in connection.execute(query))

    def set_status(self, ident: str, status: str) -> bool:
        """Change the status of a record (``offered`` → ``accepted``); false if there is no such record."""
        from . import store_tables as t

        with self._engine.begin() as connection:
            done = connection.execute(t.artifacts.update().where(t.artifacts.c.id == ident).values(status=status))
        return done.rowcount == 1

    # --- dismissals ----------------------------------------------------------------------------------------------

    def dismiss(self, fingerprint: str, *, rule: str, path: str, reason: str = "") -> None:
        from . import store_tables as t

        row = {"fingerprint": fingerprint, "rule": rule, "path": path, "reason": reason, "created": self._clock()}
        with self._engine.begin() as connection:
            connection.execute(t.dismissals.delete().where(t.dismissals.c.fingerprint == fingerprint))
            connection.execute(t.dismissals.insert().values(row))

    def restore(self, fingerprint: str) -> bool:
        """Take a dismissal back; false if there was none."""
        from . import store_tables as t

        with self._engine.begin() as connection:
            done = connection.execute(t.dismissals.delete().where(t.dismissals.c.fingerprint == fingerprint))
        return done.rowcount == 1

    def dismissals(self) -> tuple[Dismissal, ...]:
        from . import store_tables as t

        with self._reader.connect() as connection:
            rows = connection.execute(t.dismissals.select().order_by(t.dismissals.c.created))
            return tuple(Dismissal(each.fingerprint, each.rule, each.path, each.reason, each.created) for each in rows)

    def dismissed(self) -> frozenset[str]:
        """The fingerprints that must not be shown."""
        return frozenset(each.fingerprint for each in self.dismissals())

    # --- choices (trust, sandbox) --------------------------------------------------------------------------------

    def choose(self, name: str, value: Json) -> None:
        """Remember an answer of the person, for instance ``("trust", True)`` or ``("sandbox", "bubblewrap")``."""
        from . import store_tables as t

        row = {"name": name, "value": json.dumps(value), "updated": self._clock()}
        with self._engine.begin() as connection:
            connection.execute(t.choices.delete().where(t.choices.c.name == name))
            connection.execute(t.choices.insert().values(row))

    def choice(self, name: str, default: Json = None) -> Json:
        from . import store_tables as t

        with self._reader.connect() as connection:
            row = connection.execute(t.choices.select().where(t.choices.c.name == name)).first()
        return default if row is None else cast(Json, json.loads(row.value))

    # --- egress --------------------------------------------------------------------------------------------------

    def record_egress(
        self, *, endpoint: str, model: str, body: bytes, why: str, files: tuple[str, ...] = (), masked: int = 0
    ) -> None:
        """Write down a request. Call it *before* sending: a process that dies in between must not hide a request."""
        from . import store_tables as t

        now = self._clock()
        row = {
            "id": _ident(now),
            "at": now,
            "endpoint": endpoint,
            "model": model,
            "bytes": len(body),
            "digest": hashlib.sha256(body).hexdigest(),
            "why": why,
            "files": json.dumps(list(files)),
            "masked": masked,
        }
        with self._engine.begin() as connection:
            connection.execute(t.egress.insert().values(row))

    def egress(self, *, since: float = 0.0, limit: int = 1000) -> tuple[Egress, ...]:
        """What left the machine, newest first."""
        from . import store_tables as t

        query = t.egress.select().where(t.egress.c.at >= since)
        query = query.order_by(t.egress.c.at.desc(), t.egress.c.id.desc()).limit(limit)
        with self._reader.connect() as connection:
            return tuple(
                Egress(
                    row.at, row.endpoint, row.model, row.bytes, row.digest, row.why,
                    tuple(json.loads(row.files)), row.masked,
                )
                for row in connection.execute(query)
            )  # fmt: skip

    # --- money ---------------------------------------------------------------------------------------------------

    def reserve_spending(self, usd: float, *, model: str, day_usd: float, month_usd: float) -> str | None:
        """Set an estimated cost aside before a call, or return None if it would pass the limit of the day or month.

        One transaction: two processes cannot both take the last cent. Days and months are the last 24 hours and the
        last 30 days. :meth:`settle_spending` replaces the estimate by what was really spent."""
        from . import store_tables as t

        now = self._clock()
        ident = _ident(now)
        with self._engine.begin() as connection:
            for span, limit in ((86_400.0, day_usd), (30 * 86_400.0, month_usd)):
                if _spent(connection, now - span) + usd > limit:
                    return None
            connection.execute(t.spending.insert().values(id=ident, at=now, usd=usd, settled=0, model=model))
        return ident

    def settle_spending(self, ident: str, usd: float) -> None:
        """The real cost of a reserved call; 0 if nothing was charged."""
        from . import store_tables as t

        with self._engine.begin() as connection:
            connection.execute(t.spending.update().where(t.spending.c.id == ident).values(usd=usd, settled=1))

    def spent(self, seconds: float) -> float:
        """US dollars spent or set aside in the last ``seconds``."""
        with self._reader.connect() as connection:
            return _spent(connection, self._clock() - seconds)


def open_store(root: Path | None, *, folder: Path | None = None, clock: Clock = time.time) -> Store:
    """Open (and create or migrate) the store of the workspace ``root``, or the user's own for None.

    ``folder`` replaces the user's cache folder. A damaged database is set aside under another name, with a warning,
    and a new one begun. Raises Unavailable if the folder cannot be used or the database is of a newer Suture.
    """
    folder = folder or cache_folder()
    place = user_folder(folder) if root is None else workspace_folder(root, folder)
    private_folder(folder)
    private_folder(place)
    path = place / DATABASE
    try:
        return Store(_connect(path), path, folder, clock)
    except _Damaged as error:
        aside = path.with_name(f"store.damaged-{int(clock())}.sqlite3")
        log.warning("the store %s is damaged (%s); kept as %s, a new one is begun", path, error, aside.name)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.rename(aside)
        return Store(_connect(path), path, folder, clock)


class _Damaged(Exception):
    """The file is not a database, or its pages contradict each other."""


def _connect(path: Path) -> Engine:
    import sqlite3

    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import DatabaseError, OperationalError

    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10.0})

    def on_connect(connection: sqlite3.Connection, _: object) -> None:
        # SQLAlchemy, not the driver, says BEGIN: the driver's own begins too late and leaves DDL outside.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    def on_begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("suture_read", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    try:
        _migrate(engine)
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


def _migrate(engine: Engine) -> None:
    from .store_tables import STEPS

    with engine.begin() as connection:
        version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
        if version > len(STEPS):
            raise Unavailable(
                "the store was written by a newer Suture", "upgrade Suture, or set SUTURE_CACHE_DIR to another folder"
            )
        for step in STEPS[version:]:
            for statement in step:
                connection.exec_driver_sql(statement)
        if version < len(STEPS):
            connection.exec_driver_sql(f"PRAGMA user_version = {len(STEPS)}")


def _spent(connection: Connection, since: float) -> float:
    from sqlalchemy import func, select

    from . import store_tables as t

    query = select(func.coalesce(func.sum(t.spending.c.usd), 0.0)).where(t.spending.c.at >= since)
    return float(connection.execute(query).scalar_one())


def _ident(now: float) -> str:
    """Sorts by time; unique without asking the database."""
    return f"{int(now * 1000):012x}{secrets.token_hex(6)}"


def _canonical(data: Mapping[str, Json]) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def _artifact(row: Row[Any]) -> Artifact:
    data = cast("dict[str, Json]", json.loads(row.data))
    return Artifact(row.id, row.kind, row.created, row.path, row.name, row.status, row.digest, data)
