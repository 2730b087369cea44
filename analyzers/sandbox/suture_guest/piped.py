"""The first process of a container, which has nothing but its standard streams: a job's streams become frames.

The configuration is the first frame on standard input; the job's input follows; when standard input ends the host is
gone, and so is the container (this is its first process). A thread relays, so that the rest is as everywhere else.

Invariant: the job's processes have pipes of their own; none of them holds the streams of the container.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Mapping
from typing import Any

from . import confine, groups, job, wire

CHUNK = 1 << 16
LOOK_S = 0.05


def configuration() -> tuple[bytes, wire.Frames]:
    """The first frame, and the frames that follow."""
    frames = wire.Frames()
    while True:
        data = os.read(0, CHUNK)
        if not data:
            os._exit(0)
        frames.feed(data)
        for kind, body in frames:
            if kind == wire.CONFIG:
                return body, frames


def serve(config: Mapping[str, Any], frames: wire.Frames) -> None:
    """Run the configured job and end, when everything has been relayed."""
    host_in, host_out = os.dup(0), os.dup(1)
    ends: dict[str, tuple[int, int]] = {name: os.pipe() for name in ("in", "out", "error", "status")}
    for name, (reader, writer) in ends.items():
        os.set_inheritable(reader if name == "in" else writer, True)
    os.dup2(ends["in"][0], 0)
    os.dup2(ends["out"][1], 1)
    os.dup2(ends["error"][1], 2)
    for each in (ends["in"][0], ends["out"][1], ends["error"][1]):
        os.close(each)
    groups.watch()
    sources = {ends["out"][0]: wire.OUT, ends["error"][0]: wire.ERROR, ends["status"][0]: b""}
    relay = threading.Thread(
        target=_relay,
        args=(host_in, host_out, frames, sources, ends["in"][1], float(config["limits"]["cpu_s"])),
        daemon=True,
    )
    relay.start()
    worked = job.play(config, ends["status"][1])
    job.silence()
    os.close(ends["status"][1])
    relay.join()
    os._exit(0 if worked else 1)


def _relay(
    host_in: int, host_out: int, frames: wire.Frames, sources: dict[int, bytes], job_in: int, cpu_s: float
) -> None:
    """Until the job's streams and the status have ended. Frames of the status pass as they are."""
    poll = select.poll()
    for descriptor in (*sources, host_in):
        poll.register(descriptor, select.POLLIN)
    pending, ended = bytearray(), False
    os.set_blocking(job_in, False)
    before, looked = groups.processor_s(), time.monotonic()
    writing = False
    while sources:
        for kind, body in frames:
            if kind == wire.INPUT:
                pending += body
                ended = ended or not body
        if (pending or ended) and job_in >= 0 and not writing:
            poll.register(job_in, select.POLLOUT)
            writing = True
        for descriptor, _ in poll.poll(LOOK_S * 1000):
            if descriptor == job_in:
                written = _write(job_in, pending)
                if written is None or (ended and not pending):
                    poll.unregister(job_in)
                    os.close(job_in)
                    job_in = -1
                elif not pending:
                    poll.unregister(job_in)
                    writing = False
                continue
            data = os.read(descriptor, CHUNK)
            if descriptor == host_in:
                if not data:
                    os._exit(1)  # the host is gone
                frames.feed(data)
            elif not data:
                poll.unregister(descriptor)
                os.close(descriptor)
                del sources[descriptor]
            else:
                kind = sources[descriptor]
                wire.write(host_out, wire.pack(kind, data) if kind else data)
        if before is not None and time.monotonic() - looked > LOOK_S:
            looked, used = time.monotonic(), groups.processor_s()
            if used is not None and used - before > cpu_s:
                groups.force("timeout")
                before = None
                confine.end_others()


def _write(descriptor: int, pending: bytearray) -> int | None:
    """How much could be written; None when nobody reads any more."""
    try:
        written = os.write(descriptor, pending[:CHUNK]) if pending else 0
    except BlockingIOError:
        return 0
    except BrokenPipeError:
        return None
    del pending[:written]
    return written
