"""A fuzzing process: ``python -m suture.analyzers.fuzzing.campaign_worker``, driven by :mod:`.campaign`.

It reads jobs on standard input and writes the events of each on what was its standard output. It ends with its input,
in the middle of a job too, and its sandbox with it.

Invariant: code of the workspace runs in the sandbox only, so what this process says is its own.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import SutureError, Unavailable
from ..pipes import receive, send
from ..sandbox.interface import CancelCheck, Sandbox
from .api import fuzz
from .events import Done, Event, Input

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """One target and all that its search depends on. ``base`` is a revision or a file; ``first`` are inputs to try
    before all others, ``expected`` signatures that are never reported."""

    root: Path
    path: Path
    name: str
    budget_s: float = 10.0
    seed: int = 0
    base: str | None = None
    python: Path | None = None
    first: tuple[Input, ...] = ()
    expected: frozenset[str] = frozenset()


def events_of(job: Job, sandbox: Sandbox, cancel: CancelCheck | None = None) -> Iterator[Event]:
    """The events of a job, :class:`Done` last. An error of this one job is its answer, even a fault of Suture's own;
    only a sandbox that cannot be had raises (:class:`Unavailable`), because no other job can be done either."""
    try:
        yield from fuzz(
            job.root,
            job.path,
            job.name,
            sandbox=sandbox,
            budget_s=job.budget_s,
            seed=job.seed,
            base=job.base,
            python=job.python,
            cancel=cancel,
            first=job.first,
            expected=job.expected,
        )
    except Unavailable:
        raise
    except SutureError as error:
        yield Done(job.name, 0, 0.0, "environment", 0, error.message)
    except Exception as error:  # one target must not cost the others their turn
        log.exception("fuzzing %s of %s failed", job.name, job.path)
        yield Done(job.name, 0, 0.0, "environment", 0, f"a fault of Suture's own: {type(error).__name__}: {error}")


def main() -> None:
    """Serve jobs until the input ends. Prints of libraries go to standard error, not between the events."""
    from ..sandbox import open_sandbox

    events = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
    ended = threading.Event()

    def listen() -> None:
        try:
            while isinstance(job := receive(sys.stdin.buffer), Job):
                jobs.put(job)
        except (EOFError, OSError):
            pass  # the campaign is gone: there will be no further job
        ended.set()
        jobs.put(None)

    threading.Thread(target=listen, daemon=True).start()
    try:
        sandbox = open_sandbox()
        try:
            while (job := jobs.get()) is not None and not ended.is_set():
                for event in events_of(job, sandbox, ended.is_set):
                    send(events, event)
        finally:
            sandbox.close()
    except SutureError as error:
        send(events, error)
    except BrokenPipeError:
        return


if __name__ == "__main__":
    # Pickle must name these classes by their module, not by ``__main__``.
    from . import campaign_worker

    campaign_worker.main()
