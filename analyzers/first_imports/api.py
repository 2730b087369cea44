"""Import modules first, in the sandbox: each as the first import of a fresh interpreter of the workspace.

A failure counts as one of a cycle if Python itself says so (a name was asked of a module that is partially
initialised), at a line of the workspace, and again when the plain command is run. Whatever else an import fails of
(a distribution that is not there, settings that are missing, time) says nothing about the cycle.

Invariant: workspace code runs in the sandbox only. Each import is bounded in time, all of them together, too; they end
when ``cancel`` says so.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ..architecture.imports import import_root
from ..errors import Cancelled, SutureError
from ..fuzzing.project import find_root
from ..sandbox.interface import CancelCheck, Job, Limits, Outcome, Sandbox
from .values import FirstImport

#: Seconds of a processor for one import, and for all that are tried at a time; on a busy machine these take longer by
#: the clock, as many times as that at most.
EACH_S, ALL_S, _PATIENCE = 10.0, 40.0, 3
_MEMORY_MB = 1024
#: Lines of a traceback that are kept, from its end.
_LINES = 12

#: Runs the guest for each module of argv, and the plain command where that failed, and prints a value a line.
_DRIVER = """
import os, resource, subprocess, sys, tempfile, time
guest, each_s, clock_s, *names = sys.argv[1:]
def limited():
    resource.setrlimit(resource.RLIMIT_CPU, (max(1, round(float(each_s))),) * 2)
folder = tempfile.mkdtemp()
def run(*program):
    with tempfile.TemporaryFile() as said:  # no pipe: a process that the module leaves behind would hold it
        try:
            done = subprocess.run([sys.executable, *program], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=said, timeout=float(clock_s), preexec_fn=limited)
        except subprocess.TimeoutExpired:
            return None, ""
        said.seek(max(0, said.seek(0, os.SEEK_END) - 12000))
        return done.returncode, said.read().decode("utf-8", "replace")[-6000:]
for number, name in enumerate(names):
    begin, answer, plain = time.monotonic(), os.path.join(folder, str(number)), None
    code, said = run("-c", guest, name, answer)
    told = ""
    if os.path.exists(answer):
        with open(answer, encoding="utf-8", errors="surrogateescape") as file:
            told = file.read()
    if "partially initialized" in told or "circular import" in told:
        plain = run("-c", "import " + name)
    row = {"name": name, "code": code, "told": told, "plain": plain, "seconds": round(time.monotonic() - begin, 3)}
    print(ascii(row), flush=True)
"""


class Entry(NamedTuple):
    """A module of a file, by the name that it has below its import root."""

    name: str
    path: str


class Place(NamedTuple):
    """Where modules are imported: the workspace, the folder that their names start from, other folders to look in."""

    root: Path
    folder: Path
    search: tuple[Path, ...]


def place_of(path: str) -> Place:
    """Where a file is imported."""
    folder = Path(import_root(path))
    root = find_root(Path(path))
    if not folder.is_relative_to(root):
        root = folder  # a project file inside of a package
    others = [each for each in (root / "src", root) if each != folder and each.is_dir()]
    return Place(root, folder, tuple(others))


def import_first(
    entries: Iterable[Entry],
    *,
    sandbox: Sandbox,
    files: Mapping[str, bytes] | None = None,
    python: Path | None = None,
    each_s: float = EACH_S,
    all_s: float = ALL_S,
    cancel: CancelCheck | None = None,
) -> list[FirstImport]:
    """What came of each entry, in their order. ``files`` are unsaved texts by absolute path.

    Raises Cancelled; everything else that keeps an import from being tried is ``unknown`` and its reason."""
    listed, found = list(entries), dict[Entry, FirstImport]()
    by_place: dict[Place, list[Entry]] = {}
    for each in listed:
        by_place.setdefault(place_of(each.path), []).append(each)
    for place, group in by_place.items():
        overlay = {name: data for name, data in (files or {}).items() if Path(name).is_relative_to(place.root)}
        job = _job(place, group, overlay, python, each_s, all_s)
        try:
            outcome = sandbox.run(job, cancel)
        except Cancelled:
            raise
        except SutureError as error:
            found |= {each: _unknown(each, str(error), lasting=False) for each in group}
            continue
        if outcome.reason == "cancelled":
            raise Cancelled()
        rows = {str(row["name"]): row for row in _rows(outcome.stdout)}
        for each in group:
            row = rows.get(each.name)
            result = (
                _read(each, row, place, each_s) if row is not None else _unknown(each, _why(outcome), lasting=False)
            )
            shown = [*result.files] or [(each.path, "")]
            hashed = tuple((name, digest) for name, _ in shown if (digest := digest_of(name, overlay)))
            hashed += tuple((name, "") for name in _awaited(result, place) if not digest_of(name, overlay))
            found[each] = replace(
                result,
                command=("python", "-c", f"import {each.name}"),
                folder=place.folder.as_posix(),
                search=tuple(other.as_posix() for other in place.search),
                sandbox=sandbox.backend,
                files=hashed,
            )
    return [found[each] for each in listed]


def digest_of(path: str, files: Mapping[str, bytes]) -> str:
    """The hash of a file's bytes, unsaved ones first; empty if it is not there."""
    try:
        data = files[path] if path in files else Path(path).read_bytes()
    except OSError:
        return ""
    return hashlib.sha256(data).hexdigest()[:24]


@cache
def _guest() -> str:
    return Path(__file__).with_name("guest.py").read_text("utf-8")


def _job(
    place: Place,
    entries: Sequence[Entry],
    files: Mapping[str, bytes],
    python: Path | None,
    each_s: float,
    all_s: float,
) -> Job:
    most = min(all_s, 2 * each_s * len(entries)) + each_s
    names = [each.name for each in entries]
    env = {"PYTHONPATH": ":".join(each.as_posix() for each in place.search)} if place.search else {}
    return Job(
        argv=("python", "-I", "-c", _DRIVER, _guest(), str(each_s), str(_PATIENCE * each_s), *names),
        root=place.root,
        cwd=place.folder.relative_to(place.root).as_posix(),
        files={Path(name).relative_to(place.root).as_posix(): data for name, data in files.items()},
        env=env,
        limits=Limits(wall_s=_PATIENCE * most, cpu_s=most, memory_mb=_MEMORY_MB),
        python=python,
    )


def _rows(output: bytes) -> Iterator[Mapping[str, Any]]:
    """What the driver printed; what it did not print to the end is left out."""
    for line in output.decode("ascii", "replace").splitlines():
        try:
            row = ast.literal_eval(line)
        except (ValueError, SyntaxError):
            continue
        if isinstance(row, dict) and "name" in row:
            yield row  # pyright: ignore[reportUnknownVariableType]


def _unknown(entry: Entry, reason: str, *, lasting: bool = True) -> FirstImport:
    return FirstImport("unknown", entry.name, entry.path, reason=reason, lasting=lasting)


def _why(outcome: Outcome) -> str:
    if outcome.reason == "timeout":
        return "it did not end within its time"
    if outcome.reason == "memory":
        return "it used more memory than it may"
    said = outcome.stderr.decode("utf-8", "replace").strip().splitlines()
    return said[-1] if said else f"the sandbox ended it ({outcome.reason})"


def _read(entry: Entry, row: Mapping[str, Any], place: Place, each_s: float) -> FirstImport:
    """What one row of the driver says. What it says was written by a process that the workspace's code shares."""
    try:
        told = ast.literal_eval(row["told"]) if row["told"] else None
        if told is None and row["code"] in (None, -signal.SIGXCPU, -signal.SIGKILL):
            return _unknown(entry, f"importing it did not end within {each_s:g} s", lasting=False)
        if told is None:
            return _unknown(entry, f"the interpreter ended with status {row['code']}", lasting=False)
        return _judged(entry, row, told, place)
    except (ValueError, SyntaxError, KeyError, TypeError, IndexError) as error:
        return _unknown(entry, f"no readable answer ({type(error).__name__})", lasting=False)


def _judged(entry: Entry, row: Mapping[str, Any], told: Mapping[str, Any], place: Place) -> FirstImport:
    base = FirstImport(
        "works",
        entry.name,
        entry.path,
        seconds=float(row["seconds"]),
        python=str(told["python"]),
        files=tuple((str(each), "") for each in told["files"] if _own(str(each), place)),
    )
    chain = told["chain"]
    if not chain:
        if os.path.realpath(str(told["file"])) == os.path.realpath(entry.path):
            return base
        return replace(base, status="unknown", reason=f"'{entry.name}' is another module there: {told['file']}")
    asked = next((_asked(each, place) for each in chain if _asked(each, place) is not None), None)
    error = f"{chain[0]['kind'][0]}: {chain[0]['message']}"
    if asked is None:
        missing = str(chain[0]["name"]) if "ModuleNotFoundError" in chain[0]["kind"] else ""
        reason = f"'{missing}' cannot be imported with this interpreter" if missing else _reason(error)
        return replace(base, status="unknown", reason=reason, name=missing, lasting=bool(missing))
    code, said = row["plain"] or (None, "")
    if code in (0, None) or not _PARTIAL.search(said):
        return replace(base, status="unknown", reason=f"it failed only once: {error}", lasting=False)
    return replace(
        base,
        status="fails",
        error=error,
        source=asked.source,
        name=asked.name,
        file=asked.file,
        line=asked.line,
        traceback=tuple(said.rstrip().splitlines()[-_LINES:]),
    )


def _reason(error: str) -> str:
    return f"importing it raises {error.splitlines()[0] if error else error}"


def _awaited(result: FirstImport, place: Place) -> Iterator[str]:
    """Where a module that was not found would lie in the workspace: as soon as it does, the answer is another."""
    if result.status != "unknown" or not result.name:
        return
    below = result.name.replace(".", "/")
    for folder in (place.folder, *place.search):
        yield from (f"{folder.as_posix()}/{below}.py", f"{folder.as_posix()}/{below}/__init__.py")


class _Asked(NamedTuple):
    source: str
    name: str
    file: str
    line: int


#: What Python says (3.8 and later) of a name that is asked of a module whose loading has not ended.
_PARTIAL = re.compile(
    r"cannot import name '(?P<name>[^']+)' from partially initialized module '(?P<source>[^']+)'"
    r"|partially initialized module '(?P<source2>[^']+)' (?:from '[^']*' )?has no attribute '(?P<name2>[^']+)'"
    r"|cannot access submodule '(?P<name3>[^']+)' of module '(?P<source3>[^']+)'"
)


def _asked(error: Mapping[str, Any], place: Place) -> _Asked | None:
    """What an exception asked of a module that was being loaded, if it did so at a line of the workspace."""
    if not {"ImportError", "AttributeError"} & set(error["kind"]):
        return None
    match = _PARTIAL.match(str(error["message"]))
    file, line = error["place"]
    if match is None or not _own(str(file), place):
        return None
    name = match["name"] or match["name2"] or match["name3"]
    source = match["source"] or match["source2"] or match["source3"]
    return _Asked(source, name, str(file), int(line))


def _own(path: str, place: Place) -> bool:
    """Is a file one of the workspace's own, not of an environment that lies in it?"""
    inside = Path(path).is_relative_to(place.root) or Path(path).is_relative_to(os.path.realpath(place.root))
    return inside and not {"site-packages", "dist-packages"} & set(Path(path).parts)


__all__ = ["ALL_S", "EACH_S", "Entry", "Place", "digest_of", "import_first", "place_of"]
