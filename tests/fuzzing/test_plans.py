from __future__ import annotations

import types
from typing import Any

import pytest

from suture.analyzers.fuzzing.boundaries import Hints, boundaries
from suture.analyzers.fuzzing.oracle import same
from suture.analyzers.fuzzing.plans import Builder, Deep, Made, Ref, parse, render
from suture.analyzers.fuzzing.shapes import (
    BYTES,
    FLOAT,
    INT,
    STR,
    Alt,
    Lit,
    Map,
    Record,
    Seq,
    Shape,
    Text,
    Tup,
    admits,
)
from suture.analyzers.fuzzing.shrinking import shrink

SHAPES: dict[str, Shape] = {
    "int": INT,
    "float": FLOAT,
    "text": STR,
    "bytes": BYTES,
    "bytearray": Text("bytearray"),
    "list": Seq("list", Tup((INT, STR))),
    "set": Seq("set", INT),
    "frozenset": Seq("frozenset", STR),
    "deque": Seq("deque", INT),
    "dict": Map(STR, Seq("list", FLOAT)),
    "record": Record((("a", INT),), (("b", STR),)),
    "union": Alt((INT, Lit((None,)))),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_boundary_value_prints_as_an_expression_that_builds_it_again(name: str) -> None:
    builder = Builder(types.ModuleType("m"))
    values = boundaries(SHAPES[name], Hints(strings=("x:y",), ints=(7,), special_floats=True))
    assert len(values) > 2
    for plan in values:
        text = render(plan)
        assert render(parse(text)) == text
        assert same(builder.evaluate(text), builder.build(plan))


@pytest.mark.parametrize("name", SHAPES)
def test_boundary_values_lie_in_their_domain(name: str) -> None:
    assert all(admits(SHAPES[name], each) for each in boundaries(SHAPES[name], Hints()))


@pytest.mark.parametrize(
    "plan",
    [
        Made("MOD.Point", (1,), (("y", 2),)),
        Ref("MOD.Colour.RED"),
        Ref("lambda *args: 0"),
        float("inf"),
        Deep(5000),
        (1,),
    ],
)
def test_objects_print_and_parse(plan: Any) -> None:
    assert parse(render(plan)) == plan


def test_a_plan_builds_unshared_objects() -> None:
    builder = Builder(types.ModuleType("m"))
    plan: list[Any] = [[1], {"a": []}]
    first, second = builder.build(plan), builder.build(plan)
    first[0].append(2)
    assert second == [[1], {"a": []}]


def test_shrinking_ends_at_the_smallest_failing_input() -> None:
    assert shrink([5, 120, 33], lambda plan: any(each > 100 for each in plan)) == [101]
    assert shrink("hello=world", lambda plan: "=" in plan) == "="
    assert shrink({"k": 9, "z": 4}, lambda plan: len(plan) > 0) == {"": 0}
