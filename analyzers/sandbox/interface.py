"""What the rest of Suture knows of a sandbox: a job goes in, an outcome comes out.

Invariant: this package is the only place that starts a process which runs workspace code. There is no fallback to
the bare host; where nothing contains the code, :func:`open_sandbox` raises :class:`~..errors.Unavailable`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from ..findings import Json
from .suture_guest.places import CACHE as CACHE

#: Why a job ended. ``environment`` is a failure that the sandbox itself caused (a read-only file system, no network,
#: its own memory limit); it is never a bug of the code under test.
Reason = Literal["exit", "signal", "timeout", "memory", "output", "cancelled", "environment"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a job may use, over all of its processes."""

    wall_s: float = 10.0
    cpu_s: float = 10.0
    memory_mb: int = 512
    processes: int = 64
    file_mb: int = 16
    output_kb: int = 1024


@dataclass(frozen=True, slots=True)
class Cache:
    """A compiler's cache: folders of the host, the first one on top, that a job finds laid over each other at
    :data:`CACHE`. What it adds is its own; up to ``keep_mb`` megabytes of it are added to the top layer afterwards."""

    layers: tuple[Path, ...]
    keep_mb: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A command over a copy of a workspace.

    ``root`` appears inside at the same path as outside (so that tracebacks name real files), without ``.git``.
    ``files`` are laid over the copy first: relative POSIX path → content. ``keep`` names files, relative to the root,
    whose content the outcome returns. ``tools`` are programs that it needs besides ``argv[0]``. ``argv[0]`` in
    {"python", "python3"} means the interpreter of the job.
    """

    argv: tuple[str, ...]
    root: Path
    cwd: str = "."
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    stdin: bytes = b""
    keep: tuple[str, ...] = ()
    limits: Limits = Limits()
    python: Path | None = None  # default: the interpreter that runs Suture
    cache: Cache | None = None
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended. ``exit_code`` is None unless ``reason`` is ``exit``. Output is cut at the limit."""

    reason: Reason
    exit_code: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    backend: str
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    signal: int | None = None  # the signal that ended it, if ``reason`` is ``signal``

    @property
    def ok(self) -> bool:
        return self.reason == "exit" and self.exit_code == 0


@dataclass(frozen=True, slots=True)
class CallResult:
    """The answer of a Python call in a fresh fork of the warm zygote.

    ``value`` is what the function returned (JSON), if ``reason`` is ``exit``; ``error`` is the text of an exception
    that it raised, with its traceback."""

    reason: Reason
    value: Json
    error: str
    seconds: float
    backend: str


#: Polled between steps; true means: stop, kill what runs, answer ``cancelled``.
CancelCheck = Callable[[], bool]


class Sandbox(Protocol):
    """One backend, open. Safe to use from one thread at a time; close it to end its zygotes."""

    @property
    def backend(self) -> str: ...

    @property
    def holes(self) -> tuple[str, ...]:
        """What this backend does not contain, as sentences for ``suture doctor``. Empty if it holds all guarantees."""
        ...

    def run(self, job: Job, cancel: CancelCheck | None = None) -> Outcome:
        """Run a command to its end or to a limit. Nothing of it is left running."""
        ...

    def call(
        self,
        function: str,
        payload: Mapping[str, Json],
        *,
        root: Path,
        files: Mapping[str, bytes] | None = None,
        limits: Limits = Limits(),
        python: Path | None = None,
        cancel: CancelCheck | None = None,
        on_message: Callable[[Json], None] | None = None,
    ) -> CallResult:
        """Call ``package.module:function`` (of Suture itself, JSON in, JSON out) in a fork of a warm zygote.

        The zygote is one per interpreter and workspace root, started on the first call, with ``hypothesis`` and
        Suture's own worker modules imported; the fork sees the workspace copy as in :meth:`run`. The function is
        called as ``function(payload, emit)``; what it passes to ``emit`` reaches ``on_message`` at once."""
        ...

    def close(self) -> None: ...
