"""The store keeps what it acknowledged, whatever happens to the process."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from suture.analyzers import store as store_module
from suture.analyzers.errors import Unavailable
from suture.analyzers.store import Store, open_store, workspace_folder
from suture.analyzers.store_tables import STEPS, metadata


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


class Clock:
    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_a_record_is_found_again_by_a_second_process_of_the_same_workspace(root: Path, cache: Path) -> None:
    with open_store(root, folder=cache) as first:
        ident = first.record("generation", path="a.py", name="slugify", status="offered", data={"code": "x", "n": 1})
    with open_store(root, folder=cache) as second:
        found = second.artifact(ident)
        assert found is not None
        assert (found.kind, found.name, found.data) == ("generation", "slugify", {"code": "x", "n": 1})
        assert second.set_status(ident, "accepted")
        assert [each.status for each in second.artifacts("generation")] == ["accepted"]
        assert second.artifacts("heal") == ()
        assert not second.set_status("nothing", "accepted")


def test_newest_artifacts_come_first_and_a_replaced_one_counts_once(root: Path, cache: Path) -> None:
    clock = Clock()
    with open_store(root, folder=cache, clock=clock) as store:
        for name in "abc":
            clock.now += 1
            store.record("fuzz", path="p.py", name=name, status="found", data={}, ident=f"id-{name}")
        store.record("fuzz", path="p.py", name="c", status="kept", data={}, ident="id-c")
        found = [(each.name, each.status) for each in store.artifacts("fuzz", limit=2)]
        assert found == [
            ("c", "kept"),
            ("b", "found"),
        ]


def test_two_workspaces_share_nothing_and_two_names_of_one_folder_share_all(root: Path, cache: Path) -> None:
    other = root.parent / "other"
    other.mkdir()
    link = root.parent / "link"
    link.symlink_to(root)
    with open_store(root, folder=cache) as store:
        store.dismiss("f1", rule="r", path="a.py", reason="fine here")
    with open_store(other, folder=cache) as store:
        assert store.dismissed() == frozenset()
    with open_store(link, folder=cache) as store:
        assert store.dismissed() == {"f1"}
        assert [each.reason for each in store.dismissals()] == ["fine here"]
        assert store.restore("f1")
        assert not store.restore("f1")
        assert store.dismissed() == frozenset()


def test_choices_keep_their_last_value_and_unknown_ones_their_default(root: Path, cache: Path) -> None:
    with open_store(root, folder=cache) as store:
        assert store.choice("trust", False) is False
        store.choose("trust", True)
        store.choose("trust", {"by": "person"})
        assert store.choice("trust") == {"by": "person"}


def test_egress_records_sizes_and_hashes_never_text(root: Path, cache: Path) -> None:
    with open_store(root, folder=cache) as store:
        store.record_egress(
            endpoint="http://h/v1", model="m", body=b"SENTINEL-BODY", why="generate f", files=("a.py",), masked=2
        )
        (entry,) = store.egress()
        assert (entry.bytes, entry.files, entry.masked, entry.why) == (13, ("a.py",), 2, "generate f")
        assert entry.to_json()["endpoint"] == "http://h/v1"
        path = store.path
    assert b"SENTINEL-BODY" not in path.read_bytes()


def test_the_folder_and_the_database_are_closed_to_others(root: Path, cache: Path) -> None:
    with open_store(root, folder=cache) as store:
        for place in (cache, store.path.parent):
            assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_the_environment_moves_the_cache(root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(cache))
    with open_store(root) as store:
        assert store.path.is_relative_to(cache)


def test_an_unusable_folder_is_named_with_what_to_do(root: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(Unavailable, match="SUTURE_CACHE_DIR"):
        open_store(root, folder=blocked / "below")


def test_a_damaged_database_is_set_aside_and_a_new_one_begun(
    root: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_store(root, folder=cache) as store:
        path = store.path
    path.write_bytes(b"this is not a database" * 500)
    with open_store(root, folder=cache) as store:
        assert store.artifacts() == ()
        store.choose("trust", True)
    assert list(path.parent.glob("store.damaged-*")) != []
    assert "damaged" in caplog.text


def test_a_store_of_a_newer_version_is_refused_and_left_alone(root: Path, cache: Path) -> None:
    with open_store(root, folder=cache) as store:
        path = store.path
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version = 999")
    raw.commit()
    raw.close()
    before = path.read_bytes()
    with pytest.raises(Unavailable, match="newer"):
        open_store(root, folder=cache)
    assert path.read_bytes() == before


def test_migration_steps_give_exactly_the_tables_that_the_code_uses(root: Path, cache: Path) -> None:
    with open_store(root, folder=cache) as store:
        path = store.path
    raw = sqlite3.connect(path)
    try:
        for table in metadata.sorted_tables:
            columns = [row[1] for row in raw.execute(f"PRAGMA table_info({table.name})")]
            assert columns == [column.name for column in table.columns]
        assert raw.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
    finally:
        raw.close()


def test_an_older_database_is_brought_up_step_by_step_and_keeps_its_records(
    root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(root, folder=cache) as store:
        store.choose("trust", True)
    import suture.analyzers.store_tables as tables

    monkeypatch.setattr(tables, "STEPS", (*STEPS, ("CREATE TABLE later (id TEXT PRIMARY KEY)",)))
    with open_store(root, folder=cache) as store:
        assert store.choice("trust") is True
        raw = sqlite3.connect(store.path)
        assert raw.execute("SELECT count(*) FROM later").fetchone() == (0,)
        raw.close()


def test_money_is_set_aside_before_a_call_and_corrected_after_it(cache: Path) -> None:
    clock = Clock()
    with open_store(None, folder=cache, clock=clock) as store:
        first = store.reserve_spending(0.6, model="m", day_usd=1.0, month_usd=2.0)
        assert first is not None
        assert store.reserve_spending(0.6, model="m", day_usd=1.0, month_usd=2.0) is None
        store.settle_spending(first, 0.1)
        assert store.spent(86_400) == pytest.approx(0.1)
        assert store.reserve_spending(0.6, model="m", day_usd=1.0, month_usd=2.0) is not None
        clock.now += 2 * 86_400
        assert store.spent(86_400) == 0.0
        assert store.reserve_spending(0.9, model="m", day_usd=1.0, month_usd=1.0) is None  # the month still counts


def test_two_threads_cannot_both_take_the_last_cent(cache: Path) -> None:
    taken: list[str | None] = []
    with open_store(None, folder=cache) as store:
        barrier = threading.Barrier(8)

        def reserve() -> None:
            barrier.wait()
            taken.append(store.reserve_spending(0.3, model="m", day_usd=1.0, month_usd=10.0))

        threads = [threading.Thread(target=reserve) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len([each for each in taken if each]) == 3


WRITER = """
import sys
from pathlib import Path
from suture.analyzers.store import open_store
store = open_store(Path(sys.argv[1]), folder=Path(sys.argv[2]))
n = 0
while True:
    print(store.record("heal", path="p.py", name=str(n), status="offered", data={"text": "x" * 5000}), flush=True)
    n += 1
"""


def test_a_writer_killed_at_any_instant_loses_no_record_it_acknowledged(root: Path, cache: Path) -> None:
    for wanted in (1, 7, 23):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(root), str(cache)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip() for _ in range(wanted)]
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += [line.strip() for line in writer.stdout.readlines() if line.endswith("\n")]
        writer.wait()
        with open_store(root, folder=cache) as store:
            assert all(store.artifact(ident) is not None for ident in acknowledged)
            raw = sqlite3.connect(store.path)
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            raw.close()


def test_two_processes_may_open_a_new_store_at_once(root: Path, cache: Path) -> None:
    script = WRITER.replace("while True:", "for _ in range(20):")
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(root), str(cache)], stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    with open_store(root, folder=cache) as store:
        assert len(store.artifacts("heal")) == 40


def test_importing_the_store_does_not_import_the_database_library() -> None:
    code = "import sys, suture.analyzers.store; print('sqlalchemy' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


def test_the_name_of_a_workspace_folder_is_readable_and_safe(root: Path, cache: Path) -> None:
    assert workspace_folder(root, cache).name.startswith("project-")
    assert store_module.cache_folder().is_absolute()
    assert isinstance(open_store(root, folder=cache), Store)
