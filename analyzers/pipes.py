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
from collections.abc import Callable
from typing import IO

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


def listen(process: subprocess.Popen[bytes], heard: Callable[[object], None], ended: Callable[[int], None]) -> None:
    """Passes on what a worker says until it ends, and then its status. Blocks: for a thread of its own."""
    assert process.stdout is not None
    try:
        while True:
            heard(receive(process.stdout))
    except (EOFError, OSError, ValueError):
        ended(process.wait())
