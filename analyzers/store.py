"""What Suture remembers of a workspace: proposals, dismissals, choices, and what left the machine.

One SQLite database per workspace, in the user's cache folder (``SUTURE_CACHE_DIR`` moves it); nothing is written into
the workspace. ``open_store(None)`` is the user's own store, shared by all workspaces: it holds the money spent, since
a budget of a day is a person's, not a folder's.

:attr:`Store.shared` is where proposals, approvals, their audit log and their history are: this same database, or the
team's PostgreSQL where the user named one (:func:`.store_places.team_url`). Trust, dismissals, money and the record of
what left the machine stay the person's.

Invariant: every write is one transaction, committed before the call returns; a process killed at any instant leaves a
readable database that holds every record it acknowledged.
Invariant: the folder belongs to the user and is closed to others (mode 0700).
Invariant: nothing here depends on which database it is; what differs is in store_sqlite and store_postgresql.
Invariant: what was sent to a model is recorded by its size and hash, never by its text.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from .findings import Json
from .store_places import (
    DATABASE,
    cache_folder,
    private_folder,
    shown_url,
    team_schema,
    team_url,
    user_folder,
    workspace_folder,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

log = logging.getLogger(__name__)

Clock = Callable[[], float]


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


class Store:
    """An open store. Methods may be called from any thread; each is one transaction."""

    def __init__(
        self, engine: Engine, path: Path, folder: Path, clock: Clock, root: Path | None, address: str = ""
    ) -> None:
        self._engine = engine
        self._reader = engine.execution_options(suture_read=True)
        self._shared: Store | None = None
        self.clock = clock
        self.path = path  # of the person's own database, also where this is the team's
        self.folder = folder  # the cache folder, for opening the user's own store beside it
        self.root = root
        self.address = address or str(path)  # for people; without a password

    def close(self) -> None:
        if self._shared not in (None, self):
            self._shared.close()
        self._engine.dispose()

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @property
    def shared(self) -> Store:
        """Where proposals and their history are: the team's database if the user named one, else this one.

        Opened on first use, closed with this. Raises Unavailable if the team's cannot be reached: its records are
        then neither read nor written anywhere else."""
        if self._shared is None:
            url = team_url() if self.root is not None and self.address == str(self.path) else ""
            self._shared = (
                open_team_store(self.root, url, folder=self.folder, clock=self.clock) if url and self.root else self
            )
        return self._shared

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

    # --- dismissals ----------------------------------------------------------------------------------------------

    def dismiss(self, fingerprint: str, *, rule: str, path: str, reason: str = "") -> None:
        from . import store_tables as t

        row = {"fingerprint": fingerprint, "rule": rule, "path": path, "reason": reason, "created": self.clock()}
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

        row = {"name": name, "value": json.dumps(value), "updated": self.clock()}
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

        now = self.clock()
        row = {
            "id": new_ident(now),
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

        now = self.clock()
        ident = new_ident(now)
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
            return _spent(connection, self.clock() - seconds)


def open_store(root: Path | None, *, folder: Path | None = None, clock: Clock = time.time) -> Store:
    """Open (and create or migrate) the store of the workspace ``root``, or the user's own for None.

    ``folder`` replaces the user's cache folder. A damaged database is set aside under another name, with a warning,
    and a new one begun. Raises Unavailable if the folder cannot be used or the database is of a newer Suture.
    """
    from .store_sqlite import open_file

    folder = folder or cache_folder()
    path = store_path(root, folder)
    return Store(open_file(path, clock), path, folder, clock, root)


def store_path(root: Path | None, folder: Path | None = None) -> Path:
    """The database of :func:`open_store`, in folders that are there and closed to others afterwards.

    Raises Unavailable where they cannot be."""
    folder = folder or cache_folder()
    place = user_folder(folder) if root is None else workspace_folder(root, folder)
    private_folder(folder)
    private_folder(place)
    return place / DATABASE


def open_team_store(root: Path, url: str, *, folder: Path | None = None, clock: Clock = time.time) -> Store:
    """The workspace's records in the team's PostgreSQL at ``url``.

    Raises Unavailable without the driver or the server, UserError for an address that is none."""
    from .store_postgresql import open_server

    folder = folder or cache_folder()
    place = workspace_folder(root, folder)
    private_folder(folder)
    private_folder(place)
    return Store(open_server(url, team_schema(root)), place / DATABASE, folder, clock, root, shown_url(url))


def _spent(connection: Connection, since: float) -> float:
    from sqlalchemy import func, select

    from . import store_tables as t

    query = select(func.coalesce(func.sum(t.spending.c.usd), 0.0)).where(t.spending.c.at >= since)
    return float(connection.execute(query).scalar_one())


def new_ident(now: float) -> str:
    """Sorts by time; unique without asking the database."""
    return f"{int(now * 1000):012x}{secrets.token_hex(6)}"


def canonical(data: Mapping[str, Json]) -> str:
    """The one way to write these values as JSON, in ASCII: for digests."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"))
