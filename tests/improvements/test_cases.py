"""Each case of an improvement: what it proposes, and whether the proof holds or says what is different.

A case is a sentence, what is asked for (``kind`` and ``at``, the text that the finding is on), a text before, and the
text after; or the reason why there is none: ``refused`` is part of what the proof says, ``without`` the improvement
that must not even propose something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from suture.analyzers.engine import analyse
from suture.analyzers.findings import Finding, Range
from suture.analyzers.sandbox import Sandbox
from suture.analyzers.source import LineIndex
from suture.healing.improvements import Rewrite, improve, improvements, rewrites
from suture.healing.proving import FASTER, prove
from suture.healing.trial import Trial

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """``after`` is empty where nothing may come out; then ``refused`` is part of the proof's reason, or ``without``
    names the improvement that must not even propose something."""

    name: str
    finding: Finding
    before: str
    after: str
    improvement: str
    refused: str
    without: str


def read_case(path: Path) -> Case:
    head, _, rest = path.read_text().partition("-- before --\n")
    before, _, after = rest.partition("-- after --\n")
    said = dict(re.findall(r"(?m)^(\w+): (.*)$", head))
    start = before.index(said["at"])
    index = LineIndex(before)
    place = Range(*index.position(start), *index.position(start + len(said["at"])))
    finding = Finding("main.py", place, "case", said["kind"], "a case", "medium", 0.5, "performance")
    named = path.stem.partition("__")[0].replace("_", "-")
    return Case(
        path.stem,
        finding,
        before,
        after,
        said.get("improvement", named),
        said.get("refused", ""),
        said.get("without", ""),
    )


FOUND = [read_case(each) for each in sorted(CASES.glob("*.txt"))]
#: Those with a proof of their own have tests of their own.
PERFORMANCE = [each for each in improvements() if each.speeds_up and each.prove is None]
each_case = pytest.mark.parametrize("case", FOUND, ids=[each.name for each in FOUND])


def proposals(case: Case, text: str) -> list[Rewrite]:
    return [rewrite for each, rewrite in rewrites(text, case.finding) if each.name == case.improvement]


@each_case
def test_what_is_proposed_is_the_text_after(case: Case) -> None:
    proposed = proposals(case, case.before)
    if case.without:
        assert not proposed
    elif case.refused:
        assert proposed
    else:
        assert case.after in [each.text for each in proposed]


@each_case
def test_a_fix_applied_twice_changes_nothing(case: Case) -> None:
    """Asked again at the same place of the new text, the improvement has nothing to propose."""
    if case.after:
        assert not [each for each in proposals(case, case.after) if each.text != case.after]


@each_case
def test_an_applied_fix_reviews_clean_of_the_finding(case: Case) -> None:
    """Whatever the rules report of this kind on the text before, they do not report it behind the fix."""
    if case.after:
        before = [each for each in analyse("main.py", case.before).findings if each.kind == case.finding.kind]
        after = [each for each in analyse("main.py", case.after).findings if each.kind == case.finding.kind]
        assert len(after) <= max(len(before) - 1, 0)


def test_every_improvement_has_cases_that_are_offered_and_cases_that_are_not() -> None:
    for improvement in PERFORMANCE:
        own = [each for each in FOUND if each.improvement == improvement.name]
        assert [each for each in own if each.after], improvement.name
        if improvement.name not in ("dict-fromkeys", "comprehension"):  # their loops are refused by seen-set's cases
            assert [each for each in own if not each.after], improvement.name


@pytest.mark.slow
@each_case
def test_a_fix_is_proven_or_its_difference_is_named(case: Case, sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "main.py"
    path.write_text(case.before)
    if case.after:
        refused: list[str] = []
        proven = improve(
            tmp_path,
            path,
            case.before,
            case.finding,
            sandbox=sandbox,
            tests=False,
            on_refused=lambda _, reason: refused.append(reason),
        )
        edits = [each for each in proven if each.source == case.improvement]
        assert case.after in [each.files[0].apply(case.before) for each in edits], refused
        for edit in edits:
            kinds = {each.kind: each.data for each in edit.evidence}
            assert edit.verified
            assert kinds["equivalent"]["same"] == kinds["equivalent"]["inputs"]
            ratio = kinds["measured"]["ratio"]
            assert isinstance(ratio, float)
            assert ratio >= FASTER
        return
    for rewrite in proposals(case, case.before):
        proof = prove(Trial(tmp_path, path, case.before, sandbox, speeds_up=True, tests=False), rewrite)
        assert not proof.ok
        assert case.refused in proof.reason
