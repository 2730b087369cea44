"""Makes a failing input smaller, part by part, while it keeps failing the same way.

Works on plans (literals and constructors), so it also shrinks inputs that did not come from Hypothesis. Greedy and
deterministic; the caller's predicate decides what "the same way" is, and when time is up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .boundaries import hashable
from .plans import Deep, Made, Plan, kind_of, leaves, weight

Check = Callable[[Plan], bool]


def shrink(plan: Plan, fails: Check, steps: int = 400) -> Plan:
    """The smallest plan found that still ``fails``; at most ``steps`` tries."""
    tried = 0
    improved = True
    while improved:
        improved = False
        for candidate in simpler(plan):
            if tried >= steps:
                return plan
            if _size(candidate) >= _size(plan):
                continue
            tried += 1
            if fails(candidate):
                plan = candidate
                improved = True
                break
    return plan


def _size(plan: Plan) -> tuple[int, int, float, str]:
    """What counts as smaller: fewer parts, plainer characters, numbers near zero, positive before negative."""
    texts, numbers = 0, 0.0
    for leaf in leaves(plan):
        if isinstance(leaf, str):
            texts += sum(_plainness(char) for char in leaf)
        elif isinstance(leaf, bytes):
            texts += sum(0 if byte == 97 else 1 if 32 <= byte < 127 else 2 for byte in leaf)
        elif isinstance(leaf, bool) or leaf is None:
            numbers += 0.25 if leaf else 0
        elif isinstance(leaf, int | float):
            numbers += _distance(leaf)
    return weight(plan), texts, numbers, ""


def _plainness(char: str) -> int:
    return (
        0
        if char == "a"
        else 1
        if char == "0"
        else 2
        if char.isascii() and char.isalnum()
        else 3
        if char == " "
        else 4
        if char.isascii() and char.isprintable()
        else 6
    )


def _distance(value: float) -> float:
    if value != value:
        return 1e30
    size = min(abs(float(value)), 1e29) if abs(value) < 1e300 else 1e29
    return size + (0.3 if value < 0 else 0) + (0.2 if size != int(size) else 0)


def simpler(plan: Plan) -> Iterator[Plan]:
    """Candidates, boldest first."""
    kind = kind_of(plan)
    if kind is bool:
        if plan:
            yield False
    elif kind is int:
        yield from _ints(plan)
    elif kind is float:
        yield from _floats(plan)
    elif kind in (str, bytes):
        yield from _texts(plan)
    elif kind is list or kind is tuple:
        yield from (kind(each) for each in _lists(list(plan)))
    elif kind is set or kind is frozenset:
        items = sorted(plan, key=repr)
        yield from (kind(each) for each in _lists(items) if all(hashable(item) for item in each))
    elif kind is dict:
        yield from _dicts(plan)
    elif kind is Made:
        yield from _made(plan)
    elif kind is Deep:
        yield from (Deep(depth) for depth in (plan.depth // 2,) if depth > 1000)


def _ints(value: int) -> Iterator[int]:
    if value:
        yield 0
        yield from (1, -1) if abs(value) > 1 else ()
        if value < 0:
            yield -value
        for shift in range(1, min(abs(value).bit_length(), 70)):
            yield (abs(value) >> shift) * (1 if value > 0 else -1)
        yield value - 1 if value > 0 else value + 1


def _floats(value: float) -> Iterator[float]:
    if value != value or abs(value) == float("inf"):
        yield from (0.0, 1.0, -1.0)
        return
    if value:
        yield 0.0
        yield from (1.0, -1.0) if abs(value) != 1.0 else ()
        if value < 0:
            yield -value
        if value != int(value):
            yield float(int(value))
            yield round(value, 1)
        yield float(int(value / 2))
        yield float(int(value / 10))


def _texts(value: str | bytes) -> Iterator[str | bytes]:
    plain: list[Any] = ["a", "0", " "] if isinstance(value, str) else [b"a", b"0", b"\x00"]
    whole: Any = value
    size = len(value)
    if not size:
        return
    yield whole[:0]
    step = size // 2
    while step:
        for start in range(0, size, step):
            yield whole[:start] + whole[start + step :]
        step //= 2
    for place in range(size):
        yield from (whole[:place] + each + whole[place + 1 :] for each in plain)


def _lists(items: list[Plan]) -> Iterator[list[Plan]]:
    size = len(items)
    if not size:
        return
    yield []
    step = size // 2
    while step:
        for start in range(0, size, step):
            yield items[:start] + items[start + step :]
        step //= 2
    for place, item in enumerate(items):
        for each in simpler(item):
            yield [*items[:place], each, *items[place + 1 :]]


def _dicts(plan: dict[Plan, Plan]) -> Iterator[dict[Plan, Plan]]:
    if plan:
        yield {}
    for key in plan:
        yield {each: value for each, value in plan.items() if each != key}
    for key, value in plan.items():
        for each in simpler(value):
            yield {**plan, key: each}
        for each in simpler(key):
            if hashable(each) and each not in plan:
                yield {(each if name == key else name): held for name, held in plan.items()}


def _made(plan: Made) -> Iterator[Plan]:
    if plan.args:
        yield Made(plan.callee, plan.args[:-1], plan.kwargs)
    for place, item in enumerate(plan.args):
        for each in simpler(item):
            yield Made(plan.callee, (*plan.args[:place], each, *plan.args[place + 1 :]), plan.kwargs)
    for place, (name, item) in enumerate(plan.kwargs):
        yield Made(plan.callee, plan.args, (*plan.kwargs[:place], *plan.kwargs[place + 1 :]))
        for each in simpler(item):
            yield Made(plan.callee, plan.args, (*plan.kwargs[:place], (name, each), *plan.kwargs[place + 1 :]))
