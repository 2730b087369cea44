# pyright: basic
"""Just before the time is over (``SUTURE_HANG_S`` seconds) the stack of a program that still runs is noted in
``SUTURE_HANG``, and the program is ended. What it was about then, as far as it told, is in ``SUTURE_NOW``.

The interpreter has one such timer, and others take it for themselves: pytest cancels it at each failing test.
Invariant: no file object is left to the program, which may count those that nobody closed.
"""

import faulthandler
import os
import time

_kept = []  # when the time is over, and the number of the file
_now = []  # the number of the file that tells what is run


def watch():
    """Begins to watch, or goes on after someone else had the timer."""
    seconds, path = os.environ.get("SUTURE_HANG_S"), os.environ.get("SUTURE_HANG")
    if not seconds or not path:
        return
    try:
        if not _kept:
            _kept[:] = (
                time.monotonic() + float(seconds),
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            )
        faulthandler.dump_traceback_later(max(_kept[0] - time.monotonic(), 0.01), exit=True, file=_kept[1])
    except (OSError, ValueError):
        return


def about(name):
    """What is run from now on."""
    path = os.environ.get("SUTURE_NOW")
    if not path or not _kept:
        return
    try:
        if not _now:
            _now.append(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        os.ftruncate(_now[0], 0)
        os.pwrite(_now[0], name.encode("utf-8", "replace"), 0)
    except OSError:
        return


def left():
    """Seconds until then; None if nobody watches."""
    return _kept[0] - time.monotonic() if _kept else None
