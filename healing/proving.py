"""Proof that a rewrite behaves the same, and is faster: what is not proven is not offered.

The touched functions are called in the sandbox on the same inputs before and after the rewrite, and everything that a
caller could notice is compared: values with their types and order, exceptions, what became of the arguments, which
objects are shared, what was printed, the module's own state. Every line that the rewrite changes must have been run.
Where the rewrite promises speed, both versions are timed on growing inputs. The module's tests, where there are any,
are run before and after.

Invariant: nothing of the workspace runs outside of the sandbox, and the workspace itself is not written.
Invariant: too few inputs that ran to a result, changed lines that no input reached, a function that does not do the
same twice or that nobody knows how to call: each of these is no proof, and the reason is told.
"""

from __future__ import annotations

import difflib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from ..analyzers.errors import Cancelled
from ..analyzers.findings import Evidence, Json
from ..analyzers.fuzzing.call_sites import call_examples
from ..analyzers.fuzzing.hunting import HuntTask
from ..analyzers.sandbox.interface import Limits
from .related_tests import compare_tests
from .trial import Trial

if TYPE_CHECKING:
    from .improvements import Rewrite

log = logging.getLogger(__name__)

WORKER = "suture.healing.proving_worker:run"
#: How much faster (before / after) a rewrite must be that promises speed; less is noise.
FASTER = 1.15
#: The seed of the inputs.
SEED = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """``ok``: the rewrite may be offered, with this evidence. Otherwise ``reason`` says what is missing, or the input
    on which the two versions differ."""

    ok: bool
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


def prove(trial: Trial, rewrite: Rewrite) -> Proof:
    """Whether ``rewrite`` is equivalent to the text of a trial (and faster, if that is what it is for).

    A rewrite that names no functions is judged by the tests alone. Raises Cancelled, and Unavailable where nothing
    runs at all."""
    started = time.monotonic()
    evidence: list[Evidence] = []
    compared: list[_Compared] = []
    for number, name in enumerate(rewrite.functions):
        left = (started + trial.budget_s - time.monotonic()) / (len(rewrite.functions) - number)
        found = _compare(trial, rewrite, name, max(left, 1.0))
        if isinstance(found, str):
            return Proof(False, found)
        compared.append(found)
    if compared:
        parts = [each.told for each in compared if each.trial is not trial]
        evidence.append(equivalent([each.told for each in compared], [each.answer for each in compared], parts))
    if trial.speeds_up:
        measured = max((_measured(each.answer) for each in compared), key=_ratio_of, default=None)
        for each in compared if measured is None else ():
            measured = measured or _grown(each.trial, each.rewrite)
        if measured is not None and compared[0].trial is not trial:
            measured = replace(measured, summary=f"{measured.summary}, that part alone")
        if measured is None or _ratio_of(measured) < FASTER:
            told = measured.summary if measured is not None else "no input of a growing size could be timed"
            return Proof(False, f"not faster: {told}", tuple(evidence))
        evidence.append(measured)
    if trial.tests:
        tested = compare_tests(trial, rewrite)
        if tested.reason:
            return Proof(False, tested.reason, tuple(evidence))
        evidence += tested.evidence
    if not evidence:
        return Proof(False, "there is nothing to compare: no function is named and the module has no tests")
    return Proof(True, "", tuple(evidence))


@dataclass(frozen=True, slots=True)
class _Compared:
    """What was the same: ``told`` is its name for people; the trial and the rewrite are those that were run."""

    told: str
    answer: Mapping[str, Any]
    trial: Trial
    rewrite: Rewrite


#: How the reasons begin that are about the whole function as it was called, and say nothing against the rewrite.
_NOT_REACHED = ("only ", "no input reached", "it does not do the same twice", "it could not be run", "it needs ")


def _compare(trial: Trial, rewrite: Rewrite, name: str, budget_s: float) -> _Compared | str:
    """The comparison of a function; of the part of it that changes, where the function cannot be called so that it
    comes there. A text is the reason why there is no proof."""
    from .refactoring.excerpts import excerpt

    answer = ask(trial, rewrite, name, budget_s)
    reason = str(answer.get("reason", ""))
    if not reason:
        return _Compared(name, answer, trial, rewrite)
    part = None
    if reason.startswith(_NOT_REACHED):
        part = excerpt(trial.before, rewrite.text, name, unshared=rewrite.unshared)
    if part is None:
        return f"{name}: {reason}"
    trial, rewrite = replace(trial, before=part.before), replace(rewrite, text=part.after, functions=(part.name,))
    answer = ask(trial, rewrite, part.name, trial.budget_s, shifts=part.shifts)
    told = f"{name}, lines {part.lines[0]}\N{EN DASH}{part.lines[1]}"
    again = str(answer.get("reason", ""))
    return f"{told}: {again}" if again else _Compared(told, answer, trial, rewrite)


def ask(
    trial: Trial,
    rewrite: Rewrite,
    name: str,
    budget_s: float,
    lines: tuple[Sequence[int], Sequence[int]] | None = None,
    *,
    shifts: tuple[int, int] | None = None,
) -> Mapping[str, Any]:
    """The worker's answer for one function; a call that failed is an answer with a reason. ``lines`` (of the old and
    of the new text, 1-based) must be run; by default those that differ. ``shifts``: the function is an excerpt; its
    annotations were inferred, and its lines (in either text) stand so many further down than those it is from."""
    root, path = trial.root, trial.path
    task = HuntTask(root, path, name, trial.before, True, rewrite.text, SEED, budget_s, trial.python)
    old, new = lines if lines is not None else changed_lines(trial.before, rewrite.text)
    payload = task.payload(
        budget_s=budget_s,
        calls=[each.to_json() for each in call_examples(root, path, name)],
        old_lines=list(old),
        new_lines=list(new),
        speed=trial.speeds_up,
        doubts=shifts is not None,
        shifts=list(shifts or (0, 0)),
    )
    result = trial.sandbox.call(
        WORKER,
        payload,
        root=root,
        files={**trial.files, **task.files},
        limits=Limits(wall_s=3 * budget_s + 8, cpu_s=2 * budget_s + 8, memory_mb=768),
        python=trial.python,
        cancel=trial.cancel,
    )
    if result.reason == "cancelled":
        raise Cancelled()
    if result.reason != "exit" or not isinstance(result.value, dict):
        last = result.error.strip().splitlines()[-1:] or [result.reason]
        return {"reason": f"it could not be run: {last[0]}"}
    return cast("Mapping[str, Any]", result.value)


def equivalent(functions: Sequence[str], answers: Sequence[Mapping[str, Any]], parts: Sequence[str] = ()) -> Evidence:
    """That all versions of ``functions`` did the same; ``parts`` are those of which only some lines were run."""
    inputs = sum(int(each["inputs"]) for each in answers)
    data: dict[str, Json] = {
        "inputs": inputs,
        "same": inputs,
        "reached": sum(int(each["reached"]) for each in answers),
        "functions": list(functions),
        "domain": {f"{name}.{key}": value for name, each in zip(functions, answers, strict=True)
                   for key, value in each["domain"].items()},
        "seed": SEED,
    }  # fmt: skip
    only = ""
    if parts:
        data["parts"] = list(parts)
        only = f" of the changed part, run by itself ({'; '.join(parts)})"
    return Evidence("equivalent", f"same results on {inputs:,} inputs{only}", data)


def _measured(answer: Mapping[str, Any]) -> Evidence | None:
    """The speed-up of one function, from the rows (n, seconds before, seconds after) of its worker."""
    rows: list[tuple[int, float, float]] = [(int(n), float(old), float(new)) for n, old, new in answer.get("speed", ())]
    if not rows:
        return None
    n, old, new = rows[-1]
    ratio = old / max(new, 1e-9)
    data: dict[str, Json] = {
        "n": n,
        "before_s": old,
        "after_s": new,
        "ratio": round(ratio, 2),
        "table": [list(each) for each in rows],
    }
    return Evidence("measured", f"{_times(ratio)}\N{MULTIPLICATION SIGN} faster at n = {n:,}", data)


def _grown(trial: Trial, rewrite: Rewrite) -> Evidence | None:
    """The speed-up on the inputs that growth is measured with, for a domain in which no row could be made longer."""
    from ..analyzers.errors import UserError
    from ..analyzers.growth import compare_growth

    for name in rewrite.functions:
        try:
            found = compare_growth(
                trial.root,
                trial.path,
                name,
                trial.before,
                rewrite.text,
                sandbox=trial.sandbox,
                budget_s=trial.budget_s,
                python=trial.python,
                cancel=trial.cancel,
            )
        except UserError:  # a function that only one of the texts has
            continue
        if found.status == "measured" and found.same:
            rows: list[Json] = [[found.n, found.before_s, found.after_s]]
            data: dict[str, Json] = {
                "n": found.n,
                "before_s": found.before_s,
                "after_s": found.after_s,
                "ratio": round(found.ratio, 2),
                "table": rows,
            }
            summary = f"{_times(found.ratio)}\N{MULTIPLICATION SIGN} faster at n = {found.n:,}"
            return Evidence("measured", summary, data)
    return None


def _times(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _ratio_of(evidence: Evidence | None) -> float:
    ratio = evidence.data.get("ratio") if evidence is not None else None
    return float(ratio) if isinstance(ratio, int | float) else 0.0


def changed_lines(before: str, after: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The 1-based lines that are no longer there, and those that are new."""
    old, new = before.splitlines(), after.splitlines()
    gone: list[int] = []
    come: list[int] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            gone += range(i1 + 1, i2 + 1)
            come += range(j1 + 1, j2 + 1)
    return tuple(gone), tuple(come)
