"""The sandbox that the rest of Suture holds: a backend's walls, a job inside, supervision from outside.

Invariant: whatever the job does, :meth:`ContainedSandbox.run` and :meth:`~ContainedSandbox.call` return within their
wall clock (and a second to clear up), and nothing of the job is left running.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from ..errors import Bug, Unavailable
from ..findings import Json
from . import bare, caches, places, process, standing, warm
from .backend import Backend, Guest
from .capture import Capture
from .classify import environment_error, last_line
from .interface import CallResult, CancelCheck, Job, Limits, Outcome, Reason
from .layout import Layout, interpreter, layout
from .plan import environment, limits_config, relative, view_config
from .suture_guest import wire

#: Starts a job with a configuration for a layout, or says that it cannot.
Begin = Callable[[Layout, Mapping[str, Json], CancelCheck | None], "standing.Begun | None"]
#: A job that writes this many times what may be kept is a flood, and is ended.
FLOOD = 64
#: Warm interpreters that are kept at once (one per interpreter and workspace, 40 to 60 MB each); the oldest goes first.
MOST_ZYGOTES = 4
#: Beyond the wall clock: what making the walls may take before it counts as a failure of the sandbox.
SETUP_S = 30.0


class ContainedSandbox:
    """See :class:`.interface.Sandbox`. ``copy``: do not even try to lay an overlay over the workspace."""

    def __init__(self, backend: Backend, python: Path | None, *, copy: bool = False) -> None:
        self._backend = backend
        self._python = python
        self._copy = copy
        self._lock = threading.Lock()
        self._zygotes: dict[tuple[str, str, str], warm.Zygote] = {}

    @property
    def backend(self) -> str:
        return self._backend.name

    @property
    def holes(self) -> tuple[str, ...]:
        return self._backend.holes

    def run(self, job: Job, cancel: CancelCheck | None = None, begin: Begin | None = None) -> Outcome:
        """See :meth:`.interface.Sandbox.run`. ``begin`` starts a job in walls that stand already, if it can."""
        python = interpreter(job.python or self._python)
        program = str(python) if job.argv[0] in ("python", "python3") else job.argv[0]
        tools = [*([] if program == str(python) else [program]), *job.tools]
        shown = caches.shown(self._prepared(job.root, python, tools), job.cache)
        try:
            return self._run(job, shown, program, cancel, begin)
        finally:
            places.clear(shown)

    def walls(self, shown: Layout, place: tuple[int, int]) -> standing.Walls:
        """Walls for several jobs (see :mod:`.standing`). Raises OSError."""
        return standing.raise_walls(self._backend, shown, place)

    def _run(self, job: Job, shown: Layout, program: str, cancel: CancelCheck | None, begin: Begin | None) -> Outcome:
        moved = places.Moved(shown)
        config: dict[str, Json] = {
            "view": view_config(shown, job.limits, self._copy),
            "files": {relative(name): base64.b64encode(content).decode() for name, content in job.files.items()},
            "cwd": relative(job.cwd),
            "argv": [program, *map(moved.inward, job.argv[1:])],
            "env": {
                **environment(shown),
                **{name: caches.inward(moved.inward(value), shown) for name, value in job.env.items()},
            },
            "keep": [relative(name) for name in job.keep],
            "limits": limits_config(job.limits, shown),
            "cache": cast(Json, caches.config(shown, job.cache)),
        }
        started = time.monotonic()
        end = _Run(self._backend, shown, config, job, cancel).play(None if job.stdin else begin)
        reason, code, signal_number = _reason(end, job.limits)
        if end.setup_error:
            end.stderr.add(f"sandbox: {end.setup_error}\n".encode())
        stderr = end.stderr.value()
        if reason == "exit" and code != 0:
            caused = environment_error(last_line(stderr))
            if caused:
                reason, code = caused, None
        return Outcome(
            reason=reason,
            exit_code=code if reason == "exit" else None,
            stdout=moved.outward(end.stdout.value()),
            stderr=moved.outward(stderr),
            seconds=time.monotonic() - started,
            backend=self.backend,
            files=end.kept,
            signal=signal_number,
        )

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
        if not function.startswith("suture."):
            raise Bug(f"{function} is not a function of Suture")
        overlay = {relative(name): content for name, content in (files or {}).items()}
        with self._lock:
            chosen = interpreter(python or self._python)
            result = self._zygote(root, chosen).call(function, payload, overlay, limits, cancel, on_message)
            if result is None:  # it had ended, idle, just before it was asked
                result = self._zygote(root, chosen).call(function, payload, overlay, limits, cancel, on_message)
            if result is None:
                raise Unavailable(f"the warm sandbox for {chosen} ended twice before it took a call")
            return result

    def _prepared(self, root: Path, python: Path, tools: list[str]) -> Layout:
        if not self._backend.contains:
            bare.require(root)
        return self._backend.prepare(layout(root, python, tools))

    def _zygote(self, root: Path, python: Path) -> warm.Zygote:
        if not self._backend.contains:
            bare.require(root)
        info = os.stat(root)  # a folder that was deleted and made again is another one
        key = (os.path.realpath(root), f"{info.st_dev}:{info.st_ino}", str(python))
        zygote = self._zygotes.get(key)
        if zygote is None or not zygote.alive:
            if zygote is not None:
                self._zygotes.pop(key).close()
            while len(self._zygotes) >= MOST_ZYGOTES:
                self._zygotes.pop(next(iter(self._zygotes))).close()
            trusted = str(python) == sys.executable
            shown = self._prepared(root, python, [])
            zygote = warm.start(self._backend, shown, view_config(shown, Limits(), self._copy), python, trusted)
            self._zygotes[key] = zygote
        return zygote

    def close(self) -> None:
        for zygote in self._zygotes.values():
            zygote.close()
        self._zygotes.clear()

    def __enter__(self) -> ContainedSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class _End:
    stdout: Capture
    stderr: Capture
    kept: dict[str, bytes]
    ready: bool = False
    setup_error: str = ""
    status: Mapping[str, Any] | None = None
    forced: Reason | None = None


class _Run:
    """One job from start to end: feeds it, drains it, holds it to its limits."""

    def __init__(
        self, backend: Backend, shown: Layout, config: dict[str, Json], job: Job, cancel: CancelCheck | None
    ) -> None:
        self._backend, self._shown, self._config, self._job, self._cancel = backend, shown, config, job, cancel
        limit = job.limits.output_kb * 1024
        self._end = _End(Capture(limit), Capture(limit), {})
        self._frames = wire.Frames(max(wire.MAXIMUM, (job.limits.file_mb << 20) + 4096))
        self._flood = limit * FLOOD
        self._keeper = caches.Keeper(job.cache) if job.cache else None

    def play(self, begin: Begin | None) -> _End:
        begun = begin(self._shown, self._config, self._cancel) if begin is not None else None
        if begun is not None:
            try:
                self._pump(begun.pid, begun.status, begun.stdout, begun.stderr, own=1)
            finally:
                begun.end()
            return self._end
        status_reader, status_writer = os.pipe()
        # The descriptor's number is part of the command, so it is made first and filled afterwards.
        config = process.anonymous()
        guest = Guest(sys.executable, "job", config, status_writer)
        entrance = self._backend.entrance(self._shown, guest, self._job.limits)
        whole = {**self._config, **entrance.config}
        process.fill(config, whole, own=self._backend.name in standing.ABLE)
        try:
            child = process.spawn(
                entrance,
                stdin=subprocess.PIPE if self._job.stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                keep=(config, status_writer),
            )
        except OSError as error:
            os.close(status_reader)
            self._end.setup_error = str(error)
            return self._end
        finally:
            os.close(config)
            os.close(status_writer)
        try:
            assert child.stdout is not None
            assert child.stderr is not None
            streams = child.stdout.fileno(), child.stderr.fileno()
            self._pump(child.pid, status_reader, *streams, own=entrance.own, stdin=child.stdin)
        finally:
            over = self._end.status is not None  # then nothing is left of it
            process.end(child, () if over else entrance.cleanup, entrance.env)
            os.close(status_reader)
            for stream in (child.stdin, child.stdout, child.stderr):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
        return self._end

    def _pump(
        self, pid: int, status: int, stdout: int, stderr: int, *, own: int, stdin: IO[bytes] | None = None
    ) -> None:
        end, job = self._end, self._job
        guard = process.Guard(pid, job.limits, self._cancel, time.monotonic() + SETUP_S, own=own)
        pending = memoryview(job.stdin)
        with selectors.DefaultSelector() as selector:
            readers = {stdout: end.stdout, stderr: end.stderr}
            for descriptor in (*readers, status):
                os.set_blocking(descriptor, False)
                selector.register(descriptor, selectors.EVENT_READ)
            if stdin is not None:
                os.set_blocking(stdin.fileno(), False)
                selector.register(stdin.fileno(), selectors.EVENT_WRITE)
            while selector.get_map() and end.status is None:
                for key, _ in selector.select(guard.wait_s()):
                    descriptor = key.fd
                    if stdin is not None and descriptor == stdin.fileno():
                        pending = _feed(selector, descriptor, pending)
                        if not pending:
                            stdin.close()
                            stdin = None
                        continue
                    data = _read(descriptor)
                    if data is None:
                        continue
                    if not data:
                        selector.unregister(descriptor)
                    elif descriptor in readers:
                        readers[descriptor].add(data)
                    else:
                        self._status(data, guard)
                    if descriptor == status and not data:
                        _drain(readers)
                        return
                if max(end.stdout.total, end.stderr.total) > self._flood:
                    end.forced = "output"
                else:
                    end.forced = guard.check()
                if end.forced:
                    _drain(readers)
                    return
            _drain(readers)

    def _status(self, data: bytes, guard: process.Guard) -> None:
        end = self._end
        self._frames.feed(data)
        for kind, body in self._frames:
            if kind == wire.READY:
                end.ready = True
                guard.deadline = time.monotonic() + self._job.limits.wall_s
            elif kind == wire.FAILED:
                end.setup_error = body.decode("utf-8", "replace")
            elif kind == wire.KEPT:
                name, content = wire.unpack_file(body)
                end.kept[name] = content
            elif kind == wire.CACHED and self._keeper is not None:
                self._keeper.take(*wire.unpack_file(body))
            elif kind == wire.STATUS:
                end.status = json.loads(body)


def _read(descriptor: int) -> bytes | None:
    try:
        return os.read(descriptor, 1 << 16)
    except BlockingIOError:
        return None


def _feed(selector: selectors.BaseSelector, descriptor: int, pending: memoryview) -> memoryview:
    try:
        pending = pending[os.write(descriptor, pending[: 1 << 16]) :]
    except BlockingIOError:
        return pending
    except BrokenPipeError:
        pending = pending[:0]
    if not pending:
        selector.unregister(descriptor)
    return pending


def _drain(readers: Mapping[int, Capture]) -> None:
    """What is in the pipes already; no waiting. At most what a pipe holds, because others may still be writing."""
    for descriptor, capture in readers.items():
        for _ in range(32):
            data = _read(descriptor)
            if not data:
                break
            capture.add(data)


def _reason(end: _End, limits: Limits) -> tuple[Reason, int | None, int | None]:
    """The reason, the exit code, the signal."""
    if end.forced:
        return end.forced, None, None
    if not end.ready or end.status is None:
        end.setup_error = end.setup_error or "it ended before it could report"
        return "environment", None, None
    if "forced" in end.status:
        return end.status["forced"], None, None
    if "exit" in end.status:
        return "exit", int(end.status["exit"]), None
    number = int(end.status["signal"])
    if number == 24 or (number == 9 and float(end.status.get("cpu_s", 0)) >= limits.cpu_s):
        return "timeout", None, number
    if number == 25:
        return "environment", None, number
    return "signal", None, number
