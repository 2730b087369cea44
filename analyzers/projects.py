"""Which part of a path says what a file is for: that within its project. A project may well lie in a folder ``tools``.

A project begins at the nearest folder above that is under version control; else at the outermost of those that hold a
file which only a project's own folder has. Where neither is found, all of the path speaks.

Invariant: each folder is looked at once in a process, so that nothing is asked of the disk while somebody types in it.
"""

from __future__ import annotations

import os
from functools import lru_cache

_CONTROLLED = (".git", ".hg", ".jj")
_OWN = ("pyproject.toml", "setup.py", "setup.cfg", "manage.py", "uv.lock", "poetry.lock", "Pipfile")


def within_project(path: str) -> str:
    """The path from its project's folder on, with a slash in front; all of it, if no project is known."""
    folder = path.rpartition("/")[0]
    if not os.path.isabs(path):
        return path
    root = _controlled(folder) or _outermost(folder)
    return path[len(root) :] if root else path


@lru_cache(maxsize=4096)
def _controlled(folder: str) -> str:
    """The nearest folder under version control, at or above this one; empty if there is none."""
    if any(os.path.exists(f"{folder}/{name}") for name in _CONTROLLED):
        return folder
    above = folder.rpartition("/")[0]
    return _controlled(above) if above else ""


@lru_cache(maxsize=4096)
def _outermost(folder: str) -> str:
    above = folder.rpartition("/")[0]
    if above and (found := _outermost(above)):
        return found
    return folder if any(os.path.isfile(f"{folder}/{name}") for name in _OWN) else ""
