"""Between Suture and a container engine, which offers standard streams only: frames on one side, descriptors on the
other. Runs outside, as the first process of a sandbox whose walls are a container.

Invariant: it ends when Suture ends, and the engine's command with it; it decides nothing.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys

from . import kernel, wire

CHUNK = 1 << 16


def entry() -> None:
    """argv: descriptor of the configuration (JSON; ``bridge`` is the engine's command), descriptor for the host."""
    configuration, host = int(sys.argv[1]), int(sys.argv[2])
    with os.fdopen(configuration, "rb") as file:
        text = file.read()
    config = json.loads(text)
    kernel.die_with_parent()
    job = "argv" in config
    try:
        engine = subprocess.Popen(
            config["bridge"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None if job else 2
        )
    except OSError as error:
        wire.write(host, wire.pack(wire.FAILED, str(error).encode("utf-8", "replace")))
        os._exit(1)
    assert engine.stdin is not None
    assert engine.stdout is not None
    to_engine, from_engine = engine.stdin.fileno(), engine.stdout.fileno()
    wire.write(to_engine, wire.pack(wire.CONFIG, text))
    if job:
        _relay_job(to_engine, from_engine, host)
    else:
        _relay_all(to_engine, from_engine, host)
    engine.stdin.close()
    os._exit(engine.wait())


def _relay_all(to_engine: int, from_engine: int, host: int) -> None:
    """A warm sandbox: what the host says and hears, unchanged."""
    poll = select.poll()
    poll.register(from_engine, select.POLLIN)
    poll.register(host, select.POLLIN)
    while True:
        for descriptor, _ in poll.poll():
            data = os.read(descriptor, CHUNK)
            if not data:
                return
            try:
                wire.write(host if descriptor == from_engine else to_engine, data)
            except BrokenPipeError:
                return


def _relay_job(to_engine: int, from_engine: int, status: int) -> None:
    """A job: its streams are this process's own."""
    poll = select.poll()
    poll.register(from_engine, select.POLLIN)
    poll.register(0, select.POLLIN)
    frames = wire.Frames(wire.MAXIMUM * 4)
    while True:
        for descriptor, _ in poll.poll():
            data = os.read(descriptor, CHUNK)
            if descriptor == 0:
                wire.write(to_engine, wire.pack(wire.INPUT, data))
                if not data:
                    poll.unregister(0)
                continue
            if not data:
                return
            frames.feed(data)
            for kind, body in frames:
                if kind in (wire.OUT, wire.ERROR):
                    wire.write(1 if kind == wire.OUT else 2, body)
                else:
                    wire.write(status, wire.pack(kind, body))
