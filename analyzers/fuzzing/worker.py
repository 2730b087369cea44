"""What runs inside the sandbox: looks for an input that breaks the target, or replays one.

Called as ``run(payload, emit)`` in a fresh fork of the zygote. It forks once more: the parent watches, the child
calls the target (:mod:`.search`). The child leaves its next input in shared memory before each call
(:mod:`.board`), so that an input that ends the process, or never comes back from C code, is known to the parent.

Invariant: nothing the target prints reaches the protocol: its standard streams go nowhere, and what the watcher
returns is only a *candidate*. The caller replays it in fresh processes before it counts.
"""

from __future__ import annotations

import gc
import json
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .annotations import Unsupported
from .board import Board, Seen, encode
from .coverage import Coverage, watch
from .loading import CannotLoad, load, load_text
from .oracle import Verdict, tiny
from .plans import Made, Plan
from .running import Runner
from .search import Search, read_input
from .subject import Subject, open_subject, render_input
from .task import Task

#: Processor seconds that a replay gives a call that is suspected of not ending.
REPLAY_S = 0.5
#: When the watcher ends a child whose call has not come back: after so many seconds, if the call has also used so
#: many of the processor (a busy machine makes no hang), and later if it only waits.
SILENT_S, SILENT_CPU_S, WAITING_S = 2.0, 1.2, 5.0
#: Seconds between two messages of progress.
TELL_S = 0.2
#: How often a search goes on in a new child after its target ended the old one.
MAX_RESTARTS = 40
_MOST_POINTS = 64

Emit = Callable[[Any], None]


def run(payload: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    """Searches (or replays) until a candidate turns up or the budget is spent. JSON in, JSON out."""
    task = Task.of(payload)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    if task.mode == "replay":
        return _replays(task, emit)
    started = time.monotonic()
    executions, position, restarts = 0, task.position, 0
    seed = task.seed
    while True:
        left = task.budget_s - (time.monotonic() - started)
        left = min(left, task.until - time.monotonic()) if task.until else left  # one clock for all processes
        if left <= 0.02:
            return {"status": "ok", "executions": executions, "stage": "generation", "position": position}
        answer = _follow(_start(task, seed, position, left), left, executions, emit)
        executions += answer["executions"]
        answer["executions"] = executions
        restarts += 1
        if not answer.pop("again", False) or restarts > MAX_RESTARTS:
            return answer
        position = answer["position"] + 1 if answer["position"] else -1
        seed += 1


def _replays(task: Task, emit: Emit) -> dict[str, Any]:
    """The same input in one fresh process, or several at once; an answer without a candidate is the answer."""
    children = [_start(task, task.seed, 0, task.budget_s) for _ in range(max(task.copies, 1))]
    answers = [_follow(each, task.budget_s, 0, emit) for each in children]
    kept = answers[0]
    for each in answers[1:]:
        same = _kind(each) == _kind(kept)
        kept = kept if same or "candidate" not in kept else each if "candidate" not in each else {"status": "ok"}
    return {**kept, "executions": sum(each.get("executions", 0) for each in answers)}


def _kind(answer: dict[str, Any]) -> tuple[Any, Any]:
    candidate: dict[str, Any] = answer.get("candidate") or {}
    return candidate.get("kind"), candidate.get("exception")


@dataclass(frozen=True, slots=True)
class _Started:
    pid: int
    reader: int
    board: Board


def _start(task: Task, seed: int, position: int, budget_s: float) -> _Started:
    board = Board()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _child(task, seed, position, budget_s, board, writer)
    os.close(writer)
    return _Started(pid, reader, board)


def _follow(child: _Started, budget_s: float, before: int, emit: Emit) -> dict[str, Any]:
    """One child to its end; ``before`` are executions of earlier ones."""
    reader, board = child.reader, child.board
    deadline = time.monotonic() + budget_s + 0.3
    last_count, last_sign, last_cpu, last_told = -1, time.monotonic(), 0.0, 0.0
    received, told_early = b"", False
    try:
        while True:
            ready, _, _ = select.select([reader], [], [], 0.02 if not last_told else 0.05)
            now = time.monotonic()
            if ready:
                chunk = os.read(reader, 65536)
                if not chunk:
                    break
                received += chunk
                if not told_early and _early(received, board.read()) is not None:
                    told_early = True
                    emit({"early": _early(received, board.read())})
                if chunk.endswith(b"\n") and _answer(received) is not None:
                    break
            seen = board.read()
            if seen.executions and now - last_told > TELL_S:
                last_told = now
                emit({"progress": before + seen.executions, "stage": seen.stage, "branches": seen.branches})
            if seen.executions != last_count or not seen.calling:
                last_count, last_sign, last_cpu = seen.executions, now, _cpu(child.pid)
            elif _given_up(now - last_sign, _cpu(child.pid) - last_cpu):
                return _early(received, seen) or _silent(seen)
            if now > deadline:
                return _early(received, seen) or _unanswered(seen)
    finally:
        os.close(reader)
        code = _end(child.pid)
    answer = _answer(received)
    seen = board.read()
    if answer is not None:
        return {**answer, "executions": seen.executions}
    return _early(received, seen) or _died(code, seen)


def _given_up(seconds: float, cpu_s: float) -> bool:
    """Whether a call has been away too long: it computes, or it does next to nothing but wait."""
    return (seconds > SILENT_S and cpu_s > SILENT_CPU_S) or (seconds > WAITING_S and cpu_s < WAITING_S / 20)


def _cpu(pid: int) -> float:
    """Processor seconds of a process; 0 where the system does not tell."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # CPUCLOCK_SCHED of the process, as clock_getcpuclockid(3) makes it
    except OSError:
        return 0.0


def _unanswered(seen: Seen, **more: Any) -> dict[str, Any]:
    """What is known of a child that did not answer."""
    return {
        "status": "ok",
        "executions": seen.executions,
        "stage": seen.stage,
        "position": seen.position,
        "branches": seen.branches,
        **more,
    }


def _silent(seen: Seen) -> dict[str, Any]:
    """A call that neither returned nor could be interrupted: a hang if the input is tiny, slow otherwise."""
    tried = seen.tried()
    if tried is not None and _is_tiny(tried):
        return _unanswered(seen, candidate=_seen(tried, "hang", "Hang", "does not end", 0.7))
    return _unanswered(seen, again=True)


def _is_tiny(tried: tuple[str, str]) -> bool:
    from .plans import parse

    try:
        args = parse(tried[0])
        if isinstance(args, list):  # steps of a class: their names do not count
            return tiny(Made("", tuple(step[1] for step in args)))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return tiny(Made("", (args, parse(tried[1]))))
    except (ValueError, SyntaxError, TypeError, LookupError, RecursionError, MemoryError):
        return False


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


def _died(code: int, seen: Seen) -> dict[str, Any]:
    """The child is gone without an answer: a fatal signal in a call is a crash, ``os._exit`` is the target's wish."""
    number = os.WTERMSIG(code) if os.WIFSIGNALED(code) else 0
    if not seen.calling:
        return _unanswered(seen, status="environment", reason=f"the worker ended early (status {code})")
    tried = seen.tried()
    if number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL) and tried is not None:
        name = signal.Signals(number).name
        return _unanswered(seen, candidate=_seen(tried, "crash", name, "the interpreter died", 0.8))
    return _unanswered(seen, again=True)


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


def _early(received: bytes, seen: Seen) -> dict[str, Any] | None:
    """The candidate that the child told before it began to shrink it, where shrinking was its end."""
    found = next(_answers(received, "early"), None)
    return {**found["early"], "executions": seen.executions} if found is not None else None


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
            _say(writer, answer)
    except BaseException as error:  # noqa: BLE001 - told to the watcher, whatever it is
        import traceback

        reason = f"the worker failed: {type(error).__name__}: {error}\n{traceback.format_exc()}"
        if os.getpid() == pid:
            _say(writer, {"status": "environment", "reason": reason})
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
        subject = open_subject(
            module, task.name, place, task.root, task.source, Runner(), base, task.base or "", task.calls
        )
    except (Unsupported, LookupError) as error:
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
    coverage = watch(module, task.source, task.root)
    gc.freeze()  # what is there stays; collecting what calls leave behind must not walk through it
    search = Search(subject, task, seed, position, deadline, board, coverage)
    found, stage = search.find()
    answer: dict[str, Any] = {"status": "ok", "stage": stage, "position": board.position, **about}
    if found is None:
        return {**answer, **_learned(search, coverage)}
    early = {**answer, **_learned(search, coverage), "candidate": {**_told(*found), "shrunk": False}}
    _say(writer, {"early": early})
    plan, verdict, shrunk = search.smaller(*found)
    return {**answer, **_learned(search, coverage), "candidate": {**_told(plan, verdict), "shrunk": shrunk}}


def _learned(search: Search, coverage: Coverage) -> dict[str, Any]:
    points = search.points
    step = max(1, -(-len(points) // (_MOST_POINTS - 1)))
    return {
        "branches": coverage.branches,
        "coverage": [*dict.fromkeys([*points[::step], *points[-1:]])][:_MOST_POINTS],
        "stages": search.stages,
        "inputs": search.inputs(),
        "tried_first": search.tried_first,
    }


def _say(writer: int, value: dict[str, Any]) -> None:
    """A line to the watcher, however long it is."""
    data = memoryview(json.dumps(value).encode() + b"\n")
    while data:
        data = data[os.write(writer, data) :]


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
        "growth": [list(each) for each in verdict.growth],
    }


def _replay(subject: Subject, task: Task, board: Board) -> dict[str, Any]:
    """Runs the printed input once, from its text, and judges it again."""
    plan = read_input(subject, task.args, task.kwargs)
    board.enter("replay")
    board.about_to_try(encode(plan))
    subject.judge.replaying = True
    verdict, _ = subject.run(plan, REPLAY_S)
    board.idle()
    if verdict is None:
        return {}
    return {"candidate": {**_told(plan, verdict), "args": task.args, "kwargs": task.kwargs}}
