"""A real Neovim 0.11 with the plugin attaches, shows diagnostics and lenses, applies a resolved action, and fuzzes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from .player import HERE, PLUGIN, Steps, neovim, play_neovim

SOURCE = '''"""A small module with one fault and one bug."""


def load(text):
    return json.loads(text)


def average(numbers: list[int]) -> float:
    return sum(numbers) / len(numbers)
'''


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, suture_program: Path) -> Steps:
    """What one Neovim session reported, by step. The file belongs to no project: its trusted folder is its root."""
    folder = tmp_path_factory.mktemp("neovim")
    root = folder / "project"
    root.mkdir()
    (root / "main.py").write_text(SOURCE)
    return play_neovim(folder, root, "edits", "main.py", suture_program)


pytestmark = pytest.mark.slow


def test_it_attaches_and_shows_the_diagnostic_at_its_place(session: Steps) -> None:
    assert session["diagnostic"] == [
        {"count": 1, "message": "undefined name 'json'", "line": 4, "column": 11, "source": "suture"}
    ]


def test_it_shows_a_lens_on_a_function(session: Steps) -> None:
    assert session["lens"][0]["title"].startswith("Fuzz ")


def test_hovering_over_the_problem_says_what_it_is(session: Steps) -> None:
    assert "undefined name 'json'" in session["hover"][0]["text"]


def test_the_repair_that_was_run_is_applied_as_one_undo_step(session: Steps) -> None:
    repaired = session["repaired"][0]
    assert "→" in repaired["title"]
    assert "\n".join(repaired["lines"]) + "\n" == SOURCE.replace('bug."""\n\n\n', 'bug."""\n\nimport json\n\n\n')
    assert session["undone"] == [{"same": True}]


def test_fuzzing_shows_the_counterexample_on_its_line(session: Steps) -> None:
    (found,) = session["counterexample"]
    assert "ZeroDivisionError" in found["message"]
    assert found["line"] == SOURCE.replace('bug."""\n\n\n', 'bug."""\n\nimport json\n\n\n').split("\n").index(
        "    return sum(numbers) / len(numbers)"
    )


def test_the_evidence_opens_as_a_document(session: Steps) -> None:
    text = session["evidence"][0]["text"]
    assert "ZeroDivisionError" in text
    assert "data:image" not in text  # no images where they cannot be seen


def test_the_regression_test_is_a_file_of_its_own(session: Steps) -> None:
    (kept,) = session["regression"]
    assert kept["name"] == "test_fuzz_main_average.py"
    assert "    average([])" in kept["text"]


def test_a_counterexample_is_stale_while_it_is_edited_and_gone_when_it_is_mended(session: Steps) -> None:
    assert session["stale"] == [{"severity": 3}]  # vim.diagnostic.severity.INFO


def test_what_is_expected_is_documented_in_the_buffer(session: Steps) -> None:
    assert "    :raises ZeroDivisionError: for input such as ``average([])``" in session["expected"][0]["text"]


def test_commands_answer_in_messages_and_none_fails(session: Steps) -> None:
    text = session["messages"][0]["text"]
    assert "main.py: " in text
    assert "Suture knows approve, audit, cancel, compare, dashboard, deploy, dismiss, doctor, egress, evidence" in text
    failure = r"\bError|\bE\d+:|stack traceback|Traceback \(most recent"  # an exception's name is none
    assert not re.search(failure, text), text
    assert session["restarted"] == [{}]


def test_tab_completes_commands_functions_and_what_is_run(session: Steps) -> None:
    (completed,) = session["completed"]
    assert completed["commands"] == ["fuzz", "fuzz-file", "fuzz-workspace"]
    assert completed["functions"] == ["average"]
    assert completed["runs"] == ["file", "tests", "test", "all", "output"]
    assert completed["nothing"] == []


def test_without_a_browser_the_address_of_the_dashboard_is_said(session: Steps) -> None:
    text = session["messages"][0]["text"]
    assert re.search(r"no browser could be opened here; .*\nhttp://127\.0\.0\.1:\d+/\S{20,}/", text), text
    assert "Suture is doing nothing that could be stopped" in text


def test_what_is_to_change_in_a_selection_is_asked_for(session: Steps) -> None:
    assert session["asked"] == [{"prompt": "Change this so that … "}]


def test_checkhealth_finds_nothing_wrong(session: Steps) -> None:
    text = session["health"][0]["text"]
    assert "suture" in text
    assert "ERROR" not in text, text


def test_without_a_server_every_command_says_what_is_missing(tmp_path: Path) -> None:
    command = [neovim(), "--headless", "-u", "NONE", "-l", str(HERE / "neovim" / "alone.lua"), str(PLUGIN)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    lines = [each for each in (done.stdout + done.stderr).splitlines() if each and not each.startswith("clipboard:")]
    assert [re.sub(r"\d\d", "many", each) for each in lines] == ["said: many"]
