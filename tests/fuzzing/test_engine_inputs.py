"""Properties of how inputs are written down, changed, and brought closer to what a comparison asks for."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from suture.analyzers.fuzzing.board import Board, decode, encode
from suture.analyzers.fuzzing.boundaries import Hints
from suture.analyzers.fuzzing.mutation import Mutator, spots
from suture.analyzers.fuzzing.plans import Deep, Made, Plan, Ref, kind_of, parse, render
from suture.analyzers.fuzzing.solving import Compared, descend, distance, substitutions
from suture.analyzers.fuzzing.subject import render_input

NAMES = st.sampled_from(["a", "b", "left"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=12),
    st.binary(max_size=12),
)
HASHABLE = st.one_of(st.integers(), st.text(st.characters(exclude_categories=("Cs",)), max_size=5))
OBJECTS = st.sampled_from([Ref("MOD.Colour.RED"), Deep(50), Made("MOD.Point", (1,), (("y", 2),))])


def _tuple(items: list[Plan]) -> Plan:
    return tuple(items)


def _call(args: list[Plan], kwargs: dict[str, Plan]) -> Made:
    return Made("", tuple(args), tuple(kwargs.items()))


def _containers(inner: st.SearchStrategy[Plan]) -> st.SearchStrategy[Plan]:
    return st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(_tuple),
        st.dictionaries(HASHABLE, inner, max_size=3),
        st.sets(HASHABLE, max_size=3),
        st.frozensets(HASHABLE, max_size=3),
    )


PLANS = st.recursive(st.one_of(SCALARS, OBJECTS), _containers, max_leaves=8)
CALLS = st.builds(
    _call,
    st.lists(PLANS, max_size=3),
    st.dictionaries(NAMES, PLANS, max_size=2),
)
OPERANDS = st.one_of(
    st.tuples(st.integers(-500, 500), st.integers(-500, 500)),
    st.tuples(st.text("ab", max_size=3), st.text("ab", max_size=3)),
    st.tuples(st.floats(-50, 50), st.floats(-50, 50)),
)


@given(PLANS)
def test_a_printed_plan_is_read_back_as_it_was(plan: Plan) -> None:
    assert parse(render(plan)) == plan
    assert render(parse(render(plan))) == render(plan)


@given(CALLS)
def test_what_is_written_down_before_a_call_is_the_input(call: Made) -> None:
    assert decode(encode(call)) == render_input(call)
    board = Board()
    board.enter("boundary")
    board.about_to_try(encode(call))
    seen = board.read()
    assert (seen.tried(), seen.calling, seen.stage, seen.executions) == (render_input(call), True, "boundary", 1)
    board.idle()
    assert not board.read().calling


@given(CALLS, CALLS)
def test_inputs_have_one_name_each(one: Made, other: Made) -> None:
    assert (encode(one) == encode(other)) == (render_input(one) == render_input(other))


def test_an_input_that_is_too_long_to_be_written_down_is_not_read_as_another() -> None:
    board = Board()
    board.about_to_try(encode(Made("", ("a" * 200_000,))))
    assert board.read().tried() is None


@given(CALLS, st.lists(CALLS, max_size=3), st.integers(0, 10**6))
def test_a_changed_input_is_an_input_of_the_same_types(call: Made, others: list[Made], seed: int) -> None:
    fresh = Made("", call.args, call.kwargs)
    mutator = Mutator(Hints(ints=(7,), strings=("key=",), blobs=(b"\x01",)), lambda _: fresh)
    changed = mutator.mutate(call, others, Random(seed))
    assert mutator.mutate(call, others, Random(seed)) == changed
    assert parse(render(changed.args)) == changed.args
    assert [kind_of(each) for each in changed.args] == [kind_of(each) for each in call.args]
    assert [name for name, _ in changed.kwargs] == [name for name, _ in call.kwargs]


@given(CALLS)
def test_a_part_can_be_put_back(call: Made) -> None:
    assert all(each.put(each.part) == call for each in spots(call))


@given(OPERANDS, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
def test_the_distance_is_nothing_exactly_where_the_comparison_holds(pair: tuple[Any, Any], operator: str) -> None:
    left, right = pair
    holds = eval("left " + operator + " right", {"left": left, "right": right})
    far = distance(operator, left, right)
    if not isinstance(left, str) or operator in ("==", "!="):
        assert (far == 0) == holds
    assert far >= 0


@given(st.integers(0, 255), st.integers(0, 255))
def test_a_checksum_that_stands_in_the_text_is_replaced(have: int, want: int) -> None:
    text = f"$body*{have:02x}"
    made = {each.args[0] for each in substitutions(Made("", (text,)), [Compared(0, "==", have, want)])}
    assert f"$body*{want:02x}" in made


@settings(max_examples=30)
@given(st.integers(-(10**6), 10**6), st.integers(1, 50))
def test_numbers_are_approached_step_by_step(goal: int, factor: int) -> None:
    def measure(plan: Made) -> float:
        return float(abs(plan.args[0] * factor - goal * factor))

    start = Made("", (0,))
    steps = list(descend(start, measure(start), measure, 400))
    assert goal == 0 or steps[-1][0].args == (goal,)
    assert [far for _, far in steps] == sorted((far for _, far in steps), reverse=True)


def test_infinity_and_huge_numbers_in_comparisons_do_not_end_the_search() -> None:
    mutator = Mutator(Hints(ints=(10**400,), floats=(float("inf"),)), lambda _: (0,))
    for learned in (float("inf"), float("-inf"), float("nan"), 10**400, 3):
        mutator.learn(learned)
    rng = Random(0)
    changed = [(mutator.integer(1, rng), mutator.real(1.0, rng), mutator.text("a1", rng)) for _ in range(300)]
    assert len(changed) == 300
