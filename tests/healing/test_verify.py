"""What is run to verify an edit: of a large suite only what matters, and nothing that cannot win any more."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Outcome, Sandbox
from suture.healing import verify
from suture.healing.api import HealReport, heal_command
from suture.healing.fault import NO_FAULT, Category, Fault
from suture.healing.probe import Run, Selection, run_command
from suture.healing.repair import Context, Draft
from suture.healing.suite import suite_of
from suture.healing.workspace import Workspace

Write = Callable[[Mapping[str, str | bytes]], Path]

PYTEST = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")


def heal(root: Path, sandbox: Sandbox, *command: str, timeout_s: float = 30) -> HealReport:
    return heal_command(root, command, sandbox=sandbox, timeout_s=timeout_s)


def test_of_a_selection_only_its_tests_are_run_the_failing_ones_first(write: Write, sandbox: Sandbox) -> None:
    files = {
        "test_a.py": "def test_one():\n    pass\n\n\ndef test_two():\n    pass\n\n\n"
        "def test_bad():\n    assert len([]) == 0\n",
        "test_b.py": "raise OSError('this file is not collected')\n",
    }
    workspace = Workspace(write(files))
    select = Selection(("test_a.py::test_bad",), ("test_a.py::test_two",))
    run = run_command(workspace, PYTEST, sandbox=sandbox, timeout_s=30, select=select)
    assert run.ok
    assert list(run.tests) == ["test_a.py::test_bad", "test_a.py::test_two"]
    assert run.selected == {"test_a.py::test_bad", "test_a.py::test_two"}


@pytest.mark.parametrize(
    ("bad", "good", "ran"), [("1 == 2", "True", {"test_bad"}), ("True", "1 == 2", {"test_bad", "test_good"})]
)
def test_a_run_ends_once_nothing_can_be_won_or_something_is_lost(
    bad: str, good: str, ran: set[str], write: Write, sandbox: Sandbox
) -> None:
    text = (
        f"def test_bad():\n    assert {bad}\n\n\ndef test_good():\n    assert {good}\n\n\ndef test_last():\n    pass\n"
    )
    workspace = Workspace(write({"test_a.py": text}))
    names = {each: f"test_a.py::{each}" for each in ("test_bad", "test_good", "test_last")}
    select = Selection((names["test_bad"],), (names["test_good"], names["test_last"]))
    run = run_command(workspace, PYTEST, sandbox=sandbox, timeout_s=30, select=select)
    assert set(run.tests) == {names[each] for each in ran}


def test_the_other_failing_tests_are_run_once_the_first_are_won_and_end_nothing(write: Write, sandbox: Sandbox) -> None:
    text = "def test_bad():\n    assert {}\n\n\ndef test_good():\n    pass\n\n\ndef test_worse():\n    assert 1 == 2\n"
    names = {each: f"test_a.py::{each}" for each in ("test_bad", "test_good", "test_worse")}
    select = Selection((names["test_bad"],), (names["test_good"],), (names["test_worse"],))
    for won, ran in ((True, ["test_bad", "test_worse", "test_good"]), (False, ["test_bad"])):
        workspace = Workspace(write({"test_a.py": text.format(won)}))
        run = run_command(workspace, PYTEST, sandbox=sandbox, timeout_s=30, select=select)
        assert list(run.tests) == [names[each] for each in ran]


def test_a_file_that_could_not_be_collected_is_selected_with_all_its_tests(write: Write, sandbox: Sandbox) -> None:
    files = {
        "test_a.py": "def test_one():\n    pass\n\n\nclass TestTwo:\n    def test_two(self):\n        pass\n",
        "test_b.py": "def test_three():\n    pass\n\n\ndef test_four():\n    pass\n",
    }
    select = Selection(("test_a.py",), ("test_b.py::test_three",))
    run = run_command(Workspace(write(files)), PYTEST, sandbox=sandbox, timeout_s=30, select=select)
    assert run.ok
    assert list(run.tests) == ["test_a.py::test_one", "test_a.py::TestTwo::test_two", "test_b.py::test_three"]


def suite_files(count: int, each: int) -> dict[str, str]:
    """``count`` modules with a test file of ``each`` tests."""
    files: dict[str, str] = {}
    for number in range(count):
        files[f"mod{number}.py"] = "def double(n):\n    return n + n\n"
        tests = "".join(f"\n\ndef test_{n}():\n    assert mod{number}.double({n}) == {2 * n}\n" for n in range(each))
        files[f"test_mod{number}.py"] = f"import time\n\nimport mod{number}\n\ntime.sleep(0.02)\n{tests}"
    return files


@pytest.mark.slow
def test_a_suite_of_5000_tests_is_healed_running_what_matters(
    write: Write, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = suite_files(50, 100)
    files["mod7.py"] = "def double(n):\n    return n - n\n"
    runs: list[int] = []

    def counted(*args: object, **options: object) -> object:
        run = run_command(*args, **options)  # type: ignore[arg-type]
        runs.append(len(run.tests))
        return run

    monkeypatch.setattr("suture.healing.command.run_command", counted)
    report = heal(write(files), sandbox, *PYTEST, timeout_s=240)
    assert report.best is not None
    assert report.best.texts == {str(report.root / "mod7.py"): "def double(n):\n    return n + n\n"}
    assert runs[0] == 5000
    assert sum(count == 5000 for count in runs[1:]) <= 1
    assert all(count <= 200 for count in runs[1:] if count != 5000)
    assert "5000 passed" in json.dumps([each.summary for each in report.best.edit.evidence])


def test_affected_tests_are_those_beside_the_failing_one_and_those_that_import_what_changed(
    write: Write, sandbox: Sandbox
) -> None:
    files = suite_files(3, 5)
    files["mod1.py"] = "def double(n):\n    return n - n\n"
    files["test_far.py"] = (
        "import time\n\nfrom mod2 import double\n\n\ndef test_far():\n    time.sleep(1.1)\n    double(1)\n"
    )
    workspace = Workspace(write(files))
    first = run_command(workspace, PYTEST, sandbox=sandbox, timeout_s=60)
    suite = suite_of(workspace, first)
    assert suite is not None
    assert {name.partition("::")[0] for name in suite.failing} == {"test_mod1.py"}
    assert {name.partition("::")[0] for name in suite.affected(["mod2.py"])} == {
        "test_mod1.py",
        "test_mod2.py",
        "test_far.py",
    }
    # What is known to have run the file comes first, though nothing imports it from there.
    ran = {
        "test_mod0.py::test_3": {"mod2.py"},
        "test_mod0.py::test_4": {"mod0.py"},
        "test_mod1.py::test_0": {"mod2.py"},
    }
    known = suite.affected(["mod2.py"], ran)
    assert known[0] == "test_mod0.py::test_3"
    assert "test_mod0.py::test_4" not in known


def test_what_is_cheap_to_run_is_run_as_a_whole(write: Write, sandbox: Sandbox) -> None:
    workspace = Workspace(write({"test_a.py": "def test_a():\n    assert 1 == 2\n"}))
    first = run_command(workspace, PYTEST, sandbox=sandbox, timeout_s=30)
    assert suite_of(workspace, first) is None


@pytest.mark.parametrize(
    ("category", "excused", "promised"),
    [("syntax", True, "almost = 1\n"), ("syntax", False, ""), ("type", True, "")],
)
def test_an_edit_behind_which_tests_fail_is_not_offered_before_one_behind_which_none_does(
    category: Category, excused: bool, promised: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file could not be collected before, so that nobody knows what its tests would do."""

    def excuse(state: verify.State) -> bool:
        return excused

    workspace = Workspace(write({"mod.py": "broken"}))

    def run(code: int, tests: dict[str, str], fault: Fault = NO_FAULT) -> Run:
        return Run(Outcome("exit", code, b"", b"", 2.0, "none"), fault, tests=tests)

    first = run(2, {"test_a.py": "failed"}, Fault(category, path="mod.py", line=0, tests=("test_a.py",)))
    ends = {
        "wrong = 1\n": {"test_a.py::test_one": "passed", "test_b.py::test_two": "failed"},
        "almost = 1\n": {"test_a.py::test_one": "passed", "test_a.py::test_two": "passed"},
    }
    first = replace(first, tests={"test_a.py": "failed", "test_b.py": "failed"})
    ends["almost = 1\n"] |= {f"test_b.py::test_{n}": "passed" for n in range(3)} | {"test_b.py::test_3": "failed"}
    ends["wrong = 1\n"] |= {"test_b.py::test_3": "failed"}
    right = {"test_a.py::test_one": "passed", "test_b.py::test_3": "passed"}
    texts = [*ends]

    def execute(view: Workspace) -> Run:
        text = view.text("mod.py") or ""
        return run(0, right) if text == "right = 1\n" else run(1, ends[text], Fault("test", path="mod.py", line=0))

    def drafts(fault: Fault, context: Context) -> list[Draft]:
        if fault.category == "test":
            return []
        return [Draft(text, {"mod.py": text}, 0.9 - 0.1 * n) for n, text in enumerate(texts)]

    monkeypatch.setattr(verify, "propose", drafts)
    found = verify.search(workspace, first, execute, deadline=time.monotonic() + 60, excuse=excuse)
    assert [each.texts["mod.py"] for each in found if each.solved] == ([promised] if promised else [])
    texts.append("right = 1\n")
    found = verify.search(workspace, first, execute, deadline=time.monotonic() + 60, excuse=excuse)
    assert [each.texts["mod.py"] for each in found if each.solved] == ["right = 1\n"]


@pytest.mark.parametrize(
    ("before", "after", "further"),
    [
        (("E0369",), ("E0508", "E0507"), True),  # types fit; what is moved is looked at after them
        (("E0432",), ("E0308", "E0277"), True),
        (("E0308",), ("E0425",), False),
        (("E0308", "E0277"), ("E0308",), True),
        (("E0308",), ("E0308", "E0277"), False),
    ],
)
def test_a_rust_compiler_that_reaches_a_later_stage_got_further(
    before: tuple[str, ...], after: tuple[str, ...], further: bool
) -> None:
    def fault(codes: tuple[str, ...]) -> Fault:
        first, *others = (Fault("compile", "rust", path="main.rs", line=1, code=code) for code in codes)
        return replace(first, others=tuple(others))

    assert verify.later(fault(before), fault(after)) is further


def test_an_edit_that_mends_only_some_of_the_tests_that_failed_at_one_place_is_not_what_was_meant(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(write({"mod.py": "broken"}))
    fault_tests: tuple[str, ...] = ("test_one", "test_two", "test_far")
    fault = Fault("type", path="mod.py", line=0, tests=fault_tests)

    def run(outcomes: str, fault: Fault, alike: frozenset[str] = frozenset()) -> Run:
        tests: dict[str, str] = dict(zip(fault_tests, outcomes.split(), strict=True))
        return Run(Outcome("exit", 1, b"", b"", 2.0, "none"), fault, tests=tests, alike=alike)

    first = run("failed failed failed", fault, frozenset({"test_one", "test_two"}))
    ends = {"some = 1\n": "passed failed failed", "all = 1\n": "passed passed failed"}
    later = Fault("test", path="mod.py", line=1)

    def drafts(fault: Fault, context: Context) -> list[Draft]:
        return [Draft(text, {"mod.py": text}, 0.9) for text in ends] if fault is first.fault else []

    monkeypatch.setattr(verify, "propose", drafts)
    found = verify.search(
        workspace, first, lambda view: run(ends[view.text("mod.py") or ""], later), deadline=time.monotonic() + 60
    )
    assert [each.texts["mod.py"] for each in found if each.solved] == ["all = 1\n"]


def test_a_run_names_the_tests_that_failed_where_the_first_one_did(write: Write, sandbox: Sandbox) -> None:
    tests = "from mod import half\n\n\ndef test_a():\n    half('a')\n\n\ndef test_b():\n    half('b')\n"
    tests += "\n\ndef test_c():\n    assert half(2) == 2\n"
    workspace = Workspace(write({"mod.py": "def half(n):\n    return n / 2\n", "test_mod.py": tests}))
    run = run_command(workspace, PYTEST, sandbox=sandbox, timeout_s=60)
    assert run.alike == {"test_mod.py::test_a", "test_mod.py::test_b"}


BAD = "def test_good():\n    pass\n\n\ndef test_bad():\n    assert {}\n\n\ndef test_last():\n    assert {}\n"
WHOLE = Selection(("test_a.py::test_bad",), ("test_a.py::test_good", "test_a.py::test_last"), whole=True)


def test_a_run_of_the_whole_leaves_nothing_out_and_keeps_the_order(write: Write, sandbox: Sandbox) -> None:
    files = {"test_a.py": BAD.format(True, True), "test_b.py": "def test_new():\n    pass\n"}
    run = run_command(Workspace(write(files)), PYTEST, sandbox=sandbox, timeout_s=30, select=WHOLE)
    alone = run_command(Workspace(write(files)), PYTEST, sandbox=sandbox, timeout_s=30)
    assert run.ok
    assert list(run.tests.items()) == list(alone.tests.items())
    assert len(run.tests) == 4
    assert (run.selected, run.stopped) == (None, False)


@pytest.mark.parametrize(
    ("bad", "last", "stopped", "ran"), [(False, True, True, 2), (True, False, True, 3), (True, True, False, 4)]
)
def test_a_run_of_the_whole_says_that_it_was_ended_before_its_end(
    bad: bool, last: bool, stopped: bool, ran: int, write: Write, sandbox: Sandbox
) -> None:
    files = {"test_a.py": BAD.format(bad, last), "test_b.py": "def test_new():\n    assert 1 == 2\n"}
    run = run_command(Workspace(write(files)), PYTEST, sandbox=sandbox, timeout_s=30, select=WHOLE)
    assert (run.stopped, len(run.tests)) == (stopped, ran)


@pytest.mark.parametrize("session", [True, False], ids=["all of it", "ended early"])
def test_what_a_short_suite_shows_over_a_draft_is_a_run_of_the_command(
    session: bool, write: Write, sandbox: Sandbox
) -> None:
    files = {
        "halves.py": "def half(n):\n    return n / 3\n",
        "test_far.py": "import time\n\n\ndef test_far():\n    time.sleep(1.1)\n\n\ndef test_farther():\n    pass\n",
        "test_halves.py": "from halves import half\n\n\ndef test_half():\n    assert half(4) == 2\n\n\n"
        "def test_zero():\n    assert half(0) == 0\n",
    }
    workspace = Workspace(write(files))
    first = run_command(workspace, PYTEST, sandbox=sandbox, timeout_s=30)
    first = replace(first, outcome=replace(first.outcome, seconds=2.0))
    suite = suite_of(workspace, first)
    assert suite is not None
    view = workspace.with_texts({"halves.py": f"def half(n):\n    return n / {2 if session else 5}\n"})
    chosen: list[Selection] = []

    def run(view: Workspace, select: Selection) -> Run:
        chosen.append(select)
        return run_command(view, PYTEST, sandbox=sandbox, timeout_s=30, select=select)

    judged = suite.judge(view, run)
    assert [each.whole for each in chosen] == [True]
    assert judged.ok == session
    seen = {"test_far.py::test_far", "test_far.py::test_farther", "test_halves.py::test_half"}
    assert judged.selected == (None if session else seen)
    assert verify.is_solved(first, judged) == session
    assert not verify.lost(first, judged)


@pytest.mark.parametrize(("option", "broken"), [("-x", ""), ("--maxfail=1", ""), ("-q", "def"), ("-q", "")], ids=str)
def test_a_suite_that_did_not_come_to_its_end_is_not_thought_to_be_short(
    option: str, broken: str, write: Write, sandbox: Sandbox
) -> None:
    files = {"test_a.py": BAD.format(False, True) + "\n\ndef test_more():\n    pass\n", "test_b.py": broken}
    workspace = Workspace(write(files))
    first = run_command(workspace, (*PYTEST, option), sandbox=sandbox, timeout_s=30)
    assert first.cut_short == ("x" in option or bool(broken))
    tests = {**first.tests, **{f"test_a.py::{each}": "passed" for each in "abc"}}
    suite = suite_of(workspace, replace(first, tests=tests, outcome=replace(first.outcome, seconds=2.0)))
    assert suite is not None
    chosen: list[Selection] = []

    def run(view: Workspace, select: Selection) -> Run:
        chosen.append(select)
        return first

    suite.judge(workspace.with_texts({"test_b.py": "pass\n"}), run)
    assert [each.whole for each in chosen] == [not first.cut_short]


def test_a_short_suite_is_run_once_over_what_is_offered(
    write: Write, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = suite_files(3, 5)
    files["mod1.py"] = "def double(n):\n    return m + n\n"
    files["test_slow.py"] = "import time\n\n\ndef test_slow():\n    time.sleep(1.1)\n"
    root, chosen = write(files), list[object]()

    def counted(*args: object, **options: object) -> Run:
        chosen.append(options.get("select"))
        return run_command(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("suture.healing.command.run_command", counted)
    monkeypatch.setattr("suture.healing.suite.AT_ONCE_S", 60.0)
    report = heal(root, sandbox, *PYTEST, timeout_s=60)
    assert report.best is not None
    assert report.best.texts == {str(root / "mod1.py"): "def double(n):\n    return n + n\n"}
    assert chosen.count(None) == 1


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"conftest.py": "def pytest_runtest_logfinish(nodeid):\n    1 / int('bad' not in nodeid)\n"}, False),
        ({"test_b.py": "def test_worse():\n    assert False\n"}, True),
        ({"test_b.py": "def"}, True),
    ],
    ids=["the runner breaks", "another fault", "one of the collection"],
)
def test_a_fault_is_not_gone_where_the_test_runner_itself_breaks(
    files: Mapping[str, str], found: bool, write: Write, sandbox: Sandbox
) -> None:
    test = "test_a.py::test_bad"
    fault = Fault("test", exception="AssertionError", path="test_a.py", line=5, tests=(test,))
    passed = {"test_a.py::test_good": "passed", "test_a.py::test_last": "passed", test: "failed"}
    before = Run(Outcome("exit", 1, b"", b"", 1.0, "none"), fault, tests=passed)
    text = BAD.replace("test_last", "test_early").replace("test_bad", "test_last").replace("test_early", "test_bad")
    workspace = Workspace(write({**files, "test_a.py": text.format(True, True)}))
    after = run_command(workspace, (*PYTEST, "--continue-on-collection-errors"), sandbox=sandbox, timeout_s=30)
    assert not after.ok
    assert after.tests[test] == "passed"
    assert verify.is_solved(before, after) == found


def test_a_test_that_is_skipped_is_not_mended() -> None:
    fault = Fault("test", exception="AssertionError", path="test_a.py", line=5, tests=("a",))
    before = Run(Outcome("exit", 1, b"", b"", 1.0, "none"), fault, tests={"a": "failed", "b": "passed"})
    for told, solved in (("skipped", False), ("passed", True)):
        after = Run(Outcome("exit", 0, b"", b"", 1.0, "none"), NO_FAULT, tests={"a": told, "b": "passed"})
        assert verify.is_solved(before, after) == solved


@pytest.mark.parametrize(
    ("told", "solved"), [({"b": "passed"}, False), ({"a[2]": "passed", "b": "passed"}, True), ({}, False)]
)
def test_a_test_of_which_nothing_is_told_any_more_is_not_mended(told: Mapping[str, str], solved: bool) -> None:
    """A program that ends itself well in the middle ends the run of its tests well, too."""
    fault = Fault("test", exception="AssertionError", path="test_a.py", line=5, tests=("a[1]",))
    before = Run(Outcome("exit", 1, b"", b"", 1.0, "none"), fault, tests={"b": "passed", "a[1]": "failed"})
    after = Run(Outcome("exit", 0, b"", b"", 1.0, "none"), NO_FAULT, tests=told)
    assert verify.is_solved(before, after) == solved
