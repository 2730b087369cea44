"""Proof that a function asks a database less and does the same: on databases that are made for it.

The function runs in the sandbox under Django, with the models of the workspace in SQLite in memory
(:mod:`.inside.suture_database` does it): before and after the rewrite, on tables of several sizes filled at random.
What it returns and raises and what is in the tables afterwards must be the same, with fewer questions asked.

Invariant: where Django is not installed, models cannot be loaded, or an argument cannot be made, nothing is proven, and
the reason is told.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from ..analyzers.architecture.imports import import_root
from ..analyzers.errors import Cancelled
from ..analyzers.findings import Evidence, Json
from ..analyzers.sandbox.interface import Job, Limits
from .proving import FASTER, SEED, Proof
from .related_tests import compare_tests
from .trial import Trial

if TYPE_CHECKING:
    from .improvements import Rewrite

#: Seconds that all databases together may take.
LIMIT_S = 30.0


def prove_queries(trial: Trial, rewrite: Rewrite) -> Proof:
    """Whether the one function of a rewrite does the same with fewer queries. Raises Cancelled."""
    answer = _ask(trial, rewrite)
    if reason := str(answer.get("reason", "")):
        return Proof(False, f"{rewrite.functions[0]}: {reason}")
    inputs: int = answer["inputs"]
    asked: list[list[int]] = answer["queries"]
    n, before_s, after_s = answer["speed"]
    ratio = before_s / max(after_s, 1e-9)
    old, new = asked[-1][1:]
    data: dict[str, Json] = {
        "inputs": inputs,
        "same": inputs,
        "reached": answer["reached"],
        "functions": list(rewrite.functions),
        "seed": SEED,
    }
    evidence = [Evidence("equivalent", f"same results and rows on {inputs:,} generated databases", data)]
    told = f"{ratio:.1f}\N{MULTIPLICATION SIGN} faster at n = {n:,}, {old:,} → {new:,} queries"
    if ratio < FASTER:
        return Proof(False, f"not faster: {told}", tuple(evidence))
    measured: dict[str, Json] = {
        "n": n,
        "before_s": before_s,
        "after_s": after_s,
        "ratio": round(ratio, 2),
        "table": [[n, before_s, after_s]],
        "queries": [list(each) for each in asked],
    }
    evidence.append(Evidence("measured", told, measured))
    if trial.tests:
        tested = compare_tests(trial, rewrite)
        if tested.reason:
            return Proof(False, tested.reason, tuple(evidence))
        evidence += tested.evidence
    return Proof(True, "", tuple(evidence))


def _ask(trial: Trial, rewrite: Rewrite) -> dict[str, Any]:
    """What the program in the sandbox found out."""
    path = trial.path.as_posix()
    payload = {
        "root": import_root(path),
        "workspace": trial.root.as_posix(),
        "path": path,
        "function": rewrite.functions[0],
        "before": trial.before,
        "after": rewrite.text,
        "seed": SEED,
    }
    program = files(__package__ or "").joinpath("inside/suture_database.py").read_text("utf-8")
    job = Job(
        argv=("python", "-c", program),
        root=trial.root,
        files={**trial.files, trial.path.relative_to(trial.root).as_posix(): trial.before.encode()},
        stdin=json.dumps(payload).encode(),
        limits=Limits(wall_s=2 * LIMIT_S, cpu_s=LIMIT_S, memory_mb=1024),
        python=trial.python,
    )
    outcome = trial.sandbox.run(job, trial.cancel)
    if outcome.reason == "cancelled":
        raise Cancelled()
    try:
        return cast("dict[str, Any]", json.loads(outcome.stdout.decode().rpartition("\n\0")[2]))
    except ValueError:
        last = outcome.stderr.decode(errors="replace").strip().splitlines()[-1:] or [outcome.reason]
        return {"reason": f"it could not be run: {last[0]}"}
