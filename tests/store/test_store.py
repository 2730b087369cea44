"""The store keeps what it acknowledged, whatever happens to the process."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers import store as store_module
from suture.analyzers import store_steps
from suture.analyzers.errors import Unavailable
from suture.analyzers.store import Store, open_store, workspace_folder
from suture.analyzers.store_steps import STEPS
from suture.analyzers.store_tables import metadata
from suture.codegen.learning.history import generations

from .conftest import Engine


class Clock:
    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def keep(store: Store, number: int) -> None:
    store.dismiss(f"f{number}", rule="r", path="a.py", reason="x" * 3000)


def test_what_was_kept_is_found_again_when_the_store_is_opened_again(root: Path, engine: Engine) -> None:
    with engine.open(root) as first:
        keep(first, 1)
        keep(first, 2)
        keep(first, 1)
    with engine.open(root) as second:
        assert sorted(each.fingerprint for each in second.dismissals()) == ["f1", "f2"]
        assert second.restore("f2")
        assert not second.restore("f2")
        assert second.dismissed() == {"f1"}


def test_two_workspaces_share_nothing_and_two_names_of_one_folder_share_all(root: Path, engine: Engine) -> None:
    other = root.parent / "other"
    other.mkdir()
    link = root.parent / "link"
    link.symlink_to(root)
    with engine.open(root) as store:
        store.dismiss("f1", rule="r", path="a.py", reason="fine here")
    with engine.open(other) as store:
        assert store.dismissed() == frozenset()
    with engine.open(link) as store:
        assert store.dismissed() == {"f1"}
        assert [each.reason for each in store.dismissals()] == ["fine here"]
        assert store.restore("f1")
        assert not store.restore("f1")
        assert store.dismissed() == frozenset()


def test_choices_keep_their_last_value_and_unknown_ones_their_default(root: Path, engine: Engine) -> None:
    with engine.open(root) as store:
        assert store.choice("trust", False) is False
        store.choose("trust", True)
        store.choose("trust", {"by": "person"})
        assert store.choice("trust") == {"by": "person"}


def test_egress_records_sizes_and_hashes_never_text(root: Path, engine: Engine) -> None:
    with engine.open(root) as store:
        store.record_egress(
            endpoint="http://h/v1", model="m", body=b"SENTINEL-BODY", why="generate f", files=("a.py",), masked=2
        )
        (entry,) = store.egress()
        assert (entry.bytes, entry.files, entry.masked, entry.why) == (13, ("a.py",), 2, "generate f")
        assert entry.to_json()["endpoint"] == "http://h/v1"
        with store.reading() as connection:
            row = connection.exec_driver_sql("SELECT * FROM egress").one()
    assert "SENTINEL-BODY" not in str(row)


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
        assert store.dismissals() == ()
        store.choose("trust", True)
    assert list(path.parent.glob("store.damaged-*")) != []
    assert "damaged" in caplog.text


def test_a_new_database_is_not_taken_for_the_damaged_one(
    root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from suture.analyzers import store_sqlite

    with open_store(root, folder=cache) as store:
        path = store.path
    connect = store_sqlite._connect  # pyright: ignore[reportPrivateUsage]
    damaged = path.read_bytes()[:100] + b"damaged" * 5_000
    path.write_bytes(damaged)

    def another_process_first(given: Path) -> Any:
        monkeypatch.setattr(store_sqlite, "_connect", connect)
        try:
            return connect(given)
        finally:
            given.rename(given.with_name("aside"))
            with open_store(root, folder=cache) as store:
                store.choose("trust", True)

    monkeypatch.setattr(store_sqlite, "_connect", another_process_first)
    with open_store(root, folder=cache) as store:
        assert store.choice("trust") is True


def set_version(store: Store, version: int) -> None:
    name = store.dialect
    with store.writing() as connection:
        if name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA user_version = {version}")
        else:
            connection.exec_driver_sql(f"UPDATE suture_version SET version = {version}")


def test_a_store_of_a_newer_version_is_refused_and_left_alone(root: Path, engine: Engine) -> None:
    with engine.open(root) as store:
        keep(store, 1)
        set_version(store, 999)
    with pytest.raises(Unavailable, match="newer"):
        engine.open(root)
    with engine.open(root.parent) as other:
        assert other.dismissals() == ()


def test_migration_steps_give_exactly_the_tables_that_the_code_uses(root: Path, engine: Engine) -> None:
    from sqlalchemy import inspect

    with engine.open(root) as store, store.reading() as connection:
        found = inspect(connection)
        tables = {name for name in found.get_table_names() if name != "suture_version"}
        assert tables == set(metadata.tables)
        for table in metadata.sorted_tables:
            columns = found.get_columns(table.name)
            assert [each["name"] for each in columns] == [column.name for column in table.columns]
            assert not any(each["nullable"] for each in columns if not each.get("primary_key"))


def test_an_older_database_is_brought_up_step_by_step_and_keeps_its_records(
    root: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.open(root) as store:
        store.choose("trust", True)
    later = {"sqlite": "CREATE TABLE later (id TEXT)", "postgresql": "CREATE TABLE later (id TEXT PRIMARY KEY)"}
    monkeypatch.setattr(store_steps, "STEPS", (*STEPS, ("CREATE TABLE sooner (id TEXT)", later)))
    with engine.open(root) as store:
        assert store.choice("trust") is True
        with store.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM later").scalar_one() == 0


def test_a_step_that_fails_changes_nothing(root: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine.open(root) as store:
        keep(store, 1)
    broken = ("CREATE TABLE half (id TEXT)", "INSERT INTO nowhere VALUES (1)")
    with monkeypatch.context() as patched:
        patched.setattr(store_steps, "STEPS", (*STEPS, broken))
        with pytest.raises(Unavailable):
            engine.open(root)
    with engine.open(root) as store, store.reading() as connection:
        assert store.dismissed() == {"f1"}
        from sqlalchemy import inspect

        assert "half" not in inspect(connection).get_table_names()


def test_generations_of_before_there_was_approval_stay_in_the_history(
    root: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(store_steps, "STEPS", STEPS[:3])
        with engine.open(root) as store, store.writing() as connection:
            for ident, status in (("1", "offered"), ("2", "accepted"), ("3", "refused")):
                values = f"'{ident}', 'generation', 5.0, 'a.py', 'f', '{status}', 'd', '{{}}'"
                connection.exec_driver_sql(f"INSERT INTO artifacts VALUES ({values})")
    with engine.open(root) as store:
        found = {each.id: (each.status, each.outcome) for each in generations(store)}
        assert found == {"1": ("offered", ""), "2": ("offered", "kept"), "3": ("refused", "")}


def test_money_is_set_aside_before_a_call_and_corrected_after_it(root: Path, engine: Engine) -> None:
    clock = Clock()
    with engine.open(root, clock) as store:
        first = store.reserve_spending(0.6, model="m", day_usd=1.0, month_usd=2.0)
        assert first is not None
        assert store.reserve_spending(0.6, model="m", day_usd=1.0, month_usd=2.0) is None
        store.settle_spending(first, 0.1)
        assert store.spent(86_400) == pytest.approx(0.1)
        assert store.reserve_spending(0.6, model="m", day_usd=1.0, month_usd=2.0) is not None
        clock.now += 2 * 86_400
        assert store.spent(86_400) == 0.0
        assert store.reserve_spending(0.9, model="m", day_usd=1.0, month_usd=1.0) is None  # the month still counts


def test_two_threads_cannot_both_take_the_last_cent(root: Path, engine: Engine) -> None:
    taken: list[str | None] = []
    with engine.open(root) as store:
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


OPENER = """
import sys
from pathlib import Path
from suture.analyzers.store import open_store, open_team_store
root, cache, url = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
with open_team_store(root, url, folder=cache) if url else open_store(root, folder=cache) as store:
    for number in range(20):
        store.dismiss(f"{sys.argv[4]}-{number}", rule="r", path="a.py")
"""


def test_processes_that_open_a_new_store_at_once_wait_for_the_one_that_makes_it(root: Path, engine: Engine) -> None:
    openers = [
        subprocess.Popen([sys.executable, "-c", OPENER, str(root), str(engine.cache), engine.url, name])
        for name in "abc"
    ]
    assert [each.wait(60) for each in openers] == [0, 0, 0]
    with engine.open(root) as store:
        assert len(store.dismissals()) == 60


def test_importing_the_store_does_not_import_the_database_library() -> None:
    code = "import sys, suture.analyzers.store; print('sqlalchemy' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


def test_the_name_of_a_workspace_folder_is_readable_and_safe(root: Path, cache: Path) -> None:
    assert workspace_folder(root, cache).name.startswith("project-")
    assert store_module.cache_folder().is_absolute()
    assert isinstance(open_store(root, folder=cache), Store)
