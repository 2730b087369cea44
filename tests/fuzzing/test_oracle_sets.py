"""The oracles over whole sets: functions in which something is wrong, and functions in which nothing is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.fuzzing.targets import fuzz_targets

Search = Callable[..., dict[str, Any]]
SETS = Path(__file__).parent.parent / "fixtures" / "fuzz"
_MARK = re.compile(r"# bad: (\S+)\n\s*(?:async )?(?:def|class) (\w+)")


def _correct() -> list[tuple[str, str]]:
    files = sorted((SETS / "correct").glob("*.py"))
    return [(file.name, each.name) for file in files for each in fuzz_targets(file.read_text("utf-8"))]


def _buggy() -> list[tuple[str, str, str]]:
    """(file, target, what has to be found)."""
    found: list[tuple[str, str, str]] = []
    for file in sorted((SETS / "buggy").glob("*.py")):
        text = file.read_text("utf-8")
        qualified = {each.name.rpartition(".")[2]: each.name for each in fuzz_targets(text)}
        found += [(file.name, qualified[match[2]], match[1]) for match in _MARK.finditer(text)]
    return found


def test_the_sets_are_large_enough_to_mean_something() -> None:
    assert len(_correct()) >= 60
    assert len(_buggy()) >= 60


@pytest.mark.slow
@pytest.mark.parametrize(("file", "name"), _correct())
def test_nothing_is_found_in_a_correct_function(search: Search, file: str, name: str) -> None:
    answer = search((SETS / "correct" / file).read_text("utf-8"), name, budget_s=2, most=3000)
    assert answer["status"] in ("ok", "unsupported"), answer
    assert "candidate" not in answer


@pytest.mark.slow
@pytest.mark.parametrize(("file", "name", "expected"), _buggy())
def test_what_is_wrong_is_found(search: Search, file: str, name: str, expected: str) -> None:
    answer = search((SETS / "buggy" / file).read_text("utf-8"), name, budget_s=8)
    found = answer.get("candidate")
    assert found is not None, answer
    assert f"{found['kind']}:{found['exception']}" == expected
