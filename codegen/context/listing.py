"""The Python files of a workspace that may be shown, listed once for everybody who asks within two seconds.

Invariant: what git ignores, what :mod:`.visible` hides, and a link to such a file or out of the workspace are not
listed.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import NamedTuple

from ...analyzers.files import python_files
from .visible import is_hidden, shown_path

#: Seconds for which a list is good, that making one may take, and files of it at most.
FRESH_S, MOST_S, MOST_FILES = 2.0, 1.5, 5_000


class File(NamedTuple):
    """``name`` is relative to the root in POSIX form; ``stamp`` is what it had when it was listed."""

    path: Path
    name: str
    stamp: tuple[int, int, int]


class Listing(NamedTuple):
    files: tuple[File, ...]
    complete: bool


_kept: dict[str, tuple[float, Listing]] = {}
_lock = threading.Lock()


def listing(root: Path) -> Listing:
    """The files below ``root`` (resolved), sorted; not complete if there are too many or it took too long."""
    key, now = root.as_posix(), time.monotonic()
    with _lock:
        known = _kept.get(key)
        if known is not None and now - known[0] < FRESH_S:
            return known[1]
    found = _listed(root, now + MOST_S)
    with _lock:
        if len(_kept) > 16:
            _kept.clear()
        _kept[key] = time.monotonic(), found
    return found


def _listed(root: Path, end: float) -> Listing:
    files: list[File] = []
    prefix = f"{root.as_posix().rstrip('/')}/"
    for each in python_files([root]):
        text = each.path.as_posix()
        name = text.removeprefix(prefix)
        if each.error or is_hidden(name):
            continue
        try:
            about = os.lstat(text)
            if os.path.islink(text):
                if shown_path(each.path, root) is None:  # what it leads to counts too
                    continue
                about = os.stat(text)
        except OSError:
            continue
        files.append(File(each.path, name, (about.st_mtime_ns, about.st_size, about.st_ino)))
        if len(files) >= MOST_FILES or time.monotonic() > end:
            return Listing(tuple(files), complete=False)
    return Listing(tuple(files), complete=True)
