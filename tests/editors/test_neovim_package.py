"""A real Neovim in a package that nobody here wrote: the list of VS Code; and an old Neovim, without the plugin."""

from __future__ import annotations

import re
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


def test_the_lightbulb_heals_and_one_undo_restores_every_byte(session: Steps) -> None:
    (healed,) = session["healed"]
    assert "exit 1 → 0" in healed["title"]
    assert healed["text"] != healed["typed"]
    assert healed["text"].replace("import json\n", "", 1).split() == healed["typed"].split()
    assert healed["undone"] is True


def test_a_lens_fuzzes_and_what_goes_on_is_shown_meanwhile(session: Steps) -> None:
    (fuzzed,) = session["fuzzed"]
    found = re.match(r"dotted_netmask\((\d+)\) raises ValueError: negative shift count", fuzzed["message"])
    assert found, fuzzed["message"]
    assert int(found[1]) > 32
    assert fuzzed["progress"].startswith("Fuzzing dotted_netmask")


def test_the_lenses_of_a_function_float_over_it(session: Steps) -> None:
    first, second = session["lenses"][0]["text"].split("\n")
    assert first == "Fuzz dotted_netmask"
    assert second.startswith("1 counterexample in ")


def test_the_lightbulb_keeps_the_counterexample_as_a_test(session: Steps) -> None:
    (kept,) = session["kept"]
    assert re.search(r"^    dotted_netmask\(\d+\)$", kept["test"], re.MULTILINE), kept


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
