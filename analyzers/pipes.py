"""Suture's own worker processes, and values between them and their parent over a pipe: a length, then a pickle.

Invariant: both ends are Suture's own code. What comes out of a sandbox never comes this way.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import IO, NoReturn, Protocol

_LENGTH = struct.Struct("<Q")
_PR_SET_PDEATHSIG = 1


def start(module: str, *, apart: bool = False) -> subprocess.Popen[bytes]:
    """A process that runs a module of Suture. ``apart``: in a session of its own, which Ctrl-C does not reach."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.Popen(
        # -P: the current folder may be somebody's workspace; nothing must be imported from it.
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=apart,
    )


class Child(Protocol):
    """A child process as its parent sees it: a :class:`subprocess.Popen`, or a fork of this process."""

    pid: int
    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    def poll(self) -> int | None: ...
    def wait(self) -> int: ...
    def kill(self) -> None: ...


class _Fork:
    """A fork of this process."""

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.pid = pid
        self.stdin: IO[bytes] | None = stdin
        self.stdout: IO[bytes] | None = stdout
        self._status: int | None = None
        self._reaping = threading.Lock()

    def poll(self) -> int | None:
        with self._reaping:
            return self._asked()

    def wait(self) -> int:
        while (status := self.poll()) is None:
            # Not under the lock, and without taking the answer: until that is taken, the number stays the child's.
            with suppress(ChildProcessError):
                os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        return status

    def kill(self) -> None:
        with self._reaping:
            if self._asked() is None:
                os.kill(self.pid, signal.SIGKILL)

    def _asked(self) -> int | None:
        if self._status is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # whoever began us lets children vanish as they end: how it ended, nobody knows
                pid, status = self.pid, 0
            if pid == self.pid:
                self._status = os.waitstatus_to_exitcode(status)
        return self._status


def may_fork() -> bool:
    """Is a fork of this process a sound one? Only where no other thread may hold a lock, be it one of a library that
    Python knows nothing of, and on Linux."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def fork(serve: Callable[[IO[bytes], IO[bytes]], None], others: Iterable[Child] = ()) -> Child:
    """A fork of this process (see :func:`may_fork`) that serves what it is sent, and ends. Nothing is loaded twice.
    ``others`` are its elder siblings: it lets go of their pipes, so that each ends with its own."""
    parent = os.getpid()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # pyright: ignore[reportUnnecessaryComparison] - it is where a shell closed it
            stream.flush()
    (its_in, to_it), (from_it, its_out) = _pipe(), _pipe()
    # A Ctrl-C between the fork and the lines that only a child runs would make two of this process.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        pid = os.fork()
        if not pid:
            _be_child(parent, serve, others, before, (its_in, its_out), (to_it, from_it))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(its_in)
        os.close(its_out)
    return _Fork(pid, os.fdopen(to_it, "wb"), os.fdopen(from_it, "rb"))


def _be_child(
    parent: int,
    serve: Callable[[IO[bytes], IO[bytes]], None],
    others: Iterable[Child],
    mask: Iterable[int],
    ours: tuple[int, int],
    theirs: tuple[int, int],
) -> NoReturn:
    """The life of a fork."""
    status = 1
    try:
        die_with_parent(parent)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for pipe in theirs:
            os.close(pipe)
        for pipe in [pipe for each in others for pipe in (each.stdin, each.stdout)]:
            if pipe is not None:
                os.close(pipe.fileno())
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(2 if _is_open(2) else nothing, 1)
        serve(os.fdopen(ours[0], "rb"), os.fdopen(ours[1], "wb"))
        status = 0
    except KeyboardInterrupt:
        status = 130  # the parent is told to stop, too, and says so
    except BaseException as error:  # noqa: BLE001 - it is told as Python tells it, and ends with the child
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        os._exit(status)  # nothing of what the parent began is ended here, too


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are not among the first three numbers, also where a shell closed those."""
    ends = os.pipe()
    if min(ends) > 2:
        return ends
    import fcntl  # not everywhere, nor are forks

    moved = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 3) for each in ends]
    for each in ends:
        os.close(each)
    return moved[0], moved[1]


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def die_with_parent(parent: int) -> None:
    """For a child, at its very start: die when the process ``parent`` dies (Linux), or rather the thread of it that
    started the child. Exits at once if it already did."""
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if hasattr(os, "getppid") and os.getppid() != parent:
        os._exit(1)


def send(stream: IO[bytes], value: object) -> None:
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> object:
    """The next value. Raises EOFError at the end of the stream."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)


def listen(process: Child, heard: Callable[[object], None], ended: Callable[[int], None]) -> None:
    """Passes on what a worker says until it ends, and then its status. Blocks: for a thread of its own."""
    assert process.stdout is not None
    try:
        while True:
            heard(receive(process.stdout))
    except (EOFError, OSError, ValueError):
        ended(process.wait())
