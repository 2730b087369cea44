"""Measure how a function's cost grows with its input, in the sandbox, and compare two versions of it.

Invariant: the function runs in the sandbox only; what comes back was written in a process that it shares, so it is
checked before it is believed. A call ends with its budget, or when ``cancel`` says so.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ..errors import SutureError, UserError
from ..findings import Json
from ..fuzzing.call_sites import call_examples
from ..fuzzing.project import import_spot, placed, search_path
from ..fuzzing.targets import definition_lines
from ..sandbox.interface import CallResult, CancelCheck, Limits, Sandbox
from ..source import read_source
from ..syntax import parse
from .answers import compared, measured
from .blame import blame, spots, steepest, worst_lines
from .fit import fit_seconds
from .values import Comparison, Growth

WORKER = "suture.analyzers.growth.worker:run"
#: Seconds beyond the budget after which a call is ended from outside: of processor time, and by the clock. It ends by
#: itself with its budget, which begins once the module is imported; importing a large package takes seconds, twice
#: (the function as it is has a process of its own), and by the clock long where a busy machine gives it little.
_GRACE_S, _CLOCK_GRACE_S = 16.0, 27.0
_MEMORY_MB = 1024


def measure_growth(
    root: Path,
    path: Path,
    name: str,
    *,
    sandbox: Sandbox,
    text: str | None = None,
    budget_s: float = 5.0,
    python: Path | None = None,
    cancel: CancelCheck | None = None,
) -> Growth:
    """How function or method ``name`` (``Class.method``) of ``path`` grows. ``text`` is unsaved text of the file.

    Raises UserError if the function does not exist; everything else that keeps it from being measured is a status."""
    root, path = placed(root, path)
    source = text if text is not None else read_source(path).text
    lines = definition_lines(parse(source.encode("utf-8", "surrogatepass")).root_node, name)
    if lines is None:
        raise UserError(f"{path.name} has no function {name}")
    begin = time.monotonic()
    payload: dict[str, Json] = {"mode": "measure", "source": source}
    files = {} if text is None else {path.relative_to(root).as_posix(): source.encode("utf-8", "surrogatepass")}
    result = _call(sandbox, root, path, name, payload, files, budget_s, python, cancel)
    took = round(time.monotonic() - begin, 3)
    first, last = lines[0] + 1, lines[1] + 1

    def not_measured(status: str, reason: str) -> Growth:
        kept = "unsupported" if status == "unsupported" else "environment"
        return Growth(kept, reason, seconds=took, name=name, path=str(path), first=first, last=last)

    if result.reason != "exit" or result.error:
        return not_measured("environment", _why(result))
    answer = measured(result.value)
    if answer is None:
        return not_measured("environment", "the worker gave no readable answer")
    if answer["status"] != "ok":
        return not_measured(answer["status"], answer["reason"])
    sites = spots(answer)
    blames = [blame(sites, each) for each in answer["recipes"] if len(each["sizes"]) >= 3]
    if not blames:
        return not_measured("unsupported", "it could be called on too few sizes to fit anything")
    best = steepest(blames)
    timed = tuple((int(n), float(s)) for n, s in answer["seconds"])
    return Growth(
        "measured",
        shape=best.title,
        table=best.table,
        exponent=best.whole.exponent,
        lines=worst_lines(blames),
        seconds=took,
        name=name,
        path=str(path),
        first=first,
        last=last,
        quality=best.whole.quality,
        output=best.output,
        certain=answer["certain"],
        timed=timed,
        time_exponent=fit_seconds(timed),
        shapes=len(blames),
    )


def compare_growth(
    root: Path,
    path: Path,
    name: str,
    before: str,
    after: str,
    *,
    sandbox: Sandbox,
    budget_s: float = 5.0,
    python: Path | None = None,
    cancel: CancelCheck | None = None,
) -> Comparison:
    """Both texts of the module on the same inputs: operations counted, processor seconds taken, small results compared.

    Raises UserError if the function is not in both texts."""
    root, path = placed(root, path)
    for source in (before, after):
        if definition_lines(parse(source.encode("utf-8", "surrogatepass")).root_node, name) is None:
            raise UserError(f"{path.name} has no function {name}")
    payload: dict[str, Json] = {"mode": "compare", "before": before, "after": after}
    files = {path.relative_to(root).as_posix(): before.encode("utf-8", "surrogatepass")}
    result = _call(sandbox, root, path, name, payload, files, budget_s, python, cancel)
    if result.reason != "exit" or result.error:
        return Comparison(status="environment", reason=_why(result))
    answer = compared(result.value)
    if answer is None:
        return Comparison(status="environment", reason="the worker gave no readable answer")
    if answer["status"] != "ok":
        kept = "unsupported" if answer["status"] == "unsupported" else "environment"
        return Comparison(status=kept, reason=answer["reason"])
    table = tuple(zip(answer["sizes"], answer["before"], answer["after"], strict=True))
    before_s, after_s = answer["seconds"]
    return Comparison(
        n=answer["timed"],
        before_ops=table[-1][1],
        after_ops=table[-1][2],
        before_s=before_s,
        after_s=after_s,
        ratio=before_s / after_s if after_s else 0.0,
        same=answer["same"],
        shape=answer["title"],
        table=table,
    )


def _call(
    sandbox: Sandbox,
    root: Path,
    path: Path,
    name: str,
    payload: Mapping[str, Json],
    files: Mapping[str, bytes],
    budget_s: float,
    python: Path | None,
    cancel: CancelCheck | None,
) -> CallResult:
    spot = import_spot(path)
    try:
        return sandbox.call(
            WORKER,
            {
                "path": str(path),
                "module": spot.module,
                "search": [str(each) for each in search_path(root, spot)],
                "name": name,
                "budget_s": budget_s,
                "calls": cast("Json", [each.to_json() for each in call_examples(root, path, name)]),
                **payload,
            },
            root=root,
            files=files,
            limits=Limits(wall_s=budget_s + _CLOCK_GRACE_S, cpu_s=budget_s + _GRACE_S, memory_mb=_MEMORY_MB),
            python=python,
            cancel=cancel,
        )
    except SutureError as error:
        return CallResult("environment", None, str(error), 0.0, sandbox.backend)


def _why(result: CallResult) -> str:
    reasons: dict[Any, str] = {
        "timeout": "it did not end within the budget",
        "memory": "it used more memory than it may",
        "cancelled": "cancelled",
        "signal": "the interpreter died",
        "output": "it wrote more than it may",
    }
    last = result.error.strip().splitlines()[-1:] or [result.reason]
    return reasons.get(result.reason, last[0])
