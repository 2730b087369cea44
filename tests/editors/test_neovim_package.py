"""A real Neovim in a package that nobody here wrote: the list of VS Code; and an old Neovim, without the plugin."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .conftest import Kit
from .player import HERE, Steps, play, play_neovim

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, kit: Kit, suture_program: Path) -> Steps:
    """What one Neovim session reported, by step."""
    folder = tmp_path_factory.mktemp("neovim").resolve()
    root = folder / "project"
    root.mkdir()
    shutil.copytree(kit.package / "requests", root / "requests", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pyproject.toml").write_text('[project]\nname = "requests"\nversion = "2.32.3"\n')
    return play_neovim(folder, root, "package", "requests/auth.py", suture_program)


def test_each_of_the_three_reviewers_is_seen(session: Steps) -> None:
    assert {"weak-hash", "long-function", "membership-in-list"} <= set(session["reviewed"][0]["codes"])


def test_evidence_floats_over_the_code_and_q_closes_it(session: Steps) -> None:
    (shown,) = session["evidence"]
    assert "membership-in-list" in shown["text"]
    assert shown["filetype"] == "markdown"
    assert session["closed"] == [{"floating": ""}]


def test_the_lens_fuzzes(session: Steps) -> None:
    assert session["fuzzed"][0]["message"].startswith("dotted_netmask(33) raises ValueError")


def test_a_generated_function_is_seen_as_a_diff_and_applied_only_after_a_yes(session: Steps) -> None:
    (declined,) = session["declined"]
    assert declined["unchanged"] is True
    assert "+def slugify(" in declined["diff"]
    assert "2 tests passed" in declined["question"]
    (generated,) = session["generated"]
    assert "def slugify(" in generated["text"]
    assert generated["undone"] is True


def test_how_things_stand_and_what_was_sent_can_be_asked(session: Steps) -> None:
    assert "sandbox: " in session["status"][0]["text"]
    assert "Nothing has left this machine for" in session["egress"][0]["text"]


def test_neovim_0_7_attaches_and_applies(tmp_path: Path, suture_program: Path) -> None:
    old = Path("/usr/bin/nvim")
    if not old.exists():
        pytest.fail("Debian's Neovim is missing: `.ci/run` installs it", pytrace=False)
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "main.py").write_text("def load(text):\n    return json.loads(text)\n")
    script = str(HERE / "neovim" / "old.lua")
    command = [str(old), "--headless", "-u", "NONE", "-c", f"luafile {script}"]
    steps = play(command, tmp_path, tmp_path / "project", "main.py", {"SUTURE_BIN": str(suture_program)})
    (found,) = steps["diagnostic"]
    assert found["message"] == "undefined name 'json'"
    assert found["line"] == 1
    assert steps["applied"][0]["text"].startswith("import json\n")
    assert steps["after"] == [{"count": 0}]
