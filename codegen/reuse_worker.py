"""Runs inside the sandbox: calls candidate functions on the examples and says which satisfy all of them.

Invariant: called through ``Sandbox.call`` only. What it imports and calls is workspace code.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import importlib
import inspect
import io
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from ..analyzers.findings import Json
from .time_limit import limit, ready
from .valuetypes import same

#: Seconds for one import and for the calls of one candidate.
IMPORT_S, CALLS_S = 3.0, 0.4
MOST_MATCHES = 6


def try_candidates(payload: Mapping[str, Json], emit: Callable[[Json], None]) -> Json:
    """``{"paths", "modules": [[module, [names]]], "libraries": [module], "examples": [[args, kwargs, expected]]}``.

    Values are literals as text, as JSON knows neither tuples nor sets. Emits ``{"at": [module, name]}`` before each
    module, answers ``{"matches": [[module, name]], "tried": n}``."""
    for path in reversed(cast("Sequence[str]", payload["paths"])):
        sys.path.insert(0, path)
    examples = [
        (ast.literal_eval(args), ast.literal_eval(kwargs), ast.literal_eval(expected))
        for args, kwargs, expected in cast("Sequence[Sequence[str]]", payload["examples"])
    ]
    matches: list[Json] = []
    tried = 0
    quiet = io.StringIO()
    ready()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        for module, names in _wanted(payload):
            emit({"at": [module, ""]})
            for name, function in _functions(module, names):
                tried += 1
                if _satisfies(function, examples):
                    matches.append([module, name])
                    if len(matches) >= MOST_MATCHES:
                        return {"matches": matches, "tried": tried}
    return {"matches": matches, "tried": tried}


def _wanted(payload: Mapping[str, Json]) -> Iterator[tuple[str, Sequence[str] | None]]:
    for module, names in cast("Sequence[tuple[str, Sequence[str]]]", payload["modules"]):
        yield module, names
    for module in cast("Sequence[str]", payload["libraries"]):
        yield module, None


def _functions(module: str, names: Sequence[str] | None) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The named functions of a module, or all public ones of a library; nothing if it cannot be imported."""
    try:
        with limit(IMPORT_S):
            loaded = importlib.import_module(module)
    except BaseException:  # noqa: BLE001 - importing runs code that may end in any way, SystemExit included
        return
    chosen = names if names is not None else getattr(loaded, "__all__", None) or [n for n in dir(loaded) if n[0] != "_"]
    for name in chosen:
        value = getattr(loaded, name, None)
        if not callable(value) or isinstance(value, type):
            continue
        home = getattr(value, "__module__", module) or module
        if names is None and home.lstrip("_").split(".")[0] not in (module.split(".")[0], "posixpath", "genericpath"):
            continue
        if inspect.iscoroutinefunction(value) or inspect.isgeneratorfunction(value):
            continue
        yield name, value


def _satisfies(function: Callable[..., Any], examples: Sequence[tuple[Any, Any, Any]]) -> bool:
    """All examples hold, twice the same, and no argument is changed."""
    try:
        with limit(CALLS_S):
            for args, kwargs, expected in (*examples, *examples[:1]):
                given = copy.deepcopy(args)
                if not same(function(*given, **copy.deepcopy(kwargs)), expected) or not same(given, args):
                    return False
    except BaseException:  # noqa: BLE001 - a candidate may raise anything, SystemExit and the timer's signal included
        return False
    return True
