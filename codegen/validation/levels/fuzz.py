"""Fuzz: two seconds of inputs that nobody thought of; on a machine that is too busy for :data:`FEWEST` of them, more.

What is wrong whatever was asked for refuses (:data:`REFUSES`: it does not end, or trips over its own names), unless the
input is of a kind that no example has (a negative number). Another exception on an odd input is a question of what was
asked for: it costs a part of the score, and the model is told, should something else fail.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ....analyzers.errors import UserError
from ....analyzers.findings import Evidence
from ....analyzers.fuzzing.api import Done, FuzzFinding, fuzz
from ..level import INSISTS, Level, Subject, Verdict, failed, not_run, passed
from ..running import relative

#: Seconds, and what they are multiplied by in a second run if the first tried fewer inputs than that.
BUDGET_S, LONGER, FEWEST = 2.0, 4.0, 50
_NEGATIVE = re.compile(r"(?<![\w)\]])-\s*\.?\d")
#: Kinds of findings, and exceptions, that no specification asks for.
REFUSES = frozenset({"hang", "UnboundLocalError", "NameError", "RecursionError"})
#: Those of which a drafter that stands by its answer is believed: that the input is none it was asked about.
DISPUTED = frozenset({"hang", "RecursionError"})
#: How much of the level one other finding costs.
COST = 0.4


def run(subject: Subject) -> Verdict:
    if subject.sandbox is None:
        return not_run("no sandbox, or the workspace is not trusted")
    if not subject.by_model:
        return not_run("only what a model wrote is fuzzed", applies=False)
    if subject.in_function or not subject.target or not relative(subject):
        return not_run("a function inside of another cannot be called", applies=False)
    if subject.on_progress is not None:
        subject.on_progress("fuzzing it for two seconds")
    try:
        found, done = _fuzzed(subject, BUDGET_S, 0)
        if not found and done is not None and done.status == "ok" and done.executions < FEWEST:
            found, again = _fuzzed(subject, BUDGET_S * LONGER, 1)
            done = again and replace(again, executions=done.executions + again.executions)
    except UserError as error:
        return not_run(str(error), applies=False)
    refuses = REFUSES - (DISPUTED if subject.memo.get(INSISTS) else frozenset())
    wrong = [each for each in found if {each.kind, each.exception} & refuses and not _strange(subject, each)]
    if wrong:
        return failed("; ".join(each.summary for each in wrong[:3]), _reproduced(wrong[0]))
    if done is None or done.status != "ok":
        return not_run(
            done.reason if done else "it was stopped", applies=done is not None and done.status != "unsupported"
        )
    if not done.executions:
        return not_run(f"no input could be tried within {BUDGET_S * (1 + LONGER):.0f} s")
    told = tuple(each.summary for each in found[:3])
    summary = f"fuzzed: {done.executions} inputs in {done.seconds:.1f} s"
    evidence = (
        _reproduced(found[0])
        if found
        else Evidence(
            "ran", f"{summary}, nothing found", {"inputs": done.executions, "seconds": round(done.seconds, 2)}
        )
    )
    made = passed(evidence, quality=max(0.0, 1.0 - COST * len(found)))
    notes = tuple(f"on an odd input: {each}" for each in told)
    return Verdict(made.status, "; ".join(told), made.evidence, made.quality, hints=told, notes=notes)


def _fuzzed(subject: Subject, budget_s: float, seed: int) -> tuple[list[FuzzFinding], Done | None]:
    request = subject.request
    found: list[FuzzFinding] = []
    done: Done | None = None
    assert subject.sandbox is not None
    for event in fuzz(
        request.root,
        request.path,
        subject.target,
        sandbox=subject.sandbox,
        budget_s=budget_s,
        seed=seed,
        text=subject.placed.text,
        python=request.python,
        cancel=subject.cancel,
    ):
        if isinstance(event, FuzzFinding):
            found.append(event)
        elif isinstance(event, Done):
            done = event
    return found, done


def _strange(subject: Subject, finding: FuzzFinding) -> bool:
    """Whether the input has a negative number and no example has one."""
    examples = subject.spec.examples if subject.spec else ()
    shown = " ".join(repr((each.args, each.kwargs)) for each in examples)
    return _NEGATIVE.search(finding.args) is not None and _NEGATIVE.search(shown) is None


def _reproduced(finding: FuzzFinding) -> Evidence:
    data = {"input": finding.args, "exception": finding.exception, "seed": finding.seed, "times": 2}
    return Evidence("reproduced", f"fuzzed: {finding.summary}", {**data})


LEVEL = Level(
    "fuzz",
    90,
    7,
    run,
    "sandbox",
    about="two seconds of fuzzing: a hang or a name of its own that is not bound refuses, other findings cost",
)
