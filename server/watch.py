"""Watching the client's process, so that the server ends when its editor does, however it ends.

Invariant: the watching thread needs neither the event loop nor a worker thread; a pid that cannot be seen is not
taken for dead.
"""

from __future__ import annotations

import logging
import os
import select
import sys
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)


def watch_process(pid: int, gone: Callable[[], None], interval_s: float = 0.5) -> None:
    """Call ``gone`` once the process ``pid`` ends, from a thread of its own. A pid that is not there is not watched:
    it belongs to another machine or container."""
    if not process_exists(pid):
        log.info("the client's process %s is not visible from here; it is not watched", pid)
        return

    def watch() -> None:
        descriptor = _pidfd(pid)
        if descriptor is not None:  # becomes readable when the process ends, even as a zombie
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            poll.poll()
            os.close(descriptor)
        else:
            while process_exists(pid):
                time.sleep(interval_s)
        gone()

    threading.Thread(target=watch, name="suture-watch-client", daemon=True).start()


def _pidfd(pid: int) -> int | None:
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def process_exists(pid: int) -> bool:
    if pid <= 0:
        return False
    if sys.platform == "win32":
        import ctypes

        synchronize, timeout = 0x00100000, 0x102
        handle = ctypes.windll.kernel32.OpenProcess(synchronize, False, pid)
        if not handle:
            return False
        alive = ctypes.windll.kernel32.WaitForSingleObject(handle, 0) == timeout
        ctypes.windll.kernel32.CloseHandle(handle)
        return alive
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
