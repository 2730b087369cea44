"""Runs inside the sandbox: several drafts of one function, each on the same inputs.

Invariant: called through ``Sandbox.call`` only. Each draft has a namespace of its own; none sees another's values.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import copy
import inspect
import io
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from ...analyzers.findings import Json
from ..time_limit import TooSlow, limit, ready

#: Seconds for one call, and for the start of one draft's module.
CALL_S, START_S = 0.3, 5.0
NOT_TRIED = "not tried"
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def behaviours(payload: Mapping[str, Json], emit: Callable[[Json], None]) -> Json:
    """``{"paths", "module", "file", "name", "texts": [str], "inputs": [literal of a tuple], "slow": int}`` → for each
    text a list of outcomes, one an input: ``"= repr"``, ``"raises Type"``, ``"slow"``, ``"not tried"`` (it was slow on
    so many inputs before); or None if it could not be started."""
    for path in reversed(cast("Sequence[str]", payload["paths"])):
        sys.path.insert(0, path)
    inputs = [ast.literal_eval(each) for each in cast("Sequence[str]", payload["inputs"])]
    ready()
    made: list[Json] = []
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        for text in cast("Sequence[str]", payload["texts"]):
            function = _function(payload, text)
            made.append(None if function is None else _outcomes(function, inputs, cast(int, payload["slow"])))
    return made


def _outcomes(function: Callable[..., Any], inputs: Sequence[tuple[object, ...]], most_slow: int) -> list[Json]:
    found: list[Json] = []
    for each in inputs:
        found.append(NOT_TRIED if found.count("slow") >= most_slow else _outcome(function, each))
    return found


def started(payload: Mapping[str, Json], text: str) -> dict[str, Any] | None:
    """The namespace of a text as the module ``payload["module"]`` of ``payload["file"]``; None if it does not start."""
    module = str(payload["module"])
    space: dict[str, Any] = {"__name__": module, "__package__": module.rpartition(".")[0], "__file__": payload["file"]}
    try:
        with limit(START_S):
            exec(compile(text, str(payload["file"]), "exec", dont_inherit=True), space)
    except BaseException:  # noqa: BLE001 - starting a module runs code that may end in any way
        return None
    return space


def _function(payload: Mapping[str, Json], text: str) -> Callable[..., Any] | None:
    found = (started(payload, text) or {}).get(str(payload["name"]))
    return found if callable(found) else None


def _outcome(function: Callable[..., Any], arguments: tuple[object, ...]) -> str:
    given = copy.deepcopy(arguments)
    try:
        with limit(CALL_S):
            value: object = function(*given)
            if inspect.iscoroutine(value):
                value = asyncio.run(value)
            if inspect.isgenerator(value):
                value = [each for each, _ in zip(value, range(1000))]  # noqa: B905
            return f"= {shown(value)}"
    except TooSlow:
        return "slow"
    except BaseException as error:  # noqa: BLE001 - a draft may raise anything, SystemExit included
        return f"raises {type(error).__name__}"


def shown(value: object, depth: int = 0) -> str:
    """A text that is equal for equal values: sets sorted, floats rounded to nine digits, no address of an object."""
    if depth > 6:
        return "…"
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, (list, tuple)):
        items = [shown(each, depth + 1) for each in cast("Sequence[object]", value)]
        return f"{'[' if isinstance(value, list) else '('}{', '.join(items)}{']' if isinstance(value, list) else ')'}"
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(shown(each, depth + 1) for each in cast("set[object]", value))) + "}"
    if isinstance(value, dict):
        pairs = cast("dict[object, object]", value).items()
        return "{" + ", ".join(sorted(f"{shown(key)}: {shown(each, depth + 1)}" for key, each in pairs)) + "}"
    return ADDRESS.sub("", repr(value)[:2000])
