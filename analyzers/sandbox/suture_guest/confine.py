"""The last steps before code under test runs: limits, no capabilities, no new privileges, a system-call filter.

Invariant: after :func:`confine` the process cannot get back anything that it gave up.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time

from . import kernel, landlock, seccomp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

OPEN_FILES = 256  # each may hold a socket buffer of 200 kB that nobody counts
WRITABLE_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx")


def guard() -> None:
    """For the first process of the sandbox: no privilege by executing files, not traceable, not readable in /proc.

    It ignores every signal from inside that it has no handler for; Python's own one for SIGINT goes."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def confine(limits: Mapping[str, Any], view: Mapping[str, Any]) -> None:
    """``limits``: ``cpu_s``, ``memory_mb``, ``processes``, ``file_mb``; ``view``: that of :mod:`.view`."""
    memory = (int(limits["memory_mb"]) << 20) + _data()
    file = int(limits["file_mb"]) << 20
    cpu = max(1, int(limits["cpu_s"] + 0.999))
    _limit("CORE", 0)
    _limit("CPU", cpu, cpu + 1)
    _limit("DATA", memory)
    _limit("FSIZE", file)
    _limit("MEMLOCK", 0)
    _limit("NPROC", int(limits["processes"]))
    _limit("NOFILE", OPEN_FILES)
    _limit("MSGQUEUE", 0)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")  # if the host runs out of memory, the job goes first
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.drop_capabilities()
    if kernel.LINUX:
        landlock.restrict((str(view["root"]), *view["scratch"], "/dev/pts", "/proc"), WRITABLE_DEVICES)
        seccomp.install()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)


def _limit(name: str, soft: int, hard: int | None = None) -> None:
    """Lower a limit, never raise it; not every system has each."""
    which = getattr(resource, f"RLIMIT_{name}", None)
    if which is None:
        return
    most = resource.getrlimit(which)[1]
    wanted = soft if hard is None else hard
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    resource.setrlimit(which, (min(soft, wanted), wanted))


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


def die_with_parent() -> None:
    """End when Suture does, with everything that was started. The kernel sees to it for the first process of a PID
    namespace; elsewhere the job's processes must be looked for."""
    if os.getpid() == 1:
        kernel.die_with_parent()
        return
    signal.signal(signal.SIGTERM, _leave)
    if kernel.LINUX:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGTERM)
    else:
        import threading

        threading.Thread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()


def _leave(*_: object) -> None:
    end_everything()
    os._exit(1)


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGTERM)


def end_others() -> None:
    """Kill every other process of this PID namespace; they are reaped elsewhere."""
    if os.getpid() == 1:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)


def end_everything() -> None:
    """Kill and reap every process that this one has started, and their descendants.

    In a PID namespace that is every other process of it. Elsewhere the descendants are looked up: there, "everybody"
    would be the person's own programs."""
    alone = os.getpid() == 1
    while True:
        for each in [-1] if alone else _descendants():
            with contextlib.suppress(ProcessLookupError):  # nobody is left to kill; zombies may be left to reap
                os.kill(each, signal.SIGKILL)
        try:
            while os.waitpid(-1, 0 if alone else os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)  # one that was forked meanwhile is found in the next round


def _descendants() -> list[int]:
    """Process ids; on Linux orphans come to the first process. Elsewhere the job's own process groups must do."""
    found = [os.getpid()]
    if not os.path.isdir("/proc/self/task"):
        return [-each for each in sorted(_groups)]
    for each in found:
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{each}/task"):
                with open(f"/proc/{each}/task/{task}/children", encoding="ascii") as file:
                    found += map(int, file.read().split())
    return found[1:]


#: The process groups that jobs were started in, where nothing better tells what belongs to them.
_groups: set[int] = set()


def remember_group(pid: int) -> None:
    _groups.add(pid)
