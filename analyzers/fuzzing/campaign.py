"""Many targets, one after the other or in several worker processes: every target is answered for exactly once.

Invariant: a target's result depends on its job alone (the seed is the job's), not on the worker or the order.
Invariant: a worker that dies, or is silent for :data:`SILENCE_S` beyond its budget, costs no target: another worker
takes it, once; what it had found before is not said twice. Stopping the iteration kills the workers, and with them
their sandboxes, so that nothing is left running.
Deliberately knows nothing of stored inputs: a job brings those to try first, and the caller records what comes.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from ..errors import SutureError
from ..pipes import listen, send, start
from ..sandbox.interface import CancelCheck, Sandbox
from .campaign_worker import Job, events_of
from .events import Done, Event, FuzzFinding

#: Seconds without a word, beyond a job's budget, after which its worker is given up.
SILENCE_S = 60.0
#: How often a job is begun before it is answered with the reason why it cannot be.
ATTEMPTS = 2

__all__ = ["Happened", "Job", "Note", "Told", "run_campaign"]


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a job. The last of each job is a :class:`Done`."""

    job: Job
    event: Event


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the campaign itself that a person should know, such as a worker that died."""

    text: str


Happened = Told | Note


def run_campaign(
    jobs: Sequence[Job],
    *,
    workers: int = 1,
    sandbox: Callable[[], Sandbox] | None = None,
    clock: Callable[[], float] = time.monotonic,
    total_s: float | None = None,
    cancel: CancelCheck | None = None,
) -> Iterator[Happened]:
    """What happens while ``jobs`` are done by ``workers`` processes; one worker is this process.

    ``sandbox`` opens the sandbox of this process (default: the machine's own). ``total_s`` is the wall time for
    everything: the jobs that are left share what is left of it, a second each at least, and those that get no turn
    are not answered. Raises :class:`~..errors.Unavailable` if no code can be run here at all."""
    budget = _Budget(jobs, max(workers, 1), total_s, clock)
    if workers <= 1 or len(jobs) <= 1:
        yield from _here(budget, sandbox, cancel)
        return
    with _Pool(min(workers, len(jobs)), clock) as pool:
        yield from pool.run(budget, cancel)


@dataclass
class _Budget:
    """Hands out jobs, each with its share of the total."""

    jobs: Sequence[Job]
    workers: int
    total_s: float | None
    clock: Callable[[], float]

    def __post_init__(self) -> None:
        self.left = deque(self.jobs)
        self.ends = None if self.total_s is None else self.clock() + self.total_s

    def next(self) -> Job | None:
        if not self.left:
            return None
        if self.ends is None:
            return self.left.popleft()
        remaining = self.ends - self.clock()
        if remaining < min(1.0, self.left[0].budget_s):
            self.left.clear()
            return None
        share = max(1.0, remaining * self.workers / len(self.left))
        job = self.left.popleft()
        return replace(job, budget_s=min(job.budget_s, share, remaining))


def _here(budget: _Budget, sandbox: Callable[[], Sandbox] | None, cancel: CancelCheck | None) -> Iterator[Happened]:
    from ..sandbox import open_sandbox

    opened = (sandbox or open_sandbox)()
    try:
        while (job := budget.next()) is not None:
            for event in events_of(job, opened, cancel):
                yield Told(job, event)
            if cancel is not None and cancel():
                return
    finally:
        opened.close()


# -- worker processes


class _Heard(NamedTuple):
    worker: _Worker
    value: object  # an Event, an exception, or how it ended


class _Died(NamedTuple):
    status: int


@dataclass(eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    job: Job | None = None
    heard: float = 0.0
    reason: str = ""


@dataclass
class _Given:
    """What is known of a job that was begun."""

    attempts: int = 0
    said: set[str] = field(default_factory=set[str])


class _Pool:
    """Worker processes behind one queue."""

    def __init__(self, size: int, clock: Callable[[], float]) -> None:
        self._size = size
        self._clock = clock
        self._workers: list[_Worker] = []
        self._heard: queue.SimpleQueue[_Heard] = queue.SimpleQueue()
        self._given: dict[tuple[Path, str], _Given] = {}
        self._again: deque[Job] = deque()

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.wait()

    def run(self, budget: _Budget, cancel: CancelCheck | None) -> Iterator[Happened]:
        while True:
            self._hand_out(budget)
            if all(worker.job is None for worker in self._workers):
                return
            if cancel is not None and cancel():
                return
            try:
                worker, value = self._heard.get(timeout=0.2)
            except queue.Empty:
                self._kill_silent()
                continue
            worker.heard = self._clock()
            yield from self._hear(worker, value)

    def _hand_out(self, budget: _Budget) -> None:
        idle = [worker for worker in self._workers if worker.job is None]
        while idle or len(self._workers) < self._size:
            job = self._again.popleft() if self._again else budget.next()
            if job is None:
                return
            worker = idle.pop() if idle else self._start()
            self._given.setdefault((job.path, job.name), _Given()).attempts += 1
            worker.job, worker.heard = job, self._clock()
            assert worker.process.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # its death is on the way through the queue
                send(worker.process.stdin, job)

    def _hear(self, worker: _Worker, value: object) -> Iterator[Happened]:
        job = worker.job
        if isinstance(value, _Died):
            if worker in self._workers:
                self._workers.remove(worker)
                yield from self._bury(worker, value)
        elif isinstance(value, SutureError):
            raise value
        elif job is None:
            return
        elif isinstance(value, Done):
            worker.job = None
            given = self._given[job.path, job.name]
            yield Told(job, replace(value, findings=max(value.findings, len(given.said))))
        elif isinstance(value, FuzzFinding):
            given = self._given[job.path, job.name]
            if value.signature not in given.said:
                given.said.add(value.signature)
                yield Told(job, value)
        else:
            yield Told(job, value)  # pyright: ignore[reportArgumentType]

    def _bury(self, worker: _Worker, died: _Died) -> Iterator[Happened]:
        job = worker.job
        if job is None:
            return
        status = f"signal {-died.status}" if died.status < 0 else f"exit status {died.status}"
        said = worker.reason or f"a worker ended with {status}"
        given = self._given[job.path, job.name]
        if given.attempts < ATTEMPTS:
            self._again.append(job)
            yield Note(f"{said} while it was at {job.name}; another takes that target")
        else:
            reason = f"{said}, for the second time at this target"
            yield Told(job, Done(job.name, 0, 0.0, "environment", len(given.said), reason))

    def _start(self) -> _Worker:
        # Ctrl-C is for the parent alone, which ends the workers in order.
        worker = _Worker(start("suture.analyzers.fuzzing.campaign_worker", apart=True))
        self._workers.append(worker)
        threading.Thread(target=self._listen, args=(worker,), daemon=True).start()
        return worker

    def _listen(self, worker: _Worker) -> None:
        def tell(value: object) -> None:
            self._heard.put(_Heard(worker, value))

        listen(worker.process, tell, lambda status: tell(_Died(status)))

    def _kill_silent(self) -> None:
        for worker in self._workers:
            if worker.job is not None and self._clock() - worker.heard > worker.job.budget_s + SILENCE_S:
                worker.reason = f"a worker was silent for {SILENCE_S:.0f} s"
                worker.process.kill()
