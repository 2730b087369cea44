"""From a proposal into a file, by a person: on the command line, and what stops it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import Cancelled, Stale, UserError
from suture.analyzers.findings import Edit, FileEdit, Replacement, text_hash
from suture.analyzers.store import Store, open_store
from suture.codegen.api import GenerationRequest, generate
from suture.codegen.artifacts import book, deploy, recording
from suture.codegen.artifacts.audit import entries
from suture.codegen.artifacts.files import edit_to_record, write_edit
from suture.codegen.artifacts.records import Provenance, person
from suture.codegen.artifacts.signature import changed_signatures
from suture.codegen.artifacts.verify import verify
from suture.server.cli.main import main

ME = "ada@example"
BEFORE = "# twice a number\n"
CODE = "def double(value: int) -> int:\n    return 2 * value\n"
TEST = "from app import double\n\n\ndef test_double() -> None:\n    assert double(2) == 4\n"


@pytest.fixture
def store(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.chdir(workspace)
    monkeypatch.setenv("SUTURE_PERSON", ME)
    with open_store(workspace) as opened:
        yield opened


def offer(store: Store, root: Path, before: str = BEFORE, code: str = CODE, name: str = "double") -> str:
    """A proposal that awaits approval: ``code`` after ``before`` in app.py, and a test file."""
    path = root / "app.py"
    path.write_text(before)
    files = (
        FileEdit(str(path), text_hash(before), (Replacement(len(before), len(before), code),)),
        FileEdit(str(root / "tests" / f"test_{name}.py"), "", (Replacement(0, 0, TEST),)),
    )
    edit = Edit(f"Generate {name}", files, 0.8, verified=True)
    ident = book.propose(
        store, path="app.py", name=name, kind="comment", code=code, tests=TEST, provenance=Provenance(ME, "model")
    )
    book.test(store, ident)
    book.passed(store, ident, {"verified": True, "edit": edit_to_record(edit, root, {str(path): before})})
    return ident


def status(store: Store, ident: str) -> str:
    found = book.proposal(store, ident)
    assert found is not None
    return found.status


def test_a_person_approves_and_deploys_and_all_of_it_is_in_the_log(
    workspace: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    ident = offer(store, workspace)
    assert main(["deploy", "double"]) == 2
    assert "approve it first" in capsys.readouterr().err
    assert (workspace / "app.py").read_text() == BEFORE
    assert main(["approve", ident[:14]]) == 0
    assert (workspace / "app.py").read_text() == BEFORE
    assert main(["deploy", "double"]) == 0
    assert (workspace / "app.py").read_text() == BEFORE + CODE
    assert (workspace / "tests" / "test_double.py").read_text() == TEST
    capsys.readouterr()
    assert main(["audit", "double", "--output-format", "json"]) == 0
    log: list[Any] = json.loads(capsys.readouterr().out)
    assert [(each["action"], each["person"]) for each in log][-2:] == [("approved", ME), ("deployed", ME)]
    assert main(["verify"]) == 0
    assert "everything is what was recorded" in capsys.readouterr().out
    assert main(["proposals", "double", "--output-format", "json"]) == 0
    shown: Any = json.loads(capsys.readouterr().out)
    assert (shown["status"], shown["code"], shown["provenance"]["author"]) == ("deployed", CODE, ME)


def test_a_rejection_needs_its_reason_and_ends_it(
    workspace: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    ident = offer(store, workspace)
    with pytest.raises(SystemExit):
        main(["reject", ident])
    assert main(["reject", ident, "--reason", "not like that"]) == 0
    assert main(["approve", ident]) == 2
    assert "not like that" in capsys.readouterr().err
    assert main(["proposals", "--status", "rejected"]) == 0
    assert "not like that" in capsys.readouterr().out
    assert main(["proposals", "--status", "approved"]) == 0
    assert "No proposal" in capsys.readouterr().out


def test_what_was_altered_is_neither_approved_nor_written(
    workspace: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    ident = offer(store, workspace)
    deploy.approve(store, workspace, ident, ME)
    with store.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER proposals_fixed")
        connection.exec_driver_sql("UPDATE proposals SET code = 'import os'")
    assert main(["deploy", ident]) == 2
    assert "not what was recorded: its code was altered" in capsys.readouterr().err
    assert (workspace / "app.py").read_text() == BEFORE
    assert main(["verify"]) == 1
    assert f"proposal {ident}: its code was altered (double)" in capsys.readouterr().out


def test_a_file_that_changed_since_is_not_written(workspace: Path, store: Store) -> None:
    ident = offer(store, workspace)
    deploy.approve(store, workspace, ident, ME)
    (workspace / "app.py").write_text("x = 1\n")
    with pytest.raises(Stale):
        deploy.deploy(store, workspace, ident, ME)
    assert not (workspace / "tests" / "test_double.py").exists()
    assert status(store, ident) == "approved"


def test_a_deployment_that_was_killed_between_two_files_goes_on(workspace: Path, store: Store) -> None:
    ident = offer(store, workspace)
    deploy.approve(store, workspace, ident, ME)
    (workspace / "app.py").write_text(BEFORE + CODE)  # the first file is written, the second is not
    deploy.deploy(store, workspace, ident, ME)
    assert (workspace / "app.py").read_text() == BEFORE + CODE
    assert (workspace / "tests" / "test_double.py").read_text() == TEST
    assert status(store, ident) == "deployed"


def test_an_edit_that_cannot_be_written_leaves_every_file_as_it_was(workspace: Path) -> None:
    (workspace / "app.py").write_text("a = 1\n")
    (workspace / "tests").write_text("not a folder")
    files = (
        FileEdit((workspace / "app.py").as_posix(), text_hash("a = 1\n"), (Replacement(4, 5, "2"),)),
        FileEdit((workspace / "tests" / "test_app.py").as_posix(), "", (Replacement(0, 0, "b = 1\n"),)),
    )
    with pytest.raises(UserError, match="cannot be written"):
        write_edit(Edit("t", files, 1.0, True, False))
    assert (workspace / "app.py").read_text() == "a = 1\n"
    assert not list(workspace.glob(".*.suture"))


def test_a_log_whose_detail_was_altered_can_still_be_read(workspace: Path, store: Store) -> None:
    ident = book.propose(
        store, path="a.py", name="a", kind="comment", code="", tests="", provenance=Provenance("me", "synthesis")
    )
    with store.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_unchanged")
        connection.exec_driver_sql("UPDATE audit SET detail = '{'")
    assert [(each.proposal, each.detail) for each in entries(store)] == [(ident, {})]
    assert [each.record for each in verify(store).alterations] == ["entry 1"]


def test_a_changed_signature_is_refused_and_the_log_says_so(workspace: Path, store: Store) -> None:
    before = "def double(value: int) -> int:\n    return value\n"
    ident = offer(store, workspace, before, "\n\ndef double(value: float, times: int) -> float:\n    return value\n")
    with pytest.raises(UserError, match=r"double\(value: int\) -> int → double\(value: float, times: int\)"):
        deploy.approve(store, workspace, ident, ME)
    assert status(store, ident) == "awaiting approval"
    assert entries(store)[-1].action == "deploy refused"
    assert verify(store).alterations == ()


def test_nothing_outside_of_the_workspace_is_written_for_a_record(workspace: Path, store: Store) -> None:
    edit = {"title": "t", "verified": True, "by_model": True}
    files = [{"path": "../escaped.py", "base": "", "after": "", "replacements": [[0, 0, "x = 1\n"]]}]
    ident = book.propose(store, path="a.py", name="f", kind="c", code="", tests="", provenance=Provenance(ME, "model"))
    book.test(store, ident)
    book.passed(store, ident, {"edit": {**edit, "files": files}})
    with pytest.raises(UserError, match="outside"):
        deploy.approve(store, workspace, ident, ME)
    assert not (workspace.parent / "escaped.py").exists()


def test_an_edit_that_the_editor_applied_was_approved_by_who_applied_it(workspace: Path, store: Store) -> None:
    ident = offer(store, workspace)
    deploy.applied(store, ident, ME)
    deploy.applied(store, ident, ME)  # again, after an undo
    assert [each.action for each in entries(store)][-2:] == ["approved", "deployed"]
    assert len(entries(store)) == 5


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("def f(a): ...", "def f(a): return 1", False),
        ("def f(a): ...", "def f(a: int) -> int: return 1", False),
        ("def f(a: int) -> int: ...", "def f(a: int): return 1", True),
        ("def f(a: int): ...", "def f(a: str): return 1", True),
        ("def f(a, b=1): ...", "def f(a, b=2): return 1", True),
        ("def f(a): ...", "def f(a, *, b): return 1", True),
        ("def f(a): ...", "async def f(a): return 1", True),
        ("def f(a): ...", "def f(a, /): return 1", True),
        ("class C:\n    def f(self): ...", "class C:\n    @staticmethod\n    def f(self): ...", True),
        ("class C:\n    def f(self): ...", "class C:\n    def f(self): return 1\n    def g(self): ...", False),
        ("def f(a): ...", "def g(b): ...", False),
        ("def f(a): ...", "def f(a", False),
    ],
)
def test_a_signature_is_what_callers_see(before: str, after: str, changed: bool) -> None:
    assert bool(changed_signatures(before, after)) is changed


# -- what a generation writes down ------------------------------------------------------------------------------------

SHOUT = '# shout("a b") -> "A B!", shout("x") -> "X!"\n'


def request(workspace: Path, text: str = SHOUT) -> GenerationRequest:
    path = workspace / "app.py"
    path.write_text(text)
    return GenerationRequest(workspace, path, text, 0)


def test_what_is_offered_awaits_approval_and_is_whole(workspace: Path, store: Store) -> None:
    proposal = generate(request(workspace), sandbox=None, model=None, store=store)
    kept = book.proposal(store, proposal.id)
    assert kept is not None
    assert (kept.status, kept.path, kept.code) == ("awaiting approval", "app.py", proposal.code)
    assert kept.provenance["author"] == person() == ME
    assert kept.provenance["specification"] == SHOUT.strip("# \n")
    assert kept.result["edit"]["files"][0]["path"] == "app.py"
    deploy.approve(store, workspace, proposal.id, ME)
    deploy.deploy(store, workspace, proposal.id, ME)
    assert proposal.code in (workspace / "app.py").read_text()
    assert verify(store).alterations == ()


def test_a_draft_that_was_given_up_is_rejected_and_not_left_in_the_middle(
    workspace: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from suture.codegen import rounds

    def interrupted(*_: object, **__: object) -> None:
        raise Cancelled

    monkeypatch.setattr(rounds, "validate", interrupted)
    with pytest.raises(Cancelled):
        generate(request(workspace), sandbox=None, model=None, store=store)
    found = book.proposals(store)
    assert found
    assert {(each.status, each.reason) for each in found} == {("rejected", "cancelled")}


def test_a_generation_that_breaks_off_leaves_nothing_in_the_middle(
    workspace: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("suture.codegen.rounds.validate", broken)
    with pytest.raises(KeyboardInterrupt):
        generate(request(workspace), sandbox=None, model=None, store=store)
    (kept,) = book.proposals(store)
    assert (kept.status, kept.reason) == ("rejected", "broke off: KeyboardInterrupt")


def test_without_a_record_it_is_offered_and_says_that_it_cannot_be_applied(
    workspace: Path, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError("no space left on device")

    monkeypatch.setattr(recording.book, "propose", full)
    proposal = generate(request(workspace), sandbox=None, model=None, store=store)
    assert (proposal.status, proposal.id) == ("offered", "")
    assert any("cannot be approved and applied" in each for each in proposal.notes)
    assert "no space left" in caplog.text
    assert main(["generate", "app.py:1", "--no-model", "--apply"]) == 3
    assert (workspace / "app.py").read_text() == SHOUT


# -- killed -----------------------------------------------------------------------------------------------------------

DEPLOYER = """
import sys
from pathlib import Path
from suture.analyzers.findings import Edit, FileEdit, Replacement, text_hash
from suture.analyzers.store import open_store
from suture.codegen.artifacts import book, deploy
from suture.codegen.artifacts.files import edit_to_record
from suture.codegen.artifacts.records import Provenance
root, turn = Path(sys.argv[1]), sys.argv[2]
code, old = "x = 1\\n" * 3000, "# a module\\n"
with open_store(root) as store:
    for number in range(10_000):
        module, test = root / f"m{turn}_{number}.py", root / "tests" / f"test_m{turn}_{number}.py"
        module.write_text(old)
        files = (FileEdit(str(module), text_hash(old), (Replacement(len(old), len(old), code),)),
                 FileEdit(str(test), "", (Replacement(0, 0, code),)))
        ident = book.propose(store, path=module.name, name="f", kind="c", code=code, tests=code,
                             provenance=Provenance("ada", "model"))
        book.test(store, ident)
        edit = edit_to_record(Edit("t", files, 0.8, verified=True), root, {str(module): old})
        book.passed(store, ident, {"edit": edit, "verified": True})
        deploy.approve(store, root, ident, "ada")
        deploy.deploy(store, root, ident, "ada")
        print("ready", flush=True)
"""


@pytest.mark.slow
def test_a_deployment_killed_at_any_moment_leaves_whole_files_and_goes_on(workspace: Path, store: Store) -> None:
    times = random.Random(7)
    code, old = "x = 1\n" * 3000, "# a module\n"
    for turn in range(4):
        command = [sys.executable, "-c", DEPLOYER, str(workspace), str(turn)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(times.uniform(0.05, 0.5))
        writer.kill()
        writer.wait()
        writer.stdout.close()
        assert verify(store).alterations == ()
        for each in book.proposals(store, limit=10_000):
            module = workspace / each.path
            test = workspace / "tests" / f"test_{each.path}"
            assert module.read_text() in (old, old + code)
            assert not test.exists() or test.read_text() == code
            if each.status == "approved":
                deploy.deploy(store, workspace, each.id, ME)
            if each.status in ("approved", "deployed"):
                assert (module.read_text(), test.read_text()) == (old + code, code)
            else:
                assert module.read_text() == old, "nothing is written before it is approved"
    assert "deployed" in {each.status for each in book.proposals(store, limit=10_000)}
    assert list(workspace.rglob("*.suture")) == [], "nothing of a killed writer is left"
