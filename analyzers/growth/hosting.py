"""Brings the target's module into the worker: imported once, rewritten; or as it is, in a process of its own.

A module may register what it defines somewhere, and then must not be executed twice in a process. So the import system
is handed the rewritten text where it would read the file, and the function as it is runs in a fork made before.

Invariant: only the worker calls this, inside the sandbox.
"""

from __future__ import annotations

import functools
import importlib.machinery
import json
import os
import pickle
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from ..fuzzing.call_sites import from_json
from ..fuzzing.domain import Domain
from ..fuzzing.loading import CannotLoad, load
from ..fuzzing.plans import Builder, Made
from ..fuzzing.running import Runner
from ..fuzzing.shapes import Parameter
from ..fuzzing.subject import open_call
from .inputs import Recipe, arguments
from .meter import Meter
from .rewrite import COSTS, METER, RUNS, Metered, rewrite

#: Items that are taken from a generator.
MOST_ITEMS = 1_000_000
#: Processor seconds of one timed call that are enough, and the largest input.
_TIMED_S, _TIMED_SIZE = 0.06, 1 << 16


def open_metered(payload: Mapping[str, Any], text: str) -> tuple[ModuleType, Metered, Meter]:
    """The module of ``payload`` with ``text`` rewritten in the place of its file's. Raises CannotLoad, SyntaxError."""
    path = payload["path"]
    rewritten = rewrite(text, path)
    meter = Meter(len(rewritten.sites))
    finder = _Finder(path, rewritten, meter)
    sys.meta_path.insert(0, finder)
    try:
        module = load(path, payload["module"], payload["search"])
    finally:
        sys.meta_path.remove(finder)
    if module.__dict__.get(METER) is not meter:  # loaded by its file, past the import system
        module = run_metered(rewritten, meter, module, path)
    meter.space = module.__dict__
    return module, rewritten, meter


def run_metered(rewritten: Metered, meter: Meter, like: ModuleType, path: str) -> ModuleType:
    """A module that is in no table, executed from a rewritten text."""
    module = ModuleType(like.__name__)
    module.__file__, module.__package__ = like.__file__, like.__package__
    _equip(module, meter)
    try:
        exec(compile(rewritten.tree, path, "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:
        raise CannotLoad(f"importing {path} raises {type(error).__name__}: {error}") from error
    return module


def _equip(module: ModuleType, meter: Meter) -> None:
    module.__dict__.update({METER: meter, RUNS: meter.runs, COSTS: meter.costs})
    meter.space = module.__dict__


class _Finder:
    """Answers for one file, with another text."""

    def __init__(self, path: str, rewritten: Metered, meter: Meter) -> None:
        self._path, self._rewritten, self._meter = Path(path).resolve(), rewritten, meter

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or not spec.origin or Path(spec.origin).resolve() != self._path:
            return None
        spec.loader = _Loader(name, spec.origin, self._rewritten, self._meter)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, rewritten: Metered, meter: Meter) -> None:
        super().__init__(name, path)
        self._rewritten, self._meter = rewritten, meter

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._rewritten.tree, self.path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        _equip(module, self._meter)
        super().exec_module(module)


def whole_function(module: ModuleType, name: str) -> Callable[..., Any]:
    """The target of a module, with an iterator that it returns read to its end (the fuzzer takes a thousand items)."""
    function: Any = functools.reduce(getattr, name.split("."), module)  # pyright: ignore[reportArgumentType]

    def call(*args: Any, **kwargs: Any) -> Any:
        value: Any = function(*args, **kwargs)
        reads = hasattr(value, "__next__") and not hasattr(value, "read")
        return list[Any](islice(value, MOST_ITEMS)) if reads else value

    return call


def seconds_of(
    builder: Builder, function: Callable[..., Any], runner: Runner, plan: Made, limit_s: float
) -> float | None:
    """Processor seconds of one call; None if it raised or took too long. Of this thread: the process's clock only ticks
    every few milliseconds while a timer of its own runs."""
    try:
        args = tuple([builder.build(each) for each in plan.args])
        kwargs = {name: builder.build(each) for name, each in plan.kwargs}
    except Exception:  # noqa: BLE001 - building an argument runs code of the workspace
        return None
    begin = time.thread_time()
    result = runner.call(function, args, kwargs, limit_s)
    took = time.thread_time() - begin
    return None if result.error is not None or result.hung else took


class Timer:
    """A process that runs the function as it is and takes its time; forked before anything was imported."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        asked, self._ask = os.pipe()
        self._answer, answer = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._ask)
            os.close(self._answer)
            try:
                _serve(payload, asked, answer)
            finally:
                os._exit(0)
        os.close(asked)
        os.close(answer)

    def ask(self, parameters: tuple[Parameter, ...], recipe: Recipe, budget_s: float) -> list[list[float]]:
        """(size, processor seconds) on larger and larger inputs; ends the process."""
        found: list[list[float]] = []
        try:
            with os.fdopen(self._ask, "wb") as pipe:
                pickle.dump((parameters, recipe, budget_s), pipe)
            with os.fdopen(self._answer, "rb") as pipe:
                found = json.loads(pipe.read() or b"[]")
        except (OSError, ValueError):
            found = []
        os.waitpid(self._pid, 0)
        return found


def _serve(payload: Mapping[str, Any], asked: int, answer: int) -> None:
    with os.fdopen(asked, "rb") as pipe:
        data = pipe.read()
    if not data:
        return
    parameters, recipe, budget_s = pickle.loads(data)
    ends = time.monotonic() + budget_s
    name = payload["name"]
    module = load(payload["path"], payload["module"], payload["search"])
    call = open_call(module, name, payload["path"], payload["source"], from_json(payload.get("calls", ())))
    found = _timed(module, name, replace(call.domain, parameters=parameters), recipe, ends)
    with os.fdopen(answer, "wb") as pipe:
        pipe.write(json.dumps(found).encode())


def _timed(module: ModuleType, name: str, domain: Domain, recipe: Recipe, ends: float) -> list[list[float]]:
    builder, runner, function = Builder(module), Runner(), whole_function(module, name)
    found: list[list[float]] = []
    size = 256 if recipe.scalar != "growing" else 8
    while size <= _TIMED_SIZE and time.monotonic() < ends:
        took = seconds_of(builder, function, runner, arguments(domain, recipe, size), 4 * _TIMED_S)
        if took is None:
            break
        found.append([size, took])
        if took > _TIMED_S:
            break
        size *= 2
    return found


__all__ = ["MOST_ITEMS", "Timer", "open_metered", "run_metered", "seconds_of", "whole_function"]
