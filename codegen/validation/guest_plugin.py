"""A pytest plug-in that runs in the workspace's own Python, in the sandbox: which lines of the new code ran, and an end
to a test that does not end.

Its text is copied into the job, so it imports nothing but the standard library and runs on Python 3.8. It is told what
to do by ``SUTURE_WATCH``: ``{"file", "first", "last", "seconds", "out", "began"}`` (lines 1-based, seconds of CPU a
test; ``out`` gets the lines, ``began`` is made once a test is called).

Invariant: what is watched behaves as it would without, but for time.
"""

from __future__ import annotations

import dis
import json
import os
import signal
import sys
from collections.abc import Iterator
from types import CodeType
from typing import Any

import pytest

_told = json.loads(os.environ.get("SUTURE_WATCH", "{}"))
_ran: set[int] = set()


def _line(frame: Any, event: str, _: object) -> Any:
    if event == "line":
        _ran.add(frame.f_lineno)
    return _line


def _call(frame: Any, event: str, _: object) -> Any:
    code = frame.f_code
    if code.co_filename != _told["file"] or not _told["first"] <= code.co_firstlineno <= _told["last"]:
        return None
    _ran.add(frame.f_lineno)
    return _line


def _ring(_: int, frame: Any) -> None:
    while frame is not None and frame.f_code.co_filename != _told["file"]:
        frame = frame.f_back
    where = ""
    if frame is not None:
        where = f": it was in {frame.f_code.co_name}, line {frame.f_lineno - _told['first'] + 1} of the code"
    pytest.fail(f"did not end within {_told['seconds']} s{where}", pytrace=False)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: object) -> Iterator[None]:
    if not _told:
        yield
        return
    if not os.path.exists(_told["began"]):
        open(_told["began"], "w").close()
    signal.signal(signal.SIGPROF, _ring)
    signal.setitimer(signal.ITIMER_PROF, float(_told["seconds"]), 0.5)
    sys.settrace(_call)
    yield
    sys.settrace(None)
    signal.setitimer(signal.ITIMER_PROF, 0)


def pytest_sessionfinish(session: object) -> None:
    if not _told:
        return
    try:
        with open(_told["file"], "rb") as file:
            code = compile(file.read(), _told["file"], "exec")
    except (OSError, SyntaxError, ValueError):
        return
    lines = sorted(set(_inside(code, inside=False)))
    with open(_told["out"], "w") as out:
        json.dump({"lines": lines, "ran": sorted(set(lines) & _ran)}, out)


def _inside(code: CodeType, *, inside: bool) -> Iterator[int]:
    """Lines with code in the bodies of the watched functions; their headers are not theirs."""
    for each in code.co_consts:
        if isinstance(each, CodeType):
            watched = _told["first"] <= each.co_firstlineno <= _told["last"]
            yield from _inside(each, inside=watched)
    if inside and not code.co_name.startswith("<"):
        yield from (line for _, line in dis.findlinestarts(code) if line and line > code.co_firstlineno)
