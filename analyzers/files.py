"""Which files a review looks at: the Python files below folders, and every file that is named.

Invariant: no process is started and no configuration of the workspace is obeyed but ``.gitignore``, of which the
common forms are understood (names, globs, ``dir/``, ``/anchored``, ``**``, ``!negation``), with or without git.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: Folders that hold other people's or generated code.
SKIPPED = frozenset(
    {
        *(".bzr", ".direnv", ".eggs", ".git", ".hg", ".hypothesis", ".idea", ".ipynb_checkpoints", ".mypy_cache"),
        *(".nox", ".pants.d", ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", ".vscode"),
        *("__pycache__", "__pypackages__", "_build", "buck-out", "dist", "node_modules", "site-packages", "venv"),
    }
)

SUFFIXES = frozenset({".py", ".pyw"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file to review, or one that cannot be, with the reason."""

    path: Path
    error: str = ""


def python_files(paths: Iterable[Path]) -> Iterator[Found]:
    """Files below ``paths`` in sorted order, each once. A path that does not exist is an error of its own."""
    seen: set[Path] = set()
    for path in paths:
        absolute = Path(os.path.abspath(path))
        for found in _below(absolute) if absolute.is_dir() else [_named(absolute)]:
            if found.path not in seen:
                seen.add(found.path)
                yield found


def _named(path: Path) -> Found:
    if not os.path.lexists(path):
        return Found(path, "no such file or folder")
    return Found(path) if path.is_file() else Found(path, "not a regular file")


def _below(root: Path) -> Iterator[Found]:
    stack: list[tuple[Path, tuple[_Ignore, ...]]] = [(root, _ignores_above(root))]
    while stack:
        folder, ignores = stack.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda each: each.name)
        except OSError as error:
            yield Found(folder, f"cannot be listed: {error.strerror or error}")
            continue
        names = {each.name for each in entries}
        if "pyvenv.cfg" in names and folder != root:
            continue
        if ".gitignore" in names:
            ignores = (*ignores, *_read_ignores(folder))
        below: list[tuple[Path, tuple[_Ignore, ...]]] = []
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_folder and os.path.splitext(entry.name)[1] not in SUFFIXES:
                continue
            path = Path(entry.path)
            if is_folder:
                if entry.name not in SKIPPED and not _ignored(path, True, ignores):
                    below.append((path, ignores))
            elif not os.path.isdir(entry.path) and not _ignored(path, False, ignores):
                yield _named(path)
        stack.extend(reversed(below))


# -- .gitignore


def is_ignored(path: Path, root: Path) -> bool:
    """Whether a ``.gitignore`` between the repository's top and ``path`` excludes it. ``path`` is below ``root``."""
    path, current = Path(os.path.abspath(path)), Path(os.path.abspath(root))
    ignores = (*_ignores_above(current), *_read_ignores(current))
    for part in path.relative_to(current).parts:
        current = current / part
        if _ignored(current, current != path, ignores):
            return True
        ignores = (*ignores, *_read_ignores(current))
    return False


@dataclass(frozen=True, slots=True)
class _Ignore:
    folder: Path
    pattern: re.Pattern[str]
    folders_only: bool
    negated: bool


def _ignores_above(root: Path) -> tuple[_Ignore, ...]:
    """Patterns of the folders above ``root`` in the same repository."""
    if (root / ".git").exists():
        return ()
    found: list[_Ignore] = []
    for folder in root.parents:
        found = [*_read_ignores(folder), *found]
        if (folder / ".git").exists():
            return tuple(found)
    return ()


def _read_ignores(folder: Path) -> list[_Ignore]:
    try:
        lines = (folder / ".gitignore").read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [each for line in lines if (each := _parse(folder, line)) is not None]


def _parse(folder: Path, line: str) -> _Ignore | None:
    line = line.rstrip()
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    line = line[1:] if negated else line
    folders_only = line.endswith("/")
    line = line.rstrip("/")
    anchored = "/" in line
    if not line:
        return None
    return _Ignore(folder, _translate(line.lstrip("/"), anchored), folders_only, negated)


@cache
def _translate(glob: str, anchored: bool) -> re.Pattern[str]:
    parts = "" if anchored else "(?:.*/)?"
    position = 0
    while position < len(glob):
        if glob.startswith("**/", position):
            parts, position = parts + "(?:.*/)?", position + 3
        elif glob.startswith("**", position):
            parts, position = parts + ".*", position + 2
        elif glob[position] == "*":
            parts, position = parts + "[^/]*", position + 1
        elif glob[position] == "?":
            parts, position = parts + "[^/]", position + 1
        elif glob[position] == "[" and (end := glob.find("]", position + 2)) > 0:
            inside = glob[position + 1 : end].replace("\\", "\\\\")
            parts += f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
            position = end + 1
        else:
            parts, position = parts + re.escape(glob[position]), position + 1
    try:
        return re.compile(parts)
    except re.error:
        return re.compile(re.escape(glob))


def _ignored(path: Path, is_folder: bool, ignores: Sequence[_Ignore]) -> bool:
    """The last pattern that matches decides."""
    for ignore in reversed(ignores):
        if ignore.folders_only and not is_folder:
            continue
        if ignore.pattern.fullmatch(path.relative_to(ignore.folder).as_posix()):
            return not ignore.negated
    return False
