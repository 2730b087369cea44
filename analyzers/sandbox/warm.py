"""Warm zygotes from the host's side: start one, call into it, replace it when it is gone.

Invariant: an answer counts only if its frames came over the zygote's own connection between the request and its
status; a zygote that does not obey within ``OBEY_S`` (``OVER_S``) is killed, with everything in its sandbox.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import Unavailable
from ..findings import Json
from . import places, process, watch
from .backend import Backend, Entrance, Guest
from .classify import environment_error
from .interface import CallResult, CancelCheck, Limits, Reason
from .layout import Layout, hidden
from .plan import environment, limits_config, scratch_mb
from .suture_guest import wire

READY_S = 60.0
OBEY_S = 0.5
#: The same for a job whose time was over: nobody waits for that, and on a busy machine it may take longer to be ended.
OVER_S = 5.0
#: A zygote that nobody has called for so long ends by itself; the next call starts another one.
IDLE_S = 600.0
#: A zygote that was gone within this time, and said nothing, had not taken the call.
TAKEN_S = 2.0
PRELOAD = ("traceback", "inspect", "random", "hypothesis", "hypothesis.strategies")


@dataclass
class _Answer:
    value: Json = None
    error: str = ""
    reason: Reason | None = None
    status: Mapping[str, Any] | None = None
    finished: bool = False
    heard: bool = False


@dataclass
class Zygote:
    """One warm interpreter in one sandbox. Not usable any more once :attr:`alive` is false."""

    process: subprocess.Popen[bytes]
    connection: socket.socket
    backend: str
    shown: Layout
    entrance: Entrance
    frames: wire.Frames = field(default_factory=wire.Frames)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None and self.connection.fileno() >= 0

    def close(self) -> None:
        self.connection.close()
        process.end(self.process, self.entrance.cleanup, self.entrance.env)
        places.clear(self.shown)

    def call(
        self,
        function: str,
        payload: Mapping[str, Json],
        files: Mapping[str, bytes],
        limits: Limits,
        cancel: CancelCheck | None,
        on_message: Callable[[Json], None] | None,
    ) -> CallResult | None:
        """The answer; None if the zygote had ended before it took the call."""
        started = time.monotonic()
        answer = _Answer()
        inward = self.moved.json_inward(dict(payload))

        def tell(message: Json) -> None:
            if on_message is not None:
                on_message(self.moved.json_outward(message))

        try:
            forced = self._converse(self._request(function, inward, files, limits), answer, limits, cancel, tell)
        except BaseException:
            self.close()
            raise
        if forced is None and answer.status is None and not answer.heard and time.monotonic() - started < TAKEN_S:
            return None
        reason, error = _reason(answer, forced)
        value = self.moved.json_outward(answer.value) if reason == "exit" and not error else None
        return CallResult(reason, value, self.moved.outward(error), time.monotonic() - started, self.backend)

    @property
    def moved(self) -> places.Moved:
        return places.Moved(self.shown)

    def _request(self, function: str, payload: Json, files: Mapping[str, bytes], limits: Limits) -> bytes:
        request = {
            "function": function,
            "payload": payload,
            "limits": {**limits_config(limits, self.shown), "output_kb": limits.output_kb},
            "view": {"scratch_mb": scratch_mb(limits), "hide": list(hidden(Path(self.shown.root)))},
        }
        parts = [wire.pack_file(wire.PUT, name, content) for name, content in files.items()]
        return b"".join([*parts, wire.pack(wire.CALL, json.dumps(request).encode())])

    def _converse(
        self,
        request: bytes,
        answer: _Answer,
        limits: Limits,
        cancel: CancelCheck | None,
        on_message: Callable[[Json], None] | None,
    ) -> Reason | None:
        """Send the request and read until the status; the reason why it was ended, if it was."""
        own = self.entrance.own
        used = watch.usage(self.process.pid, own)
        guard = process.Guard(self.process.pid, limits, cancel, time.monotonic() + limits.wall_s, used.cpu_s, own)
        pending = memoryview(request)
        forced: Reason | None = None
        patience = 0.0
        while answer.status is None:
            wait = guard.wait_s() if forced is None else max(0.0, patience - time.monotonic())
            readable, writable = _wait(self.connection, bool(pending), wait)
            try:
                if writable:
                    pending = pending[self.connection.send(pending[: 1 << 16]) :]
                if readable:
                    data = self.connection.recv(1 << 16)
                    if not data:
                        break
                    self._read(data, answer, None if forced else on_message)
            except OSError:
                break
            if forced is None:
                forced = guard.check()
                if forced is not None:
                    patience = time.monotonic() + (OVER_S if forced == "timeout" else OBEY_S)
                    if pending:
                        break
                    with contextlib.suppress(OSError):
                        self.connection.sendall(wire.pack(wire.KILL))
            elif time.monotonic() >= patience:
                break
        if answer.status is None:
            self.close()
        return forced

    def _read(self, data: bytes, answer: _Answer, on_message: Callable[[Json], None] | None) -> None:
        self.frames.feed(data)
        for kind, body in self.frames:
            answer.heard = True
            if kind == wire.STATUS:
                answer.status = json.loads(body)
            elif answer.finished:
                continue  # the job has answered; whatever it adds does not count
            elif kind == wire.MESSAGE:
                if on_message is not None:
                    on_message(_decode(body))
            elif kind == wire.RESULT:
                answer.value, answer.finished = _decode(body), True
            elif kind == wire.RAISED:
                report = _decode(body)
                answer.finished = True
                if isinstance(report, dict):
                    answer.error = str(report.get("text") or "an exception without a text")
                    answer.reason = "environment" if report.get("reason") == "environment" else None
                else:
                    answer.error = "an answer that cannot be read"


def _wait(connection: socket.socket, writing: bool, seconds: float) -> tuple[bool, bool]:
    """Wait until the connection can be read or, if asked for, written."""
    poll = select.poll()
    poll.register(connection, select.POLLIN | (select.POLLOUT if writing else 0))
    events = sum(event for _, event in poll.poll(seconds * 1000))
    return bool(events & ~select.POLLOUT), bool(events & select.POLLOUT)


def _decode(body: bytes) -> Json:
    """A job's JSON; what is not JSON becomes None, because a job may write anything."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def _reason(answer: _Answer, forced: Reason | None) -> tuple[Reason, str]:
    if forced is not None:
        return forced, ""
    if answer.status is None:
        return "environment", "the sandbox ended before the call did"
    if "forced" in answer.status:
        return answer.status["forced"], ""
    if answer.status.get("flood"):
        return "output", ""
    if answer.finished and (answer.error or answer.status.get("exit") == 0):
        if answer.reason:
            return answer.reason, answer.error
        last = answer.error.strip().rpartition("\n")[2]
        return environment_error(last) or "exit", answer.error
    if "signal" in answer.status:
        number = int(answer.status["signal"])
        return ("timeout" if number == 24 else "signal"), f"ended by signal {number}"
    return "exit", f"the process ended with status {answer.status.get('exit')} before it answered"


def start(backend: Backend, shown: Layout, view: Mapping[str, Json], python: Path, trusted: bool) -> Zygote:
    """Start a zygote and wait until it is warm. ``trusted``: the interpreter is Suture's own, so that its packages
    may be imported before the job's privileges are given up."""
    ours, theirs = socket.socketpair()
    config = process.anonymous()
    try:
        entrance = backend.entrance(shown, Guest(str(python), "zygote", config, theirs.fileno()), Limits())
        value: dict[str, Json] = {
            "view": view,
            "path": [shown.inside.library, shown.inside.dependencies],
            "idle_s": IDLE_S,
            "site": trusted,
            "sites": list(shown.sites),
            "env": {**environment(shown), "PYTHONHASHSEED": "0"},
            "preload": list(PRELOAD),
            **entrance.config,
        }
        process.fill(config, value)
        child = process.spawn(
            entrance,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            keep=(config, theirs.fileno()),
        )
    except BaseException:
        ours.close()
        places.clear(shown)
        raise
    finally:
        os.close(config)
        theirs.close()
    zygote = Zygote(child, ours, backend.name, shown, entrance)
    problem = _await_ready(zygote)
    if problem is not None:
        zygote.close()
        text = _stderr(child)
        raise Unavailable(f"the warm sandbox for {python} did not start: {problem} {text}".strip())
    assert child.stderr is not None
    child.stderr.close()
    return zygote


def _await_ready(zygote: Zygote) -> str | None:
    deadline = time.monotonic() + READY_S
    while True:
        readable, _ = _wait(zygote.connection, False, max(0.0, deadline - time.monotonic()))
        if not readable:
            return f"not ready after {READY_S:.0f} s"
        try:
            data = zygote.connection.recv(1 << 16)
        except OSError as error:
            return str(error)
        if not data:
            return "it ended"
        zygote.frames.feed(data)
        for kind, body in zygote.frames:
            return None if kind == wire.READY else body.decode("utf-8", "replace")


def _stderr(child: subprocess.Popen[bytes]) -> str:
    if child.stderr is None:
        return ""
    text = child.stderr.read(4096).decode("utf-8", "replace").strip()
    child.stderr.close()
    return text
