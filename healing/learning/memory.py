"""The memory of a process: what the stores know of the shapes at hand, and the writing of records.

Counts are read by SQL of its own over SQLite itself, which is there in two milliseconds; only when there is something
to be written is the store opened (SQLAlchemy costs 300 ms), and then the person has their answer already.

Invariant: reading makes no store, and a workspace in which nothing was healed costs a look at the disk.
Invariant: a store that cannot be used is a warning in the log; healing goes on without having learned.
Invariant: what other processes write is seen: the database's own version number says when to look again.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ...analyzers.errors import SutureError, Unavailable, UserError
from ...analyzers.findings import Edit
from ...analyzers.source import read_source
from ...analyzers.store import DATABASE, Store, cache_folder, new_ident, open_store, user_folder, workspace_folder
from ..fault import Fault
from . import book
from .ranking import Counts, Trial, ranked_by
from .records import Outcome, Record, Source, edit_key, offer_of, record_of, said
from .shape import exact_of, form_of, shape_of

if TYPE_CHECKING:
    from ..api import HealReport
    from ..repair import Context, Draft

log = logging.getLogger(__name__)

#: Shapes that are kept in memory; the one that was not asked about for longest goes first.
SHAPES = 256

Event = Literal["offered", "applied", "rejected", "taken_back"]


class _Reader:
    """The counts by shape of the store at a path, the latest asked about in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._version = -1
        self._shapes: OrderedDict[str, Counts] = OrderedDict()

    def counts(self, shape: str) -> Counts:
        try:
            return self._counts(shape)
        except sqlite3.Error as error:
            log.info("what was learned cannot be read from %s: %s", self._path, error)
            self.close()
            return {}

    def _counts(self, shape: str) -> Counts:
        if self._connection is None:
            if not self._path.exists():
                return {}
            self._connection = sqlite3.connect(self._path, timeout=1, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA query_only = ON")
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        if version != self._version:
            self._shapes.clear()
            self._version = version
        if shape not in self._shapes:
            self._shapes[shape] = book.counts_of(self._connection, shape)
        self._shapes.move_to_end(shape)
        while len(self._shapes) > SHAPES:
            self._shapes.popitem(last=False)
        return self._shapes[shape]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._version = None, -1
        self._shapes.clear()


class Memory:
    """What was learned in a workspace and by its user. A context manager; may be used from one thread at a time."""

    def __init__(self, root: Path, folder: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._root, self._folder, self._clock = root, folder or cache_folder(), clock
        self._here = _Reader(workspace_folder(root, self._folder) / DATABASE)
        self._everywhere = _Reader(user_folder(self._folder) / DATABASE)
        self._stores: tuple[Store, Store] | None = None

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for each in (self._here, self._everywhere, *(self._stores or ())):
            each.close()
        self._stores = None

    def counts(self, shape: str) -> tuple[Counts, Counts]:
        """What is known of a shape: in this workspace, and in all of the user's."""
        return self._here.counts(shape), self._everywhere.counts(shape)

    def ranking(self, context: Context, drafts: Sequence[Draft]) -> Sequence[Draft]:
        """A :data:`.ranking.Ranking`: the drafts by what was learned of faults of this shape."""
        if len(drafts) == 0:
            return drafts
        here, everywhere = self.counts(shape_of(context.fault, context.text).key)
        return ranked_by(here, everywhere, context, drafts)

    def record(self, report: HealReport) -> str:
        """Keep a healing; returns its id, or an empty string if there was nothing to heal or no store."""
        if report.fault.category == "none":
            return ""
        now = self._clock()
        return self._add(record_of(report, at=now, ident=new_ident(now)))

    def outcome(self, ident: str, outcome: Outcome, edit: Edit | None = None) -> bool:
        """What became of a record; ``edit`` says which candidate was meant. False if there is no such record."""
        store = self._store()
        if store is None or not ident:
            return False
        now = self._clock()
        delta = book.set_outcome(store, ident, outcome, edit=edit_key(edit) if edit else "", now=now)
        if delta is None:
            return False
        self._count(delta, now)
        return True

    def note(
        self,
        edit: Edit,
        event: Event,
        *,
        fault: Fault | None = None,
        source: Source = "finding",
        elapsed_ms: float | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> str:
        """What a person was shown or did, by the edit; makes a record if no healing left one. Returns its id."""
        store = self._store()
        if store is None:
            return ""
        known = book.find(store, edit_key(edit))
        if known is not None:
            if event != "offered":
                self.outcome(known.id, event, edit)
            return known.id
        return self._add(self._record_of_edit(edit, event, fault, source, elapsed_ms, texts or {}))

    def records(self, *, since: float = 0.0, limit: int = book.KEPT) -> tuple[Record, ...]:
        """The newest first; opens the store."""
        store = self._store()
        return () if store is None else book.records(store, since=since, limit=limit)

    def _store(self) -> Store | None:
        """The workspace's store, opened (and made) on first use; None where it cannot be used."""
        if self._stores is None:
            try:
                here = open_store(self._root, folder=self._folder, clock=self._clock)
                self._stores = here, open_store(None, folder=self._folder, clock=self._clock)
            except Unavailable as error:
                log.warning("nothing is learned from this healing: %s", error)
                return None
        return self._stores[0]

    def _add(self, record: Record) -> str:
        store = self._store()
        if store is None:
            return ""
        self._count(book.add(store, record), record.at)
        return record.id

    def _count(self, delta: book.Contributions, now: float) -> None:
        if self._stores is not None:
            book.count(self._stores[1], book.only_forms(delta), now)

    def _record_of_edit(
        self,
        edit: Edit,
        event: Event,
        fault: Fault | None,
        source: Source,
        elapsed_ms: float | None,
        texts: Mapping[str, str],
    ) -> Record:
        """The record of an edit alone: one trial, which is the edit as a whole."""
        now = self._clock()
        fault = fault or Fault("none")
        absolute = (self._root / fault.path).as_posix() if fault.path else ""
        changes: list[tuple[str, str]] = []
        for file in edit.files:
            old = texts.get(file.path, _text(file.path)) or ""
            try:
                changes.append((old, file.apply(old)))
            except ValueError:  # the file is another by now: only what was put in is known
                changes.append(("", "".join(each.text for each in file.replacements)))
        shape = shape_of(fault, texts.get(absolute, _text(absolute)))
        prior = edit.confidence
        trial = Trial(
            shape, edit.source, edit.title, form_of(changes), f"={exact_of(changes)}", prior, prior, edit.verified
        )
        root = self._root.resolve().as_posix()
        place = f"{fault.path.removeprefix(root).lstrip('/')}:{fault.line + 1}" if fault.path else ""
        elapsed = elapsed_ms or 0.0
        return Record(
            id=new_ident(now),
            at=now,
            source=source,
            shape=shape,
            fault=said(fault),
            place=place,
            command="",
            trials=(trial,),
            offers=(offer_of(edit, (0,)),),
            chosen=0,
            outcome=event,
            first_verified_ms=elapsed if edit.verified and elapsed_ms is not None else None,
            elapsed_ms=elapsed,
        )


def open_memory(root: Path, *, folder: Path | None = None, clock: Callable[[], float] = time.time) -> Memory:
    """The memory of a workspace; ``folder`` replaces the user's cache folder. Opens nothing yet."""
    return Memory(root, folder, clock)


def note(
    root: Path,
    edit: Edit,
    event: Event,
    *,
    fault: Fault | None = None,
    source: Source = "finding",
    elapsed_ms: float | None = None,
    texts: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> str:
    """Note that a person was shown an edit, or what they did with it; returns the record's id, empty if none is kept.

    ``texts`` are texts by absolute path that ``edit`` applies to, where the disk may have others."""
    with open_memory(root, folder=folder) as memory:
        return memory.note(edit, event, fault=fault, source=source, elapsed_ms=elapsed_ms, texts=texts)


def history(root: Path, *, limit: int = 50, folder: Path | None = None) -> tuple[Record, ...]:
    """The last healings of a workspace, newest first."""
    with open_memory(root, folder=folder) as memory:
        return memory.records(limit=limit)


def taken_back(before: str, after: str, now: str) -> bool:
    """Whether an edit from ``before`` to ``after`` is gone from the text ``now``.

    It is if the text is as before, or none of the lines that the edit put in is there any more. An edit that only
    took lines out is gone when one of them is back more often than after the edit."""
    if now == before:
        return before != after
    if now == after:
        return False
    old, new, have = (_counted(each) for each in (before, after, now))
    put_in = {line: count - old.get(line, 0) for line, count in new.items() if count > old.get(line, 0)}
    if put_in:
        return all(have.get(line, 0) <= old.get(line, 0) for line in put_in)
    taken_out = {line for line, count in old.items() if count > new.get(line, 0)}
    return any(have.get(line, 0) > new.get(line, 0) for line in taken_out)


def _counted(text: str) -> dict[str, int]:
    """Lines without the space around them, counted; empty ones left out."""
    found: dict[str, int] = {}
    for line in text.split("\n"):
        if stripped := line.strip():
            found[stripped] = found.get(stripped, 0) + 1
    return found


def _text(path: str) -> str | None:
    try:
        return read_source(Path(path)).text if path else None
    except (UserError, SutureError):
        return None
