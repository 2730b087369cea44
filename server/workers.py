"""Warm child processes that do what would make the server wait: reviews, repairs, generation, fuzzing.

Four lanes, so that one kind of work never delays the other: ``analysis`` (reviews on idle, repairs computed ahead,
growth), ``proofs`` (improvements proven ahead, each of which may run a workspace's tests for a minute), ``interactive``
(what a person asked for) and ``quick`` (repairs proposed at typing speed).

A child starts when its lane first needs it, serves one job at a time and
stays warm. It speaks JSON lines over its pipes with :mod:`.jobs`.

Invariant: a cancelled job answers its caller at once; its child is told to stop and, if it has not within
:data:`GRACE_S`, it and everything it started is killed and another takes its place. A child that dies makes its job
fail with :class:`~..analyzers.errors.Unavailable`; it never leaves the caller waiting.
Invariant: children die with the server: each is a session of its own with the kernel's parent-death signal, and ends
when its standard input does.
It runs no code of the workspace itself; that happens in the sandbox, which the children open.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import json
import logging
import os
import signal
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..analyzers.errors import Bug, Cancelled, Stale, SutureError, Unavailable, UserError
from ..analyzers.findings import Json
from .children import Children, child_environment, kill_group

log = logging.getLogger(__name__)

Lane = Literal["analysis", "proofs", "interactive", "quick"]

#: How many children a lane may have. A fuzz campaign must not keep a repair waiting, hence two for a person's wishes.
LANE_SIZES: Mapping[Lane, int] = {"analysis": 1, "proofs": 1, "interactive": 2, "quick": 1}

#: Seconds that a cancelled job's child has to stop by itself (and stay warm) before it is killed.
GRACE_S = 0.15

#: The longest line a child may send (bytes): results hold whole test files, not more.
MAX_LINE = 64 * 1024 * 1024

OnEvent = Callable[[Mapping[str, Any]], None]

#: Answers what a job asks: (the request, what to do with each piece of text) → the whole answer.
AnswerQuestion = Callable[[Mapping[str, Any], Callable[[str], None]], Awaitable[Mapping[str, Any]]]


class _Gone(Exception):
    """The child ended while a job was running."""


@dataclass(slots=True)
class _Child:
    process: asyncio.subprocess.Process
    drain: asyncio.Task[None]
    errors: deque[str]

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    def send(self, message: Mapping[str, Json]) -> None:
        assert self.process.stdin is not None
        # ASCII only: a lone surrogate in a text survives as an escape.
        self.process.stdin.write(json.dumps(message).encode("ascii") + b"\n")

    async def answer(self, ident: int, on_event: OnEvent | None) -> Json:
        """The result of job ``ident``. Raises _Gone, or the error that the job raised."""
        assert self.process.stdout is not None
        while True:
            try:
                line = await self.process.stdout.readline()
            except (ValueError, OSError) as error:  # a line over MAX_LINE, a broken pipe
                raise _Gone(str(error)) from error
            if not line.endswith(b"\n"):
                raise _Gone
            message = json.loads(line)
            if message.get("id") != ident:
                continue  # what an earlier, cancelled job still had to say
            if "event" in message:
                if on_event is not None:
                    on_event(message["event"])
            elif "error" in message:
                raise error_from_json(message["error"])
            else:
                return message.get("result")


@dataclass(slots=True)
class _Queue:
    """The children of one lane: ``free`` counts those that may still be taken, started or not."""

    lane: Lane
    free: int
    idle: list[_Child] = field(default_factory=list[_Child])
    waiting: list[tuple[int, int, asyncio.Future[None]]] = field(
        default_factory=list[tuple[int, int, "asyncio.Future[None]"]]
    )


class Workers:
    """The server's children, each of them registered with ``children`` while it lives.

    ``command`` starts a child (the server's process id and the lane are added to it); by default it is :mod:`.jobs`,
    with ``-P`` so that nothing of the workspace can be imported in place of a library."""

    def __init__(
        self,
        children: Children | None = None,
        command: Sequence[str] = (sys.executable, "-P", "-m", f"{__package__}.jobs"),
    ) -> None:
        self._command = tuple(command)
        self._queues: dict[Lane, _Queue] = {lane: _Queue(lane, size) for lane, size in LANE_SIZES.items()}
        self._all: dict[int, _Child] = {}
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self.answer_question: AnswerQuestion | None = None
        self._registry = children if children is not None else Children()

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the children that live now."""
        return tuple(pid for pid, child in self._all.items() if child.alive)

    async def run(
        self,
        job: str,
        params: Mapping[str, Json],
        *,
        lane: Lane = "interactive",
        timeout_s: float = 60.0,
        priority: int = 0,
        on_event: OnEvent | None = None,
    ) -> Any:
        """Run one job of :mod:`.jobs` in a child and return its result.

        A lower ``priority`` goes first among those that wait for the lane. Raises Unavailable if the child died or
        took longer than ``timeout_s``, or the SutureError that the job raised. Cancel the awaiting task to stop it.
        """
        queue = self._queues[lane]
        await self._enter(queue, priority)
        child: _Child | None = None
        number = next(self._numbers)
        questions: dict[int, asyncio.Task[None]] = {}
        try:
            child = await self._take(queue)
            child.send({"id": number, "job": job, "params": params})
            async with asyncio.timeout(timeout_s):
                result = await child.answer(number, self._hearing(child, questions, on_event))
        except asyncio.CancelledError:
            self._spawn_task(self._stop(queue, child, number))
            raise
        except TimeoutError:
            self._end(queue, child)
            raise Unavailable(f"{job} took longer than {timeout_s:.0f} s and was stopped", "try again") from None
        except (_Gone, ConnectionError) as gone:
            raise Unavailable(await self._obituary(queue, child, job), "it is started again on the next use") from gone
        except SutureError:
            self._leave(queue, child)
            raise
        except BaseException:
            self._end(queue, child)
            raise
        finally:
            for each in questions.values():
                each.cancel()
        self._leave(queue, child)
        return result

    def _hearing(self, child: _Child, questions: dict[int, asyncio.Task[None]], on_event: OnEvent | None) -> OnEvent:
        """Takes the questions out of a job's events. ``questions`` are those under way."""
        answer = self.answer_question

        async def answered(question: int, request: Mapping[str, Any]) -> None:
            def send(said: Mapping[str, Json]) -> None:
                if child.alive:
                    child.send({"answer": question, "said": said})

            if answer is None:
                send({"error": "nobody here answers", "reason": "none"})
                return
            try:
                send(await answer(request, lambda text: send({"part": text})))
            except Exception:  # the job waits for an answer
                send({"error": "the question could not be put", "reason": "failed"})
                raise

        def hear(event: Mapping[str, Any]) -> None:
            if "question" in event:
                task = asyncio.ensure_future(answered(event["question"], event["request"]))
                questions[event["question"]] = task
                task.add_done_callback(_noted)
            elif "withdrawn" in event:
                questions[event["withdrawn"]].cancel()
            elif on_event is not None:
                on_event(event)

        return hear

    def close(self) -> None:
        """Kill every child and what it started. Takes no new jobs afterwards. Safe to call on any path out."""
        self._closed = True
        for child in list(self._all.values()):
            self._kill(child)

    # -- the lane's places ---------------------------------------------------------------------------------------

    async def _enter(self, queue: _Queue, priority: int) -> None:
        if self._closed:
            raise Unavailable("the server is shutting down")
        if queue.free > 0:
            queue.free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(queue.waiting, (priority, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._next(queue)
            raise

    def _next(self, queue: _Queue) -> None:
        """Give a place back: to the first that waits, else to the lane."""
        while queue.waiting:
            _, _, turn = heapq.heappop(queue.waiting)
            if not turn.done():
                turn.set_result(None)
                return
        queue.free += 1

    def _leave(self, queue: _Queue, child: _Child | None) -> None:
        if child is not None and child.alive and not self._closed:
            queue.idle.append(child)
        self._next(queue)

    def _end(self, queue: _Queue, child: _Child | None) -> None:
        if child is not None:
            self._kill(child)
        self._next(queue)

    # -- children ------------------------------------------------------------------------------------------------

    async def _take(self, queue: _Queue) -> _Child:
        while queue.idle:
            child = queue.idle.pop()
            if child.alive:
                return child
        # A cancel must not lose the child that is just starting: it becomes the lane's next one.
        starting = asyncio.get_running_loop().create_task(self._start(queue.lane))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(lambda task: None if task.exception() else queue.idle.append(task.result()))
            raise

    async def _start(self, lane: Lane) -> _Child:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                str(os.getpid()),
                lane,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=os.path.abspath(os.sep),
                env=child_environment(),
                limit=MAX_LINE,
                start_new_session=True,
            )
        except OSError as error:
            raise Unavailable(f"a worker process could not be started: {error.strerror or error}") from error
        errors: deque[str] = deque(maxlen=8)
        child = _Child(process, asyncio.create_task(self._drain(process, errors)), errors)
        self._all[process.pid] = child
        self._registry.add(process.pid)
        if self._closed:
            self._kill(child)
            raise Unavailable("the server is shutting down")
        return child

    async def _drain(self, process: asyncio.subprocess.Process, errors: deque[str]) -> None:
        """Reads a child's standard error to its end, keeping the last lines, and then forgets the child."""
        assert process.stderr is not None
        while True:
            try:
                line = await process.stderr.readline()
            except ValueError:
                continue
            if not line:
                break
            errors.append(line.decode("utf-8", "replace").rstrip())
            log.info("worker %d: %s", process.pid, errors[-1])
        await process.wait()
        self._all.pop(process.pid, None)
        self._registry.discard(process.pid)

    async def _obituary(self, queue: _Queue, child: _Child | None, job: str) -> str:
        """Why a child is gone, for a person; its place is given back."""
        if child is None:
            self._next(queue)
            return f"the worker process for {job} could not be started"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await asyncio.shield(child.drain)
        self._end(queue, child)
        status = child.process.returncode
        if status is None:
            how = "closed its pipe"
        elif status < 0:
            how = f"was killed by {signal.Signals(-status).name}"
        else:
            how = f"ended with status {status}"
        last = f": {child.errors[-1]}" if child.errors else ""
        message = f"the worker process for {job} {how}{last}"
        log.warning("%s", message)
        return message

    async def _stop(self, queue: _Queue, child: _Child | None, number: int) -> None:
        """After a cancel: ask, wait for :data:`GRACE_S`, kill and start another."""
        if child is None:
            self._next(queue)
            return
        try:
            child.send({"cancel": number})
            async with asyncio.timeout(GRACE_S):
                await child.answer(number, None)
        except (TimeoutError, _Gone, ConnectionError, json.JSONDecodeError):
            self._kill(child)
            if not self._closed:
                with contextlib.suppress(Unavailable):
                    queue.idle.append(await self._start(queue.lane))
            self._next(queue)
        except SutureError:  # Cancelled, or the error it met first: it has stopped, and is warm
            self._leave(queue, child)
        else:
            self._leave(queue, child)

    def _kill(self, child: _Child) -> None:
        if child.alive:
            kill_group(child.pid)

    def _spawn_task(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _noted(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a job's question was not answered: %s", error)


# -- errors over the pipe --------------------------------------------------------------------------------------------

_ERRORS: Mapping[str, type[SutureError]] = {each.__name__: each for each in (UserError, Stale, Cancelled)}


def error_to_json(error: BaseException) -> dict[str, Json]:
    """An error as the child sends it."""
    if isinstance(error, SutureError) and not isinstance(error, Bug):
        retry = error.retry_after if isinstance(error, Unavailable) else None
        return {"type": type(error).__name__, "message": error.message, "hint": error.hint, "retry_after": retry}
    return {"type": "Bug", "message": f"{type(error).__name__}: {error}", "hint": "", "retry_after": None}


def error_from_json(value: Mapping[str, Any]) -> SutureError:
    """The error that the child raised, in this process."""
    name, message, hint = value["type"], value["message"], value["hint"]
    if name in _ERRORS:
        return _ERRORS[name](message, hint)
    if name == "Unavailable":
        return Unavailable(message, hint, value["retry_after"])
    return Bug(message)
