"""Proof that a refactoring changed nothing: the touched functions compared on fuzzed inputs, and the module's tests.

A refactoring moves lines whose text stays the same; that each value reaches them and leaves them is what its data-flow
conditions say. So not every moved line must be run, as for a rewrite that says the same in other words, but the place
that changed must be: by inputs that both versions answer alike, or by tests, which then fail if that place is broken
on purpose.

Invariant: one difference on one input, or one test that passed and fails now, and it is not offered, whatever else
speaks for it. Nothing that was tried and said nothing is counted as proof.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ...analyzers.findings import Evidence
from ...analyzers.syntax import parse
from ..improvements import Rewrite
from ..proving import Proof, ask, changed_lines, equivalent
from ..related_tests import compare_tests
from ..trial import Trial
from .functions import unit_named

#: How the reasons of a comparison begin that speak against a rewrite; all others only say that nothing is known.
_AGAINST = ("differs", "does not end", "leaves the module")


def prove_refactoring(trial: Trial, rewrite: Rewrite) -> Proof:
    """A proof by comparison, by tests, or by both; see the module. Whether it is faster does not matter here."""
    trial = replace(trial, speeds_up=False)
    rewrite = replace(rewrite, files={_relative(trial.root, name): text for name, text in rewrite.files.items()})
    evidence: list[Evidence] = []
    unknown = ""
    answers: list[Mapping[str, object]] = []
    started = time.monotonic()
    for number, name in enumerate(rewrite.functions):
        left = (started + trial.budget_s - time.monotonic()) / (len(rewrite.functions) - number)
        answer = ask(trial, rewrite, name, max(left, 1.0), ((), touched(trial.before, rewrite.text, name)))
        reason = str(answer.get("reason", ""))
        if reason.startswith(_AGAINST):
            return Proof(False, f"{name}: {reason}")
        if reason:
            unknown = unknown or f"{name}: {reason}"
        else:
            answers.append(answer)
    if answers and not unknown:
        evidence.append(equivalent(rewrite.functions, answers))
    if trial.tests:
        tested = compare_tests(trial, rewrite)
        if tested.reason:
            return Proof(False, tested.reason, tuple(evidence))
        if tested.evidence and (evidence or _tests_reach(trial, rewrite)):
            evidence += tested.evidence
    if not evidence:
        return Proof(False, unknown or "no function is named, and no test runs what changed")
    return Proof(True, "", tuple(evidence))


def touched(before: str, after: str, name: str) -> tuple[int, ...]:
    """The 1-based lines inside a function that say something new; not those that only moved or are indented anew."""
    unit = unit_named(after, name)
    if unit is None:
        return ()
    first, last = unit.node.start_point.row + 1, unit.node.end_point.row + 1
    old, new = (
        "\n".join(" ".join(line.split()) for line in text.splitlines()) for text in (before, after)
    )  # fmt: skip
    gone, come = changed_lines(old, new)
    moved = Counter(old.split("\n")[line - 1] for line in gone)
    told: list[int] = []
    for line in come:
        code = new.split("\n")[line - 1]
        if moved[code] > 0:
            moved[code] -= 1
        elif first <= line <= last and code:
            told.append(line)
    return tuple(told)


def _tests_reach(trial: Trial, rewrite: Rewrite) -> bool:
    """Whether some test fails once every changed place is broken, one after the other."""
    if not rewrite.functions:
        return False
    for name in rewrite.functions:
        broken = sabotaged(rewrite.text, name, touched(trial.before, rewrite.text, name))
        if broken is None:
            return False
        if not compare_tests(replace(trial, before=rewrite.text), replace(rewrite, text=broken)).reason:
            return False
    return True


def sabotaged(text: str, name: str, lines: Sequence[int]) -> str | None:
    """The text with a statement that raises in front of the first of these lines where one can stand, else at the
    start of the function's body; None if there is no such function."""
    unit = unit_named(text, name)
    body = unit.node.child_by_field_name("body") if unit is not None else None
    if body is None:
        return None
    rows = text.splitlines(keepends=True)
    for row in (*(line - 1 for line in lines), body.start_point.row):
        line = rows[row]
        indent = line[: len(line) - len(line.lstrip())]
        if not line.strip() or line.lstrip().startswith(("#", ")", "]", "}")):
            continue
        newline = "\r\n" if line.endswith("\r\n") else "\n"
        tried = "".join([*rows[:row], f'{indent}raise AssertionError("reached"){newline}', *rows[row:]])
        if not parse(tried.encode("utf-8", "surrogatepass")).root_node.has_error:
            return tried
    return None


def _relative(root: Path, name: str) -> str:
    place = Path(name)
    return place.relative_to(root).as_posix() if place.is_absolute() and place.is_relative_to(root) else name
