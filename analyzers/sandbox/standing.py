"""Walls that stand for several commands over one workspace, from the host's side.

Making a sandbox takes as long as starting two interpreters. Where many commands follow each other over the same
workspace (a search for a repair), the walls are made once, and each command gets namespaces of its own inside of them:
see :mod:`.suture_guest.standing`.

Invariant: a command over standing walls is held to every guarantee of one that has its own. Where walls cannot stand
(another backend, an old kernel), commands are run each by itself. One thing is shared: the kernel counts the processes
of all commands that run at the same time together. Each may have as many more as its limit says when it begins, so one
that forks without end can leave another less than its own; that other's failure is called the environment's.
"""

from __future__ import annotations

import array
import contextlib
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..findings import Json
from . import process
from .backend import Backend, Entrance, Guest
from .interface import CallResult, CancelCheck, Job, Limits, Outcome, Sandbox
from .layout import Layout
from .suture_guest.standing import GO, HERE

if TYPE_CHECKING:
    from .contained import ContainedSandbox

#: Backends whose walls can stand.
ABLE = frozenset({"bubblewrap", "namespaces"})
#: Walls that stand at the same time: a search may need compilers' folders for one command and not for the next.
MOST = 3
#: How long a command may take to begin, and to be gone after it was killed.
BEGIN_S, GONE_S = 10.0, 5.0


@dataclass(frozen=True, slots=True)
class Begun:
    """A command that runs: its first process as the host sees it, a descriptor of that, and what it is heard by."""

    pid: int
    held: int
    status: int
    stdout: int
    stderr: int

    def end(self) -> None:
        """Kill it, and with it everything in its namespace; wait until it is gone."""
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self.held, signal.SIGKILL)
        poll = select.poll()
        poll.register(self.held, select.POLLIN)
        poll.poll(GONE_S * 1000)
        for each in (self.held, self.status, self.stdout, self.stderr):
            os.close(each)


@dataclass
class Walls:
    """One sandbox that waits for commands. ``able`` is false once it could not begin one."""

    process: subprocess.Popen[bytes]
    connection: socket.socket
    entrance: Entrance
    shown: Layout
    place: tuple[int, int]
    able: bool = True
    _sending: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, config: Mapping[str, Json], cancel: CancelCheck | None) -> Begun | None:
        """Start a command; None if it did not begin, and nothing of it ever ran."""
        status, theirs = socket.socketpair()
        stdout, stderr = os.pipe(), os.pipe()
        configuration = process.anonymous()
        nothing = os.open(os.devnull, os.O_RDONLY)
        held = -1
        try:
            process.fill(configuration, dict(config), own=True)
            given = array.array("i", [configuration, theirs.fileno(), nothing, stdout[1], stderr[1]])
            with self._sending:
                self.connection.sendmsg([b"C"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, given)])
            theirs.close()
            held = _here(status, cancel)
            pid = _number(held) if held >= 0 else 0
            if pid:
                status.send(GO)
        except OSError:
            pid = 0
        finally:
            theirs.close()
            for each in (configuration, nothing, stdout[1], stderr[1]):
                os.close(each)
        if not pid:
            self.able = cancel is not None and cancel()  # nobody waited: that says nothing about the walls
            status.close()
            for each in (stdout[0], stderr[0], *([held] if held >= 0 else [])):
                os.close(each)
            return None
        return Begun(pid, held, status.detach(), stdout[0], stderr[0])

    def close(self) -> None:
        self.connection.close()
        process.end(self.process, self.entrance.cleanup, self.entrance.env)
        if self.process.stderr is not None:
            self.process.stderr.close()


def _here(status: socket.socket, cancel: CancelCheck | None) -> int:
    """The descriptor of a command's first process, which is the first that it sends; -1 if it did not begin."""
    deadline = time.monotonic() + BEGIN_S
    poll = select.poll()
    poll.register(status, select.POLLIN)
    while time.monotonic() < deadline and not (cancel is not None and cancel()):
        if poll.poll(20):
            data, told, _, _ = status.recvmsg(1, socket.CMSG_SPACE(4))
            found = array.array("i")
            for _, _, body in told:
                found.frombytes(body)
            return found[0] if data == HERE and found else -1
    return -1


def _number(held: int) -> int:
    """The process that a descriptor is of, by its number here; 0 if it has ended."""
    with open(f"/proc/self/fdinfo/{held}", encoding="ascii") as file:
        for line in file:
            if line.startswith("Pid:"):
                return max(int(line.split()[1]), 0)
    return 0


def raise_walls(backend: Backend, shown: Layout, place: tuple[int, int]) -> Walls:
    """Start the walls; they are not waited for. Raises OSError."""
    import sys

    ours, theirs = socket.socketpair()
    config = process.anonymous()
    try:
        entrance = backend.entrance(shown, Guest(sys.executable, "standing", config, theirs.fileno()), Limits())
        process.fill(config, entrance.config, own=True)
        child = process.spawn(
            entrance,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            keep=(config, theirs.fileno()),
        )
    except BaseException:
        ours.close()
        raise
    finally:
        os.close(config)
        theirs.close()
    return Walls(child, ours, entrance, shown, place)


class Standing:
    """A sandbox whose walls stand until it is closed. Safe to use from several threads."""

    def __init__(self, sandbox: ContainedSandbox) -> None:
        self._sandbox = sandbox
        self._walls: list[Walls] = []
        self._lock = threading.Lock()
        self._closed = False

    @property
    def backend(self) -> str:
        return self._sandbox.backend

    @property
    def holes(self) -> tuple[str, ...]:
        return self._sandbox.holes

    @property
    def processes(self) -> tuple[subprocess.Popen[bytes], ...]:
        """The outermost processes of the walls that stand."""
        return tuple(each.process for each in self._walls)

    def run(self, job: Job, cancel: CancelCheck | None = None) -> Outcome:
        return self._sandbox.run(job, cancel, self._begin)

    def _begin(self, shown: Layout, config: Mapping[str, Json], cancel: CancelCheck | None) -> Begun | None:
        """Start a command in the walls for this layout; None where it has to be started by itself."""
        with self._lock:
            walls = self._for(shown)
        return None if walls is None else walls.begin(config, cancel)

    def _for(self, shown: Layout) -> Walls | None:
        info = os.stat(shown.root)  # a folder that was deleted and made again is another one
        place = (info.st_dev, info.st_ino)
        found = next((each for each in self._walls if each.shown == shown and each.place == place), None)
        if found is not None and found.able and found.process.poll() is None:
            return found
        if self._closed or any(not each.able for each in self._walls):
            return None  # what could not stand once is not tried again
        if found is not None:
            self._walls.remove(found)
            found.close()
        if len(self._walls) >= MOST:
            return None
        try:
            self._walls.append(self._sandbox.walls(shown, place))
        except OSError:
            return None
        return self._walls[-1]

    def call(
        self,
        function: str,
        payload: Mapping[str, Json],
        *,
        root: Path,
        files: Mapping[str, bytes] | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        python: Path | None = None,
        cancel: CancelCheck | None = None,
        on_message: Callable[[Json], None] | None = None,
    ) -> CallResult:
        return self._sandbox.call(
            function,
            payload,
            root=root,
            files=files,
            limits=limits,
            python=python,
            cancel=cancel,
            on_message=on_message,
        )

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for each in self._walls:
                each.close()
            self._walls.clear()


@contextmanager
def standing(sandbox: Sandbox) -> Generator[Sandbox]:
    """The same sandbox, for many commands over one workspace: its walls stand until the end of the block."""
    from .contained import ContainedSandbox

    if not isinstance(sandbox, ContainedSandbox) or sandbox.backend not in ABLE or not hasattr(os, "pidfd_open"):
        yield sandbox
        return
    held = Standing(sandbox)
    try:
        yield held
    finally:
        held.close()
