"""What happened is found again in its order, and never grows without end."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
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
        history.keep(store.path, "fuzz", {"n": -1}, at=0.0)
        for number in range(5):
            history.keep(store.path, "review", {"n": number}, at=float(number))
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


def test_a_damaged_store_is_set_aside_and_what_happened_is_remembered_in_a_new_one(tmp_path: Path) -> None:
    with open_store(tmp_path, folder=tmp_path / "cache") as store:
        pass
    store.path.write_bytes(b"no database" * 1000)
    assert history.tell(tmp_path, "review", {"n": 1}, folder=tmp_path / "cache", clock=lambda: 5.0)
    assert [each.name for each in store.path.parent.glob("store.damaged-*")] == ["store.damaged-5.sqlite3"]
    with open_store(tmp_path, folder=tmp_path / "cache") as store:
        assert [each.data for each in history.told(store, "review")] == [{"n": 1}]


def test_a_store_of_a_newer_suture_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with open_store(tmp_path, folder=tmp_path / "cache") as store, store.writing() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 999")
    assert not history.tell(tmp_path, "review", {}, folder=tmp_path / "cache")
    assert "newer Suture" in caplog.text


def test_the_first_thing_that_is_remembered_makes_the_store_that_others_open(tmp_path: Path) -> None:
    """Whichever way a store is made, it is the same."""
    history.tell(tmp_path / "one", "review", {}, folder=tmp_path / "cache")
    with open_store(tmp_path / "two", folder=tmp_path / "cache") as made:
        pass
    with open_store(tmp_path / "one", folder=tmp_path / "cache") as told:
        schemas = [_schema(each.path) for each in (told, made)]
    assert schemas[0] == schemas[1]
    assert len(schemas[0]) > 20
    assert told.path.stat().st_mode & 0o077 == 0


def _schema(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        version = connection.execute("PRAGMA user_version").fetchall()
        return [*version, *connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name")]


def test_remembering_loads_no_sqlalchemy(tmp_path: Path) -> None:
    """It takes longer to load than a warm review of a large program."""
    told = "import sys, pathlib; from suture.analyzers import history; folder = pathlib.Path(sys.argv[1])"
    told += (
        "; assert history.tell(folder, 'review', {}, folder=folder / 'cache'); sys.exit('sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", told, str(tmp_path)], timeout=60, check=False).returncode == 0


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
