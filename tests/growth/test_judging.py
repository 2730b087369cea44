"""What a measurement does to findings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from suture.analyzers.findings import Finding, Range
from suture.analyzers.growth import Growth, LineGrowth, with_growth
from suture.analyzers.growth.judging import unsettled
from suture.analyzers.growth.values import UNSEEN, Operation

STEEP, FLAT = ((16, 256), (32, 1024), (64, 4096)), ((16, 16), (32, 32), (64, 64))
SEARCHES = Operation("membership", "membership", 11, 20, 2.0, 1.0, True, STEEP, "sorted")
FINDS = Operation("membership", "membership", 11, 20, 1.0, 1.0, False, FLAT, "sorted")
LOOPS = Operation("comprehension", "nested_loop", 30, 35, 1.0, 1.0, False, FLAT, "sorted")
SHIFTS = Operation("call", "list_shift", 30, 42, 2.0, 1.0, True, STEEP, "sorted")
SLOW = LineGrowth(4, 2.0, 0.9, "membership", 1.0, True, STEEP, "sorted", 11, 20, (SEARCHES,))
FAST = LineGrowth(4, 1.0, 0.9, "membership", 1.0, False, FLAT, "sorted", 11, 20, (FINDS,))


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


@pytest.mark.parametrize("seen", [0.0, 0.3, UNSEEN])
def test_what_is_searched_must_have_grown_for_its_cost_to_say_anything(seen: float) -> None:
    empty = replace(FAST, operations=(replace(FINDS, seen=seen), LOOPS))
    measured = [growth(empty, exponent=1.0)]
    assert with_growth([finding()], measured) == (finding(),) == unsettled([finding()], measured)


def test_only_what_was_cheap_because_it_stayed_short_is_unsettled() -> None:
    assert unsettled([finding()], [growth(SLOW)]) == ()
    assert unsettled([finding()], [growth(FAST, exponent=1.0)]) == ()
    assert unsettled([finding()], [growth(replace(FAST, reached=0.1), exponent=1.0)]) == ()


def test_what_was_filled_and_then_kept_its_length_is_bounded() -> None:
    for seen, left in ((0.0, ()), (0.4, (finding(),))):
        capped = replace(FAST, operations=(replace(FINDS, seen=seen, bounded=True),))
        assert with_growth([finding()], [growth(capped, exponent=1.0)]) == left


def test_something_else_on_the_line_may_stay_short() -> None:
    short = replace(FAST, operations=(FINDS, replace(FINDS, column=30, end=41, seen=0.0)))
    assert with_growth([finding()], [growth(short, exponent=1.0)]) == ()


def test_a_recursion_that_was_never_entered_proves_nothing() -> None:
    recursion = finding(2, "caching")
    entered = Operation("function", "", 0, 10, 1.0, 1.0)
    for seen, left in ((0.0, (recursion,)), (1.0, ())):
        line = LineGrowth(2, 1.0, 0.5, operations=(replace(entered, seen=seen),))
        assert with_growth([recursion], [growth(line, exponent=1.0)]) == left


def test_another_operation_of_the_line_that_costs_is_told_by_itself() -> None:
    line = LineGrowth(4, 2.0, 0.9, "list_shift", 1.0, True, STEEP, "sorted", 30, 42, (FINDS, SHIFTS))
    kept, new = with_growth([finding()], [growth(line)])
    assert kept == finding()
    assert (new.rule, new.kind, new.range) == ("measured-growth", "list_shift", Range(3, 30, 3, 42))


def test_of_two_costly_operations_of_a_line_each_finding_gets_its_own_table() -> None:
    line = replace(SLOW, operations=(SEARCHES, replace(SHIFTS, table=((16, 99),))))
    shift = replace(finding(kind="list_shift"), range=Range(3, 30, 3, 42))
    first, second = with_growth([finding(), shift], [growth(line)])
    assert first.evidence[-1].data["table"] == [list(each) for each in STEEP]
    assert second.evidence[-1].data["table"] == [[16, 99]]


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
