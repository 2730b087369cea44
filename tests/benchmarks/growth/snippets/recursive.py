"""Functions that call themselves."""

from functools import cache


def ways(steps: int) -> int:
    if steps < 2:
        return 1
    return ways(steps - 1) + ways(steps - 2)  # slow: caching


@cache
def ways_cached(steps: int) -> int:
    if steps < 2:
        return 1
    return ways_cached(steps - 1) + ways_cached(steps - 2)  # fast: caching


def factorial(n: int) -> int:
    return 1 if n < 2 else n * factorial(n - 1)  # fast: caching


def subsets(items: list[int], total: int) -> int:
    if not items:
        return int(total == 0)
    head, rest = items[0], items[1:]
    return subsets(rest, total) + subsets(rest, total - head)  # slow: caching


def power(base: int, exponent: int) -> int:
    if exponent <= 0:
        return 1
    half = power(base, exponent // 2)  # fast: caching
    return half * half * (base if exponent % 2 else 1)


def countdown(n: int) -> list[int]:
    found = []
    while n > 0:
        found.append(n)
        n -= 1  # fast: nested_loop
    return found
