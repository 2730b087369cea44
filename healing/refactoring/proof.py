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
from ...analyzers.fuzzing.project import find_root
from ...analyzers.sandbox.interface import CancelCheck, Sandbox
from ...analyzers.syntax import parse
from ..improvements import BUDGET_S, Rewrite
from ..proving import Proof, ask, changed_lines, equivalent
from ..related_tests import compare_tests
from .functions import unit_named

#: How the reasons of a comparison begin that speak against a rewrite; all others only say that nothing is known.
_AGAINST = ("differs", "does not end", "leaves the module")


def prove_refactoring(
    root: Path,
    path: Path,
    before: str,
    rewrite: Rewrite,
    *,
    sandbox: Sandbox,
    speeds_up: bool,
    budget_s: float = BUDGET_S,
    python: Path | None = None,
    files: Mapping[str, bytes] | None = None,
    cancel: CancelCheck | None = None,
    tests: bool = True,
) -> Proof:
    """A proof by comparison, by tests, or by both; see the module. ``speeds_up`` does not matter here."""
    del speeds_up
    root, path = root.absolute(), path.absolute()
    if not path.is_relative_to(root):
        root = find_root(path)
    rewrite = replace(rewrite, files={_relative(root, name): text for name, text in rewrite.files.items()})
    evidence: list[Evidence] = []
    unknown = ""
    answers: list[Mapping[str, object]] = []
    started = time.monotonic()
    for number, name in enumerate(rewrite.functions):
        left = (started + budget_s - time.monotonic()) / (len(rewrite.functions) - number)
        lines = ((), touched(before, rewrite.text, name))
        given = (sandbox, False, max(left, 1.0), python, files, cancel, lines)
        answer = ask(root, path, before, rewrite, name, *given)
        reason = str(answer.get("reason", ""))
        if reason.startswith(_AGAINST):
            return Proof(False, f"{name}: {reason}")
        if reason:
            unknown = unknown or f"{name}: {reason}"
        else:
            answers.append(answer)
    if answers and not unknown:
        evidence.append(equivalent(rewrite.functions, answers))
    if tests:
        tested = compare_tests(root, path, before, rewrite, sandbox=sandbox, python=python, files=files, cancel=cancel)
        if tested.reason:
            return Proof(False, tested.reason, tuple(evidence))
        if tested.evidence and (evidence or _tests_reach(root, path, rewrite, before, sandbox, python, files, cancel)):
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


def _tests_reach(
    root: Path,
    path: Path,
    rewrite: Rewrite,
    before: str,
    sandbox: Sandbox,
    python: Path | None,
    files: Mapping[str, bytes] | None,
    cancel: CancelCheck | None,
) -> bool:
    """Whether some test fails once every changed place is broken, one after the other."""
    if not rewrite.functions:
        return False
    for name in rewrite.functions:
        broken = sabotaged(rewrite.text, name, touched(before, rewrite.text, name))
        if broken is None:
            return False
        worse = replace(rewrite, text=broken)
        answer = compare_tests(
            root, path, rewrite.text, worse, sandbox=sandbox, python=python, files=files, cancel=cancel
        )
        if not answer.reason:
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
