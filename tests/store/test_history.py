"""What happened is found again in its order, and never grows without end."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers import history
from suture.analyzers.store import open_store


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
