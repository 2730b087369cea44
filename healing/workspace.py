"""A read-only view of a workspace with unsaved text laid over it, and what can be imported there.

Invariant: nothing here imports or runs workspace code; modules and their names are read from the text.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath

from ..analyzers.errors import UserError
from ..analyzers.source import SourceText, decode, read_source

#: Folders that hold no code of the workspace itself.
SKIPPED = frozenset({"node_modules", "__pycache__", "build", "dist", "site-packages", "venv", "env", "target"})
#: A workspace larger than this is indexed in part: the first files in alphabetical order of their folders.
MAX_FILES = 3000
_JAVASCRIPT = frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})

_TOP_NAME = re.compile(
    r"^(?:async[ \t]+)?(?:def|class)[ \t]+(?P<def>\w+)|^(?P<var>[A-Za-z_]\w*)[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE
)


class Workspace:
    """``root`` as it is on disk, with ``files`` (relative POSIX path → bytes) laid over it."""

    def __init__(self, root: Path, files: Mapping[str, bytes] | None = None, python: Path | None = None) -> None:
        self.root = root.resolve()
        self.files = dict(files or {})
        self.python = python
        self._sources: dict[str, SourceText | None] = {}
        self._listed: dict[tuple[str, ...], tuple[str, ...]] = {}

    def with_texts(self, texts: Mapping[str, str]) -> Workspace:
        """A view in which these files have these texts. Shares what was read of all others."""
        other = Workspace(self.root, self.files, self.python)
        other._sources = {name: source for name, source in self._sources.items() if name not in texts}
        for name, text in texts.items():
            base = self.source(name) or SourceText("")
            other._sources[name] = SourceText(text, base.encoding, base.bom)
            other.files[name] = other._sources[name].encode()  # type: ignore[union-attr]
        return other

    def relative(self, path: str | Path, cwd: str = ".") -> str | None:
        """The path relative to the root in POSIX form, or None for one outside or a file that does not exist."""
        if not str(path) or str(path).startswith("<"):
            return None
        full = Path(path)
        if not full.is_absolute():
            full = self.root / cwd / full
        try:
            name = full.resolve().relative_to(self.root).as_posix()
        except (ValueError, OSError):
            return None
        return name if name in self.files or (self.root / name).is_file() else None

    def absolute(self, name: str) -> str:
        return (self.root / name).as_posix()

    def source(self, name: str) -> SourceText | None:
        """Decoded text of a file, or None if it cannot be read or decoded."""
        if name not in self._sources:
            try:
                data = self.files.get(name)
                self._sources[name] = decode(data, name) if data is not None else read_source(self.root / name)
            except UserError:
                self._sources[name] = None
        return self._sources[name]

    def text(self, name: str) -> str | None:
        source = self.source(name)
        return None if source is None else source.text

    @cached_property
    def python_files(self) -> tuple[str, ...]:
        """Relative paths of the Python files of the workspace, sorted; dot-folders and environments are left out."""
        return self.source_files((".py",))

    def source_files(self, suffixes: tuple[str, ...]) -> tuple[str, ...]:
        """Relative paths of the files that end so, sorted; dot-folders, environments, dependencies and what is built
        are left out."""
        if suffixes not in self._listed:
            found = {name for name in self.files if name.endswith(suffixes)}
            for name in _walk(self.root, suffixes):
                found.add(name)
                if len(found) >= MAX_FILES:
                    break
            self._listed[suffixes] = tuple(sorted(name for name in found if not name.startswith(".")))
        return self._listed[suffixes]

    def module_name(self, name: str) -> str:
        """The dotted name under which Python would import a file: from the first folder upwards that is no package."""
        path = PurePosixPath(name)
        parts = [] if path.name == "__init__.py" else [path.stem]
        known = set(self.python_files)
        for folder in path.parents:
            if str(folder) == "." or f"{folder}/__init__.py" not in known:
                break
            parts.insert(0, folder.name)
        return ".".join(parts)

    @cached_property
    def modules(self) -> Mapping[str, str]:
        """Dotted module name → relative path."""
        return {module: name for name in self.python_files if (module := self.module_name(name))}

    def names_of(self, name: str) -> tuple[str, ...]:
        """Names defined at the top level of a file: functions, classes, variables."""
        text = self.text(name) or ""
        return tuple(dict.fromkeys(match["def"] or match["var"] for match in _TOP_NAME.finditer(text)))

    @cached_property
    def exports(self) -> Mapping[str, tuple[str, ...]]:
        """Top-level name → modules of the workspace that define it; test modules are left out."""
        found: dict[str, list[str]] = {}
        for module, name in self.modules.items():
            if not is_test(name):
                for each in self.names_of(name):
                    found.setdefault(each, []).append(module)
        return {name: tuple(modules) for name, modules in found.items()}

    @cached_property
    def installed(self) -> frozenset[str]:
        """Top-level modules that the interpreter of this workspace can import from its site-packages."""
        found: set[str] = set()
        for folder in _site_folders(self.python):
            try:
                for entry in folder.iterdir():
                    stem = entry.name.partition(".")[0]
                    if (entry.is_dir() and stem.isidentifier() and "." not in entry.name) or (
                        entry.suffix in (".py", ".so", ".pyd") and stem.isidentifier()
                    ):
                        found.add(stem)
            except OSError:
                continue
        return frozenset(found)

    @property
    def standard(self) -> frozenset[str]:
        """Top-level modules of the standard library."""
        return sys.stdlib_module_names


def is_test(name: str) -> bool:
    """Whether a test runner of its language, or a reader, would take this file for a test."""
    path = PurePosixPath(name)
    if path.suffix in _JAVASCRIPT:
        word = path.stem.rpartition(".")[2]
        folders = {"__tests__", "test", "tests"} & set(path.parts[:-1])
        return word in {"test", "spec"} or path.stem.startswith(("test-", "test_")) or bool(folders)
    return path.stem.startswith("test_") or path.stem.endswith("_test") or path.stem == "conftest"


def _walk(folder: Path, suffixes: tuple[str, ...], prefix: str = "") -> Iterator[str]:
    try:
        entries = sorted(folder.iterdir(), key=lambda each: (each.is_dir(), each.name))
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir():
            if entry.name not in SKIPPED and not (entry / "pyvenv.cfg").exists():
                yield from _walk(entry, suffixes, f"{prefix}{entry.name}/")
        elif entry.name.endswith(suffixes):
            yield prefix + entry.name


def _site_folders(python: Path | None) -> Iterator[Path]:
    if python is None or python == Path(sys.executable):
        yield from (Path(each) for each in sys.path if each.endswith(("site-packages", "dist-packages")))
        return
    yield from python.parent.parent.glob("lib/python3*/site-packages")
