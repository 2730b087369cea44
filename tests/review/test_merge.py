"""One problem is one finding, whoever saw it."""

from __future__ import annotations

import dataclasses
import itertools
import random
import sys
from collections.abc import Sequence
from types import FrameType

import pytest

from suture.analyzers import merge as merging
from suture.analyzers.cwe import families
from suture.analyzers.engines.checks import ALONE
from suture.analyzers.findings import Evidence, Finding, Range, Related, Reviewer, Severity
from suture.analyzers.merge import Merged, merge


def finding(
    rule: str,
    kind: str = "cmdi",
    line: int = 3,
    *,
    cwe: tuple[int, ...] = (),
    confidence: float = 0.6,
    severity: Severity = "high",
    reviewer: Reviewer = "security",
    evidence: tuple[Evidence, ...] = (),
    end_line: int | None = None,
    column: int = 4,
    related: tuple[Related, ...] = (),
    message: str = "m",
) -> Finding:
    place = Range(line, column, line if end_line is None else end_line, 40)
    return Finding("/p/a.py", place, rule, kind, message, severity, confidence, reviewer, cwe, "", evidence, related)


TRACED = (Evidence("traced", "a → b"),)
LINTED = (Evidence("linted", "tool"),)


def test_three_voices_on_one_problem_are_one_finding_that_names_the_others() -> None:
    own = finding("shell-injection", cwe=(78,), evidence=TRACED)
    merged = merge(
        [
            finding("bandit:B602", cwe=(78,), confidence=0.2, evidence=LINTED),
            own,
            finding("ruff:S602", cwe=(78,), confidence=0.2, evidence=LINTED),
        ]
    )
    assert [each.rule for each in merged] == ["shell-injection"]
    assert merged[0].also == ("bandit:B602", "ruff:S602")
    assert merged[0].confidence == pytest.approx(1 - 0.4 * (1 - 0.1))
    assert merged[0].evidence[0].kind == "traced"


def counted(metric: str, value: int, threshold: int) -> Evidence:
    return Evidence("counted", f"{metric} {value}", {"metric": metric, "value": value, "threshold": threshold})


def test_a_metric_is_told_once_with_the_threshold_of_the_finding_that_is_shown() -> None:
    long, paths, effort = counted("statements", 60, 50), counted("paths", 23, 20), counted("effort", 42, 40)
    listed = [
        finding("long-function", "long_function", reviewer="architecture", evidence=(long, paths)),
        finding("complex-function", "complexity", reviewer="architecture", evidence=(effort, counted("paths", 23, 18))),
    ]
    (merged,) = merge(listed)
    assert merged.rule == "long-function"
    assert merged.evidence == (long, paths, effort)


def test_the_order_of_findings_does_not_matter() -> None:
    listed = [
        finding("shell-injection", cwe=(78,), evidence=TRACED),
        finding("bandit:B602", cwe=(78,), confidence=0.2, evidence=LINTED),
        finding("weak-hash", "hash", cwe=(327,), evidence=TRACED),
        finding("ruff:S324", "hash", cwe=(328,), confidence=0.2, evidence=LINTED),
    ]
    results = [merge(order) for order in itertools.permutations(listed)]
    assert all(result == results[0] for result in results)
    assert {each.rule for each in results[0]} == {"shell-injection", "weak-hash"}


def test_different_problems_on_a_line_stay_two() -> None:
    assert len(merge([finding("shell-injection", cwe=(78,)), finding("weak-hash", "hash", cwe=(327,))])) == 2


def test_two_places_of_one_rule_on_a_line_stay_two() -> None:
    first, second = finding("shell-injection", message="a"), finding("shell-injection", column=30, message="b")
    assert len(merge([first, second])) == 2


def test_a_weak_opinion_of_a_tool_is_not_shown_alone_nor_with_a_copy_of_itself() -> None:
    bandit = finding("bandit:B602", cwe=(78,), confidence=ALONE - 0.01)
    ruff = finding("ruff:S602", cwe=(78,), confidence=ALONE - 0.01)
    assert merge([bandit]) == ()
    assert merge([bandit, ruff]) == ()


def test_a_tool_that_points_at_where_the_text_was_built_means_the_same_problem() -> None:
    step = Related("/p/a.py", Range(1, 0, 1, 20), "query = …")
    own = finding("sql-injection", "sqli", 9, cwe=(89,), evidence=TRACED, related=(step,))
    merged = merge([own, finding("bandit:B608", "sqli", 1, cwe=(89,), confidence=0.2)])
    assert [(each.rule, each.also) for each in merged] == [("sql-injection", ("bandit:B608",))]


def test_a_function_that_is_long_and_deep_and_complex_is_one_problem() -> None:
    listed = [
        finding("complex-function", "complexity", reviewer="architecture", confidence=0.9),
        finding("long-function", "long_function", reviewer="architecture", confidence=0.7),
        finding("deep-nesting", "deep_nesting", reviewer="architecture", severity="low"),
    ]
    merged = merge(listed)
    assert [(each.rule, each.confidence) for each in merged] == [("long-function", 0.9)]


def test_nesting_beyond_all_measure_is_a_problem_beside_the_length() -> None:
    listed = [
        finding("long-function", "long_function", reviewer="architecture", confidence=0.7),
        finding("deep-nesting", "deep_nesting", reviewer="architecture", severity="medium"),
    ]
    assert sorted(each.rule for each in merge(listed)) == ["deep-nesting", "long-function"]


def test_what_a_tool_says_behind_our_syntax_error_is_a_consequence_of_it() -> None:
    own = Finding("/p/a.py", Range(2, 0, 2, 3), "syntax-error", "syntax", "expected ':'", "critical", 1.0)
    later = Finding("/p/a.py", Range(9, 0, 9, 3), "ruff:invalid-syntax", "syntax", "unexpected indent", "critical", 1.0)
    name = Finding("/p/a.py", Range(12, 0, 12, 3), "ruff:F823", "undefined_name", "x", "critical", 0.5)
    assert [each.rule for each in merge([own, later, name])] == ["syntax-error"]
    assert [each.rule for each in merge([later])] == ["ruff:invalid-syntax"]


def test_two_copies_in_one_file_that_point_at_each_other_are_one_problem() -> None:
    def copy(line: int, other: int, path: str = "/p/a.py") -> Finding:
        step = Related(path, Range(other, 4, other, 40), "the other copy")
        return finding("duplicate-code", "duplicate", line, reviewer="architecture", related=(step,))

    assert [each.range.line for each in merge([copy(3, 30), copy(30, 3)])] == [30]
    assert len(merge([copy(3, 30), copy(30, 50)])) == 2  # the second points at a third
    assert len(merge([copy(3, 30, "/p/b.py"), copy(30, 3, "/p/b.py")])) == 2  # copies of what is in another file


def test_what_a_finding_refers_to_moves_with_it() -> None:
    step = Related("/p/a.py", Range(1, 0, 1, 20), "query = …")
    path = [{"path": "/p/a.py", "line": 2, "text": "x"}, {"path": "/p/b.py", "line": 2, "text": "y"}]
    traced = (Evidence("traced", "a → b", {"path": path}),)
    moved = finding("sql-injection", "sqli", 9, evidence=traced, related=(step,)).shifted(3)
    assert (moved.range.line, moved.related[0].range.line) == (12, 4)
    assert moved.evidence[0].to_json()["path"] == [
        {"path": "/p/a.py", "line": 5, "text": "x"},
        {"path": "/p/b.py", "line": 2, "text": "y"},
    ]


def test_the_same_objects_become_the_same_object_again_and_others_do_not() -> None:
    pair = [finding("shell-injection", cwe=(78,), evidence=TRACED), finding("bandit:B602", cwe=(78,), confidence=0.2)]
    known: Merged = {}
    (first,) = merge(pair, known)
    (again,) = merge(pair, known)
    assert again is first
    (other,) = merge([pair[0], finding("bandit:B602", cwe=(78,), confidence=0.3)], known)
    assert other is not first
    assert other == merge([pair[0], finding("bandit:B602", cwe=(78,), confidence=0.3)])[0]
    assert len(known) == 1


def test_what_one_change_to_an_expression_cures_is_told_once_whichever_was_surer() -> None:
    again = finding("sort-in-loop", "sort_in_loop", confidence=0.55, severity="medium", reviewer="performance")
    again = dataclasses.replace(again, range=Range(3, 11, 3, 23), suggestion="take it before the loop")
    whole = finding("sort-for-extreme", "sort_misuse", confidence=0.6, severity="low", reviewer="performance")
    whole = dataclasses.replace(whole, range=Range(3, 11, 3, 26))
    for listed in ([again, whole], [whole, again]):
        (told,) = merge(listed)
        assert (told.rule, told.also, told.severity) == ("sort-in-loop", ("sort-for-extreme",), "medium")
        assert told.suggestion == "take it before the loop"
    beside = dataclasses.replace(whole, range=Range(3, 30, 3, 45))
    assert [each.rule for each in merge([again, beside])] == ["sort-in-loop", "sort-for-extreme"]


def is_extreme(each: Finding) -> bool:
    return each.kind == "deep_nesting" and each.severity in ("critical", "high", "medium")


def are_one_problem(group: Sequence[Finding], finding: Finding) -> bool:
    """What it means that a finding belongs to a group, said without any index."""
    first, one_line = group[0], group[0].range.line == finding.range.line
    metrics = ("long_function", "deep_nesting", "complexity")
    steps = [(step.path, step.range) for step in first.related]
    if first.kind == finding.kind and first.rule != finding.rule and (finding.path, finding.range) in steps:
        return True
    if any((each.rule, each.message) == (finding.rule, finding.message) for each in group):
        return one_line
    if any(each.rule == finding.rule and each.range != finding.range for each in group):
        return False
    if first.kind == finding.kind:
        return first.kind not in metrics or one_line
    if first.kind in metrics and finding.kind in metrics:
        return one_line and not any(map(is_extreme, (first, finding)))
    if (finding.kind, first.kind) == ("sort_misuse", "sort_in_loop"):
        return finding.range[:2] <= first.range[:2] and first.range[2:] <= finding.range[2:]
    return bool(families(first.cwe) & families(finding.cwe))


def lines_of(each: Finding) -> range:
    return range(each.range.line, min(each.range.end_line, each.range.line + 40) + 1)


def grouped(findings: Sequence[Finding]) -> list[list[Finding]]:
    """The groups of findings, strongest first, each compared with all that share its first lines."""
    groups: list[list[Finding]] = []
    for finding in findings:
        spoken = [(set(lines_of(group[0])), group) for group in groups]
        for lines, group in spoken:
            if group[0].range.end_line > group[0].range.line and group[0].range.end_column == 0:
                lines.discard(group[0].range.end_line)
            lines.update(step.range.line for step in group[0].related if step.path == finding.path)
        near = (group for line in lines_of(finding) for lines, group in spoken if line in lines)
        home = next((group for group in near if are_one_problem(group, finding)), None)
        if home is None:
            groups.append([finding])
        else:
            home.append(finding)
    return groups


RULES = (
    *(("a", "cmdi"), ("b", "cmdi"), ("t:c", "cmdi"), ("d", "sqli"), ("t:e", "sqli"), ("f", "long_function")),
    *(("g", "deep_nesting"), ("h", "complexity"), ("i", "sort_in_loop"), ("j", "sort_misuse"), ("t:k", "sort_misuse")),
)


def any_finding(lot: random.Random) -> Finding:
    def place() -> Range:
        line, column = lot.randrange(4), lot.randrange(3)
        end = line + lot.choice((0, 0, 0, 1, 2))
        return Range(line, column, end, lot.randrange(2) if end > line else column + lot.randrange(4))

    rule, kind = lot.choice(RULES)
    related = [Related(lot.choice(("/p/a.py", "/p/b.py")), place(), "") for _ in range(lot.choice((0, 0, 1, 2)))]
    found = finding(
        rule,
        kind,
        cwe=lot.choice(((), (), (78,), (77, 89), (89,))),
        confidence=lot.choice((0.3, 0.6)),
        severity=lot.choice(("high", "low")),
        related=tuple(related),
        message=lot.choice("mn"),
    )
    return dataclasses.replace(found, range=place())


@pytest.mark.parametrize("seed", range(30))
def test_the_groups_are_those_of_comparing_each_finding_with_every_group(seed: int) -> None:
    lot = random.Random(seed)
    for _ in range(40):
        findings = sorted((any_finding(lot) for _ in range(lot.randrange(2, 25))), key=merging.rank)
        groups = merging.Groups()
        for each in findings:
            groups.add(each)
        assert [group.members for group in groups.all] == grouped(findings)


def calls_for(findings: Sequence[Finding]) -> int:
    calls = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        merge(findings)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("message", ["undefined name x{}", "undefined name x"])
@pytest.mark.parametrize("voices", [("undefined-name",), ("undefined-name", "ruff:F821")])
def test_the_work_grows_with_the_findings_of_a_line_and_not_with_their_pairs(
    message: str, voices: tuple[str, ...]
) -> None:
    def line_of(size: int) -> list[Finding]:
        return [
            finding(voice, "undefined_name", column=at, message=message.format(at))
            for at in range(size)
            for voice in voices
        ]

    assert calls_for(line_of(800)) < 5 * calls_for(line_of(200))
