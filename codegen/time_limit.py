"""Runs inside the sandbox: a limit on how long a piece of foreign code may take, by the process's own timers.

Processor time decides, so that a busy machine makes nothing slow; code that only waits is stopped by the clock.

Invariant: the end of the time is no Exception, so that foreign code's ``except Exception`` does not swallow it.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Generator

#: Seconds on the clock for a second of processor time.
PATIENCE = 6


class TooSlow(BaseException):
    """Raised in the main thread when the time is over."""


def ready() -> None:
    """Let the timer raise. Once a process, before the first :func:`limit`."""
    signal.signal(signal.SIGALRM, _ring)
    signal.signal(signal.SIGPROF, _ring)


def _ring(*_: object) -> None:
    raise TooSlow


@contextlib.contextmanager
def limit(seconds: float) -> Generator[None]:
    """The body has this long; then :class:`TooSlow` is raised in it."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds * PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
