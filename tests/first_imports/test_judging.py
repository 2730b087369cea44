"""What importing modules first does to findings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from suture.analyzers.findings import Evidence, Finding, Range
from suture.analyzers.first_imports import FirstImport, claims_of, with_first_imports

from .conftest import FAILING, Write, found_in


def failing(finding: Finding, index: int = 0, **changes: Any) -> FirstImport:
    """That a claim of a finding was seen to hold."""
    claim = claims_of(finding)[index]
    error, line = f"ImportError: cannot import name '{claim.name}'", claim.range.line + 1
    seen = FirstImport("fails", claim.entry, claim.path, "", error, claim.entry, claim.name, claim.file, line)
    return replace(seen, **changes)


def told(write: Write) -> Finding:
    (finding,) = found_in(write(FAILING))
    return finding


def test_what_was_seen_to_fail_is_raised_and_is_its_evidence(write: Write) -> None:
    finding = replace(told(write), severity="low")
    seen = failing(finding)
    (found,) = with_first_imports([finding], {seen.path: seen})
    assert (found.severity, found.confidence, found.message) == ("medium", 0.97, finding.message)
    assert [each.kind for each in found.evidence] == ["traced", "traced", "reproduced"]
    assert found.evidence[-1].data["times"] == 2
    assert found.related == finding.related


def test_what_fails_elsewhere_than_was_said_is_told_as_it_was_seen(write: Write) -> None:
    finding = told(write)
    seen = failing(finding, name="other", line=7)
    (found,) = with_first_imports([finding], {seen.path: seen})
    assert found.message.endswith("has no 'other' yet")
    assert [each.kind for each in found.evidence] == ["traced", "reproduced"]
    assert found.related[-1].range == Range(6, 0, 6, 1)


def test_what_works_is_a_cycle_and_a_hint(write: Write) -> None:
    finding = told(write)
    works = {each.path: each for each in (replace(failing(finding, at), status="works") for at in (0, 1))}
    (found,) = with_first_imports([finding], works)
    assert (found.severity, found.message) == ("low", "import cycle: store.orders → store.stock → store.orders")
    assert [each.kind for each in found.evidence] == ["traced", "ran", "ran"]
    assert not [each for each in found.related if each.message.startswith("fails")]


def test_where_one_works_the_other_is_told(write: Write) -> None:
    finding = told(write)
    works = replace(failing(finding), status="works")
    (found,) = with_first_imports([finding], {works.path: works})
    assert "'import store.stock' fails as the first import" in found.message
    assert "'import store.orders' fails" not in found.message
    assert found.severity == finding.severity
    second = failing(finding, 1)
    (found,) = with_first_imports([finding], {works.path: works, second.path: second})
    assert found.evidence[-1].kind == "reproduced"


def test_what_could_not_be_told_stays_and_says_why(write: Write) -> None:
    finding = told(write)
    unknown = replace(failing(finding), status="unknown", reason="'there' cannot be imported")
    (found,) = with_first_imports([finding], {unknown.path: unknown})
    assert (found.message, found.severity, found.confidence) == (finding.message, finding.severity, finding.confidence)
    assert "derived from the order of the imports, not seen: 'there' cannot be imported" in found.evidence[1].summary
    assert found.evidence[1].kind == "traced"


def test_other_findings_and_cycles_that_fail_nowhere_are_left_alone(write: Write) -> None:
    finding = told(write)
    seen = failing(finding)
    others = (replace(finding, rule="layer-violation"), replace(finding, evidence=(Evidence("traced", "a → b"),)))
    assert with_first_imports(others, {seen.path: seen}) == others


def test_an_answer_survives_json(write: Write) -> None:
    seen = replace(failing(told(write)), files=(("/w/a.py", "12"),), traceback=("a", "b"), lasting=False)
    assert FirstImport.from_json(seen.to_json()) == seen
