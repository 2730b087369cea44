"""What the governor remembers between calls and shares between processes: small JSON values on disk (diskcache).

Invariant: JSON only, in the user's private folder. A disk that cannot be used is said once; then this process remembers
for itself, and no request fails for it.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from ...analyzers.cache import open_disk
from ...analyzers.errors import Unavailable
from ...analyzers.findings import Json
from ...analyzers.store import private_folder

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Bytes on disk above which the entries that were used least recently go.
SIZE_LIMIT = 64 * 2**20


class Shelf:
    """Values by name. Threads and processes may share a folder; nothing is opened before it is used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._disk: Any = None  # diskcache has no types
        self._memory: dict[str, Json] = {}
        self._lock = threading.Lock()
        self._off = False

    def get(self, name: str) -> Json:
        return self._try(lambda disk: disk.get(name), lambda: self._memory.get(name))

    def look(self, name: str) -> dict[str, Any]:
        """The object called ``name``; empty if there is none."""
        return _object(self.get(name))

    def put(self, name: str, value: Json, *, seconds: float | None = None) -> None:
        """Keep ``value``, for at most ``seconds``."""
        self._try(lambda disk: disk.set(name, value, expire=seconds), lambda: self._memory.__setitem__(name, value))

    def drop(self, name: str) -> None:
        self._try(lambda disk: disk.delete(name), lambda: self._memory.pop(name, None))

    def change(self, name: str, work: Callable[[dict[str, Any]], T]) -> T:
        """``work`` on the object called ``name`` (empty at first), as one transaction; its result."""

        def on_disk(disk: Any) -> T:
            with disk.transact():
                value = _object(disk.get(name))
                result = work(value)
                disk.set(name, value)
            return result

        def in_memory() -> T:
            with self._lock:
                value = _object(json.loads(json.dumps(self._memory.get(name))))
                result = work(value)
                self._memory[name] = value
            return result

        return self._try(on_disk, in_memory)

    def _try(self, work: Callable[[Any], T], otherwise: Callable[[], Any]) -> Any:
        if not self._off:
            try:
                if self._disk is None:
                    self._disk = open_disk(private_folder(self._folder), SIZE_LIMIT)
                return work(self._disk)
            except Exception as error:
                if type(error).__name__ == "Timeout":  # diskcache's own: busy
                    log.debug("%s is busy", self._folder)
                elif isinstance(error, (OSError, sqlite3.Error, zlib.error, ValueError, Unavailable)):
                    self._off = True
                    log.warning("what models said is not remembered in %s (%s)", self._folder, error)
                else:
                    raise
        return otherwise()


def _object(value: Any) -> dict[str, Any]:
    return dict(cast("dict[str, Any]", value)) if isinstance(value, dict) else {}


@cache
def open_shelf(folder: Path) -> Shelf:
    """The shelf below Suture's cache folder ``folder``."""
    return Shelf(folder / "models")
