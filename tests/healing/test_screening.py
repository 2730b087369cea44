"""Drafts that fail still are found out many at a time; nothing is believed that the command itself does not show."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Outcome, Sandbox
from suture.healing.fault import Fault
from suture.healing.logic.trial import program_of
from suture.healing.probe import Run, run_command
from suture.healing.repair import Context, Draft
from suture.healing.screening import Screen
from suture.healing.verify import State, search
from suture.healing.workspace import Workspace

Write = Callable[[Mapping[str, str | bytes]], Path]
COMMAND = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")

FILES = {
    "mod.py": "def half(n):\n    return n / 3\n",
    "test_mod.py": "import mod\n\n\ndef test_half():\n    assert mod.half(4) == 2\n\n\ndef test_zero():\n"
    "    assert mod.half(0) == 0\n",
}


def mod(body: str) -> dict[str, str]:
    return {"mod.py": f"def half(n):\n    return {body}\n"}


def screen_of(workspace: Workspace, sandbox: Sandbox) -> Screen:
    first = run_command(workspace, COMMAND, sandbox=sandbox, timeout_s=30)
    program = program_of(COMMAND)
    assert program is not None
    return Screen(workspace, first, first.fault.tests, program, COMMAND, sandbox, lambda: 60.0)


def test_of_many_drafts_those_that_fail_still_are_known_with_how_they_fail(write: Write, sandbox: Sandbox) -> None:
    workspace = Workspace(write(FILES))
    screen = screen_of(workspace, sandbox)
    texts = [mod("n / 2"), mod("n / 5"), mod("m / 2"), mod("n /"), mod("[][n]"), {"test_mod.py": "assert True\n"}]
    views = [workspace.with_texts(each) for each in texts]
    screen.prepare(views)
    won, wrong, name, syntax, index, of_tests = (screen.known(each) for each in views)
    assert (won, of_tests) == (None, None)
    assert wrong is not None
    assert (wrong.fault.category, wrong.failed) == ("test", {"test_mod.py::test_half"})
    assert name is not None
    assert (name.fault.exception, name.fault.path, name.fault.line) == ("NameError", "mod.py", 1)
    assert syntax is not None
    assert (syntax.fault.category, syntax.fault.line) == ("syntax", 1)
    assert index is not None
    assert index.fault.exception == "IndexError"
    for run, view in ((wrong, views[1]), (name, views[2]), (index, views[4])):
        alone = run_command(view, COMMAND, sandbox=sandbox, timeout_s=30)
        assert (alone.fault.exception, alone.fault.frames) == (run.fault.exception, run.fault.frames)
        assert alone.fault.message.split("\n")[0] == run.fault.message.split("\n")[0]


def test_where_the_unchanged_tests_fail_otherwise_nothing_is_believed(write: Write, sandbox: Sandbox) -> None:
    workspace = Workspace(write(FILES))
    screen = screen_of(workspace, sandbox)
    screen.first = replace(screen.first, fault=replace(screen.first.fault, exception="KeyError"))
    views = [workspace.with_texts(mod(f"n / {number}")) for number in range(3, 8)]
    screen.prepare(views)
    assert all(screen.known(each) is None for each in views)


def test_a_slow_suite_does_not_make_drafts_take_longer_than_there_is_time(write: Write, sandbox: Sandbox) -> None:
    workspace = Workspace(write(FILES))
    screen = screen_of(workspace, sandbox)
    screen.first = replace(screen.first, outcome=replace(screen.first.outcome, seconds=60.0))
    screen.left = lambda: 4.5
    loop = "n / 2\n\n\nimport time\ntime.sleep(600)"
    views = [workspace.with_texts(mod(each)) for each in (loop, "n / 5", "n / 6")]
    began = time.monotonic()
    screen.prepare(views)
    assert time.monotonic() - began < 30
    assert screen.known(views[0]) is None


@pytest.mark.parametrize(
    "look",
    [
        "subprocess.run([sys.executable, '-c', 'import mod; assert mod.half(4) == 2']).returncode == 0",
        "runpy.run_path(mod.__file__)['half'](4) == 2",
        "b'/ 2' in open(mod.__file__, 'rb').read()",
        "os.system(sys.executable + ' -c \"import mod; assert mod.half(4) == 2\"') == 0",
    ],
    ids=["process", "run_path", "open", "system"],
)
def test_what_tests_see_of_the_file_itself_is_no_word_on_a_draft(look: str, write: Write, sandbox: Sandbox) -> None:
    test = f"import os, runpy, subprocess, sys\n\nimport mod\n\n\ndef test_half():\n    assert {look}\n"
    workspace = Workspace(write({"mod.py": FILES["mod.py"], "test_mod.py": test}))
    screen = screen_of(workspace, sandbox)
    views = [workspace.with_texts(mod(each)) for each in ("n / 2", "n / 5", "n / 6")]
    screen.prepare(views)
    assert screen.known(views[0]) is None


def test_the_drafts_of_a_round_are_told_once_the_first_have_won_nothing(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(write(FILES))
    fault = Fault("test", "python", "AssertionError", path="mod.py", line=1, tests=("test_mod.py::test_half",))
    first = Run(Outcome("exit", 1, b"", b"", 1.0, "none"), fault, tests={"test_mod.py::test_half": "failed"})

    def drafts(fault: object, context: Context) -> Sequence[Draft]:
        return [Draft(f"{n}", mod(f"n / {n}"), 0.9) for n in range(4, 10)]

    monkeypatch.setattr("suture.healing.verify.propose", drafts)
    told: list[list[str | None]] = []

    def prepare(views: Sequence[Workspace]) -> None:
        told.append([each.text("mod.py") for each in views])

    found: list[State] = search(workspace, first, lambda view: first, deadline=1e12, prepare=prepare)
    assert not any(each.solved for each in found)
    assert told == [[mod(f"n / {n}")["mod.py"] for n in range(6, 10)]]
