"""A workspace with one module, and its functions measured."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from suture.analyzers.growth import Growth, measure_growth
from suture.analyzers.sandbox import Sandbox

Measure = Callable[..., Growth]


@pytest.fixture
def measure(tmp_path: Path, sandbox: Sandbox) -> Measure:
    """Measures a function of a module with the given source."""

    def call(source: str, name: str, budget_s: float = 20.0) -> Growth:
        path = tmp_path / "module.py"
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        return measure_growth(tmp_path, path, name, sandbox=sandbox, budget_s=budget_s)

    return call
