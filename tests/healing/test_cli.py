"""``suture heal`` on the command line: the contract of its output, its exit status, and what --apply writes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from suture.analyzers.sandbox import describe
from suture.healing.learning import history

pytestmark = pytest.mark.skipif(not any(each.available for each in describe()), reason="nothing contains code here")

Write = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(tmp_path / "cache"))


def suture(cwd: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "suture", "heal", *words]
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, timeout=60, check=False)


def test_apply_writes_the_verified_edit_and_keeps_every_other_byte(write: Write) -> None:
    before = "\ufeff# Zähler\r\nfor i in range(2)\r\n\tprint(i)\x0c\r\n\r\n".encode()
    root = write({"main.py": before})
    done = suture(root, "--apply", "--output-format", "json-lines", "--", "python", "main.py")
    assert done.returncode == 0, done.stderr
    assert (root / "main.py").read_bytes() == before.replace(b"range(2)", b"range(2):")
    assert [path.name for path in root.iterdir()] == ["main.py"]


def test_apply_never_writes_what_was_not_verified(write: Write) -> None:
    text = "x = None\nprint(x.lower())\n"
    root = write({"main.py": text})
    done = suture(root, "--apply", "--", "python", "main.py")
    assert done.returncode == 1
    assert (root / "main.py").read_text() == text


def test_text_output_shows_the_fault_the_diff_and_the_evidence(write: Write) -> None:
    root = write({"main.py": "print(lenn('abc'))\n"})
    done = suture(root, "--", "python", "main.py")
    assert "NameError: name 'lenn' is not defined" in done.stdout
    assert "main.py:1" in done.stdout
    assert "+print(len('abc'))" in done.stdout
    assert "exit 1 → 0" in done.stdout


def test_a_program_that_does_not_exist_is_told_with_the_one_that_was_meant(write: Write) -> None:
    root = write({"main.py": "print(1)\n"})
    done = suture(root, "--", "pythn3", "main.py")
    assert done.returncode == 1
    assert "pythn3: command not found" in done.stdout
    assert "is `python3` meant?" in done.stdout
    assert "There is no such program." in suture(root, "--", "no-program-is-called-so").stdout


def test_a_healing_is_remembered_unless_told_not_to_and_in_a_batch_only_when_told_to(write: Write) -> None:
    root = write({"main.py": "print(lenn('abc'))\n"})
    case = json.dumps({"id": "a", "root": str(root), "command": ["python", "main.py"]})
    suture(root, "--no-learning", "--", "python", "main.py")
    suture(root, "--batch", stdin=case)
    assert history(root) == ()
    suture(root, "--batch", "--learning", stdin=case)
    suture(root, "--apply", "--", "python", "main.py")
    applied, offered = history(root)
    assert (offered.outcome, applied.outcome) == ("offered", "applied")
    assert applied.choice is not None
    assert applied.choice.verified


def test_batch_answers_every_line_in_order_even_a_broken_one(write: Write) -> None:
    root = write({"main.py": "print(lenn('abc'))\n"})
    good = json.dumps({"id": "a", "root": str(root), "command": ["python", "main.py"]})
    done = suture(root, "--batch", stdin=f'{good}\nnonsense\n{{"id": "c", "root": "/nowhere", "command": ["x"]}}\n')
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", None, "c"]
    assert answers[0]["candidates"][0]["verified"] is True
    assert "error" in answers[1]
    assert "error" in answers[2]


@pytest.mark.parametrize(
    "words", [(), ("--timeout", "-1", "--", "python", "x.py"), ("--root", "/nowhere", "--", "true")]
)
def test_wrong_usage_is_one_line_and_status_2(words: tuple[str, ...], tmp_path: Path) -> None:
    done = suture(tmp_path, *words)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
