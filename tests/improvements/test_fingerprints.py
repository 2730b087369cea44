"""What a caller can notice makes two fingerprints differ; what nobody can notice does not."""

from __future__ import annotations

import ast
from types import ModuleType
from typing import Any

import pytest

from suture.healing.fingerprints import fingerprint, state_of
from suture.healing.line_hits import Lines, lines_of, loop_lines
from suture.healing.one_function import undecorated
from suture.healing.proving import changed_lines

SHARED: list[int] = [1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([1], [True]),
        ([1], (1,)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([1.0], [1]),
        ([SHARED, SHARED], [[1], [1]]),
        (iter([1, 2]), iter([2])),
        (0.1 + 0.2, 0.3),
    ],
)
def test_types_order_identity_and_what_is_left_of_iterators_count(first: Any, second: Any) -> None:
    assert fingerprint(first) != fingerprint(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [({3, 1, 2}, {2, 3, 1}), (float("nan"), float("nan")), ([[1], [1]], [[1], [1]]), (iter([1]), iter((1,)))],
)
def test_the_order_of_sets_and_nan_do_not(first: Any, second: Any) -> None:
    assert fingerprint(first) == fingerprint(second)


def test_a_returned_argument_is_not_a_copy_of_it() -> None:
    given = [1]
    assert fingerprint((given, given)) != fingerprint((list(given), given))


def test_an_object_is_what_it_holds() -> None:
    class Point:
        def __init__(self, x: int) -> None:
            self.x = x

    assert fingerprint(Point(1)) == fingerprint(Point(1))
    assert fingerprint(Point(1)) != fingerprint(Point(2))


def test_the_state_of_a_module_is_its_plain_data() -> None:
    one, other = ModuleType("m"), ModuleType("m")
    one.__dict__.update(calls=1, helper=len)
    other.__dict__.update(calls=2, helper=max)
    assert state_of(one, other) != state_of(other, one)
    other.__dict__.update(calls=1)
    assert state_of(one, other) == state_of(other, one)


def test_lines_are_counted_for_each_call() -> None:
    def loop(count: int) -> int:
        total = 0
        for each in range(count):
            total += each
        return total

    codes, executable = lines_of(loop)
    body = sorted(executable)[2]
    lines = Lines(codes, frozenset([body]), True)
    for count, again in ((0, False), (1, False), (3, True)):
        lines.begin()
        with lines.watching():
            loop(count)
        assert (lines.changed_hit, lines.hit_again) == (count > 0, again)
        lines.end()
    assert lines.missed(2) == []
    assert lines.missed(3) == [body]


def test_the_bodies_of_loops_are_known() -> None:
    assert loop_lines(ast.parse("a = 1\nfor b in c:\n    d()\nwhile e:\n    f()\n")) == {3, 5}


def test_changed_lines_are_told_for_both_texts() -> None:
    assert changed_lines("a\nb\nc\n", "a\nx\ny\nc\n") == ((2,), (2, 3))


def test_one_function_is_made_without_its_decorators_in_the_names_of_its_module() -> None:
    space = ModuleType("m")
    space.__dict__.update(limit=3)
    text = "from math import floor\n\n@register('once')\ndef f(x):\n    return floor(x) + limit\n"
    made = undecorated(text, "f", space)
    assert made is not None
    assert made(1.5) == 4
    assert undecorated("class A:\n    def f(self):\n        return super().f()\n", "A.f", space) is None
