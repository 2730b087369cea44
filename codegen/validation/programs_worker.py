"""Runs inside the sandbox: several drafts, each looked at by the same programs (:mod:`.variations`).

Invariant: called through ``Sandbox.call`` only. Each draft has a namespace of its own; a program that ends in any way
does not end the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from ...analyzers.findings import Json
from ..time_limit import TooSlow, limit, ready
from .opinions_worker import CALL_S, NOT_TRIED, START_S, shown, started
from .variations import SAW


def behaviours(payload: Mapping[str, Json], emit: Callable[[Json], None]) -> Json:
    """``{"paths", "module", "file", "texts": [str], "programs": [str], "slow": int}`` → for each text a list of
    outcomes as :mod:`.opinions_worker` tells them, one a program; or None if it could not be started."""
    for path in reversed(cast("Sequence[str]", payload["paths"])):
        sys.path.insert(0, path)
    ready()
    made: list[Json] = []
    programs = cast("Sequence[str]", payload["programs"])
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for text in cast("Sequence[str]", payload["texts"]):
            outcomes: list[Json] = []
            runs = started(payload, text) is not None
            for each in programs if runs else ():
                slow = outcomes.count("slow") >= cast(int, payload["slow"])
                outcomes.append(NOT_TRIED if slow else _outcome(payload, text, each))
            made.append(outcomes if runs else None)
    return made


def _outcome(payload: Mapping[str, Json], text: str, program: str) -> str:
    """What a program sees of a fresh module: what an earlier one left behind is not its business."""
    seen: list[str] = []

    def look(value: object) -> None:
        seen.append(shown(_plain(value)))

    space = started(payload, text)
    if space is None:
        return "raises"
    try:
        with limit(START_S):
            exec(compile(program, "<look>", "exec", dont_inherit=True), space)
        with limit(CALL_S):
            found = space["_run"](_saw=look)
            if inspect.iscoroutine(found):
                asyncio.run(found)
    except TooSlow:
        return "slow"
    except BaseException as error:  # noqa: BLE001 - a draft may raise anything, SystemExit included
        return f"= {'; '.join(seen)}; raises" if seen else f"raises {type(error).__name__}"
    return f"= {'; '.join(seen)}"


def _plain(value: object) -> object:
    """An object without a text of its own as its public fields; the names of a program with theirs."""
    if isinstance(value, dict) and SAW in value:
        names = cast("dict[str, object]", value)
        return {name: _plain(each) for name, each in names.items() if name != SAW}
    return _fields(cast("object", value)) or cast("object", value)


def _fields(value: object) -> dict[str, object]:
    """The public fields of an object that has no text of its own."""
    if type(value).__repr__ is object.__repr__ and hasattr(value, "__dict__"):
        return {name: each for name, each in vars(value).items() if not name.startswith("_")}
    return {}
