"""What came of first imports, kept for as long as the files that were executed are what they were.

An answer belongs to a module, an interpreter with what is installed for it, and the content of every file of the
workspace that ran; not to a time. It is looked up by the first two, and holds if all files still have their hashes.

Invariant: a cache that is damaged, full or closed to us is never an error: imports are made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..cache import open_disk
from ..errors import SutureError
from ..store import cache_folder, private_folder
from .api import Entry, digest_of
from .values import FirstImport

log = logging.getLogger(__name__)

#: Rises whenever what is written changes its form, or its meaning.
_FORM = 2
#: Bytes on disk above which the answers that were used least recently go.
SIZE_LIMIT = 8 * 2**20


class FirstImports:
    """Answers in memory and, with ``folder``, on disk; opened when it is first used."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._disk: Any = None
        self._memory: dict[str, FirstImport] = {}

    def get(self, entry: Entry, python: Path | None, files: Mapping[str, bytes]) -> FirstImport | None:
        """The answer for a module, if it still holds with these unsaved texts."""
        key = _key(entry, python)
        found = self._memory.get(key) or self._read(key)
        if found is None or not found.files or any(digest_of(path, files) != was for path, was in found.files):
            return None
        self._memory[key] = found
        return found

    def put(self, entry: Entry, python: Path | None, result: FirstImport) -> None:
        """Keep an answer, if it would come out again."""
        if not result.lasting:
            return
        self._memory[_key(entry, python)] = result
        self._try(lambda disk: disk.set(_key(entry, python), result.to_json()))

    def close(self) -> None:
        if self._disk is not None:
            with contextlib.suppress(Exception):
                self._disk.close()
            self._disk = None

    def _read(self, key: str) -> FirstImport | None:
        kept = self._try(lambda disk: disk.get(key))
        try:
            return FirstImport.from_json(kept) if kept is not None else None
        except (KeyError, TypeError, ValueError) as error:
            log.info("what was kept of an import is unreadable: %s", error)
            return None

    def _try(self, work: Callable[[Any], Any]) -> Any:
        if self._folder is None:
            return None
        try:
            if self._disk is None:
                self._disk = open_disk(self._folder, SIZE_LIMIT)
            return work(self._disk)
        except Exception as error:  # noqa: BLE001 - whatever a cache on a disk may raise, imports are made again
            log.info("imports are not kept: %s", error)
            self._folder = None
            return None


def open_kept() -> FirstImports:
    """The answers of this user, in the private cache folder; in memory alone where there is none."""
    folder = cache_folder() / "first-imports"
    try:
        private_folder(folder.parent)
        private_folder(folder)
    except SutureError as error:
        log.info("imports are not kept: %s", error)
        return FirstImports()
    return FirstImports(folder)


def _key(entry: Entry, python: Path | None) -> str:
    parts = (str(_FORM), *entry, *_stamp(python or Path(sys.executable)))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _stamp(python: Path) -> Iterable[str]:
    """An interpreter, and when something was last installed for it or removed."""
    yield str(python)
    for folder in (python, *sorted(python.parent.parent.glob("lib/python*/*-packages"))):
        with contextlib.suppress(OSError):
            yield f"{folder}:{os.stat(folder).st_mtime_ns}"
