"""Symbolic search: asks CrossHair for inputs that take paths which random inputs did not find.

Runs beside the ordinary search in a process of its own, once that has stalled; what comes back are *proposals*:
expressions that run through the ordinary oracle and replay like any other input. Without ``crosshair-tool`` in the
environment (or for parameters that it cannot treat) the stage is not there.

Invariant: never a finding of its own; killed with its worker, or at the deadline, whatever the solver is doing.
"""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import importlib.util
import inspect
import json
import os
import signal
import sys
import time
import types
import typing
from collections.abc import Callable
from typing import Any, Literal, cast

from .plans import Builder, Made, Plan, Ref, kind_of, render
from .shapes import Alt, Lit, Map, Num, Obj, Parameter, Seq, Shape, Text, Tup
from .subject import Subject

#: Seconds of the budget that must be left, or it is not worth loading a solver.
WORTH_S = 1.5
_PATH_S = 2.5
_MOST_PROPOSALS = 400
_KINDS: dict[str, Any] = {"int": int, "float": float, "bool": bool, "str": str, "bytes": bytes}
_CONTAINERS: dict[str, Any] = {"list": list, "set": set, "frozenset": frozenset}


def installed() -> bool:
    """Whether CrossHair can be imported here (it is not imported to find out)."""
    try:
        return importlib.util.find_spec("crosshair") is not None and importlib.util.find_spec("z3") is not None
    except (ImportError, ValueError):
        return False


class Symbolic:
    """One symbolic search of a subject: started at most once, asked now and then, ended always."""

    def __init__(self, subject: Subject, deadline: float, stop_watching: Callable[[], None] | None = None) -> None:
        self._subject = subject
        self._deadline = deadline
        self._stop_watching = stop_watching
        self._pid = 0
        self._reader = -1
        self._held = b""
        self.started = False

    @property
    def running(self) -> bool:
        return self._pid != 0

    def start(self) -> None:
        """Starts it, if it can do something for this subject in the time that is left."""
        self.started = True
        if self._deadline - time.monotonic() < WORTH_S or not installed():
            return
        signature = symbolic_signature(self._subject)
        if signature is None:
            return
        self._reader, writer = os.pipe()
        os.set_blocking(self._reader, False)
        watcher = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._reader)
            self._explore(signature, writer, watcher)
        os.close(writer)

    def proposals(self) -> list[tuple[str, str]]:
        """(args, kwargs) expressions that have come since the last time."""
        if not self.running:
            return []
        ended = False
        with contextlib.suppress(BlockingIOError):
            while True:
                data = os.read(self._reader, 1 << 16)
                if not data:
                    ended = True
                    break
                self._held += data
        *lines, self._held = self._held.split(b"\n")
        if ended:
            self.end()
        found: list[tuple[str, str]] = []
        for line in lines:
            with contextlib.suppress(ValueError):
                args, kwargs = json.loads(line)
                found.append((str(args), str(kwargs)))
        return found

    def end(self) -> None:
        """Kills and reaps it."""
        if not self.running:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)
        os.close(self._reader)
        self._pid = 0

    def _explore(self, signature: inspect.Signature, writer: int, parent: int) -> None:
        """In the child. Never returns."""
        try:
            _die_with(parent)
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, signal.SIG_IGN)
            if self._stop_watching is not None:
                self._stop_watching()
            left = self._deadline - time.monotonic()
            _limit_cpu(left)
            function = self._subject.call.function
            told = 0

            def tell(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
                nonlocal told
                plans = [_plan(each) for each in args], {name: _plan(each) for name, each in kwargs.items()}
                line = json.dumps([render(tuple(plans[0])), render(plans[1])]).encode() + b"\n"
                if len(line) < 4000:  # one write of a pipe is whole
                    os.write(writer, line)
                    told += 1
                return told >= _MOST_PROPOSALS

            _explore_paths(function, signature, left, tell)
        except BaseException:  # noqa: BLE001 - proposals are all that is wanted of it; without them the search goes on
            os._exit(1)
        finally:
            os._exit(0)


def symbolic_signature(subject: Subject) -> inspect.Signature | None:
    """The target's parameters with types that a solver knows; None if there is one that it does not know."""
    if subject.is_class:
        return None
    parameters: list[inspect.Parameter] = []
    for each in subject.call.domain.parameters:
        if each.kind == "var_keyword" or (each.kind == "var_positional"):
            continue
        known = annotation(each.shape, subject.builder)
        if known is None:
            if each.omit:
                continue
            return None
        parameters.append(_parameter(each, known))
    if not parameters:
        return None
    required = [each for each in parameters if each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    named = [each for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY]
    return inspect.Signature([*required, *named])


def _parameter(parameter: Parameter, known: Any) -> inspect.Parameter:
    positional = parameter.kind == "positional"
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD if positional else inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(parameter.name, kind, annotation=known)


def annotation(shape: Shape, builder: Builder) -> Any:
    """The annotation for a shape, from the types that CrossHair treats symbolically; None if it has none."""
    if isinstance(shape, Num | Text):
        return _KINDS.get(shape.kind)
    if isinstance(shape, Seq) and (shape.kind in _CONTAINERS or shape.kind == "tuple"):
        item = annotation(shape.item, builder)
        if item is None:
            return None
        return tuple[item, ...] if shape.kind == "tuple" else _CONTAINERS[shape.kind][item]
    if isinstance(shape, Tup):
        items = [annotation(each, builder) for each in shape.items]
        return None if None in items else types.GenericAlias(tuple, tuple(items))
    if isinstance(shape, Map) and shape.kind == "dict":
        key, value = annotation(shape.key, builder), annotation(shape.value, builder)
        return None if key is None or value is None else types.GenericAlias(dict, (key, value))
    if isinstance(shape, Lit):
        return _literal(shape)
    if isinstance(shape, Alt):
        options = [annotation(each, builder) for each in shape.options]
        return None if None in options else typing.Union[tuple(options)]  # noqa: UP007 - made from a list
    return _dataclass(shape, builder) if isinstance(shape, Obj) else None


def _literal(shape: Lit) -> Any:
    if shape.values == (None,):
        return type(None)
    plain = all(type(each) in (int, str, bool, bytes, type(None)) for each in shape.values)
    return cast("Any", Literal)[tuple(shape.values)] if plain else None


def _dataclass(shape: Obj, builder: Builder) -> Any:
    try:
        cls = builder.resolve(shape.callee)
    except Exception:  # noqa: BLE001 - the target's own module
        return None
    parts = [*shape.args, *(each for _, each in shape.kwargs)]
    plain = inspect.isclass(cls) and dataclasses.is_dataclass(cls)
    return cls if plain and all(annotation(each, builder) is not None for each in parts) else None


def _plan(value: Any) -> Plan:
    """The plan of a value that the solver made. Raises TypeError for one that has none."""
    kind = kind_of(value)
    if value is None or kind in (bool, int, float, str, bytes):
        return value
    if isinstance(value, enum.Enum):
        return Ref(f"MOD.{kind.__qualname__}.{value.name}")
    if kind in (list, tuple, set, frozenset):
        rebuild: Any = kind
        return rebuild([_plan(each) for each in value])
    if kind is dict:
        return {_plan(key): _plan(held) for key, held in value.items()}
    if dataclasses.is_dataclass(value):
        fields = [each for each in dataclasses.fields(value) if each.init]
        return Made(f"MOD.{kind.__qualname__}", tuple(_plan(getattr(value, each.name)) for each in fields))
    raise TypeError(f"a {kind.__name__} is not a plan")


def _explore_paths(
    function: Any,
    signature: inspect.Signature,
    seconds: float,
    tell: Callable[[tuple[Any, ...], dict[str, Any]], bool],
) -> None:
    """Runs CrossHair over the function's paths; ``tell`` gets each path's arguments and says whether to stop."""
    import importlib

    core: Any = importlib.import_module("crosshair.core_and_libs") and importlib.import_module("crosshair.core")
    options: Any = importlib.import_module("crosshair.options")
    statespace: Any = importlib.import_module("crosshair.statespace")
    tracers: Any = importlib.import_module("crosshair.tracers")
    chosen = options.DEFAULT_OPTIONS.overlay(
        per_condition_timeout=max(seconds - 0.2, 0.5),
        per_path_timeout=min(_PATH_S, max(seconds / 3, 0.5)),
        max_uninteresting_iterations=0,
    )

    def run(bound: Any) -> Any:
        return function(*bound.args, **bound.kwargs)

    def complete(space: Any, before: Any, _after: Any, _value: Any, _error: Any, _stack: Any) -> bool:
        with core.ExceptionFilter():
            space.detach_path()
            real = core.deep_realize(before)
            with tracers.NoTracing():
                return tell(real.args, real.kwargs)
        return False

    core.explore_paths(run, signature, chosen, statespace.RootNode(), complete, lambda: None)


def _die_with(parent: int) -> None:
    """Ends this process when its parent ends, where the system can do that."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(0)


def _limit_cpu(seconds: float) -> None:
    import resource

    most = int(seconds) + 2
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (most, most))
