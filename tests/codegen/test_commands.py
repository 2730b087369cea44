"""``suture generate`` and ``suture egress``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.store import open_store
from suture.codegen.artifacts.book import proposals
from suture.codegen.proposal import GenerationRequest, Proposal
from suture.server.cli.main import main

Write = Callable[[str, str], Path]

SUM = "# Sum of the digits. digit_sum(123) -> 6, digit_sum(99) -> 18, digit_sum(4010) -> 5\n"


def test_an_offer_is_printed_and_nothing_is_written(
    workspace: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write("app.py", SUM)
    assert main(["generate", f"{path}:1"]) == 0
    out = capsys.readouterr().out
    assert "def digit_sum(number: int) -> int:" in out
    assert "--apply writes it" in out
    assert path.read_text() == SUM
    assert not (workspace / "tests").exists()


def test_json_holds_the_contract(workspace: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = write("app.py", SUM)
    assert main(["generate", f"{path}:1", "--output-format", "json-lines"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    keys = {"status", "code", "tests", "imports", "confidence", "evidence", "cost_usd", "provider", "attempts"}
    assert keys <= set(answer)
    assert (answer["status"], answer["cost_usd"], answer["attempts"]) == ("offered", 0.0, 1)


def test_applying_writes_function_and_tests_and_keeps_every_other_byte(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = workspace / "app.py"
    before = b"\xef\xbb\xbfx = 'caf\xc3\xa9'\r\n\x0c\r\n" + SUM.strip().encode() + b"\r\n\r\n\r\ny = 1"
    path.write_bytes(before)
    path.chmod(0o640)
    assert main(["generate", f"{path}:3", "--apply"]) == 0
    after = path.read_bytes()
    head, _, tail = after.partition(b"def digit_sum")
    assert before.startswith(head)
    assert after.endswith(b"\r\n\r\n\r\ny = 1")
    assert b"\n" not in tail.replace(b"\r\n", b"")
    assert path.stat().st_mode & 0o777 == 0o640
    assert (workspace / "tests" / "test_digit_sum.py").is_file()
    with open_store(workspace) as store:
        assert [each.status for each in proposals(store)] == ["deployed"]
    capsys.readouterr()
    assert main(["generate", f"{path}:3"]) == 1
    assert "exists already" in capsys.readouterr().out


@pytest.mark.parametrize("place", ["app.py", "app.py:0", "app.py:x", "missing.py:3"])
def test_a_place_that_is_none_is_a_usage_error(
    workspace: Path, write: Write, place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("app.py", SUM)
    monkeypatch.chdir(workspace)
    assert main(["generate", place]) == 2
    assert capsys.readouterr().err.startswith("suture: ")


def test_egress_lists_what_left_and_says_if_nothing_did(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["egress", str(workspace)]) == 0
    assert "Nothing has left" in capsys.readouterr().out
    with open_store(workspace) as store:
        store.record_egress(
            endpoint="http://h/v1", model="m", body=b"12345", why="generate f", files=("a.py",), masked=1
        )
    assert main(["egress", str(workspace)]) == 0
    out = capsys.readouterr().out
    assert "5 bytes → http://h/v1 (m)  generate f, from a.py, 1 secret(s) masked" in out
    assert "Models cost you $0.0000 in the last 24 hours" in out
    assert main(["egress", str(workspace), "--output-format", "json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert (entry["bytes"], entry["why"]) == (5, "generate f")


def test_a_budget_of_nought_in_the_project_is_obeyed(
    workspace: Path,
    write: Write,
    model_server: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (workspace / "pyproject.toml").write_text("[tool.suture.budget]\nrequest-usd = 0\n")
    monkeypatch.setenv("OPENAI_BASE_URL", model_server.base_url)
    path = write("app.py", "# Reticulate the splines of a text\n")
    assert main(["generate", f"{path}:1"]) == 1
    assert "never called" in capsys.readouterr().out
    assert model_server.requests == []


def test_the_project_says_what_generated_code_must_keep_to(
    workspace: Path, write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[GenerationRequest] = []

    def refusing(request: GenerationRequest, **_: object) -> Proposal:
        asked.append(request)
        return Proposal("refused", "not today")

    monkeypatch.setattr("suture.codegen.api.generate", refusing)
    (workspace / "pyproject.toml").write_text("[tool.suture.generate]\nmax-complexity = 4\nopinions = 0\n")
    path = write("app.py", SUM)
    assert main(["generate", f"{path}:1"]) == 1
    assert "not today" in capsys.readouterr().out
    assert [(each.max_complexity, each.rounds, each.opinions) for each in asked] == [(4, 3, 0)]
