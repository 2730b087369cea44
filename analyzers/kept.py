"""The answer of a whole review, kept on disk, and what it takes to answer again when a few files changed.

A review of some roots leaves two files: its *answers* with the hash of every file, and its *parts*, what rules over
the whole program knew of each file and what they made of it. A tree whose files have the same bytes is answered from
the first alone; the second is read when something changed.

Invariant: the bytes of the files decide, never their times or sizes: every file is read and hashed each time.
Invariant: JSON only, written aside and moved into place; a process killed at any instant leaves the former answer.
Invariant: what would show a secret is not written (:func:`.cache.shows`); such a file is looked at again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import os
import platform
import secrets
import sys
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, cast

from .cache import ReviewCache
from .findings import Reviewer
from .plain import to_plain
from .source import MAX_BYTES

log = logging.getLogger(__name__)

#: Rises whenever what is written changes its form.
_FORM = 1

#: Bytes of all kept answers together, and their number; the oldest go first.
MOST_BYTES = 192 * 2**20
MOST_TREES = 24

#: Seconds after which what a killed process left half written is taken away.
_ABANDONED_S = 3600.0


class State(NamedTuple):
    """What a review's answer depends on beside the program: the bytes of each file by path, by their hash (or why it
    cannot be read), and what lies around them: which folders are packages, and the settings."""

    files: Mapping[str, str]
    around: str


def state_of(paths: Iterable[Path]) -> State:
    """The state of some files now."""
    files = {path.as_posix(): _digest(path) for path in paths}
    return State(files, _around(files))


def _digest(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return f"!{errno.errorcode.get(error.errno or 0, 'unknown')}"
    if len(data) > MAX_BYTES:
        return f"!{os.stat(path).st_size}"
    return hashlib.sha256(data).hexdigest()


def _around(files: Iterable[str]) -> str:
    """A hash of the settings in all folders above the files, and of which of those folders are packages."""
    folders: set[str] = set()
    for name in files:
        folder = name.rpartition("/")[0]
        while folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    total = hashlib.sha256()
    for folder in sorted(folders):
        settings = ""
        with contextlib.suppress(OSError), open(f"{folder}/pyproject.toml", "rb") as file:
            settings = hashlib.sha256(file.read()).hexdigest()
        is_package = os.path.isfile(f"{folder}/__init__.py")
        total.update(f"{folder}\0{settings}\0{is_package}\n".encode("utf-8", "surrogateescape"))
    return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Tree:
    """A kept answer: the state it was given for; per file the answer in plain form and a hash of what whole-program
    rules found in it. A file whose answer must not be written is missing in ``answers``; of one that holds a secret
    (``hidden``) nothing but the answer is kept."""

    state: State
    answers: Mapping[str, Any] = field(default_factory=dict[str, Any])
    more: Mapping[str, str] = field(default_factory=dict[str, str])
    hidden: frozenset[str] = frozenset()

    def unchanged(self, name: str, now: State) -> bool:
        """Is a file as it was, with an answer?"""
        return name in self.answers and self.state.files.get(name) == now.files[name]


@dataclass(slots=True)
class Parts:
    """What whole-program rules knew (``extracts``: by path and group, plain) and found (``checks``: by group)."""

    extracts: dict[str, dict[str, Any]] = field(default_factory=dict[str, "dict[str, Any]"])
    checks: dict[str, Any] = field(default_factory=dict[str, Any])


class Keeper:
    """The kept answers for some roots and reviewers in the folder of a cache; all trouble with the disk is a note."""

    def __init__(
        self, cache: ReviewCache, roots: Sequence[Path], reviewers: Sequence[Reviewer], engines: Sequence[str]
    ) -> None:
        self.folder = cache.folder / "trees"
        about = [
            *(_FORM, cache.mark, sys.platform, platform.machine()),
            *(sorted(os.path.abspath(each) for each in roots), list(reviewers), sorted(engines)),
        ]
        self._name = hashlib.sha256(json.dumps(about).encode("utf-8", "surrogateescape")).hexdigest()[:32]

    def has_tree(self) -> bool:
        """Is there an answer? (It may be to something else by now.)"""
        return self._file("answers").exists()

    def tree(self) -> Tree | None:
        """The answer that was kept, or None."""
        kept = self._read("answers")
        try:
            if kept is None:
                return None
            state = State(kept["files"], kept["around"])
            return Tree(state, kept["answers"], kept["more"], frozenset(kept["hidden"]))
        except (TypeError, KeyError):
            return None

    def parts(self, now: State) -> Parts:
        """What whole-program rules knew, of the files that are as they were."""
        kept = self._read("parts")
        try:
            if kept is None or kept["around"] != now.around:
                return Parts()
            files, extracts = kept["files"], kept["extracts"]
            same = {name: dict(extracts[name]) for name in extracts if files.get(name) == now.files.get(name)}
            return Parts(same, dict(kept["checks"]))
        except (TypeError, KeyError, AttributeError, ValueError):
            return Parts()

    def keep(self, tree: Tree, parts: Parts) -> None:
        """Write both. The parts come first: answers without parts are of less use than parts without answers."""
        state: dict[str, Any] = {"files": dict(tree.state.files), "around": tree.state.around}
        self._write("parts", {**state, "extracts": parts.extracts, "checks": parts.checks})
        self._write(
            "answers", {**state, "answers": dict(tree.answers), "more": dict(tree.more), "hidden": sorted(tree.hidden)}
        )
        self._bound()

    def _file(self, what: str) -> Path:
        return self.folder / f"{self._name}.{what}"

    def _read(self, what: str) -> Any:
        try:
            data = self._file(what).read_bytes()
            found = json.loads(zlib.decompress(data))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, zlib.error, RecursionError) as error:
            log.info("a kept review in %s is unreadable: %s", self.folder, error)
            return None
        return cast("dict[str, Any]", found) if isinstance(found, dict) else None

    def _write(self, what: str, value: Mapping[str, Any]) -> None:
        target = self._file(what)
        aside = self.folder / f"{target.name}.{os.getpid()}-{secrets.token_hex(4)}.part"
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            data = zlib.compress(json.dumps(value, separators=(",", ":")).encode("utf-8", "surrogatepass"), 1)
            handle = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with open(handle, "wb") as file:
                file.write(data)
            os.replace(aside, target)
        except (OSError, ValueError, TypeError) as error:
            log.warning("the review is not kept in %s (%s)", self.folder, error)
            with contextlib.suppress(OSError):
                aside.unlink()

    def _bound(self) -> None:
        """Take the oldest answers away, and what killed processes left."""
        try:
            entries = [(each, each.stat()) for each in self.folder.iterdir()]
        except OSError:
            return
        entries.sort(key=lambda pair: pair[1].st_mtime, reverse=True)
        total = 0
        kept: set[str] = set()
        for path, state in entries:
            if path.suffix == ".part":
                if time.time() - state.st_mtime > _ABANDONED_S:
                    with contextlib.suppress(OSError):
                        path.unlink()
                continue
            total += state.st_size
            kept.add(path.stem)
            if path.stem != self._name and (total > MOST_BYTES or len(kept) > MOST_TREES):
                with contextlib.suppress(OSError):
                    path.unlink()


def plain_hash(value: object) -> str:
    """A hash of a value by its plain form; empty values have an empty one."""
    if not value:
        return ""
    return hashlib.sha256(json.dumps(to_plain(value)).encode("utf-8", "surrogatepass")).hexdigest()


def names_hash(names: Iterable[str]) -> str:
    """A hash of a set of names."""
    return hashlib.sha256("\0".join(sorted(names)).encode("utf-8", "surrogatepass")).hexdigest()
