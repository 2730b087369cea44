"""What happened is found again in its order, and never grows without end."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from suture.analyzers import history
from suture.analyzers.findings import REVIEWERS, Finding, Range, Reviewer, Severity
from suture.analyzers.store import open_store, workspace_folder
from suture.server.cli.main import main


def test_events_come_back_in_their_order_by_kind(tmp_path: Path) -> None:
    times = iter((30.0, 10.0, 20.0))
    for number in range(3):
        at = next(times)
        history.tell(tmp_path, "review", {"n": number}, folder=tmp_path / "cache", clock=lambda at=at: at)
    history.tell(tmp_path, "fuzz", {"target": "f"}, folder=tmp_path / "cache")
    with open_store(tmp_path, folder=tmp_path / "cache") as store:
        assert [(each.at, each.data["n"]) for each in history.told(store, "review")] == [(10, 1), (20, 2), (30, 0)]
        assert [each.data["n"] for each in history.told(store, "review", since=15.0)] == [2, 0]
        assert [each.data for each in history.told(store, "fuzz")] == [{"target": "f"}]


def test_the_oldest_events_of_a_kind_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST", 3)
    with open_store(tmp_path, folder=tmp_path / "cache") as store:
        history.keep(store, "fuzz", {"n": -1}, at=0.0)
        for number in range(5):
            history.keep(store, "review", {"n": number}, at=float(number))
        assert [each.data["n"] for each in history.told(store, "review")] == [2, 3, 4]
        assert [each.data["n"] for each in history.told(store, "fuzz")] == [-1]


def test_a_folder_that_cannot_be_used_costs_the_event_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("not a folder")
    history.tell(tmp_path, "review", {}, folder=tmp_path / "file")
    assert "not remembered" in caplog.text
    assert not history.has_store(tmp_path, tmp_path / "cache")


def test_a_store_that_fails_costs_the_event_only_and_a_review_is_told_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "project"
    root.mkdir()
    found = [finding("security", "high")]
    with open_store(root) as store, store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE events RENAME TO elsewhere")
    history.tell_review(root, root, 7, found, REVIEWERS)
    assert "not remembered" in caplog.text
    with open_store(root) as store, store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO events")
    history.tell_review(root, root, 7, found, REVIEWERS)
    for each in (workspace_folder(root) / "last").iterdir():
        each.write_bytes(b"\xff torn")
    history.tell_review(root, root, 7, found, REVIEWERS)
    with open_store(root) as store:
        assert len(history.told(store, "review")) == 2


def finding(reviewer: Reviewer, severity: Severity) -> Finding:
    place = Range(0, 0, 0, 1)
    return Finding("a.py", place, "rule", "kind", "message", severity, 0.9, reviewer)


def test_a_review_is_remembered_with_its_counts_unless_it_found_what_the_last_one_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    found = [finding("security", "high"), finding("security", "high"), finding("performance", "low")]
    for _ in range(2):
        history.tell_review(root, root, 7, found, REVIEWERS)
        history.tell_review(root, root / "src", 3, found[:1], REVIEWERS)
    history.tell_review(root, root, 7, found[:1], REVIEWERS)
    with open_store(root) as store:
        events = history.told(store, "review")
    assert [(each.data["scope"], each.data["files"]) for each in events] == [(".", 7), ("src", 3), (".", 7)]
    assert events[0].data["counts"] == {"performance": {"low": 1}, "security": {"high": 2}}
    assert set(cast("dict[str, object]", events[0].data["votes"])) == set(REVIEWERS)


def test_the_command_remembers_a_review_of_a_folder_and_not_one_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("")
    (root / "app.py").write_text("import os\n\n\ndef f(x):\n    os.system('ls ' + x)\n")
    assert main(["review", "--no-engines", str(root / "app.py")]) == 1
    assert not history.has_store(root)
    assert main(["review", "--no-engines", str(root)]) == 1
    with open_store(root) as store:
        (event,) = history.told(store, "review")
    assert (event.data["files"], event.data["counts"]) == (1, {"security": {"high": 1}})
    capsys.readouterr()
