"""The server's child processes, so that none outlives it.

Three nets, because each has a hole: the registry kills the groups on every orderly way out; the kernel's parent-death
signal (Linux) covers a killed server; children also end when their standard input does.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path


class Children:
    """Process ids of children that lead their own process group or session."""

    def __init__(self) -> None:
        self._pids: set[int] = set()

    def add(self, pid: int) -> None:
        """Remember a child. It must lead its own process group (``start_new_session=True``)."""
        self._pids.add(pid)

    def discard(self, pid: int) -> None:
        """Forget a child that was waited for."""
        self._pids.discard(pid)

    @property
    def pids(self) -> frozenset[int]:
        return frozenset(self._pids)

    def kill_all(self, *, strays: bool = False) -> None:
        """Kill every registered group with what it started in other groups; with ``strays``, every descendant of
        this process, registered or not."""
        for pid in self._pids:
            kill_group(pid)
        if strays:
            for pid in descendants(os.getpid()):
                kill(pid)
        self._pids.clear()


def kill_group(pid: int) -> None:
    """SIGKILL to the process group ``pid`` leads, after collecting what it started in other groups."""
    if sys.platform == "win32":
        kill(pid)
        return
    strays = descendants(pid)
    if os.getpgid(0) != pid:  # never our own group
        try:
            os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            kill(pid)
    for stray in strays:
        kill(stray)


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def descendants(pid: int) -> set[int]:
    """Children of ``pid``, their children and so on (Linux; elsewhere the empty set)."""
    if not sys.platform.startswith("linux"):
        return set()
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text("latin-1")
            except OSError:
                continue  # it ended while we looked
            parents.setdefault(int(stat[stat.rindex(")") + 2 :].split()[1]), []).append(int(entry.name))
    found: set[int] = set()
    todo = [pid]
    while todo:
        fresh = [child for child in parents.get(todo.pop(), ()) if child not in found]
        found.update(fresh)
        todo += fresh
    return found


def child_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a child: ours, without what would make every start of Python compile again."""
    source = os.environ if environ is None else environ
    return {name: value for name, value in source.items() if name != "PYTHONDONTWRITEBYTECODE"}
