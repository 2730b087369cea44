"""The last steps before code under test runs: limits, no capabilities, no new privileges, a system-call filter.

Invariant: after :func:`confine` the process cannot get back anything that it gave up.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from collections.abc import Mapping
from typing import Any

from . import kernel, landlock, seccomp

OPEN_FILES = 256  # each may hold a socket buffer of 200 kB that nobody counts
WRITABLE_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx")


def guard() -> None:
    """For the first process of the sandbox: no privilege by executing files, not traceable, not readable in /proc.

    It ignores every signal from inside that it has no handler for; Python's own one for SIGINT goes."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def confine(limits: Mapping[str, Any], root: str) -> None:
    """``limits``: ``cpu_s``, ``memory_mb``, ``processes``, ``file_mb``; ``root``: the workspace."""
    memory = (int(limits["memory_mb"]) << 20) + _data()
    file = int(limits["file_mb"]) << 20
    cpu = max(1, int(limits["cpu_s"] + 0.999))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file, file))
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (int(limits["processes"]), int(limits["processes"])))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_MSGQUEUE, (0, 0))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")  # if the host runs out of memory, the job goes first
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.drop_capabilities()
    landlock.restrict((root, "/tmp", "/dev/shm", "/dev/pts", "/proc"), WRITABLE_DEVICES)
    seccomp.install()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)


def _data() -> int:
    """Bytes of data that this process has inherited: a fork of a warm interpreter begins with some 50 MB."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[5]) * resource.getpagesize()
    except OSError:
        return 0


def default_signals() -> None:
    """What a fresh program expects: nothing blocked, SIGPIPE and SIGXFSZ as Python sets them, the rest default."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def end_everything() -> None:
    """Kill and reap every other process of this PID namespace. Only for its first process."""
    while True:
        with contextlib.suppress(ProcessLookupError):  # nobody is left to kill; zombies may be left to reap
            os.kill(-1, signal.SIGKILL)
        try:
            while True:
                os.waitpid(-1, 0)
        except ChildProcessError:
            return
