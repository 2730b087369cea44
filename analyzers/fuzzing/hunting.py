"""One hunt on one target, from the host's side: searches in the sandbox, replays what turns up, tells events.

Invariant: a candidate becomes a finding after it failed the same way in two fresh processes; otherwise it is dropped
without a word. The budget is wall time for everything together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ..errors import SutureError
from ..findings import Json
from ..sandbox.interface import CallResult, CancelCheck, Limits, Sandbox
from .answers import checked
from .call_sites import CallSite, call_examples
from .events import Done, Event, FuzzFinding, Input, Progress
from .project import import_spot, regression_path, search_path
from .regression import Counterexample, call_text, test_source
from .signatures import signature
from .targets import definition_hash, fuzz_targets

WORKER = "suture.analyzers.fuzzing.worker:run"
#: Seconds of the budget that go on after the first finding, to see whether there are others.
AFTER_FINDING_S = 1.5
MAX_FINDINGS = 4
MOST_POINTS = 64
_RESERVE_S = 0.2
#: Seconds that a replay may take, and by how much it may go beyond the budget.
_REPLAY_S, _GRACE_S = 12.0, 4.0


@dataclass(frozen=True, slots=True)
class HuntTask:
    root: Path
    path: Path
    name: str
    source: str
    unsaved: bool
    base: str | None
    seed: int
    budget_s: float
    python: Path | None
    first: tuple[Input, ...] = ()
    expected: frozenset[str] = frozenset()

    def payload(self, **more: Json) -> dict[str, Json]:
        spot = import_spot(self.path)
        return {
            "path": str(self.path),
            "module": spot.module,
            "search": [str(each) for each in search_path(self.root, spot)],
            "root": str(self.root),
            "name": self.name,
            "source": self.source,
            "base": self.base,
            "seed": self.seed,
            "expected": sorted(self.expected),
            **more,
        }

    @property
    def files(self) -> Mapping[str, bytes]:
        if not self.unsaved:
            return {}
        return {self.path.relative_to(self.root).as_posix(): self.source.encode("utf-8", "surrogatepass")}


@dataclass
class Hunt:
    """One target from start to end. ``tell`` gets the events but the last, which :meth:`run` returns."""

    task: HuntTask
    sandbox: Sandbox
    cancelled: CancelCheck
    tell: Callable[[Event], None]
    calls: tuple[CallSite, ...] | None = None  # looked for when the first payload is made
    started: float = field(default_factory=time.monotonic)
    begun: float = field(init=False)  # when the budget began
    executions: int = 0
    branches: int = 0
    findings: int = 0
    first_ms: float = 0.0
    known: list[str] = field(default_factory=list[str])
    domain: dict[str, str] = field(default_factory=dict[str, str])
    stages: dict[str, int] = field(default_factory=dict[str, int])
    points: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    inputs: list[Input] = field(default_factory=list[Input])
    _early: Json = None  # the answer as it stood before its candidate was shrunk
    _seen: int = 0  # executions, as the last progress told them

    def __post_init__(self) -> None:
        self.begun = self.started

    def run(self) -> Done:
        done = self._search()
        if done.status == "ok" and not (done.executions or done.findings or self.cancelled()):
            # A cold start on a busy machine took it all. What is warm now is searched for as long as it was asked.
            self.begun = time.monotonic()
            done = self._search()
        return done

    def _search(self) -> Done:
        position = tried = 0
        first: float | None = None
        self._progress("import", 0, 0)
        while True:
            left = self.begun + self.task.budget_s - time.monotonic() - _RESERVE_S
            if first is not None:
                left = min(left, first + AFTER_FINDING_S - time.monotonic())
            if left < 0.1 or self.findings >= MAX_FINDINGS:
                return self.done("ok", "" if self.executions else "the budget is too short to begin")
            result = self._call(
                left,
                position=position,
                known=list(self.known),
                first=[[each.args, each.kwargs] for each in self.task.first[tried:]],
                seeds=[[each.args, each.kwargs] for each in self.inputs],
            )
            value = self._answer(result)
            if value is None:
                return self._no_answer(result)
            tried += value.get("tried_first", 0)
            self._learn(value)
            if value.get("status") != "ok":
                return self.done(value["status"], str(value.get("reason", "")).strip().partition("\n")[0])
            candidate = value.get("candidate")
            if candidate is None:
                return self.done("ok", "" if self.executions else "the budget was over before anything was tried")
            position = value.get("position", 0) if value.get("stage") in ("boundary", "first") else -1
            self.known.append(candidate["signature"])
            if self.confirmed(candidate):
                first = first or time.monotonic()
                self.findings += 1
                self.tell(self.finding(candidate, value))
                if candidate["kind"] == "hang":  # the rest of the search would mostly wait for it again
                    return self.done("ok")

    def replay(self, given: Input) -> tuple[FuzzFinding | None, Done]:
        """One stored input, once, and again in two fresh processes if it fails; no search."""
        result = self._call(_REPLAY_S, mode="replay", args=given.args, kwargs=given.kwargs)
        value = self._answer(result)
        if value is None:
            return None, self._no_answer(result)
        self._learn(value)
        if value.get("status") != "ok":
            return None, self.done(value["status"], str(value.get("reason", "")).strip().partition("\n")[0])
        candidate = value.get("candidate")
        if candidate is None or not self.confirmed(candidate):
            return None, self.done("ok")
        self.findings += 1
        return self.finding({**candidate, "shrunk": True}, value), self.done("ok")

    def _answer(self, result: CallResult) -> dict[str, Any] | None:
        """The answer; or, where the call was ended before it, the candidate that it had told of already."""
        value = checked(result.value)
        if value is None and result.reason != "cancelled" and result.value is None:
            value = checked(self._early)
        if value is None and self._seen > self.executions:  # what progress told of a call that did not answer
            self.executions = self._seen
        return value

    def _learn(self, value: Mapping[str, Any]) -> None:
        """What an answer says beside its candidate: counts, branches, inputs worth keeping."""
        self.points += [(self.executions + count, reached) for count, reached in value.get("coverage", ())]
        self.executions += value.get("executions", 0)
        self.branches = max(self.branches, value.get("branches", 0))
        self.domain = value.get("domain", self.domain)
        counted: dict[str, int] = dict(value.get("stages") or {})
        last = str(value.get("stage", "import"))  # was running when a call was ended, which is not in its counts
        counted[last] = counted.get(last, 0) + max(0, value.get("executions", 0) - sum(counted.values()))
        for stage, count in counted.items():
            self.stages[stage] = self.stages.get(stage, 0) + count
        known = set(self.inputs)
        self.inputs += [each for each in (Input(*row) for row in value.get("inputs", ())) if each not in known]

    def _call(self, wall_s: float, **more: Json) -> CallResult:
        if self.calls is None:
            self.calls = call_examples(self.task.root, self.task.path, self.task.name)
        payload = self.task.payload(
            budget_s=wall_s, until=time.monotonic() + wall_s, calls=[each.to_json() for each in self.calls], **more
        )
        before = self.executions
        self._early, self._seen = None, before

        def on_message(message: Json) -> None:
            if not isinstance(message, dict):
                return
            if "early" in message:
                self._early = message["early"]
            elif isinstance(message.get("progress"), int):
                count, reached = cast("int", message["progress"]), message.get("branches")
                self.branches = max(self.branches, reached if isinstance(reached, int) else 0)
                self._seen = before + count
                self._progress(str(message.get("stage", "")), before + count, self.branches)

        return self.sandbox.call(
            WORKER,
            payload,
            root=self.task.root,
            files=self.task.files,
            limits=Limits(wall_s=wall_s + 1, cpu_s=2 * wall_s + 5, memory_mb=768),
            python=self.task.python,
            cancel=self.cancelled,
            on_message=on_message,
        )

    def confirmed(self, candidate: dict[str, Any]) -> bool:
        """Twice in fresh processes, the same kind and exception each time. The two replays of a hang, which take
        their time, go on at once."""
        hang = candidate["kind"] == "hang"
        for copies in (2,) if hang else (1, 1):
            self._progress("replay", self.executions, self.branches)
            left = self.begun + self.task.budget_s - time.monotonic()
            result = self._call(
                min(_REPLAY_S, max(left, 0.0) + _GRACE_S),
                mode="replay",
                args=candidate["args"],
                kwargs=candidate["kwargs"],
                copies=copies,
            )
            answer = checked(result.value)
            again = answer.get("candidate") if answer is not None else None
            if again is None:
                return False
            if (again.get("kind"), again.get("exception")) != (candidate["kind"], candidate["exception"]):
                return False
            candidate["line"] = again.get("line") or candidate["line"]
            candidate["growth"] = again.get("growth") or candidate.get("growth", [])
        return True

    def finding(self, candidate: dict[str, Any], value: dict[str, Any]) -> FuzzFinding:
        task = self.task
        spot = import_spot(task.path)
        example = Counterexample(
            target=task.name,
            kind=candidate["kind"],
            args=candidate["args"],
            kwargs=candidate["kwargs"],
            exception=candidate["exception"],
            message=candidate["message"],
            expected=candidate.get("expected", ""),
            inverse=value.get("inverse", ""),
            is_class=candidate["args"].startswith("[('__init__'"),
            is_method="." in task.name and "self" in value.get("domain", {}),
            flavours=value.get("flavours", {}),
        )
        folder = regression_path(task.root, task.path, task.name).parent
        return FuzzFinding(
            path=str(task.path),
            target=task.name,
            kind=candidate["kind"],
            args=candidate["args"],
            kwargs=candidate["kwargs"],
            call=call_text(example),
            exception=candidate["exception"],
            message=candidate["message"],
            line=candidate["line"] or _line_of(task.source, task.name),
            shrunk=bool(candidate.get("shrunk")),
            test=test_source(example, spot, task.root, folder),
            domain=dict(self.domain),
            certainty=value.get("certainty", "guessed"),
            confidence=float(candidate["confidence"]),
            seed=task.seed,
            seconds=time.monotonic() - self.started,
            signature=signature(candidate["kind"], candidate["exception"], candidate["line"], task.source),
            source_hash=definition_hash(task.source, task.name),
            versions=_versions(value),
            stage=str(value.get("stage", "")),
            growth=tuple((int(size), float(cost)) for size, cost in candidate.get("growth", ())),
        )

    def _progress(self, stage: str, executions: int, branches: int) -> None:
        elapsed = max(time.monotonic() - self.started, 1e-6)
        if executions and not self.first_ms:
            self.first_ms = elapsed * 1000
        self.tell(Progress(self.task.name, executions, executions / elapsed, stage, branches))

    def _no_answer(self, result: CallResult) -> Done:
        if result.reason == "cancelled":
            return self.done("ok", "cancelled")
        if result.reason == "exit" and not result.error:
            return self.done("environment", "the function wrote over the worker's answer")
        if result.reason == "exit":
            last = result.error.strip().splitlines()[-1:] or ["no answer"]
            raise SutureError(f"the fuzzing worker failed: {last[0]}", "this is a fault of Suture's own")
        if result.reason == "timeout":
            return self.done("ok", "the budget ran out")
        return self.done("environment", f"the sandbox ended the worker: {result.reason}")

    def done(self, status: Any, reason: str = "") -> Done:
        seconds = time.monotonic() - self.started
        if self.executions and not self.first_ms:
            self.first_ms = seconds * 1000
        return Done(
            self.task.name,
            self.executions,
            seconds,
            status,
            self.findings,
            reason,
            dict(self.domain),
            branches=self.branches,
            coverage=rising(self.points),
            stages=dict(self.stages),
            first_ms=self.first_ms,
            inputs=tuple(self.inputs),
        )


def rising(points: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """At most 64 points at which more was reached than before; the first and the last are among them."""
    best = 0
    kept: list[tuple[int, int]] = []
    for executions, branches in points:
        if branches > best:
            best = branches
            kept.append((executions, branches))
    step = max(1, -(-len(kept) // (MOST_POINTS - 1)))
    return tuple(dict.fromkeys([*kept[::step], *kept[-1:]]))


def _versions(value: Mapping[str, Any]) -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    try:
        own = version("suture")
    except PackageNotFoundError:
        own = "0"
    return {**value.get("versions", {}), "suture": own}


def _line_of(source: str, name: str) -> int:
    """The 1-based line of a target's definition."""
    return next((each.line + 1 for each in fuzz_targets(source) if each.name == name), 1)
