"""Proposals as records: nothing skips the person, and what was altered is named. On SQLite and on PostgreSQL."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy.exc import DBAPIError

from suture.analyzers.errors import UserError
from suture.analyzers.store import Store
from suture.analyzers.store_guards import STATUSES, TRANSITIONS
from suture.codegen.artifacts import anchor, audit, book
from suture.codegen.artifacts.verify import verify

from .conftest import Engine
from .support import CODE, ME, awaiting, propose


def test_a_proposal_is_kept_with_where_it_comes_from_and_its_digests(root: Path, engine: Engine) -> None:
    with engine.open(root) as store:
        first = propose(store, model="m-1", strategy="api")
        book.test(store, first)
        book.failed(store, first, "the tests check refused it", {"failed_check": "tests"})
        second = awaiting(store)
        book.executed(store, second, "tests", 3, 1)
        book.executed(store, second, "tests", 3, 0)
    with engine.open(root) as store:
        kept = book.proposal(store, first)
        assert kept is not None
        assert (kept.status, kept.reason) == ("rejected", "the tests check refused it")
        assert (kept.provenance["author"], kept.provenance["model"], kept.provenance["strategy"]) == (ME, "m-1", "api")
        assert kept.code_sha256 == hashlib.sha256(CODE.encode()).hexdigest()
        assert kept.tests_sha256 == hashlib.sha256(kept.tests.encode()).hexdigest()
        assert [each.id for each in book.proposals(store)] == [second, first]
        assert [each.id for each in book.proposals(store, status="awaiting approval")] == [second]
        assert book.proposals(store, status="awaiting approval")[0].executions == {"tests": (6, 1)}
        assert book.named(store, "double").id == second
        assert book.named(store, second[-8:]).id == second
        with pytest.raises(UserError, match="no proposal"):
            book.named(store, "nothing")


def test_the_log_tells_who_did_what_in_order(root: Path, engine: Engine) -> None:
    with engine.open(root) as store:
        ident = awaiting(store)
        book.approve(store, ident, ME)
        book.deployed(store, ident, ME, detail={"files": {"app.py": "x"}})
        entries = audit.entries(store)
        assert [(each.action, each.person) for each in entries] == [
            ("proposed", ME),
            ("testing", "suture"),
            ("awaiting approval", "suture"),
            ("approved", ME),
            ("deployed", ME),
        ]
        assert [each.previous for each in entries] == ["", *(each.digest for each in entries[:-1])]
        assert entries[-1].detail == {"files": {"app.py": "x"}}
        assert audit.entries(store, limit=2) == entries[-2:]
        found = verify(store)
        assert (found.entries, found.proposals, found.alterations) == (5, 1, ())


@pytest.mark.parametrize("status", STATUSES)
def test_no_status_is_reached_by_a_way_that_is_none(root: Path, engine: Engine, status: str) -> None:
    """Not with our functions, and not with statements of one's own, be they logged or not."""
    ways: dict[str, Callable[[Store, str], None]] = {
        "proposed": lambda store, ident: None,
        "testing": book.test,
        "awaiting approval": lambda store, ident: book.passed(store, ident, {}),
        "approved": lambda store, ident: book.approve(store, ident, ME),
        "rejected": lambda store, ident: book.reject(store, ident, ME, "no"),
        "deployed": lambda store, ident: book.deployed(store, ident, ME),
    }
    path = {
        "rejected": ("testing", "awaiting approval", "rejected"),
        "deployed": ("testing", "awaiting approval", "approved", "deployed"),
    }.get(status, STATUSES[1 : STATUSES.index(status) + 1])
    with engine.open(root) as store:
        ident = propose(store)
        for step in path:
            ways[step](store, ident)
        for to in STATUSES:
            if to == "proposed":
                continue
            if (status, to) not in TRANSITIONS:
                with pytest.raises(UserError):
                    ways[to](store, ident)
            with pytest.raises(DBAPIError):  # a status without an entry
                force(store, ident, to, logged=False)
            if (status, to) not in TRANSITIONS:
                with pytest.raises(DBAPIError):
                    force(store, ident, to)
        kept = book.proposal(store, ident)
        assert kept is not None
        assert kept.status == status
        assert verify(store).alterations == ()


def force(store: Store, ident: str, to: str, *, logged: bool = True) -> None:
    """Statements of one's own, in one transaction: an entry in the log, and the status."""
    with store.writing() as connection:
        if logged:
            audit.append(connection, at=1.0, person=ME, action=to, proposal=ident)
        connection.exec_driver_sql(
            f"UPDATE proposals SET status = '{to}', decided_by = '{ME}', reason = 'x' WHERE id = '{ident}'"
        )


def raw(store: Store, statement: str) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql(statement)


def test_checks_cannot_approve_and_a_rejection_says_why(root: Path, engine: Engine) -> None:
    with engine.open(root) as store:
        ident = awaiting(store)
        for nobody in ("", "suture"):
            with pytest.raises(UserError, match="person"):
                book.approve(store, ident, nobody)
        with pytest.raises(UserError, match="reason"):
            book.reject(store, ident, ME, "  ")
        book.reject(store, ident, ME, "too clever")
        with pytest.raises(UserError, match="rejected by ada@example: too clever"):
            book.approve(store, ident, ME)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE proposals SET code = 'import os'",
        "UPDATE proposals SET provenance = '{}'",
        "UPDATE proposals SET result = '{}'",
        "DELETE FROM proposals",
        "UPDATE audit SET person = 'eve'",
        "DELETE FROM audit",
        "INSERT INTO audit VALUES (99, 1.0, 'eve', 'approved', 'p', '', '{}', '', 'd')",
        "INSERT INTO audit VALUES (4, 1.0, 'eve', 'approved', 'p', '', '{}', 'wrong', 'd')",
        "INSERT INTO proposals SELECT 'other', generation, created, path, name, kind, code, tests, code_sha256,"
        " tests_sha256, provenance, record_sha256, 'approved', result, result_sha256, 'eve', 1.0, '' FROM proposals",
    ],
)
def test_the_database_refuses_to_alter_what_is_recorded(root: Path, engine: Engine, statement: str) -> None:
    with engine.open(root) as store:
        awaiting(store)
        with pytest.raises(DBAPIError):
            raw(store, statement)
        assert verify(store).alterations == ()


def test_no_row_goes_by_a_way_that_is_called_otherwise(root: Path, engine: Engine) -> None:
    with engine.open(root) as store:
        awaiting(store)
        copied = "SELECT id, generation, created, path, name, kind, 'import os', tests, code_sha256, tests_sha256, "
        copied += "provenance, record_sha256, 'proposed', '', '', '', 0.0, '' FROM proposals"
        ways = {
            "sqlite": [f"INSERT OR REPLACE INTO proposals {copied}", f"REPLACE INTO proposals {copied}"],
            "postgresql": ["TRUNCATE proposals", "TRUNCATE audit", "TRUNCATE proposals, audit CASCADE"],
        }
        for statement in ways[store.dialect]:
            with pytest.raises(DBAPIError):
                raw(store, statement)
        assert verify(store).alterations == ()
        assert book.proposals(store)[0].status == "awaiting approval"


ALTERATIONS = {
    "UPDATE proposals SET code = 'import os' WHERE id = '{b}'": ("proposal {b}", "its code was altered (b)"),
    "UPDATE proposals SET tests = '' WHERE id = '{b}'": ("proposal {b}", "its tests was altered (b)"),
    "UPDATE proposals SET code = 'x', code_sha256 = '{x}', record_sha256 = 'y' WHERE id = '{b}'": (
        "proposal {b}",
        "its provenance or digests were altered (b)",
    ),
    "UPDATE proposals SET provenance = '{{}}' WHERE id = '{b}'": (
        "proposal {b}",
        "its provenance or digests were altered (b)",
    ),
    "UPDATE proposals SET result = '{{}}' WHERE id = '{b}'": ("proposal {b}", "its result was altered (b)"),
    "UPDATE proposals SET status = 'approved', decided_by = 'eve' WHERE id = '{b}'": (
        "proposal {b}",
        "its status was altered: approved, and awaiting approval in the log (b)",
    ),
    "UPDATE proposals SET decided_by = 'eve' WHERE id = '{a}'": (
        "proposal {a}",
        "who decided was altered: eve, and ada@example in the log (a)",
    ),
    "DELETE FROM proposals WHERE id = '{b}'": ("proposal {b}", "is gone; entry 6 of the log tells of it"),
    "UPDATE audit SET person = 'eve' WHERE seq = 4": ("entry 4", "was altered (approved of {a})"),
    "UPDATE audit SET at = at + 1 WHERE seq = 2": ("entry 2", "was altered (testing of {a})"),
    "DELETE FROM audit WHERE seq = 7": ("entry 7", "was taken out of the log"),
    "DELETE FROM audit WHERE seq = 8": ("entry 8 to 8", "was seen here before, and is gone from the end"),
}


@pytest.mark.parametrize("statement", ALTERATIONS)
def test_whoever_gets_round_the_database_is_found_and_the_record_is_named(
    root: Path, engine: Engine, statement: str
) -> None:
    with engine.open(root) as store:
        a = awaiting(store, "a")
        book.approve(store, a, ME)
        book.deployed(store, a, ME)
        b = awaiting(store, "b")
        assert verify(store).alterations == ()
        without_triggers(store)
        raw(store, statement.format(a=a, b=b, x=hashlib.sha256(b"x").hexdigest()))
        record, what = (each.format(a=a, b=b) for each in ALTERATIONS[statement])
        found = [(each.record, each.what) for each in verify(store).alterations]
        assert (record, what) in found
        others = {name for name, _ in found} - {record}
        assert not others - {f"proposal {a}", f"proposal {b}"}, found
        if "audit" not in statement:
            assert others == set()


def without_triggers(store: Store) -> None:
    with store.writing() as connection:
        if store.dialect == "sqlite":
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
            for name in names:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            for table in ("audit", "proposals"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def test_a_log_that_was_written_anew_is_not_the_one_that_was_seen(root: Path, engine: Engine) -> None:
    """With every digest computed anew the chain holds; the anchor beside the store does not."""
    with engine.open(root) as store:
        awaiting(store)
        path = anchor.place(store)
        known = json.loads(path.read_text())
        path.write_text(json.dumps({"seq": known["seq"], "digest": "f" * 64}))
        (found,) = verify(store).alterations
        assert (found.record, found.what) == ("entry 3", "is not the one that was seen here before")


def test_two_writers_at_once_make_one_chain(root: Path, engine: Engine) -> None:
    with engine.open(root) as one, engine.open(root) as other:

        def write(store: Store) -> None:
            for _ in range(4):
                awaiting(store)

        threads = [threading.Thread(target=write, args=(store,)) for store in (one, other)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        found = verify(one)
        assert (found.entries, found.proposals, found.alterations) == (24, 8, ())


def test_text_that_no_database_holds_is_kept_as_near_as_can_be(root: Path, engine: Engine) -> None:
    with engine.open(root) as store:
        ident = propose(store, code="x = '\0 \ud800 é'\n")
        kept = book.proposal(store, ident)
        assert kept is not None
        assert kept.code == "x = '\ufffd ? é'\n"
        assert verify(store).alterations == ()


# -- any order of anything ---------------------------------------------------------------------------------------------


class Lives(RuleBasedStateMachine):
    """Steps of proposals in any order, ours and raw statements, against what the issue says of them."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[str, list[str]] = {}

    @precondition(lambda self: len(self.model) < 3)
    @rule()
    def proposes(self) -> None:
        self.model[propose(self.store)] = ["proposed"]

    @precondition(lambda self: self.model)
    @rule(which=st.integers(0, 2), to=st.sampled_from(STATUSES[1:]), person=st.sampled_from([ME, "suture", ""]))
    def steps(self, which: int, to: str, person: str) -> None:
        ident = [*self.model][which % len(self.model)]
        ways: dict[str, Callable[[], None]] = {
            "testing": lambda: book.test(self.store, ident),
            "awaiting approval": lambda: book.passed(self.store, ident, {"verified": True}),
            "approved": lambda: book.approve(self.store, ident, person),
            "rejected": lambda: book.reject(self.store, ident, person, "no"),
            "deployed": lambda: book.deployed(self.store, ident, person),
        }
        allowed = (self.model[ident][-1], to) in TRANSITIONS
        allowed = allowed and (person == ME or to not in ("approved", "deployed"))
        try:
            ways[to]()
        except UserError:
            assert not allowed
        else:
            assert allowed
            self.model[ident].append(to)

    @precondition(lambda self: self.model)
    @rule(which=st.integers(0, 2), to=st.sampled_from(STATUSES), logged=st.booleans())
    def forces(self, which: int, to: str, logged: bool) -> None:
        """A statement of one's own, even with its entry in the log, goes no other way."""
        ident = [*self.model][which % len(self.model)]
        try:
            force(self.store, ident, to, logged=logged)
        except DBAPIError:
            return
        assert logged
        assert (self.model[ident][-1], to) in TRANSITIONS
        self.model[ident].append(to)

    @invariant()
    def nothing_skips_the_person(self) -> None:
        for ident, lived in self.model.items():
            kept = book.proposal(self.store, ident)
            assert kept is not None
            assert kept.status == lived[-1]
            told = [each for each in audit.entries(self.store, proposal=ident)]
            assert [each.action for each in told] == lived
            if kept.status == "deployed":
                assert lived[-3:] == ["awaiting approval", "approved", "deployed"]
                assert {each.person for each in told[-2:]} == {ME}


def test_no_order_of_steps_skips_awaiting_approval(root: Path, engine: Engine) -> None:
    with engine.open(root) as opened:

        class Here(Lives):
            store = opened

        _play(Here)
        assert verify(opened).alterations == ()


def _play(machine: type[Lives]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=12,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


# -- killed ------------------------------------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from suture.analyzers.store import open_store, open_team_store
from suture.codegen.artifacts import book
from suture.codegen.artifacts.records import Provenance
root, cache, url = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
store = open_team_store(root, url, folder=cache) if url else open_store(root, folder=cache)
while True:
    ident = book.propose(store, path="a.py", name="f", kind="comment", code="x" * 3000, tests="", 
                         provenance=Provenance("ada@example", "model"))
    print(ident, "proposed", flush=True)
    for status, step in (("testing", lambda: book.test(store, ident)),
                         ("awaiting approval", lambda: book.passed(store, ident, {"code": "y" * 3000})),
                         ("approved", lambda: book.approve(store, ident, "ada@example")),
                         ("deployed", lambda: book.deployed(store, ident, "ada@example"))):
        step()
        print(ident, status, flush=True)
"""


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_leaves_nothing_half_written(root: Path, engine: Engine) -> None:
    """Killed after a random time, four times over one store: every acknowledged step is there, and the chain holds."""
    times = random.Random(engine.name)
    acknowledged: dict[str, str] = {}
    for _ in range(4):
        command = [sys.executable, "-c", WRITER, str(root), str(engine.cache), engine.url]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        first = writer.stdout.readline().split()[0]
        acknowledged[first] = "proposed"
        time.sleep(times.uniform(0.0, 0.4))
        writer.send_signal(signal.SIGKILL)
        for line in writer.stdout.readlines():
            if line.endswith("\n"):
                ident, status = line.strip().split(" ", 1)
                acknowledged[ident] = status
        writer.wait()
        with engine.open(root) as store:
            assert verify(store).alterations == ()
            for ident, status in acknowledged.items():
                kept = book.proposal(store, ident)
                assert kept is not None
                assert STATUSES.index(kept.status) >= STATUSES.index(status)
            for kept in book.proposals(store, limit=10_000):
                assert (kept.status in ("proposed", "testing")) == (not kept.result)
    assert len(acknowledged) >= 4
