"""Watching a target changes nothing that a person, or the oracle, could see of it."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from suture.analyzers.fuzzing.instrument import with_comparisons, with_marks
from suture.analyzers.fuzzing.solving import Observer

SOURCE = '''"""A module."""
import functools


def pick(xs: list[int], n: int) -> int:
    """One of them."""
    if n > 3 and xs:
        return (
            xs[0]
            + xs[n]
        )
    elif n == 2:
        return 0
    for each in xs:
        if each == 77: return 1 // (each - 77)
    else:
        n += 1
    while n < 0:
        n += 1
    try:
        return {1: 2}[n]
    except KeyError:
        return -1 if n else -2


class Box:
    """Holds."""

    limit = 3 if functools else 4

    def __init__(self, *items: int, **more: int) -> None:
        self.items = [each for each in items if each > 0]

    @property
    def size(self) -> int:
        return len(self.items) or 0

    @staticmethod
    def twice(n: int) -> int:
        def inner(m: int) -> int:
            return m + n if 0 < m < 10 else n

        return inner(n)

    @functools.lru_cache
    def held(self, n: int = 5) -> str:
        match n:
            case 1 if self.limit:
                return "one"
            case _:
                return super().__str__()[:0]


def gen(n: int):
    while n:
        yield n
        n -= 1


async def later(n: int) -> int:
    return 1 if not n else 2
'''


@pytest.fixture
def module(tmp_path: Path) -> ModuleType:
    path = tmp_path / "watched.py"
    path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("watched", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def behaviour(module: Any) -> list[Any]:
    """What it does on many inputs, with exceptions, their lines and columns."""
    seen: list[Any] = []
    for xs in ([], [1], [77], [5, 6, 7, 8, 9]):
        for n in (-2, 0, 1, 2, 4, 9):
            try:
                seen.append(module.pick(xs, n))
            except Exception as error:  # noqa: BLE001 - whatever it raises is compared
                frames = [
                    (each.lineno, each.colno, each.end_colno, each.name)
                    for each in traceback.extract_tb(error.__traceback__)
                    if each.filename == module.__file__
                ]
                seen.append((type(error).__name__, str(error), frames))
    box = module.Box(1, -1, 2)
    seen += [box.size, module.Box.twice(3), module.Box.twice(30), box.held(), box.held(1), list(module.gen(3))]
    seen += [inspect.getsource(module.pick), inspect.getsource(module.Box.held.__wrapped__), module.pick.__doc__]
    seen += [inspect.iscoroutinefunction(module.later), inspect.isgeneratorfunction(module.gen), module.Box.limit]
    return seen


def test_marked_functions_do_what_they_did_with_exact_tracebacks(module: ModuleType) -> None:
    before = behaviour(module)
    rewritten, hits = with_marks(module, SOURCE)
    rewritten.install()
    assert behaviour(module) == before
    assert hits.count(1) > 20
    rewritten.remove()
    count = hits.count(1)
    assert behaviour(module) == before
    assert hits.count(1) == count


def test_a_mark_is_set_by_the_branch_that_it_stands_for(module: Any) -> None:
    rewritten, hits = with_marks(module, SOURCE)
    rewritten.install()
    counts = [hits.count(1)]
    for xs, n in (([], 2), ([], 2), ([], 9), ([3], 9), ([], 0), ([], -1)):
        with contextlib.suppress(IndexError):
            module.pick(xs, n)
        counts.append(hits.count(1))
    assert counts[1] == counts[2]
    assert counts[0] < counts[1] < counts[3] < counts[4]
    assert counts[4] == counts[5] < counts[6]


def test_observed_functions_do_what_they_did_and_tell_their_comparisons(module: Any) -> None:
    before = [each for each in behaviour(module) if not isinstance(each, tuple)]
    told: list[tuple[Any, ...]] = []

    def compare(site: int, operator: str, left: Any, right: Any, truth: bool = False) -> Any:
        told.append((operator, left, right))
        if truth:
            return left
        return {"==": left == right, ">": left > right, "<": left < right}[operator]

    rewritten = with_comparisons(module, SOURCE, compare, lambda *_: None)
    rewritten.install()
    assert [each for each in behaviour(module) if not isinstance(each, tuple)] == before
    rewritten.remove()
    assert ("==", 5, 77) in told
    assert ("<", 0, 30) in told


def test_an_observer_says_how_far_each_outcome_was(module: Any) -> None:
    observer = Observer(module, SOURCE)
    seen, near = observer.observe(lambda: module.pick([70], 1))
    assert any(each.left == 70 and each.right == 77 for each in seen)
    assert 7.0 in near.values()
    plain = module.pick.__code__
    observer.observe(lambda: None)
    assert module.pick.__code__ is plain
