"""Parts of the extension with a stand-in for the editor: its own model is asked through the extension, not before the
person allowed it, streamed, and cancelled; and the rows of the lightbulb last."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

Object = dict[str, Any]

pytestmark = pytest.mark.slow

CANCELLED, FAILED = -32800, -32803

#: Nothing was sent, and nothing explained.
SILENT: Object = {"told": 0, "calls": 0, "parts": []}


@pytest.fixture(scope="module")
def steps(built: Path) -> dict[str, Object]:
    script = Path(__file__).parent / "vscode" / "model.js"
    done = subprocess.run(["node", str(script), str(built)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return {each.pop("step"): each for each in said}


def test_a_request_that_nobody_waits_for_neither_asks_nor_sends(steps: dict[str, Object]) -> None:
    assert steps["background"] == {"code": FAILED, "reason": "consent", **SILENT, "questions": 0}


def test_a_question_that_is_closed_is_a_no_for_now(steps: dict[str, Object]) -> None:
    assert steps["closed"] == {"code": FAILED, "reason": "consent", **SILENT, "questions": 1}


def test_what_was_found_without_a_model_needs_no_question_and_withdraws_one_that_stands(
    steps: dict[str, Object],
) -> None:
    assert steps["found"] == {"code": CANCELLED, **SILENT, "questions": 0}
    assert steps["withdrawn"] == {"code": CANCELLED, **SILENT, "questions": 1}


def test_a_hasty_enter_allows_nothing_and_what_is_sent_can_be_read_before_the_answer(steps: dict[str, Object]) -> None:
    assert "Not Now" in steps["first"]["label"]
    assert steps["hasty"] == {"code": FAILED, "reason": "consent", **SILENT, "questions": 2, "told": 1}


def test_an_allowed_model_streams_and_is_not_asked_about_again(steps: dict[str, Object]) -> None:
    first = steps["allowed"]
    assert first["questions"] == 1
    assert first["parts"] == [["suture/modelPart", 7, "def "], ["suture/modelPart", 7, "f(): ..."]]
    assert first["answer"]["text"] == "def f(): ..."
    assert first["answer"]["model"] == "someone/one"
    assert first["answer"]["usage"] == {"input": 15, "output": 12}
    assert (steps["again"]["questions"], steps["again"]["calls"]) == (0, 1)


def test_cancel_reaches_the_model_and_comes_back_as_cancelled(steps: dict[str, Object]) -> None:
    assert steps["cancelled"]["code"] == CANCELLED


def test_an_exhausted_quota_is_told_from_other_failures(steps: dict[str, Object]) -> None:
    assert steps["quota"]["reason"] == "quota"


def test_never_is_remembered(steps: dict[str, Object]) -> None:
    assert (steps["never"]["reason"], steps["never"]["questions"]) == ("consent", 1)
    assert (steps["after"]["reason"], steps["after"]["questions"], steps["after"]["calls"]) == ("consent", 0, 0)


def test_a_row_of_the_lightbulb_needs_no_arguments_that_the_editor_could_forget(built: Path) -> None:
    script = Path(__file__).parent / "vscode" / "rows.js"
    done = subprocess.run(["node", str(script), str(built)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "arguments": None,
        "stable": True,
        "untouched": True,
        "runs": ["suture.heal", {"number": 1}],
        "works": ["suture.heal", {"number": 1}],
        "most": 300,
        "left": 0,
    }
