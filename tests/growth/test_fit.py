"""Exponents of tables whose growth is known."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from suture.analyzers.growth.fit import EXPONENTIAL, fit, fit_seconds

SIZES = (8, 16, 32, 64, 128, 256, 512)


def constant(_n: int) -> int:
    return 7


def linear(n: int) -> int:
    return 3 * n + 40


def square(n: int) -> int:
    return n * n + 3 * n


def cube(n: int) -> int:
    return n**3


@pytest.mark.parametrize(
    ("cost", "exponent"), [(constant, 0.0), (linear, 1.0), (square, 2.0), (cube, 3.0), (math.isqrt, 0.5)]
)
def test_the_exponent_is_that_of_the_leading_term(cost: Callable[[int], int], exponent: float) -> None:
    assert fit([(n, cost(n)) for n in SIZES]).exponent == pytest.approx(exponent, abs=0.12)


def test_sorting_is_not_superlinear() -> None:
    assert not fit([(n, int(n * math.log2(n))) for n in SIZES]).superlinear


def test_growth_by_a_factor_for_each_element_is_told_apart() -> None:
    found = fit([(n, 2**n) for n in (4, 8, 12, 16)])
    assert found.exponential
    assert found.exponent == EXPONENTIAL


def test_a_high_power_is_no_exponential() -> None:
    assert not fit([(n, n**4) for n in SIZES]).exponential


def test_what_starts_late_is_judged_by_its_end() -> None:
    assert not fit([(n, max(0, n - 60)) for n in (32, 64, 128, 256, 512, 1024, 2048)]).superlinear


def test_two_sizes_tell_nothing() -> None:
    assert fit([(8, 8), (16, 256)]).exponent == 0.0


def test_seconds_that_are_too_short_tell_nothing() -> None:
    assert fit_seconds([(n, n * n * 1e-9) for n in SIZES]) == 0.0
    assert fit_seconds([(n, n * n * 1e-6) for n in SIZES]) == pytest.approx(2.0, abs=0.01)
