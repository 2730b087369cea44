"""Which file of the workspace a path from elsewhere stands for: ``/app/src/pkg/mod.py``, ``C:\\work\\pkg\\mod.py``, or
the workspace's own package as it is installed in a ``site-packages``.

The file that shares most of the path's end is meant, and the source line that was printed is the check: a file that
shares the last name only is believed only if it has that line. Where the file has changed, the line is found by its
text again.

Invariant: the interpreter's own library is never taken for the workspace, whatever its files are called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from .fault import Frame
from .workspace import Workspace

_SITE = re.compile(r"/(?:site|dist)-packages/", re.IGNORECASE)
_LIBRARY = re.compile(r"/lib(?:64)?/(?:python|pypy)[\d.]+/|/Python\d*(?:\.framework)?/(?:.*/)?Lib/", re.IGNORECASE)
#: Said of a fault whose printed line is not in the file any more.
CHANGED = "the file has changed since: the printed line is not in it any more"


def foreign_frame(frame: Frame, workspace: Workspace) -> Frame | None:
    """The frame with the relative path and the line that it has in the workspace; None if it is not the workspace's.
    Its line is -1 if the printed line is not in the file any more."""
    path = frame.path.replace("\\", "/")
    if not path or path.startswith("<"):
        return None
    site = list(_SITE.finditer(path))
    if site:
        tail = path[site[-1].end() :]
        best = [name for name in workspace.python_files if _import_path(workspace, name) == tail]
        shared = len(PurePosixPath(tail).parts) + 1
    elif _LIBRARY.search(path):
        return None
    else:
        best, shared = _nearest(path, workspace)
    placed = [(name, _line(workspace, name, frame)) for name in best]
    sure = [(name, line) for name, line in placed if line >= 0]
    if frame.text and len(sure) == 1:
        return replace(frame, path=sure[0][0], line=sure[0][1])
    if len(placed) != 1 or (shared < 2 and "/" in path.strip("/")):
        return None
    name, line = placed[0]
    return replace(frame, path=name, line=line, mark=frame.mark if line >= 0 else None)


def _nearest(path: str, workspace: Workspace) -> tuple[list[str], int]:
    """The files that share most of the end of a path, and how many parts they share."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.endswith(".py"):
        return _longest(workspace.python_files, parts)
    for start in range(len(parts)):
        name = workspace.relative("/".join(parts[start:]))
        if name is not None:
            return [name], len(parts) - start
    return [], 0


def _longest(names: Iterable[str], parts: list[str]) -> tuple[list[str], int]:
    best: list[str] = []
    most = 0
    for name in names:
        shared = 0
        for one, two in zip(reversed(name.split("/")), reversed(parts), strict=False):
            if one != two:
                break
            shared += 1
        if shared > most:
            best, most = [], shared
        if shared and shared == most:
            best.append(name)
    return best, most


def _import_path(workspace: Workspace, name: str) -> str:
    """Where an installation puts a file: its module's folders, without those above the package."""
    module = workspace.module_name(name).replace(".", "/")
    return f"{module}/__init__.py" if name.endswith("/__init__.py") else f"{module}.py"


def _line(workspace: Workspace, name: str, frame: Frame) -> int:
    """The line of the printed text that is nearest to the printed number; -1 if there is none."""
    lines = (workspace.text(name) or "").split("\n")
    if not frame.text:
        return frame.line if frame.line < len(lines) else -1
    same = [number for number, line in enumerate(lines) if line.strip() == frame.text]
    return min(same, key=lambda number: abs(number - frame.line), default=-1)
