"""Inputs that are worth trying again: counterexamples, and inputs that reached new branches, per workspace.

One diskcache per workspace beside its store, in the person's private cache folder; JSON only, so that nothing that is
read can run. It is also where "this is expected" is remembered.

Invariant: each change is one transaction; processes may share a corpus, and one that is killed leaves it as it was.
Invariant: an input is text. It becomes a value in the sandbox only, as an input of its target.
Deliberately knows nothing of fuzzing: who fuzzes passes :meth:`Corpus.inputs` as ``first`` and records what comes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from ..cache import open_disk
from ..errors import Unavailable
from ..findings import Json
from ..store import private_folder, workspace_folder
from .events import Done, FuzzFinding, Input

#: Counterexamples and other inputs kept per target; the oldest counterexamples go first, of the others the newest.
MAX_FOUND = 32
MAX_INPUTS = 96
#: Longer inputs (characters) are not kept.
MAX_LENGTH = 4000
_SIZE_LIMIT = 64 * 2**20


class Corpus:
    """An open corpus. ``path`` may be absolute or relative to the workspace's root."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = Path(os.path.realpath(root))
        self.folder = folder
        self._disk = open_disk(folder, _SIZE_LIMIT)

    def inputs(self, path: Path | str, name: str) -> tuple[Input, ...]:
        """Counterexamples first, the newest first; then inputs that reached new branches."""
        entry = self._entry(self._key(path, name))
        return tuple(_inputs(entry["found"])) + tuple(_inputs(entry["inputs"]))

    def counterexamples(self, path: Path | str, name: str) -> tuple[Input, ...]:
        """The inputs that broke the target once, the newest first."""
        return tuple(_inputs(self._entry(self._key(path, name))["found"]))

    def expected(self, path: Path | str, name: str) -> frozenset[str]:
        """Signatures of what the person called expected."""
        return frozenset(str(each) for each in self._entry(self._key(path, name))["expected"])

    def expect(self, path: Path | str, name: str, signature: str) -> None:
        """From now on this is expected, and not reported any more."""
        self._change(self._key(path, name), {"found": [], "inputs": [], "expected": [signature]})

    def forget(self, path: Path | str, name: str, signature: str | None = None) -> int:
        """Take back what was called expected: one signature, or all of the target. Returns how many."""
        key = self._key(path, name)
        with self._disk.transact(retry=True):
            entry = self._entry(key)
            kept = [each for each in entry["expected"] if signature is not None and each != signature]
            taken = len(entry["expected"]) - len(kept)
            if taken:
                self._disk.set(key, {**entry, "expected": kept}, retry=True)
        return taken

    def record(self, path: Path | str, name: str, what: FuzzFinding | Done | Iterable[Input]) -> None:
        """Keep a counterexample, or the inputs that a search found worth keeping."""
        if isinstance(what, FuzzFinding):
            more = {"found": [what.input.to_json()], "inputs": [], "expected": []}
        else:
            inputs = what.inputs if isinstance(what, Done) else what
            more = {"found": [], "inputs": [each.to_json() for each in inputs], "expected": []}
        self._change(self._key(path, name), cast("dict[str, list[Json]]", more))

    def merge(self, other: Corpus) -> None:
        """Take in what another corpus holds (the same target has the same relative path)."""
        for key in other.targets():
            self._change(key, other._entry(key))

    def targets(self) -> list[str]:
        """Of all targets, ``path::name`` with the path relative to the root."""
        return [each for each in self._disk if isinstance(each, str)]

    def close(self) -> None:
        self._disk.close()

    def __enter__(self) -> Corpus:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _key(self, path: Path | str, name: str) -> str:
        place = Path(os.path.realpath(self.root / path))
        shown = place.relative_to(self.root) if place.is_relative_to(self.root) else place
        return f"{shown.as_posix()}::{name}"

    def _entry(self, key: str) -> dict[str, list[Json]]:
        try:
            kept = self._disk.get(key, retry=True)
        except ValueError:  # not JSON: somebody else's, or half of a disk that was full
            kept = None
        entry: Mapping[str, Any] = cast("Mapping[str, Any]", kept) if isinstance(kept, dict) else {}
        empty: list[Json] = []
        return {part: [*(entry.get(part) or empty)] for part in ("found", "inputs", "expected")}

    def _change(self, key: str, more: Mapping[str, list[Json]]) -> None:
        with self._disk.transact(retry=True):
            entry = self._entry(key)
            merged: dict[str, Json] = {
                "found": _joined(more["found"], entry["found"])[:MAX_FOUND],
                "inputs": _joined(entry["inputs"], more["inputs"])[-MAX_INPUTS:],
                "expected": _joined(entry["expected"], more["expected"]),
            }
            if merged != entry:
                self._disk.set(key, merged, retry=True)


def open_corpus(root: Path, folder: Path | None = None) -> Corpus:
    """The corpus of a workspace (``folder``: another cache folder). Raises Unavailable where there can be none."""
    home = workspace_folder(root, folder)
    private_folder(home)
    try:
        return Corpus(root, private_folder(home / "corpus"))
    except Exception as error:  # whatever SQLite says of a damaged file or a full disk
        raise Unavailable(f"the corpus {home / 'corpus'} cannot be used: {error}", "set SUTURE_CACHE_DIR") from error


def _joined(first: list[Json], second: list[Json]) -> list[Json]:
    """Both, in order, without repetition and without what is too long to keep."""
    joined: list[Json] = []
    for each in (*first, *second):
        if each not in joined and len(str(each)) <= MAX_LENGTH:
            joined.append(each)
    return joined


def _inputs(rows: Iterable[Json]) -> Iterator[Input]:
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("args"), str) and isinstance(row.get("kwargs"), str):
            yield Input(str(row["args"]), str(row["kwargs"]))
