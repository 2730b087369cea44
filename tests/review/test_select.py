"""Settings choose, change severities and cap; what matters most is shown first, and nothing hides a static fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.analyzers.consensus import COST
from suture.analyzers.findings import REVIEWERS, SEVERITIES, Evidence, Finding, Range, Related, Reviewer, Severity
from suture.analyzers.select import STATIC, allowed, capped, foremost, hidden, left_out


def at(
    line: int,
    rule: str = "shell-injection",
    kind: str = "cmdi",
    severity: Severity = "high",
    confidence: float = 0.9,
    reviewer: Reviewer | str = "security",
) -> Finding:
    place = Range(line, 0, line, 5)
    return Finding("/p/a.py", place, rule, kind, "m", severity, confidence, reviewer)  # type: ignore[arg-type]


FAULT = at(1, rule="undefined-name", kind="undefined_name", severity="critical", reviewer="")
LOW, HIGH = at(2, severity="low"), at(3, rule="other", kind="other_kind")


def only(findings: Sequence[Finding], **given: object) -> list[Finding]:
    return allowed(findings, **{"reviewers": ("security",), **given})  # type: ignore[arg-type]


def test_settings_hide_findings_but_never_static_faults() -> None:
    listed = [FAULT, LOW, HIGH]
    assert only(listed) == listed
    assert only(listed, least="medium") == [FAULT, HIGH]
    assert only(listed, ignore=("other", "undefined-name")) == [FAULT, LOW]
    assert only(listed, ignore=("other_kind",)) == [FAULT, LOW]
    assert only(listed, select=("other",)) == [FAULT, HIGH]
    assert only(listed, reviewers=()) == [FAULT]
    assert FAULT.rule in STATIC


def test_a_rule_or_a_kind_can_be_given_another_severity_before_the_least_one_is_asked_for() -> None:
    listed = [FAULT, LOW, HIGH]
    assert [each.severity for each in only(listed, severities={"other_kind": "low", "cmdi": "medium"})] == [
        "critical",
        "medium",
        "low",
    ]
    assert only(listed, severities={"other": "low"}, least="medium") == [FAULT]
    assert only([FAULT], severities={"undefined-name": "low"}) == [FAULT]


def test_a_cap_keeps_faults_and_what_is_likely_to_cost_most_in_the_order_of_the_file() -> None:
    unsure = at(4, severity="high", confidence=0.2)  # 12 of 100
    medium = at(5, severity="medium", confidence=0.8)  # 20 of 100
    listed = [at(9, severity="low"), unsure, medium, HIGH, at(8, rule="syntax-error", confidence=0.1)]
    assert [each.range.line for each in capped(listed, 3)] == [3, 5, 8]
    assert capped(listed, 0) == listed
    assert capped(listed, 5) == listed


@given(
    st.lists(
        st.builds(
            at,
            st.integers(0, 30),
            severity=st.sampled_from(SEVERITIES),
            confidence=st.floats(0, 1),
            reviewer=st.sampled_from(REVIEWERS),
        ),
        max_size=12,
    ),
    st.integers(1, 12),
)
def test_nothing_that_is_hidden_matters_more_than_what_is_shown(findings: list[Finding], limit: int) -> None:
    shown = capped(findings, limit)
    assert len(shown) == min(limit, len(findings))
    rest = list(findings)
    for each in shown:
        rest.remove(each)
    costs = [COST[each.severity] * each.confidence for each in shown]
    assert all(COST[each.severity] * each.confidence <= min(costs) for each in rest)


def test_what_a_cap_hides_is_counted_in_a_sentence() -> None:
    assert hidden(7, 5) == "2 more findings are hidden by max-findings-per-file = 5"
    assert hidden(6, 5) == "1 more finding is hidden by max-findings-per-file = 5"
    assert hidden(5, 5) == hidden(50, 0) == ""


def test_how_many_are_not_among_what_matters_most_is_told_in_a_sentence() -> None:
    assert left_out(7, 0).startswith("0 of 7 findings shown")
    assert left_out(5, 5) == left_out(0, 0) == ""


def test_of_two_copies_that_point_at_each_other_one_is_told() -> None:
    one, other = at(1, "duplicate-code", "duplicate"), at(9, "duplicate-code", "duplicate", confidence=0.8)
    one = replace(one, related=(Related(other.path, other.range, "the other"),))
    other = replace(other, related=(Related(one.path, one.range, "the other"),))
    third = at(5, severity="medium", confidence=0.5)
    unsure = at(7, severity="critical", confidence=0.2)
    assert foremost([third, other, one, unsure], 3) == [one, third]
    assert foremost([third, other, one], 1) == [one]


def test_of_three_copies_in_three_files_one_finding_tells() -> None:
    def copy(path: str, of: str, confidence: float) -> Finding:
        found = replace(at(3, "duplicate-code", "duplicate", "medium", confidence), path=path)
        return replace(found, related=(Related(of, Range(3, 0, 3, 5), "the other"),))

    first, second = copy("/p/a.py", "/p/b.py", 0.9), copy("/p/c.py", "/p/a.py", 0.8)
    apart = replace(second, range=Range(9, 0, 9, 5), related=(Related("/p/a.py", Range(9, 0, 9, 5), "the other"),))
    assert foremost([second, first], 9) == [first]
    assert foremost([apart, first], 9) == [first, apart]


def test_a_name_that_a_file_does_not_have_is_told_once() -> None:
    again = replace(FAULT, range=Range(7, 0, 7, 5))
    other = replace(FAULT, range=Range(8, 0, 8, 5), message="another name")
    assert foremost([again, other, FAULT], 9) == [FAULT, other]


def test_what_is_likelier_wrong_than_right_is_not_among_the_first() -> None:
    unsure, surer, critical = at(1, confidence=0.45), at(2, confidence=0.55), at(3, severity="critical", confidence=0.4)
    assert foremost([unsure, surer, critical], 9) == [critical, surer]


def test_of_the_copies_that_two_files_share_one_is_told_and_those_within_a_file_each() -> None:
    def copy(line: int, other: str, confidence: float) -> Finding:
        found = at(line, "duplicate-code", "duplicate", "medium", confidence)
        return replace(found, related=(Related(other, Range(line + 50, 0, line + 50, 5), "the other"),))

    first, second, third = copy(1, "/p/b.py", 0.9), copy(2, "/p/b.py", 0.8), copy(3, "/p/c.py", 0.7)
    within, again = copy(4, "/p/a.py", 0.65), copy(5, "/p/a.py", 0.6)
    assert foremost([again, within, third, second, first], 9) == [first, third, within, again]


@pytest.mark.parametrize(
    "path",
    [
        "/p/app/tests/unit/test_x.py",
        "/p/app/storage/testing.py",
        "/p/app/migrations/0001.py",
        "/p/app/_vendor/six/moves.py",
        "/p/examples/shop.py",
        "/p/app/_tutorials/one.py",
    ],
)
def test_what_is_no_part_of_the_running_program_is_not_among_what_matters_most(path: str) -> None:
    beside = replace(at(1, severity="critical", confidence=0.9), path=path)
    assert foremost([beside, at(2, severity="high", confidence=0.9)], 2) == [at(2, severity="high", confidence=0.9)]


def test_a_program_that_lies_in_a_folder_of_demos_is_a_program() -> None:
    found = replace(at(1, severity="critical", confidence=0.9), path="/home/me/demo/shop/app.py")
    tested = replace(found, path="/home/me/demo/tests/unit/shop.py")
    assert foremost([found, tested], 2) == []
    assert foremost([found, tested], 2, ["/home/me", "/home/me/demo"]) == [found]
    assert foremost([found], 2, ["/home/me/de"]) == []


def test_a_hint_is_not_among_what_matters_most_however_sure_it_is() -> None:
    assert foremost([at(1, severity="low", confidence=1.0), at(2, severity="medium", confidence=0.3)], 2) == []


def test_a_slow_command_that_somebody_starts_by_hand_keeps_nobody_waiting_but_may_still_be_unsafe() -> None:
    slow = replace(at(1, severity="medium", confidence=0.9), path="/p/app/management/commands/repair.py")
    slow = replace(slow, reviewer="performance")
    unsafe = replace(slow, severity="high", reviewer="security")
    assert foremost([slow, unsafe], 2) == [unsafe]


def test_of_what_one_rule_says_of_one_loop_one_is_told() -> None:
    def of_loop(line: int, loop: int) -> Finding:
        way = Evidence(
            "traced", "", {"path": [{"path": "/p/a.py", "line": loop}, {"path": "/p/a.py", "line": line + 1}]}
        )
        return replace(at(line, rule="query-in-loop"), evidence=(way,))

    assert foremost([of_loop(4, 3), of_loop(5, 3), of_loop(9, 8)], 3) == [of_loop(4, 3), of_loop(9, 8)]


def test_of_the_relations_that_are_read_in_one_loop_one_is_told() -> None:
    def relation(line: int, loop: int) -> Finding:
        way = [{"path": "/p/models.py", "line": line}, {"path": "/p/a.py", "line": loop}]
        way.append({"path": "/p/a.py", "line": line + 1})
        found = at(line, "relation-in-loop", "n_plus_1", "medium", reviewer="performance")
        return replace(found, evidence=(Evidence("traced", "", {"path": list(way)}),))

    assert foremost([relation(4, 3), relation(5, 3), relation(9, 8)], 3) == [relation(4, 3), relation(9, 8)]


def copy_of(path: str, other: str, kin: str, confidence: float) -> Finding:
    found = replace(at(3, "duplicate-code", "duplicate", "medium", confidence), path=path)
    evidence = (Evidence("measured", "the same", {"kin": kin}),)
    return replace(found, related=(Related(other, Range(3, 0, 3, 5), "the other"),), evidence=evidence)


def test_of_functions_that_are_all_alike_one_copy_is_told() -> None:
    first, second = copy_of("/p/a.py", "/p/b.py", "/p/a.py:4", 0.9), copy_of("/p/c.py", "/p/d.py", "/p/a.py:4", 0.8)
    other = copy_of("/p/e.py", "/p/f.py", "/p/e.py:4", 0.7)
    assert foremost([other, second, first], 9) == [first, other]


@pytest.mark.parametrize(
    ("rule", "kind"), [("missing-timeout", "timeout"), ("blocking-query-in-async", "blocking_async")]
)
def test_what_is_mended_in_one_go_is_told_once_with_its_places(rule: str, kind: str) -> None:
    def waits(path: str, line: int) -> Finding:
        return replace(at(line, rule, kind, "medium", 0.9), path=path)

    places = [waits("/p/a.py", 1), *(waits("/p/b.py", line) for line in (2, 3, 4)), waits("/p/c.py", 5)]
    apart = waits("/q/a.py", 1)
    first, second = foremost([*reversed(places), apart], 9, {"/p", "/q"})
    assert first.message == "m; the same at 4 more places: b.py:3, b.py:4, b.py:5, …"
    assert [(each.path, each.range.line) for each in first.related] == [(e.path, e.range.line) for e in places[1:]]
    assert second == apart


def test_the_places_of_one_file_stand_together_where_each_file_is_mended_by_itself() -> None:
    here, again = (at(line, "weak-random", "weakrand", "medium", 0.9) for line in (1, 8))
    there = replace(here, path="/p/b.py")
    assert [each.message for each in foremost([here, again, there], 9)] == ["m; the same at 1 more place: a.py:9", "m"]


def test_what_only_who_runs_the_program_can_bring_about_is_not_among_the_first() -> None:
    def of(origin: str, line: int) -> Finding:
        path = [{"path": "/p/a.py", "line": line, "column": 1, "text": "x"}]
        return replace(at(line), evidence=(Evidence("traced", "a value reaches", {"path": path, "origin": origin}),))

    assert foremost([of("cli", 1), of("web", 2)], 9) == [of("web", 2)]


def test_a_fault_beside_the_program_comes_behind_what_is_wrong_with_it() -> None:
    beside = replace(FAULT, path="/p/examples/shop.py")
    assert foremost([beside, HIGH, FAULT], 9) == [FAULT, HIGH, beside]
