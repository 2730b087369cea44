"""Starting a sandbox's outermost process, and watching that it keeps to its limits.

Invariant: every process is started from one thread that lives as long as Suture does, because the kernel kills the
sandbox when the *thread* that started it ends (so that nothing outlives a killed Suture).
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ..findings import Json
from . import watch
from .backend import Entrance
from .interface import CancelCheck, Limits, Reason
from .suture_guest import coded

_spawners: dict[int, ThreadPoolExecutor] = {}


def spawn(entrance: Entrance, *, stdin: int, stdout: int, stderr: int, keep: Sequence[int]) -> subprocess.Popen[bytes]:
    """Start the entrance in its own session with its environment only; ``keep`` are the descriptors it inherits."""
    pool = _spawners.get(os.getpid())
    if pool is None:
        pool = _spawners[os.getpid()] = ThreadPoolExecutor(1, "suture-sandbox")
    return pool.submit(
        subprocess.Popen[bytes],
        list(entrance.argv),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=dict(entrance.env),
        cwd="/",
        pass_fds=tuple(keep),
        start_new_session=True,
    ).result()


def anonymous() -> int:
    """The descriptor of an empty file without a name: no size limit, nothing to clean up."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("suture")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def fill(descriptor: int, value: Mapping[str, Json], *, own: bool = False) -> None:
    """Write ``value`` to be read from the beginning: as JSON, or in this interpreter's form if only that reads it."""
    with os.fdopen(descriptor, "wb", closefd=False) as file:
        file.write(coded.dumps(dict(value)) if own else json.dumps(value).encode())
    os.lseek(descriptor, 0, os.SEEK_SET)


@dataclass
class Guard:
    """The limits of one job over all of its processes. ``deadline`` is a monotonic time in seconds; ``base_cpu_s``
    is what the tree had used before; ``own`` says how many of its first processes are not the job's."""

    pid: int
    limits: Limits
    cancel: CancelCheck | None
    deadline: float
    base_cpu_s: float = 0.0
    own: int = 2

    def __post_init__(self) -> None:
        self._next = time.monotonic() + 0.005

    def wait_s(self) -> float:
        """How long to wait for input before the next :meth:`check`."""
        return max(0.0, min(self._next, self.deadline) - time.monotonic())

    def check(self) -> Reason | None:
        """Why the job must end now, if it must."""
        now = time.monotonic()
        if now >= self.deadline:
            return "timeout"
        if now < self._next:
            return None
        self._next = now + watch.PAUSE_S
        if self.cancel is not None and self.cancel():
            return "cancelled"
        used = watch.usage(self.pid, self.own)
        most = self.limits.memory_mb << 20
        if used.memory > most and watch.exact_memory(used.pids) > most:
            return "memory"
        if used.cpu_s - self.base_cpu_s > self.limits.cpu_s:
            return "timeout"
        return None


def end(process: subprocess.Popen[bytes], cleanup: Sequence[str] = (), env: Mapping[str, str] | None = None) -> None:
    """Kill the sandbox with everything in it, and reap it. ``cleanup`` ends what is not a child of it."""
    if process.poll() is None:
        watch.end(process.pid)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)
    if cleanup:
        with contextlib.suppress(subprocess.TimeoutExpired, OSError):
            subprocess.run(
                cleanup, env=dict(env or {}), stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False
            )
