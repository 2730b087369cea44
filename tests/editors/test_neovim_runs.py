"""A real Neovim runs a red test, applies its repair from the lightbulb, and sees the test green."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .test_neovim import PLUGIN, neovim, suture

SHOP = '''"""Prices."""

import math


def rounded(price: float) -> int:
    return math.flor(price)
'''

TEST = """from shop import rounded


def test_rounded():
    assert rounded(2.5) == 2
"""

Steps = dict[str, list[dict[str, Any]]]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Steps:
    """What one Neovim session reported, by step."""
    folder = tmp_path_factory.mktemp("neovim").resolve()
    root = folder / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "demo"\n')
    (root / "shop.py").write_text(SHOP)
    (root / "test_shop.py").write_text(TEST)
    traceback = (
        f'Traceback (most recent call last):\n  File "{root}/shop.py", line 7, in rounded\n'
        "    return math.flor(price)\nAttributeError: module 'math' has no attribute 'flor'\n"
    )
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    answer = subprocess.run(
        [neovim(), "--headless", "-u", "NONE", "-l", str(Path(__file__).with_name("neovim_runs.lua"))],
        cwd=root,
        env={
            **os.environ,
            **homes,
            "SUTURE_PLUGIN": str(PLUGIN),
            "SUTURE_BIN": suture(),
            "SUTURE_FILE": str(root / "shop.py"),
            "SUTURE_ROOT": str(root),
            "SUTURE_CACHE_DIR": str(folder / "suture"),
            "SUTURE_TRACEBACK": traceback,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    steps: Steps = {}
    for line in answer.stdout.splitlines():
        if line.startswith("{"):
            step = json.loads(line)
            steps.setdefault(step.pop("step"), []).append(step)
    assert "failed" not in steps, f"{steps['failed']}\n{steps}\n{answer.stderr}"
    assert steps, f"Neovim said nothing; on standard error:\n{answer.stderr}"
    return steps


def test_a_red_test_is_a_diagnostic_where_it_failed(session: Steps) -> None:
    (red,) = session["red"]
    assert red["count"] == 1
    assert red["line"] == 6
    assert red["code"] == "name/AttributeError"
    assert "test_shop.py::test_rounded" in red["message"]


def test_its_repair_is_applied_from_the_lightbulb_and_the_test_is_green(session: Steps) -> None:
    (healed,) = session["healed"]
    assert "1 failed → 0 failed" in healed["title"]
    assert healed["text"] + "\n" == SHOP.replace("flor", "floor")
    assert session["green"] == [{"count": 0}]


def test_a_yanked_traceback_is_shown_at_its_line(session: Steps) -> None:
    assert session["traceback"][0]["line"] == 6
    assert "flor" in session["traceback"][0]["message"]


def test_a_save_runs_the_affected_tests_and_a_missing_program_is_said(session: Steps) -> None:
    assert "RuntimeError: no" in session["watched"][0]["message"]
    assert "no-such-program: command not found" in session["messages"][0]["text"]
