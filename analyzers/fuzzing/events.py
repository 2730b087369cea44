"""What fuzzing says while it runs: progress, findings, and a last word.

Invariant: a :class:`FuzzFinding` exists only after its input failed in two fresh processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..findings import Evidence, Finding, Json, Range, Severity
from ..source import LineIndex

FindingKind = Literal["crash", "hang", "mutation", "property", "regression"]

#: ``ok``: the target was called. ``unsupported``: Suture does not know how to call it. ``environment``: the sandbox or
#: the target's own imports stood in the way; nothing is known about the target.
Status = Literal["ok", "unsupported", "environment"]


@dataclass(frozen=True, slots=True)
class Input:
    """An input as two expressions: the positional tuple (for a class: its steps) and the dict of keyword arguments."""

    args: str
    kwargs: str = "{}"

    def to_json(self) -> dict[str, Json]:
        return {"args": self.args, "kwargs": self.kwargs}


@dataclass(frozen=True, slots=True)
class Progress:
    """``executions`` so far and per second; ``stage`` is ``import``, ``first``, ``boundary``, ``generation``,
    ``symbolic``, ``shrink`` or ``replay``; ``branches`` of the target's file that were reached (0: not known)."""

    target: str
    executions: int
    per_second: float
    stage: str
    branches: int = 0

    def to_json(self) -> dict[str, Json]:
        return {
            "event": "progress",
            "target": self.target,
            "executions": self.executions,
            "per_second": round(self.per_second, 1),
            "stage": self.stage,
            "branches": self.branches,
        }


@dataclass(frozen=True, slots=True)
class FuzzFinding:
    """An input that breaks the target, shrunk, and seen twice in fresh processes.

    ``args`` is a Python expression for the positional tuple (for a class: a list of ``(method, args)`` steps) in which
    ``MOD`` is the target's module; ``call`` is the same as a person would write it. ``line`` is 1-based: the deepest
    line of the target's file that was running. ``domain`` states what was assumed about each parameter, and
    ``certainty`` how well that is known. ``signature`` names the bug (see :mod:`.signatures`), ``source_hash`` the text
    of the target that has it, ``versions`` what found it, ``stage`` how it was found; ``growth`` a pattern's measured
    cost, as (characters, seconds)."""

    path: str
    target: str
    kind: FindingKind
    args: str
    kwargs: str
    call: str
    exception: str
    message: str
    line: int
    shrunk: bool
    test: str
    domain: Mapping[str, str] = field(default_factory=dict[str, str])
    certainty: str = "annotated"
    confidence: float = 0.8
    seed: int = 0
    seconds: float = 0.0
    signature: str = ""
    source_hash: str = ""
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    stage: str = ""
    growth: tuple[tuple[int, float], ...] = ()

    @property
    def input(self) -> Input:
        return Input(self.args, self.kwargs)

    @property
    def summary(self) -> str:
        """One line for a diagnostic: the call and what it did."""
        call = self.call if len(self.call) <= 120 else self.call[:117] + "…"
        if self.kind == "crash":
            detail = f": {self.message}" if self.message else ""
            return f"{call} raises {self.exception}{detail}"
        if self.kind == "hang":
            return f"{call} does not end"
        return f"{call}: {self.message}"

    def to_json(self) -> dict[str, Json]:
        return {
            "event": "finding",
            "path": self.path,
            "target": self.target,
            "kind": self.kind,
            "args": self.args,
            "kwargs": self.kwargs,
            "call": self.call,
            "exception": self.exception,
            "message": self.message,
            "line": self.line,
            "shrunk": self.shrunk,
            "test": self.test,
            "domain": dict(self.domain),
            "certainty": self.certainty,
            "confidence": round(self.confidence, 3),
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            "signature": self.signature,
            "source_hash": self.source_hash,
            "versions": dict(self.versions),
            "stage": self.stage,
            "growth": [list(each) for each in self.growth],
        }

    def finding(self, text: str) -> Finding:
        """The diagnostic on the failing line of ``text``."""
        index = LineIndex(text)
        line = min(max(self.line - 1, 0), len(index.starts) - 1)
        code = index.line(line)
        column = len(code) - len(code.lstrip())
        severity: Severity = "high" if self.kind in ("crash", "hang") else "medium"
        evidence = Evidence(
            "reproduced",
            f"reproduced twice in fresh processes: {self.summary}",
            {
                "input": self.args,
                "kwargs": self.kwargs,
                "call": self.call,
                "exception": self.exception,
                "message": self.message,
                "seed": self.seed,
                "times": 2,
                "target": self.target,
                "domain": dict(self.domain),
                "certainty": self.certainty,
                "versions": dict(self.versions),
                "source_hash": self.source_hash,
                "stage": self.stage,
                "signature": self.signature,
            },
        )
        return Finding(
            path=self.path,
            range=Range(line, column, line, max(len(code), column)),
            rule="fuzz-counterexample",
            kind=self.kind,
            message=self.summary,
            severity=severity,
            confidence=self.confidence,
            suggestion="Add the regression test and handle this input, or document the exception.",
            evidence=(evidence, *self._measured()),
        )

    def _measured(self) -> tuple[Evidence, ...]:
        if not self.growth:
            return ()
        size, seconds = self.growth[-1]
        table: list[Json] = [list(each) for each in self.growth]
        return (Evidence("measured", f"{seconds:.2g} s for {size} characters, and growing", {"table": table}),)


@dataclass(frozen=True, slots=True)
class Done:
    """The last event of a target. ``reason`` explains a status other than ``ok``.

    ``coverage`` are at most 64 points (executions, branches reached); ``stages`` counts executions by stage;
    ``first_ms`` is when the first execution was seen (0: there was none); ``inputs`` reached new branches and are worth
    keeping (see :mod:`.corpus`)."""

    target: str
    executions: int
    seconds: float
    status: Status = "ok"
    findings: int = 0
    reason: str = ""
    domain: Mapping[str, str] = field(default_factory=dict[str, str])
    branches: int = 0
    coverage: tuple[tuple[int, int], ...] = ()
    stages: Mapping[str, int] = field(default_factory=dict[str, int])
    first_ms: float = 0.0
    inputs: tuple[Input, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {
            "event": "done",
            "target": self.target,
            "executions": self.executions,
            "seconds": round(self.seconds, 3),
            "status": self.status,
            "findings": self.findings,
            "reason": self.reason,
            "domain": dict(self.domain),
            "branches": self.branches,
            "coverage": [list(each) for each in self.coverage],
            "stages": dict(self.stages),
            "first_ms": round(self.first_ms, 1),
        }


Event = Progress | FuzzFinding | Done
