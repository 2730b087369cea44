"""What a tree of processes uses, seen from outside: memory, CPU time, how many; and how to end it.

Invariant: only descendants of a process that this program started are ever looked at or killed. In a PID namespace
every process stays a descendant of its first one, whatever it forks, so nothing escapes the count.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from dataclasses import dataclass

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
#: Between two looks: on systems without ``/proc`` each costs a process.
PAUSE_S = 0.02 if os.path.isdir("/proc/self") else 0.2


@dataclass(frozen=True, slots=True)
class Usage:
    """``memory`` in bytes, an upper bound that counts shared pages once a process; ``cpu_s`` in seconds."""

    pids: tuple[int, ...]
    memory: int
    cpu_s: float


def children(pid: int) -> list[int]:
    """The processes whose parent is ``pid`` (any of its threads)."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    except (FileNotFoundError, ProcessLookupError):
        if os.path.exists(f"/proc/{os.getpid()}/task/{os.getpid()}/children"):
            return found  # it ended meanwhile
        return _children_by_scan(pid)
    return found


def _children_by_scan(pid: int) -> list[int]:
    """For kernels without the children file."""
    found: list[int] = []
    if not os.path.isdir("/proc/self"):
        return [child for child, row in processes_by_ps().items() if row.parent == pid]
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = _stat(int(name))
            if fields and int(fields[1]) == pid:
                found.append(int(name))
    return found


def _stat(pid: int) -> list[str] | None:
    """The fields of ``/proc/PID/stat`` from the state on (the third)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def tree(pid: int) -> list[int]:
    """``pid`` and all its descendants, parents first."""
    found = [pid]
    for each in found:
        found += children(each)
    return found


def usage(pid: int, own: int = 2) -> Usage:
    """What the sandbox started as ``pid`` uses. Memory of its ``own`` first processes, the outermost one and the
    first one inside, is not the job's and not counted; their CPU time is, because the job's is handed up to them."""
    if not os.path.isdir("/proc/self"):
        return _usage_by_ps(pid, own)
    pids: list[int] = []
    memory = ticks = 0
    for index, each in enumerate(tree(pid)):
        fields = _stat(each)
        if fields is None:
            continue
        ticks += sum(int(value) for value in fields[11:15])
        if index >= own:
            pids.append(each)
            memory += int(fields[21]) * PAGE
    return Usage(tuple(pids), memory, ticks / TICK)


def _usage_by_ps(pid: int, own: int) -> Usage:
    table = processes_by_ps()
    pids: list[int] = []
    memory, seconds = 0, 0.0
    found = [pid]
    for index, each in enumerate(found):
        found += [child for child, row in table.items() if row.parent == each]
        if each not in table:
            continue
        seconds += table[each].cpu_s
        if index >= own:
            pids.append(each)
            memory += table[each].memory
    return Usage(tuple(pids), memory, seconds)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of ``ps``: the parent's number, resident bytes, seconds of processor time."""

    parent: int
    memory: int
    cpu_s: float


def processes_by_ps() -> dict[int, Row]:
    """All processes, as ``ps`` tells them where there is no ``/proc``."""
    command = ["/bin/ps", "-A", "-o", "pid=,ppid=,rss=,time="]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10, check=False)
    found: dict[int, Row] = {}
    for line in done.stdout.splitlines():
        fields = line.split()
        if len(fields) == 4:
            found[int(fields[0])] = Row(int(fields[1]), int(fields[2]) * 1024, clock(fields[3]))
    return found


def clock(text: str) -> float:
    """``1-02:03:04``, ``02:03:04`` or ``3:04.56`` in seconds."""
    days, _, rest = text.rpartition("-")
    seconds = 0.0
    for part in rest.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds + 86400 * int(days or 0)


def exact_memory(pids: tuple[int, ...]) -> int:
    """Bytes, shared pages divided among those who share them; the upper bound where the kernel does not tell."""
    if not os.path.isdir("/proc/self"):
        table = processes_by_ps()
        return sum(table[each].memory for each in pids if each in table)
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                values = dict(line.split(":", 1) for line in file if line.startswith(("Pss_Anon", "Pss_Shmem", "Pss:")))
            if "Pss_Anon" in values:
                kib = int(values["Pss_Anon"].split()[0]) + int(values["Pss_Shmem"].split()[0])
            else:
                kib = int(values["Pss"].split()[0])
            total += kib * 1024
        except (OSError, KeyError, ValueError):
            fields = _stat(pid)
            total += int(fields[21]) * PAGE if fields else 0
    return total


def _end_by_number(pid: int, patience_s: float) -> bool:
    """Where a process cannot be held: stop each before its children are looked up, so that none is added."""
    deadline = time.monotonic() + patience_s
    while True:
        found = tree(pid)
        for each in found:
            with contextlib.suppress(OSError):
                os.kill(each, signal.SIGSTOP)
        found = list(dict.fromkeys([*found, *tree(pid)]))
        for each in found:
            with contextlib.suppress(OSError):
                os.kill(each, signal.SIGKILL)
        left = [each for each in tree(pid) if each != pid]
        if not left or time.monotonic() >= deadline:
            return not left
        time.sleep(0.05)


def end(pid: int, patience_s: float = 5.0) -> bool:
    """Kill ``pid`` and its descendants, and wait until they are gone. ``pid`` itself is left for its owner to reap.

    Each is held by a descriptor first, so that a number that was given away again is never hit."""
    if not hasattr(os, "pidfd_open"):
        return _end_by_number(pid, patience_s)
    deadline = time.monotonic() + patience_s
    held: dict[int, int] = {}
    try:
        while True:
            for each in tree(pid):
                if each not in held:
                    with contextlib.suppress(OSError):
                        held[each] = os.pidfd_open(each)
            for descriptor in held.values():
                with contextlib.suppress(OSError):
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            poll = select.poll()
            for descriptor in held.values():
                poll.register(descriptor, select.POLLIN)
            while held and time.monotonic() < deadline:
                for descriptor, _ in poll.poll(50):
                    poll.unregister(descriptor)
                    gone = next(number for number, each in held.items() if each == descriptor)
                    os.close(held.pop(gone))
            left = [each for each in tree(pid) if each != pid]
            if not left or time.monotonic() >= deadline:
                return not left
    finally:
        for descriptor in held.values():
            os.close(descriptor)
