"""What reviewers and engines said of a text, kept on disk, so that a text that did not change is not looked at again.

One diskcache database for all workspaces, in the user's private cache folder (``SUTURE_CACHE_DIR`` moves it). What is
kept is one file's findings before merging, whole-program rules, comments, baseline and settings: those are applied
anew each time. The key is a hash of all that the answer depends on: text, path, reviewers, engines and the
*program* (:func:`program_mark`), so that an edited rule is never answered for by its former self.

Invariant: no pickle, neither written nor read: an entry that claims to be one is not opened.
Invariant: a cache that is damaged, full, busy or closed to us is never an error: it is said once, the review goes on.
Invariant: no literal of a line on which a secret was found is written.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import shutil
import sqlite3
import sys
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from .codec import finding_from_json, finding_to_json
from .errors import Unavailable
from .findings import Finding, Json, text_hash
from .source import LITERAL, LineIndex
from .store import cache_folder, private_folder

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Bytes on disk above which the entries that were used least recently go.
SIZE_LIMIT = 128 * 2**20

#: Seconds to wait for another process that writes; then the review goes on without an answer.
BUSY_S = 2.0

#: Rises whenever what is written changes its form.
_FORM = 1

#: Distributions whose version changes what is found.
_TOOLS = ("suture", "ruff", "bandit", "tree-sitter", "tree-sitter-python")

#: Modules are loaded soon after this moment: sources that are younger may not be the ones that run here.
_STARTED = time.time()


class Looked(NamedTuple):
    """What rules and engines said of a text, unmerged. ``lasting``: they would say it again (no engine timed out)."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    lasting: bool = True


def open_cache(folder: Path | None = None) -> ReviewCache | None:
    """The cache in ``folder`` (default: of this user); None where there can be none, which is logged once."""
    return _open(folder or cache_folder() / "review")


@cache
def _open(folder: Path) -> ReviewCache | None:
    try:
        private_folder(folder.parent)
        private_folder(folder)
    except Unavailable as error:
        log.warning("reviews are not cached: %s", error)
        return None
    if not os.access(folder, os.W_OK | os.X_OK):
        log.warning("reviews are not cached: %s is not writable", folder)
        return None
    mark = program_mark()
    if mark is None:
        log.info("reviews are not cached: Suture was changed while it ran")
        return None
    return ReviewCache(folder, mark)


class ReviewCache:
    """Answers by what they depend on. Processes and threads may share a folder; nothing is opened before it is used."""

    def __init__(self, folder: Path, mark: str, *, size_limit: int = SIZE_LIMIT) -> None:
        self.folder = folder
        self.mark = mark
        self._size_limit = size_limit
        self._disk: Any = None  # diskcache has no types
        self._off = False

    def get(self, path: str, text: str, reviewers: Iterable[str], engines: Iterable[str]) -> Looked | None:
        """What was said of this text; None if nobody has looked at it."""
        key = self._key(path, text, reviewers, engines)
        kept = self._try(lambda disk: disk.get(key))
        if kept is None:
            return None
        try:
            return _looked(kept)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            log.info("an entry of the cache %s is unreadable", self.folder)
            self._try(lambda disk: disk.delete(key))
            return None

    def put(self, path: str, text: str, reviewers: Collection[str], engines: Collection[str], looked: Looked) -> None:
        """Keep an answer, if it is lasting and shows nothing that must not be written."""
        self.put_all([(path, text, looked)], reviewers, engines)

    def put_all(
        self, answers: Iterable[tuple[str, str, Looked]], reviewers: Collection[str], engines: Collection[str]
    ) -> None:
        """Keep answers for texts by their paths in one transaction, as far as they are lasting and show nothing that
        must not be written."""
        rows = [
            (self._key(path, text, reviewers, engines), value)
            for path, text, looked in answers
            if looked.lasting and not shows(value := _written(looked), secrets_of(looked.findings, text))
        ]

        def write(disk: Any) -> None:
            with disk.transact():
                for key, value in rows:
                    try:
                        disk.set(key, value)
                    except (ValueError, TypeError) as error:  # no JSON: the others are kept all the same
                        log.info("an answer cannot be kept in the cache %s: %s", self.folder, error)

        if rows:
            self._try(write)

    def close(self) -> None:
        """Close the files of this thread; the next use opens them again."""
        if self._disk is not None:
            self._disk.close()

    def _key(self, path: str, text: str, reviewers: Iterable[str], engines: Iterable[str]) -> str:
        return _digest([_FORM, self.mark, path, text_hash(text), sorted({*reviewers}), sorted({*engines})])

    def _try(self, work: Callable[[Any], T]) -> T | None:
        """The result of ``work`` on the open cache; None if it cannot be had, for whatever reason."""
        if self._off:
            return None
        try:
            if self._disk is None:
                self._disk = open_disk(self.folder, self._size_limit)
            return work(self._disk)
        except (zlib.error, ValueError, TypeError) as error:  # one entry, read or written; ValueError: not JSON
            log.info("an entry of the cache %s is unreadable: %s", self.folder, error)
        except Exception as error:  # noqa: BLE001 - whatever a cache on a disk may raise, reviews go on without
            if type(error).__name__ == "Timeout":  # diskcache's own; it must not be imported to name it here
                log.debug("the cache %s is busy", self.folder)
            else:
                self._give_up(error)
        return None

    def _give_up(self, error: Exception) -> None:
        self._off = True
        damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        log.warning(
            "the cache of reviews in %s cannot be used (%s); %s",
            self.folder,
            error,
            "it is removed, and a new one begun next time" if damaged else "reviews go on without",
        )
        if damaged:
            _remove(self.folder)


def _remove(folder: Path) -> None:
    """Take a damaged cache away in one step: another process must not meet a half of it."""
    aside = folder.with_name(f"{folder.name}.damaged-{os.getpid()}")
    try:
        folder.rename(aside)
    except OSError as error:
        log.info("the damaged cache %s stays: %s", folder, error)
        return
    shutil.rmtree(aside, ignore_errors=True)


def open_disk(folder: Path, size_limit: int) -> Any:
    """A diskcache in ``folder`` that holds JSON only, closed to other users. Raises what diskcache raises."""
    diskcache = _diskcache()
    if os.path.expandvars(folder) != str(folder):
        raise OSError("its name holds a variable, which diskcache would replace")
    folder.mkdir(mode=0o700, exist_ok=True)  # gone if another process found it damaged
    os.close(os.open(folder / "cache.db", os.O_CREAT | os.O_RDWR, 0o600))  # diskcache leaves the mode to the umask
    return diskcache.Cache(
        str(folder),
        timeout=BUSY_S,
        disk=_json_disk(),
        disk_compress_level=1,
        size_limit=size_limit,
        eviction_policy="least-recently-used",
        sqlite_mmap_size=0,  # a mapped file that another process cuts short would kill this one
    )


def _diskcache() -> Any:
    """The library, which takes its time to import and has no types."""
    import diskcache  # pyright: ignore[reportMissingTypeStubs]

    return cast(Any, diskcache)


@cache
def _json_disk() -> Any:
    diskcache = _diskcache()
    base: Any = diskcache.JSONDisk
    written = frozenset({diskcache.core.MODE_RAW, diskcache.core.MODE_BINARY})

    class Disk(base):
        """JSON only. diskcache's own JSON disk never writes a pickle, but opens one where the row says that it is."""

        def fetch(self, mode: int, filename: str | None, value: object, read: bool) -> Any:
            if mode not in written:
                raise ValueError(f"an entry in a form that is never written ({mode})")
            return base.fetch(self, mode, filename, value, read)

        def get(self, key: object, raw: bool) -> Any:
            if not raw:
                raise ValueError("a key in a form that is never written")
            return base.get(self, key, raw)

    return Disk


def _written(looked: Looked) -> dict[str, Json]:
    return {"findings": [finding_to_json(each) for each in looked.findings], "notes": list(looked.notes)}


def _looked(kept: Any) -> Looked:
    findings = tuple(finding_from_json(each) for each in kept["findings"])
    return Looked(findings, tuple(str(each) for each in kept["notes"]))


# --- what must not be written ----------------------------------------------------------------------------------------


def secrets_of(findings: Iterable[Finding], text: str) -> frozenset[str]:
    """The literals on the lines where a secret was found, short ones aside (``""``, ``"r"``); a line without one is
    the inside of a literal of several lines."""
    numbers = {
        line for each in findings if each.kind == "secrets" for line in range(each.range.line, each.range.end_line + 1)
    }
    if not numbers:
        return frozenset()
    index = LineIndex(text)
    found: set[str] = set()
    for number in numbers:
        if number < len(index.starts):
            line = index.line(number)
            found.update(match[0].strip("\"'") for match in LITERAL.finditer(line))
            if not LITERAL.search(line):
                found.add(line.strip())
    return frozenset(each for each in found if len(each) > 3)


def shows(value: Json, secrets: frozenset[str]) -> bool:
    """Is one of the secrets in a string of the value?"""
    return bool(secrets) and any(secret in each for each in _strings(value) for secret in secrets)


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from _strings(each)


# --- what an answer depends on, beside the text -----------------------------------------------------------------------


@cache
def program_mark() -> str | None:
    """A hash of all that finds: Suture's sources, plug-ins, engines, the Python that runs them.

    None if a source was changed after this process began: what runs may be older than what would be hashed."""
    plug_ins = [] if os.environ.get("SUTURE_NO_PLUGINS") else [*metadata.entry_points(group="suture.rules")]
    folders = [Path(__file__).parent]
    for name in sorted({each.module.partition(".")[0] for each in plug_ins}):
        folders += _places(name)
    if youngest(folders) > _STARTED:
        return None
    tools: list[Json] = [[name, _version(name)] for name in _TOOLS]
    loaded = sorted(f"{each.name}={each.value}" for each in plug_ins)
    python = f"{sys.implementation.name} {sys.version}"
    return _digest([python, tools, loaded, sources_mark(folders)])


def sources_mark(folders: Iterable[Path]) -> str:
    """A hash of the names and contents of all files below some folders (a file stands for itself), but not of what
    Python makes of them. Times do not count: a file that is only touched stays the same."""
    total = hashlib.sha256()
    for folder in folders:
        for path in sorted(_files(folder)):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode("utf-8", "surrogateescape"))
        total.update(b"\0")
    return total.hexdigest()


def youngest(folders: Iterable[Path]) -> float:
    """When the last of the files changed, in seconds since the epoch. The time of the inode counts too, where there
    is one: installers set back the other."""
    times = [path.stat() for folder in folders for path in _files(folder)]
    return max((max(each.st_mtime, each.st_ctime) for each in times), default=0.0)


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
    for parent, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if each != "__pycache__"]
        for name in names:
            if not name.endswith((".pyc", ".pyo")):
                yield Path(parent, name)


def _places(name: str) -> list[Path]:
    """Where a top-level module or package lies; nothing of it is imported."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    if spec.submodule_search_locations:
        return [Path(each) for each in spec.submodule_search_locations]
    return [Path(spec.origin)] if spec.origin and os.path.exists(spec.origin) else []


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _digest(value: Sequence[Json]) -> str:
    return hashlib.sha256(json.dumps(value, separators=(",", ":")).encode()).hexdigest()
