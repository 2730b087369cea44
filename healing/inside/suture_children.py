# pyright: basic
# ruff: noqa: BLE001, UP031
"""Forked children, a few at a time, each with a limit of its own; what one of them does, no other sees."""

import contextlib
import gc
import json
import os
import resource
import select
import signal
import time

#: What a child may take beside what its parent holds.
MORE = 256 << 20
#: The answer of a child that was ended because its time was over.
LATE = "late"
#: What a child writes that has nothing to tell.
NOTHING = b"null"


def ready():
    """Called before children are forked, who inherit it: no collector, no handler of the limit, no endless memory. Each
    page that a child has to touch costs more than what most children do."""
    gc.collect()
    gc.freeze()
    gc.disable()
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    with contextlib.suppress(OSError, ValueError):
        with open("/proc/self/statm") as stream:
            used = int(stream.read().split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (used + MORE, hard))


def child(write, limit, body):
    """Runs in the fork, and never returns."""
    try:
        signal.setitimer(signal.ITIMER_PROF, limit)
        answer = body()
        data = NOTHING if answer is None else json.dumps(answer).encode()
        while data:
            data = data[os.write(write, data) :]
    except BaseException as error:
        os.write(write, json.dumps({"fault": "%s: %s" % (type(error).__name__, error)}).encode())
    finally:
        os._exit(0)


class Pool:
    """Children, a few at a time (see :func:`ready`). ``done(key, answer, seconds)`` hears of each: ``LATE`` if its time
    was over, None if it had nothing to tell or died of something else."""

    def __init__(self, jobs, done):
        self.jobs, self.done, self.running = jobs, done, {}

    def add(self, key, limit, body):
        while len(self.running) >= self.jobs:
            self.wait()
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            child(writer, limit, body)
        os.close(writer)
        self.running[reader] = [key, pid, time.monotonic(), 3 * limit + 0.5, b""]

    def wait(self):
        ready = select.select(list(self.running), [], [], 0.05)[0]
        now = time.monotonic()
        for reader in list(self.running):
            key, pid, began, patience, data = self.running[reader]
            if reader in ready:
                more = os.read(reader, 1 << 16)
                if more:
                    self.running[reader][4] = data + more
                    continue
            elif now - began < patience:
                continue
            else:
                os.kill(pid, signal.SIGKILL)
            del self.running[reader]
            os.close(reader)
            state = os.waitpid(pid, 0)[1]
            ended = os.WTERMSIG(state) if os.WIFSIGNALED(state) else 0
            try:
                answer = json.loads(data) if data else LATE if ended in (signal.SIGPROF, signal.SIGKILL) else None
            except ValueError:
                answer = None
            self.done(key, answer, now - began)

    def finish(self):
        while self.running:
            self.wait()
