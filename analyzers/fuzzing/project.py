"""Where a file belongs: the project's root, the name it is imported by, and where its tests live.

Deliberately only looks at folders and file names; nothing is read or run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_ROOT_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", ".hg")
_TEST_FOLDERS = ("tests", "test")


@dataclass(frozen=True, slots=True)
class ImportSpot:
    """How a file is imported: put ``folder`` on ``sys.path``, then ``import module``."""

    folder: Path
    module: str

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def find_root(path: Path) -> Path:
    """The nearest folder above ``path`` with a project file or a repository; otherwise the folder to import from."""
    path = path.absolute()
    home = Path.home()
    for folder in path.parents:
        if folder in (home, Path(folder.anchor)):
            break
        if any((folder / mark).exists() for mark in _ROOT_MARKS):
            return folder
    return import_spot(path).folder


def placed(root: Path, path: Path) -> tuple[Path, Path]:
    """Root and file as absolute paths; for a file outside of the root, a root of its own (:func:`find_root`)."""
    root, path = root.absolute(), path.absolute()
    return (root, path) if path.is_relative_to(root) else (find_root(path), path)


def import_spot(path: Path) -> ImportSpot:
    """Walks up while there is an ``__init__.py``; ``pkg/__init__.py`` is the package itself."""
    path = path.absolute()
    parts = [] if path.name == "__init__.py" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").exists() and folder.name.isidentifier() and folder != folder.parent:
        parts.insert(0, folder.name)
        folder = folder.parent
    return ImportSpot(folder, ".".join(parts) or path.stem)


def search_path(root: Path, spot: ImportSpot) -> tuple[Path, ...]:
    """What to put on ``sys.path``, first first: the file's own import folder, ``src``, the root."""
    candidates = (spot.folder, root / "src", root)
    return tuple(dict.fromkeys(folder for folder in candidates if folder.is_dir()))


def regression_path(root: Path, path: Path, name: str) -> Path:
    """Where the regression test of target ``name`` of ``path`` belongs; deterministic, in the project's layout."""
    folder = next((root / each for each in _TEST_FOLDERS if (root / each).is_dir()), root / "tests")
    stem = "_".join(part for part in import_spot(path).module.split(".") if part)
    return folder / f"test_fuzz_{slug(stem)}_{slug(name)}.py"


def slug(name: str) -> str:
    """``name`` as part of an identifier, lower case."""
    return re.sub(r"\W+", "_", name).strip("_").lower() or "target"
