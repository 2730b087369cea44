"""Compiled parts that are kept between jobs: where a compiler's cache lies on the host, and how it is filled.

A job finds the layers of its :class:`~.interface.Cache` as one folder and changes it for itself alone. What it added
comes back as a list of files after it has ended, and is written here, into the top layer, if the caller asked.

Invariant: a job never writes to the host; only Suture does, into a folder of its own, regular files below a bound,
and never through a link. A layer that grew beyond its bound is emptied.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

from ..errors import UserError
from .interface import Cache
from .layout import Bind, Layout
from .plan import relative
from .suture_guest.places import CACHE, CACHE_LAYERS, CACHE_SCRATCH

#: What a job may add to its cache (megabytes of memory), and what a layer may hold on the disk.
ROOM_MB = 1024
LAYER_BYTES = 2 << 30


def shown(layout: Layout, cache: Cache | None) -> Layout:
    """The layout with the layers of a cache. Where the walls are no file system of their own: as it is, without."""
    if cache is None or layout.inside.folder:
        return layout
    binds = [Bind(str(folder), f"{CACHE_LAYERS}/{index}") for index, folder in enumerate(cache.layers)]
    return replace(layout, binds=(*layout.binds, *binds), folders=(*layout.folders, CACHE_SCRATCH, CACHE))


def config(layout: Layout, cache: Cache | None) -> dict[str, int] | None:
    """The guest's part, see :mod:`.suture_guest.warmth`."""
    if cache is None or layout.inside.folder:
        return None
    return {"layers": len(cache.layers), "room_mb": ROOM_MB, "keep": cache.keep_mb << 20}


def inward(value: str, layout: Layout) -> str:
    """A variable's value: the cache's place, where a job's ``/tmp`` is not the one it is called."""
    return value.replace(CACHE, f"{layout.inside.tmp}/{os.path.basename(CACHE)}") if layout.inside.folder else value


class Keeper:
    """Writes what one job added into the top layer of its cache."""

    def __init__(self, cache: Cache) -> None:
        self._folder = cache.layers[0]
        self._left = cache.keep_mb << 20

    def take(self, name: str, content: bytes) -> None:
        """One file: its description as a line of JSON, then its content. What does not fit is left out."""
        head, _, body = content.partition(b"\n")
        self._left -= len(body)
        if self._left < 0:
            return
        about = json.loads(head)
        with contextlib.suppress(OSError, UserError, ValueError, TypeError, KeyError):
            path = self._folder / relative(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{threading.get_ident()}"[-200:])
            draft.write_bytes(body)
            draft.chmod(int(about["mode"]) & 0o755)
            os.utime(draft, ns=(int(about["mtime_ns"]), int(about["mtime_ns"])))
            draft.replace(path)


def layer(folder: Path) -> Path:
    """The folder of a layer, made if it is missing, emptied if it holds too much."""
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    if total > LAYER_BYTES:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()
