"""What runs inside the sandbox: looks for an input that breaks the target, or replays one.

Called as ``run(payload, emit)`` in a fresh fork of the zygote. It forks once more: the parent watches, the child
calls the target. The child leaves its next input in shared memory before each call ("about to try"), so that an input
that ends the process, or never comes back from C code, is known to the parent.

Invariant: nothing the target prints reaches the protocol: its standard streams go nowhere, and what the watcher
returns is only a *candidate*. The caller replays it in fresh processes before it counts.
"""

from __future__ import annotations

import contextlib
import functools
import json
import mmap
import os
import random
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from .annotations import Unsupported
from .loading import CannotLoad, load, load_text
from .oracle import Verdict, tiny
from .plans import Made, Plan, parse
from .running import Runner
from .sampling import call_sampler
from .shrinking import shrink
from .signatures import signature
from .subject import Subject, open_subject, render_input

#: Processor seconds after which a call is suspected of not ending, and those a replay gives it.
SUSPECT_S = 0.4
REPLAY_S = 0.9
#: Wall seconds without a sign of life after which the watcher ends the child.
SILENT_S = 2.5
#: Seconds of a turn of plain random inputs.
SAMPLE_S = 0.5
#: How often a search goes on in a new child after its target ended the old one.
MAX_RESTARTS = 40
_HEADER = struct.Struct("<QQIBB")  # executions, position in the boundary stage, length of the input, tiny, in a call
_ROOM = 1 << 16
_NO_BUG_EXIT = 77


@dataclass(frozen=True, slots=True)
class Task:
    """The payload, checked."""

    path: str
    module: str
    search: tuple[str, ...]
    root: str
    name: str
    source: str
    base: str | None
    seed: int
    budget_s: float
    boundary_s: float
    known: tuple[str, ...]
    expected: frozenset[str]
    first: tuple[tuple[str, str], ...]
    mode: str  # "search" or "replay"
    args: str
    kwargs: str
    position: int

    @staticmethod
    def of(payload: Mapping[str, Any]) -> Task:
        return Task(
            path=payload["path"],
            module=payload["module"],
            search=tuple(payload["search"]),
            root=payload["root"],
            name=payload["name"],
            source=payload["source"],
            base=payload.get("base"),
            seed=int(payload.get("seed", 0)),
            budget_s=float(payload["budget_s"]),
            boundary_s=float(payload.get("boundary_s", 0.5)),
            known=tuple(payload.get("known", ())),
            expected=frozenset(payload.get("expected", ())),
            first=tuple((args, kwargs) for args, kwargs in payload.get("first", ())),
            mode=payload.get("mode", "search"),
            args=payload.get("args", ""),
            kwargs=payload.get("kwargs", "{}"),
            position=int(payload.get("position", 0)),
        )


class Board:
    """Shared memory between child and watcher: how many executions, and what is being tried."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _ROOM)
        self.executions = 0
        self.position = 0

    def about_to_try(self, args: str, kwargs: str, is_tiny: bool) -> None:
        text = json.dumps([args, kwargs]).encode()[: _ROOM - _HEADER.size]
        self._memory[: _HEADER.size] = _HEADER.pack(self.executions, self.position, len(text), is_tiny, 1)
        self._memory[_HEADER.size : _HEADER.size + len(text)] = text
        self.executions += 1

    def idle(self) -> None:
        self._memory[: _HEADER.size] = _HEADER.pack(self.executions, self.position, 0, False, 0)

    def read(self) -> tuple[int, int, bool, bool, tuple[str, str] | None]:
        """(executions, position, tiny, in a call, the input)."""
        executions, position, size, is_tiny, calling = _HEADER.unpack(self._memory[: _HEADER.size])
        try:
            args, kwargs = json.loads(self._memory[_HEADER.size : _HEADER.size + size])
        except ValueError:
            return executions, position, bool(is_tiny), bool(calling), None
        return executions, position, bool(is_tiny), bool(calling), (args, kwargs)


def run(payload: Mapping[str, Any], emit: Callable[[Any], None]) -> dict[str, Any]:
    """Searches (or replays) until a candidate turns up or the budget is spent. JSON in, JSON out."""
    task = Task.of(payload)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    started = time.monotonic()
    executions, position, restarts = 0, task.position, 0
    seed = task.seed
    while True:
        left = task.budget_s - (time.monotonic() - started)
        if left <= 0.02:
            return {"status": "ok", "executions": executions, "stage": "generation", "position": position}
        answer = _watch(task, seed, position, left, executions, emit)
        executions += answer["executions"]
        answer["executions"] = executions
        restarts += 1
        if not answer.pop("again", False) or restarts > MAX_RESTARTS:
            return answer
        position = answer["position"] + 1 if answer["position"] else -1
        seed += 1


def _watch(
    task: Task, seed: int, position: int, budget_s: float, before: int, emit: Callable[[Any], None]
) -> dict[str, Any]:
    """One child, from fork to its end."""
    board = Board()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _child(task, seed, position, budget_s, board, writer)
    os.close(writer)
    deadline = time.monotonic() + budget_s + 0.3
    last_count, last_sign, last_told = -1, time.monotonic(), 0.0
    received = b""
    try:
        while True:
            ready, _, _ = select.select([reader], [], [], 0.05)
            now = time.monotonic()
            if ready:
                chunk = os.read(reader, 65536)
                if not chunk:
                    break
                received += chunk
                if _answer(received) is not None:
                    break
            count, at, is_tiny, calling, tried = board.read()
            if now - last_told > 0.2:
                last_told = now
                emit({"progress": before + count, "stage": "boundary" if at else "generation"})
            if count != last_count or not calling:
                last_count, last_sign = count, now
            elif now - last_sign > SILENT_S:
                return _early(received, count) or _silent(count, at, is_tiny, tried)
            if now > deadline:
                idle = {"status": "ok", "executions": count, "stage": "generation", "position": at}
                return _early(received, count) or idle
    finally:
        os.close(reader)
        code = _end(child)
    answer = _answer(received)
    count, at, is_tiny, calling, tried = board.read()
    if answer is not None:
        return {**answer, "executions": count}
    return _early(received, count) or _died(code, count, at, calling, tried)


def _silent(count: int, position: int, is_tiny: bool, tried: tuple[str, str] | None) -> dict[str, Any]:
    """A call that neither returned nor could be interrupted: a hang if the input is tiny, slow otherwise."""
    answer: dict[str, Any] = {"status": "ok", "executions": count, "stage": "boundary", "position": position}
    if is_tiny and tried is not None:
        return {**answer, "candidate": _seen(tried, "hang", "Hang", "does not end", 0.7)}
    return {**answer, "again": True}


def _seen(tried: tuple[str, str], kind: str, exception: str, message: str, confidence: float) -> dict[str, Any]:
    """A candidate that the watcher saw from outside."""
    return {
        "args": tried[0],
        "kwargs": tried[1],
        "shrunk": False,
        "kind": kind,
        "exception": exception,
        "message": message,
        "line": 0,
        "confidence": confidence,
        "expected": "",
        "signature": f"{kind}:{exception}:0",
    }


def _died(code: int, count: int, position: int, calling: bool, tried: tuple[str, str] | None) -> dict[str, Any]:
    """The child is gone without an answer: a fatal signal in a call is a crash, ``os._exit`` is the target's wish."""
    answer: dict[str, Any] = {"status": "ok", "executions": count, "stage": "boundary", "position": position}
    number = os.WTERMSIG(code) if os.WIFSIGNALED(code) else 0
    if number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL) and calling and tried:
        name = signal.Signals(number).name
        return {**answer, "candidate": _seen(tried, "crash", name, "the interpreter died", 0.8)}
    if not calling:
        return {**answer, "status": "environment", "reason": f"the worker ended early (status {code})"}
    return {**answer, "again": True}


def _answers(received: bytes, key: str) -> Iterator[dict[str, Any]]:
    """The complete lines of the child that have ``key``."""
    for line in received.split(b"\n")[:-1]:
        try:
            value: Any = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and key in value:
            yield value


def _answer(received: bytes) -> dict[str, Any] | None:
    return next(_answers(received, "status"), None)


def _early(received: bytes, count: int) -> dict[str, Any] | None:
    """The candidate that the child told before it began to shrink it, where shrinking was its end."""
    found = next(_answers(received, "early"), None)
    return {**found["early"], "executions": count} if found is not None else None


def _end(child: int) -> int:
    """Kills and reaps; returns the wait status."""
    for _ in range(3):
        pid, code = os.waitpid(child, os.WNOHANG)
        if pid:
            return code
        time.sleep(0.002)
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return os.waitpid(child, 0)[1]


def _child(task: Task, seed: int, position: int, budget_s: float, board: Board, writer: int) -> None:
    """Never returns."""
    pid = os.getpid()
    try:
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        sys.stdin = os.fdopen(0, closefd=False)
        sys.stdout = sys.stderr = os.fdopen(1, "w", closefd=False)
        answer = _work(task, seed, position, time.monotonic() + budget_s, board, writer)
        if os.getpid() == pid:
            os.write(writer, json.dumps(answer).encode() + b"\n")
    except BaseException as error:  # noqa: BLE001 - told to the watcher, whatever it is
        import traceback

        reason = f"the worker failed: {type(error).__name__}: {error}\n{traceback.format_exc()}"
        if os.getpid() == pid:
            os.write(writer, json.dumps({"status": "environment", "reason": reason}).encode() + b"\n")
    finally:
        os._exit(0)


def _work(task: Task, seed: int, position: int, deadline: float, board: Board, writer: int) -> dict[str, Any]:
    try:
        module = load(task.path, task.module, task.search)
        base = load_text(task.base, module) if task.base is not None else None
    except CannotLoad as error:
        return {"status": "environment", "reason": str(error), "stage": "import", "position": 0}
    random.seed(seed)
    try:
        place = module.__file__ or task.path
        subject = open_subject(module, task.name, place, task.root, task.source, Runner(), base, task.base or "")
    except Unsupported as error:
        return {"status": "unsupported", "reason": str(error), "stage": "import", "position": 0}
    except LookupError as error:
        return {"status": "unsupported", "reason": str(error), "stage": "import", "position": 0}
    about = {
        "domain": subject.describe(),
        "certainty": subject.certainty,
        "flavours": subject.flavours(),
        "inverse": subject.inverse_name,
        "versions": _versions(),
    }
    if task.mode == "replay":
        return {"status": "ok", "stage": "replay", "position": 0, **about, **_replay(subject, task, board)}
    search = _Search(subject, task, seed, position, deadline, board)
    found, stage = search.find()
    answer: dict[str, Any] = {"status": "ok", "stage": stage, "position": board.position, **about}
    if found is None:
        return answer
    early = {**answer, "candidate": {**_told(*found), "shrunk": False}}
    os.write(writer, json.dumps({"early": early}).encode() + b"\n")
    plan, verdict, shrunk = search.smaller(*found)
    return {**answer, "candidate": {**_told(plan, verdict), "shrunk": shrunk}}


def _versions() -> dict[str, str]:
    hypothesis = sys.modules.get("hypothesis")
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    return {**found, "hypothesis": str(getattr(hypothesis, "__version__", ""))} if hypothesis else found


def _told(plan: Plan, verdict: Verdict) -> dict[str, Any]:
    args, kwargs = render_input(plan)
    return {
        "args": args,
        "kwargs": kwargs,
        "kind": verdict.kind,
        "exception": verdict.exception,
        "message": verdict.message,
        "line": verdict.line,
        "confidence": verdict.confidence,
        "expected": verdict.expected,
        "signature": verdict.signature,
    }


def _replay(subject: Subject, task: Task, board: Board) -> dict[str, Any]:
    """Runs the printed input once, from its text, and judges it again."""
    plan = _read(subject, task.args, task.kwargs)
    board.about_to_try(task.args, task.kwargs, tiny(_whole(plan)))
    verdict, _ = subject.run(plan, REPLAY_S)
    board.idle()
    if verdict is None:
        return {}
    return {"candidate": {**_told(plan, verdict), "args": task.args, "kwargs": task.kwargs}}


def _read(subject: Subject, args_text: str, kwargs_text: str) -> Plan:
    """The plan of a printed input."""
    args, kwargs = parse(args_text), parse(kwargs_text)
    if subject.is_class:
        return [Made(method, tuple(values)) for method, values in args]
    return Made("", tuple(args), tuple(kwargs.items()))


class _Stop(BaseException):
    """Ends Hypothesis from inside: a candidate is there, or time is up."""


class _Search:
    """The stages, over one child's life."""

    def __init__(self, subject: Subject, task: Task, seed: int, position: int, deadline: float, board: Board) -> None:
        self.subject = subject
        self.task = task
        self.known = frozenset(task.known)
        self.seed = seed
        self.start = position
        self.deadline = deadline
        self.boundary_end = time.monotonic() + task.boundary_s
        self.board = board
        self.quick = 0  # calls that came to an end

    def find(self) -> tuple[tuple[Plan, Verdict] | None, str]:
        """The first failing input and the stage that found it."""
        found = self._first()
        if found is not None:
            return found, "first"
        found = self._boundary() if self.start >= 0 else None
        if found is not None:
            return found, "boundary"
        self.board.position = 0
        return self._generate(), "generation"

    def _try(self, plan: Plan, limit_s: float = SUSPECT_S) -> Verdict | None:
        """One execution; a verdict that is known already counts as none."""
        args, kwargs = render_input(plan)
        self.board.about_to_try(args, kwargs, tiny(_whole(plan)))
        verdict, result = self.subject.run(plan, limit_s)
        self.board.idle()
        if result is not None and not result.hung:
            self.quick += 1
        if verdict is None or verdict.signature in self.known:
            return None
        name = signature(verdict.kind, verdict.exception, verdict.line, self.task.source)
        return None if name in self.task.expected else verdict

    def _first(self) -> tuple[Plan, Verdict] | None:
        """Inputs that the caller wants tried before all others; those outside of today's domain are left out."""
        for args, kwargs in self.task.first:
            try:
                plan = _read(self.subject, args, kwargs)
                if not self.subject.admits(plan):
                    continue
            except (SyntaxError, ValueError, TypeError, AttributeError, RecursionError, MemoryError):
                continue
            verdict = self._try(plan)
            if verdict is not None and self._believable(verdict, 0):
                return plan, verdict
        return None

    def _boundary(self) -> tuple[Plan, Verdict] | None:
        for number, plan in enumerate(self.subject.cases(), start=1):
            if number < self.start:
                continue
            self.board.position = number
            if time.monotonic() > self.boundary_end or number > 6000:
                return None
            verdict = self._try(plan)
            if verdict is not None and self._believable(verdict, number):
                return plan, verdict
        return None

    def _believable(self, verdict: Verdict, number: int) -> bool:
        """A hang counts only if some other call ends: a server's main loop is not a bug."""
        if verdict.kind != "hang" or self.quick:
            return True
        for _, plan in zip(range(number + 12), self.subject.cases(), strict=False):
            if time.monotonic() > self.deadline:
                return False
            self._try(plan, 0.1)
            if self.quick:
                return True
        return False

    def _generate(self) -> tuple[Plan, Verdict] | None:
        """Quick random inputs and Hypothesis take turns, with different seeds, until something turns up, time is up
        or both have nothing new."""
        fresh = True
        for turn in range(10_000):
            if time.monotonic() > self.deadline:
                return None
            seed = self.seed * 10_000 + turn
            if fresh:
                found, fresh = self._sample(seed)
                if found is not None:
                    return found
            before = self.board.executions
            found = self._round(seed)
            if found is not None:
                return found
            if self.board.executions - before < 20 and not fresh:  # the domain is exhausted
                return None
        return None

    def _sample(self, seed: int) -> tuple[tuple[Plan, Verdict] | None, bool]:
        """Random inputs for a short while; false if they only repeat themselves."""
        rng = random.Random(seed)
        draw = self._draw()
        seen: set[str] = set()
        repeated = 0
        end = min(self.deadline, time.monotonic() + SAMPLE_S)
        while time.monotonic() < end:
            plan = draw(rng)
            key = repr(plan)
            if key in seen:
                repeated += 1
                if repeated > 300 and repeated > 3 * len(seen):
                    return None, False
                continue
            seen.add(key)
            verdict = self._try(plan)
            if verdict is not None and self._believable(verdict, 0):
                return (plan, verdict), True
        return None, True

    def _draw(self) -> Callable[[random.Random], Plan]:
        """Draws one input of the subject."""
        domain = self.subject.call.domain
        start = call_sampler("__init__" if self.subject.is_class else "", domain.parameters, domain.hints)
        if not self.subject.is_class:
            return start
        steps = [
            call_sampler(name, each.domain.parameters, each.domain.hints) for name, each in self.subject.steps.items()
        ]
        return lambda rng: [start(rng), *(rng.choice(steps)(rng) for _ in range(rng.randint(1, 7)))]

    def _round(self, seed: int) -> tuple[Plan, Verdict] | None:
        from hypothesis import HealthCheck, Phase, Verbosity, given, settings
        from hypothesis import seed as with_seed

        found: list[tuple[Plan, Verdict]] = []

        def trial(plan: Plan) -> None:
            if time.monotonic() > self.deadline:
                raise _Stop
            verdict = self._try(plan)
            if verdict is not None and self._believable(verdict, 0):
                found.append((plan, verdict))
                raise _Stop

        test = settings(
            max_examples=400,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=tuple(HealthCheck.__members__.values()),
            verbosity=Verbosity.quiet,
        )(with_seed(seed)(given(self._strategy())(trial)))
        with contextlib.suppress(_Stop):
            test()
        return found[0] if found else None

    def _strategy(self) -> Any:
        from hypothesis import strategies as st

        from .strategies import arguments

        def made(name: str, pair: tuple[tuple[Any, ...], dict[str, Any]]) -> Made:
            return Made(name, pair[0], tuple(pair[1].items()))

        def call(name: str, parameters: Any, hints: Any) -> Any:
            return arguments(parameters, hints).map(functools.partial(made, name))

        domain = self.subject.call.domain
        if not self.subject.is_class:
            return call("", domain.parameters, domain.hints)
        steps = [call(name, each.domain.parameters, each.domain.hints) for name, each in self.subject.steps.items()]
        start = call("__init__", domain.parameters, domain.hints)
        return st.tuples(start, st.lists(st.one_of(steps), min_size=1, max_size=8)).map(
            lambda each: [each[0], *each[1]]
        )

    def smaller(self, plan: Plan, verdict: Verdict) -> tuple[Plan, Verdict, bool]:
        """Shrinks while the same verdict comes out; a pattern's hang is left as it is (shorter is only faster)."""
        best = [verdict]
        end = min(self.deadline, time.monotonic() + (1.0 if verdict.kind != "hang" else 1.5))
        if verdict.kind == "hang" and "pattern" in verdict.message:
            return plan, verdict, False

        def fails(candidate: Plan) -> bool:
            if time.monotonic() > end or not self.subject.admits(candidate):
                return False
            again = self._try(candidate, 0.15 if verdict.kind == "hang" else SUSPECT_S)
            if again is None or again.kind != verdict.kind or again.exception != verdict.exception:
                return False
            if again.signature != verdict.signature:
                return False
            best[0] = again
            return True

        return shrink(plan, fails), best[0], True


def _whole(plan: Plan) -> Plan:
    """Steps as one plan."""
    return Made("", tuple(cast("list[Made]", plan))) if isinstance(plan, list) else plan
