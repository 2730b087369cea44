"""Symbolic search: which parameters it treats, what it is asked for, and that it never outlives its search."""

from __future__ import annotations

import os
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Optional, Union

import pytest

from suture.analyzers.fuzzing.plans import Builder
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
    Obj,
    Seq,
    Shape,
    Tup,
)
from suture.analyzers.fuzzing.symbolic import annotation, installed

Search = Callable[..., dict[str, Any]]

needs_solver = pytest.mark.skipif(not installed(), reason="crosshair-tool is not installed here")

#: Three equations at once: moving one number at a time breaks one of them, so only a solver meets all three.
EQUATIONS = (
    'def f(x: int, y: int, z: int) -> int:\n    """Of three numbers."""\n    if 3 * x + 7 * y - 2 * z == 1234575:\n'
    "        if x - y == 1017 and z + x * 5 == 333333:\n            return 1 // (x - x)\n    return 0\n"
)

TYPES: list[tuple[Shape, Any]] = [
    (INT, int),
    (FLOAT, float),
    (BOOL, bool),
    (STR, str),
    (BYTES, bytes),
    (NONE, type(None)),
    (Seq("list", INT), list[int]),
    (Seq("tuple", STR), tuple[str, ...]),
    (Tup((INT, STR)), tuple[int, str]),
    (Map(STR, Seq("list", FLOAT)), dict[str, list[float]]),
    (Alt((INT, NONE)), Optional[int]),  # noqa: UP045 - what it makes
    (Alt((INT, STR)), Union[int, str]),  # noqa: UP007
    (Lit(("a", "b")), Literal["a", "b"]),
    (Anything(), None),
    (Seq("deque", INT), None),
    (Seq("list", Anything()), None),
    (Obj("MOD.Missing", (INT,)), None),
]


@pytest.mark.parametrize(("shape", "expected"), TYPES, ids=lambda each: str(each)[:40])
def test_a_shape_has_the_annotation_that_a_solver_knows(shape: Shape, expected: Any) -> None:
    assert annotation(shape, Builder(types.ModuleType("m"))) == expected


@pytest.mark.slow
@needs_solver
def test_equations_that_belong_together_are_solved(search: Search) -> None:
    answer = search(EQUATIONS, "f", budget_s=40)
    assert answer["candidate"]["exception"] == "ZeroDivisionError"
    assert answer["stage"] == "symbolic"
    again = search(EQUATIONS, "f", mode="replay", **{key: answer["candidate"][key] for key in ("args", "kwargs")})
    assert again["candidate"]["exception"] == "ZeroDivisionError"


@pytest.mark.slow
@needs_solver
def test_it_ends_with_its_search_whatever_the_solver_does(search: Search) -> None:
    hard = (
        'def f(x: int, y: int, z: int) -> int:\n    """Of three numbers."""\n'
        "    if x**3 + y**3 + z**3 == 114 and x > 9 and y > 9:\n        return 1\n    return 0\n"
    )
    before = _with_solver()
    answer = search(hard, "f", budget_s=6)
    assert answer["status"] == "ok"
    assert "candidate" not in answer
    assert _with_solver() <= before


def _with_solver() -> set[str]:
    """Processes below this one that have the solver's library loaded."""
    found: set[str] = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if "libz3" in Path(f"/proc/{name}/maps").read_text() and os.getpid() in _parents(int(name)):
                found.add(name)
        except (OSError, ValueError, IndexError):
            continue
    return found


def _parents(pid: int) -> list[int]:
    found: list[int] = []
    while pid > 1:
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        found.append(pid)
    return found


def test_nothing_is_proposed_where_a_parameter_is_not_known(search: Search) -> None:
    answer = search("def f(n: int, *rest: object) -> int:\n    return n if n > 3 else 0\n", "f", budget_s=1)
    assert answer["status"] == "ok"
