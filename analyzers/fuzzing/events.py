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
class Progress:
    """``executions`` so far and per second; ``stage`` is ``import``, ``boundary``, ``generation``, ``shrink`` or
    ``replay``."""

    target: str
    executions: int
    per_second: float
    stage: str

    def to_json(self) -> dict[str, Json]:
        return {
            "event": "progress",
            "target": self.target,
            "executions": self.executions,
            "per_second": round(self.per_second, 1),
            "stage": self.stage,
        }


@dataclass(frozen=True, slots=True)
class FuzzFinding:
    """An input that breaks the target, shrunk, and seen twice in fresh processes.

    ``args`` is a Python expression for the positional tuple (for a class: a list of ``(method, args)`` steps) in which
    ``MOD`` is the target's module; ``call`` is the same as a person would write it. ``line`` is 1-based: the deepest
    line of the target's file that was running. ``domain`` states what was assumed about each parameter, and
    ``certainty`` how well that is known."""

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
                "exception": self.exception,
                "seed": self.seed,
                "times": 2,
                "target": self.target,
                "domain": dict(self.domain),
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
            evidence=(evidence,),
        )


@dataclass(frozen=True, slots=True)
class Done:
    """The last event of a target. ``reason`` explains a status other than ``ok``."""

    target: str
    executions: int
    seconds: float
    status: Status = "ok"
    findings: int = 0
    reason: str = ""
    domain: Mapping[str, str] = field(default_factory=dict[str, str])

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
        }


Event = Progress | FuzzFinding | Done
