"""A folder of compiled parts that a job finds filled and may change for itself, like its view of the workspace.

The layers below are the host's, read-only; what the job adds lies in memory of its own (not counted as scratch), and
is told to the host after the job has ended, as far as the host asked for it. Where no overlay can be mounted the job
finds an empty folder: slower, never wrong.

Invariant: no layer of the host is ever mounted so that the job could write to it; only regular files are told.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time

from . import kernel
from .places import CACHE, CACHE_LAYERS, CACHE_SCRATCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

#: Seconds that telling may take, and the largest file that is told (a frame holds no more).
TELLING_S = 3.0
LARGEST = 48 << 20


def build(config: Mapping[str, Any] | None) -> int | None:
    """Mount the folder; a descriptor of what the job adds, or None. ``config``: ``layers`` (how many there are, the
    first one on top), ``room_mb``."""
    if config is None:
        return None
    os.makedirs(CACHE, mode=0o755, exist_ok=True)
    layers = [f"{CACHE_LAYERS}/{index}" for index in range(int(config["layers"]))]
    if not all(map(os.path.isdir, [*layers, CACHE_SCRATCH])):
        return None
    added: int | None = None
    mounted = False
    with contextlib.suppress(OSError):  # a kernel that does not let us: an empty folder remains
        options = f"mode=0755,size={int(config['room_mb'])}m"
        kernel.mount("suture", CACHE_SCRATCH, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, options)
        for name in ("up", "work"):
            os.mkdir(f"{CACHE_SCRATCH}/{name}")
        added = os.open(f"{CACHE_SCRATCH}/up", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        mounted = _overlay(layers)
    for private in (CACHE_SCRATCH, *layers):
        kernel.mount("suture", private, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_RDONLY, "mode=0755")
    if added is not None and not mounted:
        os.close(added)
    return added if mounted else None


def _overlay(layers: list[str]) -> bool:
    data = f"lowerdir={':'.join(layers)},upperdir={CACHE_SCRATCH}/up,workdir={CACHE_SCRATCH}/work"
    for options in (data + ",userxattr", data):
        with contextlib.suppress(OSError):
            kernel.mount("suture", CACHE, "overlay", kernel.MS_NOSUID | kernel.MS_NODEV, options)
            return True
    return False


def told(added: int, most: int) -> Iterator[tuple[str, dict[str, int], bytes]]:
    """(name, {"mode", "mtime_ns"}, content) of the regular files that a job added, until they are ``most`` bytes."""
    total, deadline = 0, time.monotonic() + TELLING_S
    for folder, _, names, descriptor in os.fwalk(".", dir_fd=added, follow_symlinks=False):
        for name in names:
            if time.monotonic() > deadline:
                return
            try:
                file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=descriptor)
            except OSError:
                continue  # a link, a whiteout, or made unreadable: it is not told
            with os.fdopen(file, "rb") as opened:
                info = os.fstat(file)
                if not stat.S_ISREG(info.st_mode) or info.st_size > LARGEST or total + info.st_size > most:
                    continue
                total += info.st_size
                content = opened.read(info.st_size)
            yield os.path.normpath(os.path.join(folder, name)), _about(info), content


def _about(info: os.stat_result) -> dict[str, int]:
    return {"mode": stat.S_IMODE(info.st_mode) & 0o755, "mtime_ns": info.st_mtime_ns}
