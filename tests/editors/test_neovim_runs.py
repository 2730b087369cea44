"""A real Neovim runs a red test, applies its repair from the lightbulb, and sees the test green."""

from __future__ import annotations

from pathlib import Path

import pytest

from .player import Steps, play_neovim

SHOP = '''"""Prices."""

import math


def rounded(price: float) -> int:
    return math.flor(price)
'''

TEST = """from shop import rounded


def test_rounded():
    assert rounded(2.5) == 2
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, suture_program: Path) -> Steps:
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
    return play_neovim(folder, root, "runs", "shop.py", suture_program, {"SUTURE_TRACEBACK": traceback})


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
