"""Calls the target once and says what happened: a value, an exception, or no end.

Processor time is what ends a call, not wall time: a busy machine makes no hang, and a call that only waits is none.
Process-wide state that a target commonly disturbs is put back after each call.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from types import FrameType
from typing import Any

#: Items taken from a generator.
MAX_ITEMS = 1000


class OutOfTime(BaseException):
    """Raised inside a call that has used up its processor time."""

    def __init__(self, in_regex: bool = False) -> None:
        super().__init__()
        self.in_regex = in_regex


@dataclass(frozen=True, slots=True)
class Result:
    """``error`` is None for a value. ``hung``: the time limit ended it, with ``error`` where (``in_regex``: inside a
    pattern match)."""

    value: Any = None
    error: BaseException | None = None
    hung: bool = False
    in_regex: bool = False


class Runner:
    """Calls functions under a limit of processor time. One per process; installs the signal handler."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._recursion = sys.getrecursionlimit()
        self._folder = os.getcwd()
        self._environment = dict(os.environ)
        signal.signal(signal.SIGPROF, self._out_of_time)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)

    @staticmethod
    def _out_of_time(_number: int, frame: FrameType | None) -> None:
        raise OutOfTime(_in_regex(frame))

    def call(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], limit_s: float
    ) -> Result:
        """One call. Coroutines are awaited, generators read up to :data:`MAX_ITEMS` items."""
        try:
            # Raised again every tenth of a second, should the target swallow it.
            signal.setitimer(signal.ITIMER_PROF, limit_s, 0.1)
            try:
                value = finish(function(*args, **kwargs))
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
                self._check_process()
        except OutOfTime as stop:
            signal.setitimer(signal.ITIMER_PROF, 0)
            return Result(error=stop, hung=True, in_regex=stop.in_regex)
        except BaseException as error:  # noqa: BLE001 - whatever the target raises is the result
            return Result(error=error)
        finally:
            self._restore()
        return Result(value)

    def _check_process(self) -> None:
        """A target that forked and came back must not go on fuzzing in the copy."""
        if os.getpid() != self._pid:
            os._exit(0)

    def _restore(self) -> None:
        if sys.getrecursionlimit() != self._recursion:
            sys.setrecursionlimit(self._recursion)
        if len(os.environ) != len(self._environment):
            os.environ.clear()
            os.environ.update(self._environment)
        try:
            if os.getcwd() != self._folder:
                os.chdir(self._folder)
        except OSError:
            os.chdir("/")


def finish(value: Any) -> Any:
    """Runs what a call only started: a coroutine, a generator, an asynchronous generator."""
    if inspect.iscoroutine(value):
        return asyncio.run(value)
    if isinstance(value, types.GeneratorType):
        return list(islice(value, MAX_ITEMS))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, types.AsyncGeneratorType):
        return asyncio.run(_collect(value))  # pyright: ignore[reportUnknownArgumentType]
    return value


async def _collect(generator: types.AsyncGeneratorType[Any, Any]) -> list[Any]:
    found: list[Any] = []
    async for each in generator:
        found.append(each)
        if len(found) >= MAX_ITEMS:
            break
    return found


def _in_regex(frame: FrameType | None) -> bool:
    """Whether a pattern match was running: ``re``'s own frame, or a line that calls a match method."""
    if frame is None:
        return False
    if os.path.basename(os.path.dirname(frame.f_code.co_filename)) == "re":
        return True
    import linecache

    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
    words = (".match(", ".search(", ".fullmatch(", ".sub(", ".findall(", ".finditer(", ".split(", ".subn(")
    return any(word in line for word in words) and _holds_pattern(frame)


def _holds_pattern(frame: FrameType) -> bool:
    import re

    names = {*frame.f_code.co_names, *frame.f_code.co_varnames}
    spaces = (frame.f_locals, frame.f_globals)
    return any(isinstance(space.get(name), re.Pattern) or space.get(name) is re for name in names for space in spaces)
