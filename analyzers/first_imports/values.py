"""What is said of a module's import as the first one of a program, and what came of trying it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, cast

from ..findings import Evidence, Finding, Json, Range

RULE = "import-cycle"


@dataclass(frozen=True, slots=True)
class Claim:
    """``import entry`` (of the file ``path``) is said to fail as the first import; ``evidence`` is what says so."""

    entry: str
    path: str
    evidence: Evidence

    @property
    def name(self) -> str:
        """What a module has not yet, where it is asked for."""
        return str(self.evidence.data.get("name", ""))

    @property
    def _step(self) -> Mapping[str, Any]:
        steps = self.evidence.data.get("path")
        first = steps[0] if isinstance(steps, Sequence) and steps else None
        return first if isinstance(first, Mapping) else {}

    @property
    def file(self) -> str:
        """The file in which the import fails; empty if that is not said."""
        return str(self._step.get("path", ""))

    @property
    def range(self) -> Range:
        """Where in it, on one line."""
        line, column = int(self._step.get("line", 1)) - 1, int(self._step.get("column", 1)) - 1
        return Range(line, column, line, column + len(str(self._step.get("text", ""))))


def failing(entry: str) -> str:
    """What is written beside an import that fails, if another one comes first."""
    return f"fails if '{entry}' is imported first"


def claims_of(finding: Finding) -> tuple[Claim, ...]:
    """What a finding says of first imports, the one that it is told by first; nothing for one of another rule."""
    return tuple(_claims(finding.evidence)) if finding.rule == RULE else ()


def _claims(evidence: Sequence[Evidence]) -> Iterator[Claim]:
    for each in evidence:
        entry, path = each.data.get("entry"), each.data.get("entry_path")
        if each.kind == "traced" and isinstance(entry, str) and isinstance(path, str):
            yield Claim(entry, path, each)


@dataclass(frozen=True, slots=True)
class FirstImport:
    """What came of ``import entry`` in a fresh interpreter.

    ``fails``: twice, with ``error`` (exception and message) at ``line`` of ``file``, where ``source`` had no ``name``
    yet. ``works``: the module of the file ``path`` is there. ``unknown``: it could not be told, for ``reason``.
    ``files`` are the workspace's files that were executed, each with the hash of its bytes: what the answer holds for;
    with no hash one that is not there, of a module (``name``) that was not found.
    ``lasting``: it would come out again as long as they are the same."""

    status: Literal["fails", "works", "unknown"]
    entry: str
    path: str
    reason: str = ""
    error: str = ""
    source: str = ""
    name: str = ""
    file: str = ""
    line: int = 0
    traceback: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    folder: str = ""
    search: tuple[str, ...] = ()
    seconds: float = 0.0
    sandbox: str = ""
    python: str = ""
    files: tuple[tuple[str, str], ...] = ()
    lasting: bool = True

    def evidence(self) -> Evidence:
        """That it was tried: ``reproduced`` or ``ran``."""
        data: dict[str, Json] = {
            "command": [*self.command],
            "folder": self.folder,
            "seconds": self.seconds,
            "sandbox": self.sandbox,
            "python": self.python,
        }
        if self.search:
            data["environment"] = {"PYTHONPATH": ":".join(self.search)}
        if self.status == "fails":
            data |= {"input": f"import {self.entry}", "exception": self.error, "times": 2}
            data["traceback"] = [*self.traceback]
            return Evidence("reproduced", f"'import {self.entry}' failed twice in a fresh process: {self.error}", data)
        data["after"] = 0
        return Evidence("ran", f"'import {self.entry}' works as the first import, in a fresh process", data)

    def told(self) -> str:
        return f"'import {self.entry}' fails as the first import: {self.source} has no '{self.name}' yet"

    def to_json(self) -> dict[str, Json]:
        return cast("dict[str, Json]", {**asdict(self), "files": [[*each] for each in self.files]})

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> FirstImport:
        """The inverse of :meth:`to_json`. Raises KeyError, TypeError or ValueError for anything else."""
        if value["status"] not in ("fails", "works", "unknown"):
            raise ValueError("no such status")
        known = {each.name: value[each.name] for each in fields(FirstImport) if each.name in value}
        known["files"] = tuple((str(path), str(digest)) for path, digest in known.get("files", ()))
        for name in ("traceback", "command", "search"):
            known[name] = tuple(str(each) for each in known.get(name, ()))
        return FirstImport(**known)
