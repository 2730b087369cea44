"""What a measurement does to findings."""

from __future__ import annotations

from dataclasses import replace

from suture.analyzers.findings import Finding, Range
from suture.analyzers.growth import Growth, LineGrowth, with_growth

SLOW = LineGrowth(4, 2.0, 0.9, "membership", 1.0, True, ((16, 256), (32, 1024), (64, 4096)), "sorted", 11, 20)
FAST = LineGrowth(4, 1.0, 0.9, "membership", 1.0, False, ((16, 16), (32, 32), (64, 64)), "sorted", 11, 20)


def growth(*lines: LineGrowth, exponent: float = 2.0, certain: bool = True, time_exponent: float = 0.0) -> Growth:
    return Growth(
        "measured",
        shape="sorted",
        table=((16, 300), (32, 1100), (64, 4200)),
        exponent=exponent,
        lines=lines,
        name="f",
        path="/w/m.py",
        first=2,
        last=9,
        certain=certain,
        time_exponent=time_exponent,
    )


def finding(line: int = 4, kind: str = "membership", confidence: float = 0.5) -> Finding:
    place = Range(line - 1, 11, line - 1, 20)
    return Finding("/w/m.py", place, "some-rule", kind, "slow?", "low", confidence, "performance")


def test_measured_superlinear_cost_raises_a_finding_and_is_its_evidence() -> None:
    (found,) = with_growth([finding()], [growth(SLOW)])
    assert found.confidence > 0.9
    assert found.severity == "medium"
    assert found.evidence[-1].data["table"] == [[16, 256], [32, 1024], [64, 4096]]
    assert found.evidence[-1].data["exponent"] == 2.0
    assert "n^2.0" in found.evidence[-1].summary


def test_what_rests_on_inferred_types_is_raised_less() -> None:
    (found,) = with_growth([finding()], [growth(SLOW, certain=False)])
    assert 0.5 < found.confidence < 0.9


def test_a_guilty_line_without_a_finding_gets_one_of_its_kind() -> None:
    (found,) = with_growth([], [growth(SLOW)])
    assert (found.kind, found.range, found.rule) == ("membership", Range(3, 11, 3, 20), "measured-growth")


def test_measured_linear_cost_takes_a_finding_away() -> None:
    assert with_growth([finding()], [growth(FAST, exponent=1.0)]) == ()


def test_a_line_that_was_not_reached_more_often_proves_nothing() -> None:
    assert with_growth([finding()], [growth(replace(FAST, reached=0.1), exponent=1.0)]) == (finding(),)


def test_time_that_grows_faster_than_what_was_counted_proves_nothing() -> None:
    assert with_growth([finding()], [growth(FAST, exponent=1.0, time_exponent=1.9)]) == (finding(),)


def test_findings_elsewhere_and_of_other_kinds_are_left_alone() -> None:
    others = (finding(1), finding(4, "blocking_async"), replace(finding(), path="/w/other.py"))
    assert set(with_growth(others, [growth(FAST, exponent=1.0)])) == set(others)


def test_what_was_not_measured_changes_nothing() -> None:
    unknown = Growth("unsupported", "because", name="f", path="/w/m.py", first=2, last=9)
    assert with_growth([finding()], [unknown]) == (finding(),)


def test_a_growth_survives_json_and_moves_with_its_function() -> None:
    there = growth(SLOW)
    assert Growth.from_json(there.to_json()) == there
    moved = there.shifted(10)
    assert (moved.first, moved.last, moved.lines[0].line) == (12, 19, 14)
