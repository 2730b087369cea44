"""What the tests of refactorings share: the parts of a function that can be moved, and findings about a function."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import libcst as cst
import pytest

from suture.analyzers.findings import Finding, Range
from suture.healing.refactoring.blocks import Block, blocks
from suture.healing.refactoring.flow import flow_of

Parts = Callable[[str], dict[str, Block]]
Flagged = Callable[[str, str, str], Finding]


@pytest.fixture(scope="session")
def parts() -> Parts:
    """The blocks of the last function of a source that can be moved, by their code."""

    def of(source: str) -> dict[str, Block]:
        module = cst.parse_module(textwrap.dedent(source))
        function = next(each for each in reversed(module.body) if isinstance(each, cst.FunctionDef))
        found = blocks(flow_of(function))
        return {"".join(map(module.code_for_node, each.statements)).strip(): each for each in found}

    return of


@pytest.fixture(scope="session")
def flagged() -> Flagged:
    """A finding of a rule at the name of a function."""

    def at(text: str, name: str, rule: str) -> Finding:
        lines = text.splitlines()
        row = next(row for row, line in enumerate(lines) if f"def {name}(" in line)
        column = lines[row].index(f"def {name}(") + 4
        place = Range(row, column, row, column + len(name))
        return Finding("module.py", place, rule, rule.replace("-", "_"), "", "low", 0.8, "architecture")

    return at
