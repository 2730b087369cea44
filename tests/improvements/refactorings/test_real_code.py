"""What every refactoring of one function promises, on code that nobody wrote for these tests."""

from __future__ import annotations

import ast
import configparser
import difflib
import inspect
from collections.abc import Callable
from types import ModuleType

import pytest

from suture.analyzers.findings import Finding
from suture.healing.improvements import extract_function, leave_early
from suture.healing.refactoring.functions import units
from suture.healing.refactoring.measuring import Metrics, measure

Flagged = Callable[[str, str, str], Finding]


def measured(text: str) -> dict[str, Metrics]:
    return {unit.name: measure(unit) for unit in units(text) if unit.kind == "function"}


@pytest.mark.parametrize("module", [difflib, configparser])
def test_a_rewritten_function_parses_and_no_metric_of_it_is_worse(module: ModuleType, flagged: Flagged) -> None:
    text = inspect.getsource(module)
    before = measured(text)
    offered = 0
    for name, old in before.items():
        if old.effort < 15 or text.count(f"def {name.rpartition('.')[2]}(") != 1:
            continue
        finding = flagged(text, name.rpartition(".")[2], "complex-function")
        for rewrite in (*extract_function.rewrite(text, finding), *leave_early.rewrite(text, finding)):
            offered += 1
            ast.parse(rewrite.text)
            after = measured(rewrite.text)
            helpers = [after[each] for each in after if each not in before]
            assert after[name].effort <= old.effort
            assert max(each.effort for each in (after[name], *helpers)) <= old.effort
            assert all(after[each] == before[each] for each in before if each != name)
    assert offered
