"""Fuzz one target: search in the sandbox, replay what turns up in fresh processes, report as events.

Invariant: the code under test runs in the sandbox only. A candidate becomes a finding after it failed the same way in
two fresh processes; otherwise it is dropped without a word. The budget is wall time for everything together.
"""

from __future__ import annotations

import ast
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import SutureError, UserError
from ..findings import Json
from ..sandbox.interface import CallResult, CancelCheck, Limits, Sandbox
from ..source import read_source
from .events import Done, Event, FuzzFinding, Input, Progress, Status
from .project import find_root, import_spot, regression_path, search_path
from .regression import Counterexample, call_text, test_source
from .signatures import signature
from .targets import FuzzTarget, definition_hash, fuzz_targets

WORKER = "suture.analyzers.fuzzing.worker:run"
#: Seconds of the budget that go on after the first finding, to see whether there are others.
AFTER_FINDING_S = 1.5
MAX_FINDINGS = 4
#: Seconds for one run of a stored input.
REPLAY_S = 6.0
_RESERVE_S = 0.2

__all__ = [
    "Done",
    "Event",
    "FuzzFinding",
    "FuzzTarget",
    "Input",
    "Progress",
    "Replayed",
    "find_root",
    "fuzz",
    "fuzz_targets",
    "regression_path",
    "replay",
]


def fuzz(
    root: Path,
    path: Path,
    name: str,
    *,
    sandbox: Sandbox,
    budget_s: float = 10,
    seed: int = 0,
    text: str | None = None,
    base: str | None = None,
    python: Path | None = None,
    cancel: CancelCheck | None = None,
    first: Sequence[Input] = (),
    expected: frozenset[str] = frozenset(),
) -> Iterator[Event]:
    """Events while target ``name`` of ``path`` is fuzzed; the last is :class:`Done`.

    ``text`` is unsaved text of the file; ``base`` a revision or a file to compare with; ``seed`` makes the search
    repeatable. ``first`` are inputs to try before all others (stored counterexamples); ``expected`` are signatures of
    what the person called expected, which is never reported. Raises UserError if the file or the target does not
    exist, before anything runs.
    """
    path, root = path.absolute(), root.absolute()
    if not path.is_relative_to(root):
        root = find_root(path)
    source = text if text is not None else read_source(path).text
    _check_target(path, source, name)
    task = _Task(root, path, name, source, text is not None, _base_text(root, path, base), seed, budget_s, python)
    task = replace(task, first=tuple(first), expected=expected)
    return _stream(task, sandbox, cancel)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a stored input does to the target as it is now; ``status`` other than ``ok``: nothing is known."""

    status: Status
    finding: FuzzFinding | None = None
    reason: str = ""


def replay(
    root: Path,
    path: Path,
    name: str,
    given: Input,
    *,
    sandbox: Sandbox,
    text: str | None = None,
    base: str | None = None,
    python: Path | None = None,
    cancel: CancelCheck | None = None,
) -> Replayed:
    """Try one stored input again, without a search; what fails is confirmed in fresh processes as in :func:`fuzz`.

    Raises UserError if the file or the target does not exist any more."""
    path, root = path.absolute(), root.absolute()
    if not path.is_relative_to(root):
        root = find_root(path)
    source = text if text is not None else read_source(path).text
    _check_target(path, source, name)
    task = _Task(root, path, name, source, text is not None, _base_text(root, path, base), 0, REPLAY_S, python)
    return _Campaign(task, sandbox, cancel or (lambda: False), lambda _: None).replay(given)


def _check_target(path: Path, source: str, name: str) -> None:
    targets = {each.name for each in fuzz_targets(source)}
    if name in targets or _defined(source, name):
        return
    from difflib import get_close_matches

    close = get_close_matches(name, targets, 1)
    known = ", ".join(sorted(targets)[:8])
    hint = f"did you mean {close[0]}?" if close else f"it has: {known}" if known else "it has no functions to fuzz"
    raise UserError(f"{path.name} has no function or class {name}", hint)


def _defined(source: str, name: str) -> bool:
    """Whether the name is defined at all, though not a target (the worker says why it is unsupported)."""
    last = name.rpartition(".")[2]
    return any(f"{word} {last}{end}" in source for word in ("def", "class") for end in ("(", ":", "["))


def _base_text(root: Path, path: Path, base: str | None) -> str | None:
    """The text of the base version: a file, or the same path at a revision."""
    if base is None:
        return None
    file = Path(base)
    if file.is_file():
        return read_source(file).text
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-C", str(path.parent)]
    try:
        shown = subprocess.run(
            [*command, "show", f"{base}:./{path.name}"], capture_output=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"--base {base}: git cannot be run: {error}") from error
    if shown.returncode:
        reason = shown.stderr.decode("utf-8", "replace").strip().splitlines()[:1]
        raise UserError(f"--base {base} is neither a file nor a revision of {path.name}", "; ".join(reason))
    return shown.stdout.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class _Task:
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


def _stream(task: _Task, sandbox: Sandbox, cancel: CancelCheck | None) -> Iterator[Event]:
    """Runs the campaign in a thread, so that its events come out as they happen."""
    events: queue.SimpleQueue[Event | BaseException] = queue.SimpleQueue()
    stopped = threading.Event()

    def cancelled() -> bool:
        return stopped.is_set() or (cancel is not None and cancel())

    def work() -> None:
        try:
            events.put(_Campaign(task, sandbox, cancelled, events.put).run())
        except BaseException as error:  # noqa: BLE001 - raised again by the reader
            events.put(error)

    thread = threading.Thread(target=work, name="suture-fuzz", daemon=True)
    thread.start()
    try:
        while True:
            event = events.get()
            if isinstance(event, BaseException):
                raise event
            yield event
            if isinstance(event, Done):
                return
    finally:
        stopped.set()
        thread.join(5)


@dataclass
class _Campaign:
    """One target from start to end."""

    task: _Task
    sandbox: Sandbox
    cancelled: CancelCheck
    tell: Callable[[Event], None]
    started: float = field(default_factory=time.monotonic)
    executions: int = 0
    findings: int = 0
    known: list[str] = field(default_factory=list[str])
    domain: dict[str, str] = field(default_factory=dict[str, str])

    def run(self) -> Done:
        position = 0
        first: float | None = None
        self._progress("import", 0)
        while True:
            left = self.started + self.task.budget_s - time.monotonic() - _RESERVE_S
            if first is not None:
                left = min(left, first + AFTER_FINDING_S - time.monotonic())
            if left < 0.1 or self.findings >= MAX_FINDINGS:
                return self._done("ok")
            first_inputs = [[each.args, each.kwargs] for each in self.task.first]
            result = self._call(left, position=position, known=list(self.known), first=first_inputs)
            answer = result.value
            if not isinstance(answer, dict):
                return self._no_answer(result)
            value: dict[str, Any] = dict(answer)
            self.executions += value.get("executions", 0)
            self.domain = value.get("domain", self.domain)
            if value.get("status") != "ok":
                return self._done(value["status"], str(value.get("reason", "")).strip().partition("\n")[0])
            candidate = value.get("candidate")
            if candidate is None:
                return self._done("ok")
            position = value.get("position", 0) if value.get("stage") == "boundary" else -1
            self.known.append(candidate["signature"])
            if self._confirmed(candidate):
                first = first or time.monotonic()
                self.findings += 1
                self.tell(self._finding(candidate, value))
                if candidate["kind"] == "hang":  # the rest of the search would mostly wait for it again
                    return self._done("ok")

    def _call(self, wall_s: float, **more: Json) -> CallResult:
        payload = self.task.payload(budget_s=wall_s, **more)
        before = self.executions

        def on_message(message: Json) -> None:
            if isinstance(message, dict) and isinstance(message.get("progress"), int):
                self._progress(str(message.get("stage", "")), before + int(message["progress"]))  # pyright: ignore[reportArgumentType]

        return self.sandbox.call(
            WORKER,
            payload,
            root=self.task.root,
            files=self.task.files,
            limits=Limits(wall_s=wall_s + 3, cpu_s=wall_s + 5, memory_mb=768),
            python=self.task.python,
            cancel=self.cancelled,
            on_message=on_message,
        )

    def replay(self, given: Input) -> Replayed:
        """One stored input, without a search."""
        result = self._call(REPLAY_S, mode="replay", args=given.args, kwargs=given.kwargs)
        if not isinstance(result.value, dict):
            return Replayed("environment", reason=self._no_answer(result).reason)
        value: dict[str, Any] = dict(result.value)
        if value.get("status") != "ok":
            return Replayed(value["status"], reason=str(value.get("reason", "")).strip().partition("\n")[0])
        self.domain = value.get("domain", {})
        candidate = value.get("candidate")
        if candidate is None or not self._confirmed(candidate):
            return Replayed("ok")
        return Replayed("ok", self._finding(candidate, value))

    def _confirmed(self, candidate: dict[str, Any]) -> bool:
        """Twice in fresh processes, the same kind and exception each time."""
        for _ in range(2):
            self._progress("replay", self.executions)
            result = self._call(REPLAY_S, mode="replay", args=candidate["args"], kwargs=candidate["kwargs"])
            again = result.value.get("candidate") if isinstance(result.value, dict) else None
            if not isinstance(again, dict):
                return False
            if (again.get("kind"), again.get("exception")) != (candidate["kind"], candidate["exception"]):
                return False
            if again.get("line"):
                candidate["line"] = again["line"]
        return True

    def _finding(self, candidate: dict[str, Any], value: dict[str, Any]) -> FuzzFinding:
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
        )

    def _progress(self, stage: str, executions: int) -> None:
        elapsed = max(time.monotonic() - self.started, 1e-6)
        self.tell(Progress(self.task.name, executions, executions / elapsed, stage))

    def _no_answer(self, result: CallResult) -> Done:
        if result.reason == "cancelled":
            return self._done("ok", "cancelled")
        if result.reason == "exit":
            last = result.error.strip().splitlines()[-1:] or ["no answer"]
            raise SutureError(f"the fuzzing worker failed: {last[0]}", "this is a fault of Suture's own")
        if result.reason == "timeout":
            return self._done("ok", "the budget ran out")
        return self._done("environment", f"the sandbox ended the worker: {result.reason}")

    def _done(self, status: Any, reason: str = "") -> Done:
        seconds = time.monotonic() - self.started
        return Done(self.task.name, self.executions, seconds, status, self.findings, reason, dict(self.domain))


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


def readable(args: str) -> bool:
    """Whether an ``args`` expression is a pure literal (then ``ast.literal_eval`` gives it back)."""
    try:
        ast.literal_eval(args)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
