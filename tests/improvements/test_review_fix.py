"""``suture review --fix``: proven improvements are applied, everything else is left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Sandbox
from suture.server.cli.main import main

BEFORE = (
    "def common(names: list[str], others: list[str]) -> list[str]:\r\n"
    "    found = []\r\n"
    "    for name in names:  # é\r\n"
    "        if name in others:\r\n"
    "            found.append(name)\r\n"
    "    return found\r\n"
)
ROWS = BEFORE.replace("list[str]", "list[list[int]]")

pytestmark = pytest.mark.slow


def review(*arguments: str) -> int:
    return main(["review", "--reviewers", "performance", "--no-engines", "--no-cache", *arguments])


def test_a_proven_fix_is_applied_once_and_the_file_keeps_its_line_endings(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "main.py"
    path.write_bytes(BEFORE.encode())
    assert review("--fix", "--output-format", "json-lines", str(path)) == 0
    fix = json.loads(capsys.readouterr().out)
    after = path.read_bytes().decode()
    assert "    others_set = set(others)\r\n    for name in names:  # é\r\n" in after
    assert after.count("\n") == after.count("\r\n")
    assert fix["applied"]
    assert {each["kind"] for each in fix["evidence"]} >= {"equivalent", "measured"}
    assert review("--fix", "--output-format", "json-lines", str(path)) == 0
    assert capsys.readouterr().out == ""
    assert path.read_bytes().decode() == after


def test_fixes_are_shown_as_diffs_without_a_change(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "main.py"
    path.write_bytes(BEFORE.encode())
    review("--show-fixes", str(path))
    assert "+    others_set = set(others)" in capsys.readouterr().out
    assert path.read_bytes().decode() == BEFORE


def test_what_is_not_proven_is_named_with_its_reason_and_left_alone(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "main.py"
    path.write_bytes(ROWS.encode())
    assert review("--fix", "--output-format", "json-lines", str(path)) == 1
    assert "differs for" in json.loads(capsys.readouterr().out)["refused"]
    assert path.read_bytes().decode() == ROWS


def test_a_failing_test_of_the_module_refuses_a_rewrite(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The text of the function is part of what its test expects, so any rewrite breaks it."""
    (tmp_path / "pyproject.toml").write_text("")
    path = tmp_path / "names.py"
    path.write_bytes(BEFORE.encode())
    (tmp_path / "test_names.py").write_text(
        "import inspect\nimport names\n\ndef test_source():\n    assert '_set' not in inspect.getsource(names.common)\n"
    )
    assert review("--fix", "--output-format", "json-lines", str(path)) == 1
    assert "test_source" in json.loads(capsys.readouterr().out)["refused"]
    assert path.read_bytes().decode() == BEFORE
