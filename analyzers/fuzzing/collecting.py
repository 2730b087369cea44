"""Which targets a campaign has, and in which order: what was changed first, then what is likeliest to break.

Invariant: nothing of the workspace is imported or run; git is asked for what it stores, with its hooks off.
Deliberately leaves out, below a folder, tests, examples, documentation and scripts that act when they are imported;
a file that is named is always taken.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from tree_sitter import Node

from ..errors import SutureError, UserError
from ..files import python_files
from ..source import decode, read_source
from ..syntax import descend, parse
from .project import find_root
from .targets import FuzzTarget, definition_hash, targets_in

_NOT_CODE = frozenset({"benchmarks", "doc", "docs", "example", "examples", "test", "testing", "tests"})
_ACTS_ON_IMPORT = frozenset({"__main__.py", "conftest.py", "fabfile.py", "noxfile.py", "setup.py", "tasks.py"})
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false")

#: What a definition does that inputs can upset, and how much each counts in the order.
_RISKS = {
    "while_statement": 3.0,
    "subscript": 2.0,
    "for_statement": 1.0,
    "if_statement": 1.0,
    "conditional_expression": 1.0,
    "comparison_operator": 0.5,
    "call": 0.3,
}
_DIVISIONS = ("/", "//", "%")


@dataclass(frozen=True, slots=True)
class Target:
    """A function, class or method to fuzz. ``changed``: its definition differs from the base version's, or is new.
    ``risk``: larger means more places that an input can upset; only for the order. ``in_base``: its file is there
    in the base version."""

    root: Path
    path: Path
    name: str
    kind: str
    line: int
    changed: bool = False
    risk: float = 0.0
    in_base: bool = False


@dataclass(frozen=True, slots=True)
class Collected:
    """The targets in the order to take them, and the files that could not be read, with the reason."""

    targets: tuple[Target, ...]
    unreadable: tuple[tuple[Path, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    path: Path
    names: tuple[str, ...]  # none: every public one


@dataclass
class _Base:
    """What the files were at a revision (or in a file, for a single path).

    Git is only asked for names and contents of its objects; comparing the working tree itself would run the filters
    that the repository's configuration names."""

    revision: str
    file: Path | None = None
    blobs: dict[Path, dict[str, str]] = field(default_factory=dict[Path, dict[str, str]])

    def text(self, path: Path) -> str | None:
        """The base version's text of ``path``; None if it is not there."""
        if self.file is not None:
            return read_source(self.file).text
        top, blob = self._blob(path)
        content = _git(top, "cat-file", "blob", blob) if top is not None and blob else None
        return None if content is None else decode(content, path.name).text

    def differs(self, path: Path) -> bool:
        """Whether the file may differ from its base version: quick, without its text."""
        if self.file is not None:
            return True
        top, blob = self._blob(path)
        return top is not None and blob != _blob_id(path.read_bytes(), len(blob))

    def _blob(self, path: Path) -> tuple[Path | None, str]:
        """The repository of ``path``, and the name of its content in the base version ("" if it is not there)."""
        path = path.resolve()
        top = _top(path.parent)
        if top is None:
            return None, ""
        if top not in self.blobs:
            listed = _git(top, "ls-tree", "-r", "-z", "--full-tree", self.revision)
            if listed is None:
                raise UserError(f"--base {self.revision} is neither a file nor a revision in {top}")
            rows = (row.partition("\t") for row in listed.decode("utf-8", "surrogateescape").split("\0") if row)
            self.blobs[top] = {name: about.split()[2] for about, _, name in rows}
        return top, self.blobs[top].get(path.relative_to(top).as_posix(), "")


def collect(
    given: Sequence[str],
    *,
    root: Path | None = None,
    base: str | None = None,
    changed_only: bool = False,
    private: bool = False,
) -> Collected:
    """The targets of ``given``: files, folders, and ``PATH::NAME``; each once.

    A name that is given is always a target, ``private`` or not; of files and folders the public functions and classes
    are (a class stands for its methods). With ``base`` (a revision, or a file) or a repository, changed definitions
    come first; ``changed_only`` leaves out the others. Raises UserError for what does not exist."""
    asked = list(_asked(given))
    version = _version(asked[0].path, base, changed_only) if asked else None
    if version is not None and version.file is not None and len(asked) > 1:
        raise UserError(f"--base {base} is one file, and several are to be fuzzed", "name a revision instead")
    found: dict[tuple[Path, str], Target] = {}
    unreadable: list[tuple[Path, str]] = []
    roots: dict[Path, Path] = {}
    for each in asked:
        try:
            text = read_source(each.path).text
        except SutureError as error:
            if each.names or len(asked) == 1:
                raise
            unreadable.append((each.path, error.message))
            continue
        folder = each.path.parent
        own = root or roots.setdefault(folder, find_root(each.path))
        for target in _targets(own.absolute(), each, text, version, private):
            found.setdefault((target.path, target.name), target)
    targets = [each for each in found.values() if each.changed or not changed_only]
    if not found and not unreadable:
        raise UserError(f"{', '.join(given)} has no function or class to fuzz")
    return Collected(tuple(sorted(targets, key=lambda each: (not each.changed, -each.risk))), tuple(unreadable))


def _version(path: Path, base: str | None, needed: bool) -> _Base | None:
    """The version to compare with: the one that is asked for, else the repository's HEAD where there is one."""
    if base is not None:
        version = _Base(base, Path(base) if Path(base).is_file() else None)
        if version.file is None and _top(path.parent) is None:
            what = f"--base {base} is neither a file nor a revision of {path.name}"
            raise UserError(what, "the folder is not a git repository")
        version.differs(path)  # an unknown revision is said at once
        return version
    try:
        if _top(path.parent) is not None:
            version = _Base("HEAD")
            version.differs(path)
            return version
    except UserError:
        if needed:
            raise
        return None
    if needed:
        raise UserError("--changed needs a git repository", "or name the earlier version's file with --base")
    return None


def base_text(path: Path, base: str) -> str | None:
    """The text of ``path`` in ``base``, a file or a revision; None if it is not there."""
    return _Base(base, Path(base) if Path(base).is_file() else None).text(path)


def _asked(given: Iterable[str]) -> Iterator[_Asked]:
    for spec in given:
        name = spec.partition("::")[2]
        path = Path(spec.partition("::")[0]).absolute()
        if name and not path.is_file():
            raise UserError(f"{spec.partition('::')[0]} is not a file", "name a Python file, and a function after ::")
        if path.is_dir():
            for found in python_files([path]):
                below = found.path.relative_to(path)
                if not found.error and not _NOT_CODE & set(below.parts[:-1]) and not _no_code(below.name):
                    yield _Asked(found.path, ())
        elif path.is_file():
            yield _Asked(path, (name,) if name else ())
        else:
            raise UserError(f"{spec} is neither a file nor a folder", "name files, folders, or PATH::NAME")


def _no_code(name: str) -> bool:
    return name in _ACTS_ON_IMPORT or name.startswith("test_") or name.endswith(("_test.py", ".pyw"))


def _targets(root: Path, asked: _Asked, text: str, base: _Base | None, private: bool) -> Iterator[Target]:
    module = parse(text.encode("utf-8", "surrogatepass")).root_node
    known = {each.name: each for each in targets_in(module)}
    wanted: list[FuzzTarget] = []
    for name in asked.names:
        if name not in known and not definition_hash(text, name):
            raise _unknown(asked.path, name, sorted(known))
        wanted.append(known.get(name, FuzzTarget(name, 0)))
    if not asked.names:
        wanted = [
            each for each in known.values() if each.kind != "method" and (private or not each.name.startswith("_"))
        ]
    risks = {node.start_point.row: _risk(node) for node in _definitions(module)}
    earlier = base.text(asked.path) if base is not None and wanted and base.differs(asked.path) else None
    fresh = base is not None and earlier is None and bool(wanted) and base.differs(asked.path)
    in_base = base is not None and not fresh
    for each in wanted:
        changed = fresh or (
            earlier is not None and definition_hash(text, each.name) != definition_hash(earlier, each.name)
        )
        risk = risks.get(each.line, 0.0)
        yield Target(root, asked.path, each.name, each.kind, each.line + 1, changed, risk, in_base)


def _unknown(path: Path, name: str, known: Sequence[str]) -> UserError:
    close = get_close_matches(name, known, 1)
    there = f"it has: {', '.join(known[:8])}" if known else "it has no functions to fuzz"
    return UserError(f"{path.name} has no function or class {name}", f"did you mean {close[0]}?" if close else there)


def _definitions(module: Node) -> Iterator[Node]:
    return (each for each in descend(module) if each.type in ("function_definition", "class_definition"))


def _risk(definition: Node) -> float:
    total = 0.0
    for node in descend(definition):
        total += _RISKS.get(node.type, 0.0)
        if node.type == "binary_operator":
            sign = node.child_by_field_name("operator")
            total += 3.0 if sign is not None and sign.type in _DIVISIONS else 0.0
    return round(total, 1)


def _top(folder: Path) -> Path | None:
    """The repository's folder that ``folder`` is in."""
    folder = folder.resolve()
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def _blob_id(content: bytes, length: int) -> str:
    """Git's name for a content; ``length`` 64 is that of a repository with SHA-256."""
    data = b"blob %d\0" % len(content) + content
    return hashlib.sha256(data).hexdigest() if length == 64 else hashlib.sha1(data, usedforsecurity=False).hexdigest()


def _git(folder: Path, *words: str) -> bytes | None:
    """What git prints; None if it says no. Raises UserError if there is no git."""
    try:
        ran = subprocess.run([*_GIT, "-C", str(folder), *words], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"git cannot be run: {error}", "name the earlier version's file with --base FILE") from error
    return ran.stdout if ran.returncode == 0 else None
