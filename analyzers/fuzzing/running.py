"""Calls the target once and says what happened: a value, an exception, or no end.

Processor time is what ends a call, not wall time: a busy machine makes no hang, and a call that only waits is none.
One timer ticks for the whole life of the process (setting one for each call costs more than a short call does); a tick
in a call that an earlier tick has seen long ago ends it.
Process-wide state that a target commonly disturbs is put back after each call.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import sys
import time
import types
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from itertools import islice
from types import FrameType
from typing import Any

#: Items taken from a generator.
MAX_ITEMS = 1000
#: Processor seconds between two looks at the running call.
TICK_S = 0.02
#: Calls between two looks at the working folder.
_FOLDER_EVERY = 16


_PLAIN = frozenset({type(None), bool, int, float, str, bytes, list, tuple, dict, set})


class OutOfTime(KeyboardInterrupt):
    """Raised inside a call that has used up its processor time. An event loop swallows any other kind of exception
    that comes from outside of its tasks, and then waits for a step that was lost."""

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
        self._number = 0  # of the running call; 0 between calls
        self._calls = 0
        self._limit_s = 0.0
        self._looked_at = 0
        self._since = 0.0
        self.start()

    def start(self) -> None:
        """Starts the clock (again: a target may have taken the signal)."""
        signal.signal(signal.SIGPROF, self._tick)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_PROF, TICK_S, TICK_S)

    def _tick(self, _number: int, frame: FrameType | None) -> None:
        if not self._number:
            return
        now = time.process_time()
        if self._number != self._looked_at:
            self._looked_at, self._since = self._number, now
        elif now - self._since >= self._limit_s:  # and again at each tick, should the target swallow it
            raise OutOfTime(_in_regex(frame))

    def call(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], limit_s: float
    ) -> Result:
        """One call. Coroutines are awaited, generators read up to :data:`MAX_ITEMS` items."""
        self._calls += 1
        self._limit_s = limit_s
        try:
            try:
                self._number = self._calls
                value = function(*args, **kwargs)
                if type(value) not in _PLAIN:
                    value = finish(value)
            finally:
                self._number = 0
                if os.getpid() != self._pid:  # a target that forked and came back must not go on in the copy
                    os._exit(0)
        except OutOfTime as stop:
            self._number = 0
            return Result(error=stop, hung=True, in_regex=stop.in_regex)
        except BaseException as error:  # noqa: BLE001 - whatever the target raises is the result
            return Result(error=error)
        finally:
            self._restore()
        return Result(value)

    def _restore(self) -> None:
        if sys.getrecursionlimit() != self._recursion:
            sys.setrecursionlimit(self._recursion)
        if len(os.environ) != len(self._environment):
            os.environ.clear()
            os.environ.update(self._environment)
        if self._calls % _FOLDER_EVERY and self._calls > _FOLDER_EVERY:
            return
        if signal.getsignal(signal.SIGPROF) != self._tick or not signal.getitimer(signal.ITIMER_PROF)[1]:
            self.start()
        try:
            if os.getcwd() != self._folder:
                os.chdir(self._folder)
        except OSError:
            os.chdir("/")


def finish(value: Any) -> Any:
    """Runs what a call only started: a coroutine, a generator, an asynchronous generator."""
    if inspect.iscoroutine(value):
        return complete(value)
    if isinstance(value, types.GeneratorType):
        return list(islice(value, MAX_ITEMS))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, types.AsyncGeneratorType):
        return complete(_collect(value))  # pyright: ignore[reportUnknownArgumentType]
    return value


def complete(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The coroutine's result, as :func:`asyncio.run` gives it.

    A loop that was interrupted may have lost the step that would have ended its tasks, and cancelling them as
    :func:`asyncio.run` does would wait for it for ever: such a loop is left as it is."""
    runner = asyncio.Runner()
    try:
        value = runner.run(coroutine)
    except OutOfTime:
        asyncio.set_event_loop(None)
        runner.get_loop().close()
        raise
    except BaseException:
        runner.close()
        raise
    runner.close()
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
