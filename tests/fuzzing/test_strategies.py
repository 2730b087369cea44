"""Boundaries, Hypothesis and the quick sampler stay inside the domain, and all they give can be printed and read."""

from __future__ import annotations

import random
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suture.analyzers.fuzzing.annotations import Describer
from suture.analyzers.fuzzing.boundaries import Hints, boundaries
from suture.analyzers.fuzzing.plans import Builder, parse, render
from suture.analyzers.fuzzing.sampling import sampler
from suture.analyzers.fuzzing.shapes import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    NONE,
    STR,
    Alt,
    Anything,
    Lit,
    Map,
    Num,
    Obj,
    Record,
    Seq,
    Shape,
    Text,
    Tup,
    admits,
)
from suture.analyzers.fuzzing.standard import STANDARD
from suture.analyzers.fuzzing.strategies import strategy

HINTS = Hints(
    ints=(4, 100),
    floats=(0.25,),
    strings=("=", ", ", "abc"),
    blobs=(b"PK",),
    patterns=(r"(\d+)-([a-z]{2,3})",),
    formats=("%Y-%m-%d",),
    words=frozenset(("loads",)),
)
LEAVES: list[Shape] = [
    INT, FLOAT, BOOL, STR, BYTES, NONE, Num("complex"), Text("bytearray"), Num("int", 3, 9), Num("float", 0, 1),
    Num("int", 1, 100, 7), Text("str", 2, 4), Text("str", 0, None, "^[a-c]+[0-9]$"), Lit(("a", 1, None)), Anything(),
]  # fmt: skip
SHAPES: list[Shape] = [
    *LEAVES,
    *[Seq(kind, INT) for kind in ("list", "tuple", "set", "frozenset", "deque", "iterator")],
    Seq("list", INT, 2, 5),
    Seq("list", Num("int", 0, 50), 0, None, True),
    Seq("list", STR, 0, None, False, True),
    Seq("list", NONE, 0, 0),
    Tup((INT, STR)),
    Map(STR, INT),
    Map(STR, INT, "collections.Counter"),
    Map(INT, STR, "dict", 1, 3),
    Record((("a", INT),), (("b", STR),)),
    Alt((INT, NONE)),
    Obj("types.SimpleNamespace", (), (("x", INT), ("y", STR))),
]


def nested(inner: Any) -> Any:
    sequences = st.builds(Seq, st.sampled_from(["list", "tuple"]), inner)
    tuples = st.builds(Tup, st.lists(inner, min_size=1, max_size=3).map(tuple))
    mappings = st.builds(Map, st.sampled_from([STR, INT, BOOL]), inner)
    unions = st.builds(Alt, st.lists(inner, min_size=2, max_size=3).map(tuple))
    return st.one_of(sequences, tuples, mappings, unions)


composed: Any = st.recursive(st.sampled_from(LEAVES), nested, max_leaves=4)


def in_step(shape: Shape, plan: Any) -> None:
    assert admits(shape, plan), render(plan)
    text = render(plan)
    again = parse(text)
    assert render(again) == text
    assert admits(shape, again), text


def drawn(shape: Shape, count: int = 25) -> list[Any]:
    found: list[Any] = []

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @given(strategy(shape, HINTS))
    def collect(plan: Any) -> None:
        found.append(plan)

    collect()
    return found


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_all_that_is_tried_is_in_the_domain_and_can_be_printed_and_read(shape: Shape) -> None:
    telling = boundaries(shape, HINTS, 150)
    assert telling
    draw = sampler(shape, HINTS)
    rng = random.Random(1)
    for plan in (*telling, *(draw(rng) for _ in range(150)), *drawn(shape)):
        in_step(shape, plan)


@settings(max_examples=60, deadline=None)
@given(composed, st.integers(0, 1000))
def test_composed_shapes_stay_in_step(shape: Shape, seed: int) -> None:
    draw = sampler(shape, HINTS)
    rng = random.Random(seed)
    for plan in (*boundaries(shape, HINTS, 40), *(draw(rng) for _ in range(10))):
        in_step(shape, plan)


@pytest.mark.parametrize("name", sorted(each for each in STANDARD if not each.startswith(("numpy", "pandas"))))
def test_each_class_of_the_standard_library_is_made(name: str) -> None:
    builder = Builder(ModuleType("target"))
    for plan in (*boundaries(STANDARD[name], HINTS, 60), *drawn(STANDARD[name], 10)):
        in_step(STANDARD[name], plan)
        builder.build(plan)


def first(shape: Shape, count: int, hints: Hints | None = None) -> list[Any]:
    return boundaries(shape, hints or Hints(), count)


def test_the_smallest_and_most_telling_values_come_first() -> None:
    assert set(first(INT, 3)) == {0, 1, -1}
    assert first(STR, 1) == [""]
    assert {"ß", "²", "٣", "İ", "😀", "e\u0301", "\x00", " "} <= set(first(STR, 120))
    assert {(), (0, 0)} <= {tuple(each) for each in first(Seq("list", INT), 8)}
    assert first(Map(STR, INT), 1) == [{}]


def test_both_ends_of_a_range_and_of_a_length_are_tried() -> None:
    assert {3, 9} <= set(first(Num("int", 3, 9), 10))
    assert {2, 4} <= {len(each) for each in first(Text("str", 2, 4), 200)}
    assert {2, 5} <= {len(each) for each in first(Seq("list", INT, 2, 5), 200)}


def test_constants_of_the_source_their_neighbours_and_joins_are_tried() -> None:
    hints = Hints(ints=(1234,), strings=("key", "="))
    assert {1233, 1234, 1235} <= set(first(INT, 40, hints))
    assert {"key", "ke", "a=b"} <= set(first(STR, 120, hints))


def test_texts_have_the_forms_that_the_source_reads() -> None:
    hints = Hints(formats=("%d.%m.%Y",), words=frozenset(("ip_address", "fromhex")), patterns=(r"v(\d+)\.(\d+)",))
    texts = first(STR, 120, hints)
    assert {"29.02.2024", "1.2.3.4", "00ff", "v0.0"} <= set(texts)


def test_nan_belongs_to_the_domain_only_where_it_is_spoken_of() -> None:
    def has_nan(hints: Hints) -> bool:
        return any(each != each for each in first(FLOAT, 60, hints))

    assert (has_nan(Hints()), has_nan(Hints(special_floats=True))) == (False, True)


def test_random_dates_exist() -> None:
    builder = Builder(ModuleType("target"))
    shape = Describer(ModuleType("target"), lambda _: []).shape(__import__("datetime").date)
    draw = sampler(shape, Hints())
    rng = random.Random(0)
    assert len({builder.build(draw(rng)) for _ in range(100)}) > 30
