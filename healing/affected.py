"""The tests that a change may break: those that import what changed, however many modules lie between.

Imports are read from the text, and kept by each file's time and size, so that a save costs what changed. Where it is
known which files a test executed (``covered``), tests that executed the file come first and the import graph adds the
tests of which nothing is known.

Invariant: nothing here imports or runs workspace code. A test file that changed is affected itself; a ``conftest.py``
affects every test below its folder; a file that nobody imports affects no test.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .workspace import Workspace, is_test

Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Read:
    """What one file imports: dotted names (``from a import b`` gives ``a`` and ``a.b``), by its stamp."""

    stamp: Stamp | int
    names: frozenset[str]


class Imports:
    """The imports of the files of one root; lives as long as the process that asks. Not thread-safe."""

    def __init__(self) -> None:
        self._known: dict[str, _Read] = {}

    def graph(self, workspace: Workspace) -> Mapping[str, frozenset[str]]:
        """File → the files of the workspace that it imports, directly."""
        modules = workspace.modules
        found: dict[str, frozenset[str]] = {}
        for name in workspace.python_files:
            imported = self._imports(workspace, name)
            found[name] = frozenset(modules[each] for each in imported if each in modules) - {name}
        self._known = {name: read for name, read in self._known.items() if name in found}
        return found

    def _imports(self, workspace: Workspace, name: str) -> frozenset[str]:
        stamp: Stamp | int
        if name in workspace.files:
            stamp = hash(workspace.files[name])
        else:
            try:
                status = (workspace.root / name).stat()
            except OSError:
                return frozenset()
            stamp = (status.st_mtime_ns, status.st_size)
        known = self._known.get(name)
        if known is None or known.stamp != stamp:
            names = imports_in(workspace.text(name) or "", workspace.module_name(name))
            known = self._known[name] = _Read(stamp, names)
        return known.names


def imports_in(text: str, module: str) -> frozenset[str]:
    """Dotted names that ``module`` imports; relative ones are made absolute. Empty if the text does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                parts = each.name.split(".")
                found |= {".".join(parts[: count + 1]) for count in range(len(parts))}
        elif isinstance(node, ast.ImportFrom):
            # A package's own modules are siblings below it: both readings are asked for, one of them exists.
            for base in _bases(module, node.level):
                origin = ".".join(part for part in (base, node.module or "") if part)
                found.add(origin)
                found |= {f"{origin}.{each.name}" if origin else each.name for each in node.names}
    return frozenset(found - {""})


def _bases(module: str, level: int) -> tuple[str, ...]:
    if not level:
        return ("",)
    parts = module.split(".")
    return tuple(dict.fromkeys((".".join(parts[:-level]), ".".join(parts[: len(parts) - level + 1]))))


def affected_tests(
    workspace: Workspace,
    changed: Iterable[str],
    imports: Imports,
    covered: Mapping[str, Iterable[str]] | None = None,
) -> tuple[str, ...]:
    """Test files that may fail because of ``changed`` (relative paths): changed tests, tests that executed a changed
    file (``covered``: test file → files), then those that import one."""
    changed = tuple(changed)
    importers: dict[str, set[str]] = {}
    for name, imported in imports.graph(workspace).items():
        for each in imported:
            importers.setdefault(each, set()).add(name)
    reached, todo = set(changed), list(changed)
    while todo:
        fresh = importers.get(todo.pop(), set()) - reached
        reached |= fresh
        todo += fresh
    below = [PurePosixPath(each).parent for each in changed if PurePosixPath(each).name == "conftest.py"]
    tests = [name for name in workspace.python_files if is_test(name) and PurePosixPath(name).name != "conftest.py"]
    executed = {test for test, files in (covered or {}).items() if set(files) & set(changed)}
    found = [
        name
        for name in tests
        if name in reached or name in executed or any(PurePosixPath(name).is_relative_to(folder) for folder in below)
    ]
    return tuple(sorted(found, key=lambda name: (name not in changed, name not in executed, _distance(name, changed))))


def _distance(test: str, changed: Sequence[str]) -> bool:
    """Tests called after what changed go first."""
    stem = PurePosixPath(test).stem.removeprefix("test_").removesuffix("_test")
    return stem not in {PurePosixPath(each).stem for each in changed}


def relative_to(root: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """Absolute paths as the workspace names them; those outside of it are left out."""
    real = root.resolve()
    found: list[str] = []
    for each in paths:
        path = Path(each).resolve()
        if path.is_relative_to(real):
            found.append(path.relative_to(real).as_posix())
    return tuple(found)
