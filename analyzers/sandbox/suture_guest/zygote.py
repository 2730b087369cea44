"""The first process of a warm sandbox: an interpreter with the slow imports done, which forks once per call.

Each call runs in a fork with a mount namespace of its own: a fresh view of the workspace and fresh scratch folders,
which vanish with it. Between calls the zygote kills everything but itself. A call answers on a pipe of its own; the
zygote alone holds the connection to the host, and stands out of the job's reach (another mount namespace, not
traceable, not killable because it is the first process of its PID namespace).

Invariant: the zygote imports only the standard library, Suture's modules and what those import, never the workspace.
A job can lie about its own answer (it shares a process with the function that is called); it cannot answer for another.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import confine, groups, job, piped, view, wire

FLOOD = 64
LOOK_MS = 20  # where the end of a process is no event
RELAYED = (wire.MESSAGE, wire.RESULT, wire.RAISED)


def entry() -> None:
    """argv: descriptor of the configuration, descriptor of the connection to the host. In a container they are the
    standard streams, 0 and 1, and the configuration is the first frame."""
    configuration, host = int(sys.argv[1]), int(sys.argv[2])
    frames, source = wire.Frames(), host
    if configuration == 0:
        text, frames = piped.configuration()
        config = json.loads(text)
        source, host = os.dup(0), os.dup(1)
        job.silence()
        groups.watch()
    else:
        with os.fdopen(configuration, "rb") as file:
            config = json.load(file)
    confine.die_with_parent()
    try:
        confine.guard()
        os.set_inheritable(host, False)
        sys.path += [each for each in config["path"] if each not in sys.path]
        if config["site"]:
            _activate_site(config["sites"])
        for name in config["preload"]:
            _preload(name)
    except Exception as error:  # noqa: BLE001 - imports may raise anything; the host is told
        wire.write(host, wire.pack(wire.FAILED, f"{type(error).__name__}: {error}".encode("utf-8", "replace")))
        os._exit(1)
    gc.collect()
    gc.freeze()
    wire.write(host, wire.pack(wire.READY))
    _serve(config, Host(source, host, frames, float(config["idle_s"])))


@dataclass(frozen=True, slots=True)
class Host:
    """The connection to the host: where to read, where to write, what was read."""

    source: int
    target: int
    frames: wire.Frames
    idle_s: float = 0.0

    def rest(self) -> None:
        """Wait for a request; after a while of nothing, end."""
        poll = select.poll()
        poll.register(self.source, select.POLLIN)
        if not poll.poll(self.idle_s * 1000):
            os._exit(0)
        self.read()

    def read(self) -> None:
        """Wait for more. When the host is gone, so is everything here."""
        data = os.read(self.source, 1 << 16)
        if not data:
            confine.end_everything()
            os._exit(0)
        self.frames.feed(data)

    def tell(self, kind: bytes, value: Any) -> None:
        wire.write(self.target, wire.pack(kind, json.dumps(value).encode()))


def _activate_site(folders: list[str]) -> None:
    """What the interpreter does at its start without ``-S``: find the environment, add its packages."""
    import site

    site.main()
    for each in folders:
        site.addsitedir(each)


def _preload(name: str) -> None:
    """Import if it is there. An interpreter without hypothesis still runs calls that do not need it."""
    try:
        importlib.import_module(name)
    except ImportError:
        return


def _serve(config: Mapping[str, Any], host: Host) -> None:
    files: dict[str, bytes] = {}
    while True:
        for kind, body in host.frames:
            if kind == wire.PUT:
                name, content = wire.unpack_file(body)
                files[name] = content
            elif kind == wire.CALL:
                _call(config, host, json.loads(body), files)
                files = {}
        host.rest()


def _call(config: Mapping[str, Any], host: Host, request: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    module = str(request["function"]).partition(":")[0]
    try:
        importlib.import_module(module)
    except Exception as error:  # noqa: BLE001 - imports may raise anything; the caller is told
        text = f"{type(error).__name__}: {error}"
        host.tell(wire.RAISED, {"text": f"{module} cannot be imported here: {text}", "reason": "environment"})
        host.tell(wire.STATUS, {"exit": 1})
        return
    groups.restart()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _child(config, request, files, tuple({host.source, host.target, reader}), writer)
    os.close(writer)
    confine.remember_group(child)
    try:
        state, flood = _relay(child, reader, host, int(request["limits"]["output_kb"]) * 1024 * FLOOD)
    finally:
        os.close(reader)
        confine.end_everything()
    host.tell(wire.STATUS, {**job.ended(state), "flood": flood, **groups.exceeded()})


def _relay(child: int, reader: int, host: Host, most: int) -> tuple[int, bool]:
    """Pass the job's frames on until it ends or the host says so: its wait status, and whether it wrote too much."""
    held = os.pidfd_open(child) if hasattr(os, "pidfd_open") else -1
    os.set_blocking(reader, False)
    answer = wire.Frames(min(most, wire.MAXIMUM))
    poll = select.poll()
    for descriptor in (held, reader, host.source):
        if descriptor >= 0:
            poll.register(descriptor, select.POLLIN)
    total, flood, opened = 0, False, True
    try:
        while True:
            ready = {descriptor for descriptor, _ in poll.poll(LOOK_MS if held < 0 else None)}
            if host.source in ready:
                host.read()
                if any(kind == wire.KILL for kind, _ in host.frames):
                    os.kill(child, signal.SIGKILL)
            ended = os.waitpid(child, os.WNOHANG) if held < 0 else (0, 0)
            while opened and not flood:
                try:
                    data = os.read(reader, 1 << 16)
                except BlockingIOError:
                    break
                if not data:
                    poll.unregister(reader)
                    opened = False
                total += len(data)
                flood = total > most or not _pass_on(answer, data, host.target)
            if ended[0]:
                return ended[1], flood
            if flood:
                os.kill(child, signal.SIGKILL)
            if flood or held in ready:
                return os.waitpid(child, 0)[1], flood
    finally:
        if held >= 0:
            os.close(held)


def _pass_on(answer: wire.Frames, data: bytes, host: int) -> bool:
    """Hand complete frames to the host; false if the job announces one that is too large."""
    answer.feed(data)
    try:
        for kind, body in answer:
            if kind in RELAYED:
                wire.write(host, wire.pack(kind, body))
    except wire.TooLarge:
        return False
    return True


def _child(
    config: Mapping[str, Any],
    request: Mapping[str, Any],
    files: Mapping[str, bytes],
    close: tuple[int, ...],
    answer: int,
) -> None:
    """The forked job: build its view, give everything up, call the function. Never returns."""
    status = 1
    try:
        for each in close:
            os.close(each)
        os.setsid()
        gc.unfreeze()
        view.build({**config["view"], **request["view"]})
        root = config["view"]["root"]
        for name, content in files.items():
            view.put(root, name, content)
        os.chdir(root)
        os.environ.clear()
        os.environ.update(config["env"])
        job.silence()
        confine.default_signals()
        confine.confine(request["limits"], config["view"])
        if not config["site"]:
            _activate_site(config["sites"])
        module, _, function = str(request["function"]).partition(":")
        target = getattr(importlib.import_module(module), function)
        kind, body = _outcome(target, request["payload"], answer)
        wire.write(answer, wire.pack(kind, body))
        status = 0
    except BaseException as error:  # noqa: BLE001 - a forked child must never go on as its parent
        report = {"text": f"the sandbox could not start the call: {error}", "reason": "environment"}
        wire.write(answer, wire.pack(wire.RAISED, json.dumps(report).encode()))
    finally:
        os._exit(status)


def _outcome(target: Any, payload: Any, answer: int) -> tuple[bytes, bytes]:
    import traceback

    def emit(message: Any) -> None:
        wire.write(answer, wire.pack(wire.MESSAGE, json.dumps(message).encode()))

    try:
        return wire.RESULT, json.dumps(target(payload, emit)).encode()
    except BaseException as error:  # noqa: BLE001 - what the called function raises is the answer
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        return wire.RAISED, json.dumps({"text": text, "reason": "exit"}).encode()
