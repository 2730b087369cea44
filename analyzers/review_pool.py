"""Reviews many files in worker processes, so that a file which crashes or hangs a reviewer costs only itself.

Invariant: the answers come in the order of the files, one each. A worker that dies or is silent for
:data:`SILENCE_S` is killed; the file it was at is reported, the rest of its files go to another worker.
Invariant: no worker outlives this process: each ends with its input.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from .pipes import Child, fork, listen, may_fork, send, start
from .review import failed
from .review_worker import Answer, Task, load, serve, work

#: Seconds that a worker may take for one file.
SILENCE_S = 120.0

#: Seconds that it may take for a rule over all files.
PROGRAM_SILENCE_S = 1800.0

#: Processes that are started before it is known how much there is to do.
EARLY = 4

_processes: weakref.WeakSet[Child] = weakref.WeakSet()


def living() -> list[Child]:
    """The worker processes that are running."""
    return [each for each in _processes if each.poll() is None]


class _Event(NamedTuple):
    worker: _Worker
    value: object  # an Answer, None at the end of a task, or the exit status


class _Died(NamedTuple):
    status: int


@dataclass(eq=False, slots=True)
class _Worker:
    process: Child
    task: Task | None = None
    left: deque[Path] = field(default_factory=deque[Path])
    heard: float = 0.0
    reason: str = ""


class Pool:
    """Worker processes behind a queue of events. With no jobs, work is done in this process."""

    def __init__(self, jobs: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.jobs = jobs
        self._clock = clock
        self._workers: list[_Worker] = []
        self._events: queue.SimpleQueue[_Event] = queue.SimpleQueue()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.dismiss()
        for worker in self._workers:
            worker.process.wait()
        self._workers.clear()

    def begin(self) -> None:
        """Starts processes for tasks that will follow soon. What they have to load, they load meanwhile; forks of this
        process have it from here."""
        missing = min(self.jobs, EARLY) - len(self._workers)
        if missing > 0 and may_fork():
            load()
        if missing <= 0 or not may_fork():  # asked again: what was loaded may have begun threads
            for _ in range(missing):
                self._start()
            return
        forks: list[Child] = []
        for _ in range(missing):
            forks.append(fork(serve, forks))
        for process in forks:  # behind the last fork: each is listened to in a thread
            self._hear_of(process)

    def dismiss(self) -> None:
        """There is nothing more to do. Nobody waits here for the processes to be gone."""
        for worker in self._workers:
            worker.process.kill()

    def run(self, tasks: Sequence[Task]) -> Iterator[Answer]:
        """Answers as they come; every file of every task is answered for."""
        if self.jobs <= 0:
            for task in tasks:
                yield from work(task)
            return
        todo = deque(tasks)
        while todo or any(worker.task for worker in self._workers):
            # One that died while it had nothing to do is not blamed on the next file.
            idle = [worker for worker in self._workers if worker.task is None and worker.process.poll() is None]
            while todo and (idle or len(self._workers) < self.jobs):
                self._give(idle.pop() if idle else self._start(), todo.popleft())
            try:
                event = self._events.get(timeout=1.0)
            except queue.Empty:
                self._kill_silent()
                continue
            yield from self._hear(event, todo)

    def _hear(self, event: _Event, todo: deque[Task]) -> Iterator[Answer]:
        worker, value = event
        worker.heard = self._clock()
        if isinstance(value, Answer):
            if worker.left and worker.left[0] == value.path:
                worker.left.popleft()
                yield value
        elif value is None:
            worker.task = None
        elif isinstance(value, _Died) and worker in self._workers:
            self._workers.remove(worker)
            if worker.task is not None and worker.left:
                guilty = worker.left.popleft()
                status = f"signal {-value.status}" if value.status < 0 else f"exit status {value.status}"
                yield Answer(guilty, failed(guilty, worker.reason or f"the reviewing process died on it ({status})"))
                if worker.left:
                    todo.appendleft(replace(worker.task, paths=tuple(worker.left)))

    def _start(self) -> _Worker:
        return self._hear_of(start("suture.analyzers.review_worker"))

    def _hear_of(self, process: Child) -> _Worker:
        _processes.add(process)
        worker = _Worker(process)
        self._workers.append(worker)
        threading.Thread(target=self._listen, args=(worker,), daemon=True).start()
        return worker

    def _listen(self, worker: _Worker) -> None:
        def tell(value: object) -> None:
            self._events.put(_Event(worker, value))  # pyright: ignore[reportArgumentType]

        listen(worker.process, tell, lambda status: tell(_Died(status)))

    def _give(self, worker: _Worker, task: Task) -> None:
        worker.task, worker.left, worker.heard = task, deque(task.paths), self._clock()
        assert worker.process.stdin is not None
        # A broken pipe: its death is on the way through the queue, and tells which file to give up.
        with contextlib.suppress(BrokenPipeError):
            send(worker.process.stdin, task)

    def _kill_silent(self) -> None:
        for worker in self._workers:
            if worker.task is None:
                continue
            patience = PROGRAM_SILENCE_S if worker.task.what == "check" else SILENCE_S
            if self._clock() - worker.heard > patience:
                worker.reason = f"given up after {patience:.0f} s"
                worker.process.kill()
