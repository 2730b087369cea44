"""Healing end to end, in the real sandbox: failing commands, static faults, and what must never be offered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from suture.analyzers.engine import analyse
from suture.analyzers.errors import Cancelled
from suture.analyzers.sandbox import Outcome, Sandbox
from suture.healing.api import HealReport, heal_command, heal_finding
from suture.healing.command import compared
from suture.healing.fault import Fault
from suture.healing.modelling import Model
from suture.healing.probe import Run, run_command
from suture.healing.verify import State
from suture.healing.workspace import Workspace

Write = Callable[[Mapping[str, str | bytes]], Path]

TESTS = """\
from shapes import area, volume


def test_area():
    assert area(2, 3) == 6


def test_volume():
    assert volume(1, 2, 3) == 6
"""


def heal(root: Path, sandbox: Sandbox, *command: str, timeout_s: float = 10) -> HealReport:
    return heal_command(root, command, sandbox=sandbox, timeout_s=timeout_s)


def new_text(report: HealReport, name: str) -> str:
    assert report.best is not None
    return report.best.texts[str(report.root / name)]


def test_a_script_is_healed_by_an_edit_that_was_run(write: Write, sandbox: Sandbox) -> None:
    root = write({"main.py": "def f(x)\n    return x\n\n\nprint(f(1))\n"})
    report = heal(root, sandbox, "python", "main.py")
    assert report.fault.category == "syntax"
    assert report.fault.path == str(root / "main.py")
    assert new_text(report, "main.py").startswith("def f(x):\n")
    assert report.best is not None
    evidence = report.best.edit.evidence[0]
    assert (evidence.kind, evidence.data["before"], evidence.data["after"]) == ("ran", 1, 0)
    assert evidence.data["sandbox"] == sandbox.backend
    assert (root / "main.py").read_text().startswith("def f(x)\n"), "the workspace itself is not touched"


def test_a_failing_test_is_healed_and_the_evidence_counts_tests(write: Write, sandbox: Sandbox) -> None:
    shapes = "def area(w, height):\n    return w * heigh\n\n\ndef volume(w, h, d):\n    return w * h * d\n"
    root = write({"shapes.py": shapes, "test_shapes.py": TESTS})
    report = heal(root, sandbox, "python", "-m", "pytest", "-q")
    assert report.fault.category == "name"
    assert report.fault.tests == ("test_shapes.py::test_area",)
    assert "return w * height" in new_text(report, "shapes.py")
    assert report.best is not None
    evidence = report.best.edit.evidence[0]
    assert evidence.kind == "tested"
    assert (evidence.data["failed_before"], evidence.data["failed_after"], evidence.data["passed_after"]) == (1, 0, 2)


@pytest.mark.slow
def test_pytest_can_be_called_by_its_own_name(write: Write, sandbox: Sandbox) -> None:
    root = write({"test_x.py": "def test_x():\n    assert len(json.dumps([])) == 2\n"})
    report = heal(root, sandbox, "pytest", "-q")
    assert new_text(report, "test_x.py").startswith("import json\n")


@pytest.mark.slow
def test_a_test_file_that_cannot_be_collected_is_healed(write: Write, sandbox: Sandbox) -> None:
    test = "from shapes import aera\n\n\ndef test_x():\n    assert aera(1, 2) == 2\n"
    root = write({"shapes.py": "def area(w, h):\n    return w * h\n", "test_x.py": test})
    report = heal(root, sandbox, "python", "-m", "pytest", "-q")
    assert report.fault.exception == "ImportError"
    assert report.best is not None


def test_several_faults_of_one_file_are_mended_together(write: Write, sandbox: Sandbox) -> None:
    root = write({"main.py": "def f(x)\n    return x\n\n\nprint(f(Counter('aab')), json.dumps([1]))\n"})
    report = heal(root, sandbox, "python", "main.py")
    text = new_text(report, "main.py")
    assert "def f(x):" in text
    assert "from collections import Counter" in text
    assert "import json" in text


@pytest.mark.slow
def test_an_edit_that_breaks_another_test_is_not_verified(write: Write, sandbox: Sandbox) -> None:
    root = write(
        {
            "names.py": "first = 'a'\nfirts = 'b'\n\n\ndef get():\n    return fist\n",
            "test_names.py": "import names\n\n\ndef test_get():\n    assert names.get() == 'b'\n\n\n"
            "def test_first():\n    assert names.first == 'a' and names.firts == 'b'\n",
        }
    )
    report = heal(root, sandbox, "python", "-m", "pytest", "-q")
    for candidate in report.candidates:
        if candidate.edit.verified:
            assert "return firts" in candidate.texts[str(root / "names.py")]
    assert report.best is not None


def test_what_works_needs_no_healing(write: Write, sandbox: Sandbox) -> None:
    report = heal(write({"main.py": "print(1)\n"}), sandbox, "python", "main.py")
    assert (report.fault.category, report.candidates) == ("none", ())


def test_a_missing_distribution_is_named_and_nothing_is_edited(write: Write, sandbox: Sandbox) -> None:
    report = heal(write({"main.py": "import zzyzx_client\n"}), sandbox, "python", "main.py")
    assert report.fault.category == "dependency"
    assert report.fault.notes[0] == "the distribution zzyzx-client is not installed"
    assert report.candidates == ()


def test_a_command_that_is_not_there_is_a_missing_dependency(write: Write, sandbox: Sandbox) -> None:
    report = heal(write({"main.py": ""}), sandbox, "no-such-command")
    assert report.fault.category == "dependency"
    assert "no-such-command" in report.fault.message


def test_a_failing_unittest_run_is_healed(write: Write, sandbox: Sandbox) -> None:
    source = (
        "import unittest\n\n\nclass T(unittest.TestCase):\n    def setUp(self):\n        self.width = 2\n\n"
        "    def test_a(self):\n        self.assertEqual(self.widht, 2)\n"
    )
    report = heal(write({"test_u.py": source}), sandbox, "python", "-m", "unittest")
    assert report.fault.tests == ("test_a (test_u.T.test_a)",)
    assert "self.width, 2)" in new_text(report, "test_u.py")


def test_a_program_that_does_not_end_is_called_a_hang(write: Write, sandbox: Sandbox) -> None:
    report = heal(write({"main.py": "while True:\n    pass\n"}), sandbox, "python", "main.py", timeout_s=0.6)
    assert (report.fault.category, report.best) == ("hang", None)


SLOW = (
    "import time\nimport pytest\nfrom shop import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n\n\n"
    "@pytest.mark.parametrize('n', range(400))\ndef test_slow(n):\n    time.sleep(0.1)\n"
)


@pytest.mark.slow
def test_what_failed_in_a_suite_that_takes_longer_than_it_may_is_healed_and_what_was_heard_is_run_again(
    write: Write, sandbox: Sandbox
) -> None:
    shop = "def total(rows):\n    return sum(rowz)\n"
    root = write({"shop.py": shop, "test_shop.py": SLOW})
    report = heal(root, sandbox, "pytest", "-q", "-p", "no:cacheprovider", timeout_s=20)
    assert report.fault.exception == "NameError"
    assert any("--timeout" in note for note in report.fault.notes)
    assert "sum(rows)" in new_text(report, "shop.py")


@pytest.mark.slow
def test_a_suite_that_gets_on_is_not_said_to_hang_at_a_test(write: Write, sandbox: Sandbox) -> None:
    root = write({"shop.py": "total = sum\n", "test_shop.py": SLOW})
    fault = heal(root, sandbox, "pytest", "-q", "-p", "no:cacheprovider", timeout_s=20).fault
    assert (fault.category, fault.path) == ("hang", "")
    assert "none failed" in fault.notes[0]


def test_the_watch_for_a_hang_leaves_nothing_open_and_outlasts_a_failing_test(write: Write, sandbox: Sandbox) -> None:
    """pytest cancels the interpreter's timer at each failing test."""
    suite = "def test_a():\n    assert 1 == 2\n\n\ndef test_b():\n    while True:\n        pass\n"
    options = {
        "pytest.ini": "[pytest]\nfilterwarnings =\n  error::ResourceWarning\n"
        "  error::pytest.PytestUnraisableExceptionWarning\n"
    }
    command = ("pytest", "-q", "-p", "no:cacheprovider")
    short = run_command(
        Workspace(write({"test_a.py": suite.partition("def test_b")[0], **options})),
        command,
        sandbox=sandbox,
        timeout_s=120,
    )
    assert b"1 failed in" in short.outcome.stdout
    limit = max(6.0, 8 * short.outcome.seconds)  # many times what it takes here and now where it comes to its end
    ended = run_command(Workspace(write({"test_a.py": suite, **options})), command, sandbox=sandbox, timeout_s=limit)
    assert ended.fault.category == "hang"
    assert ended.fault.path == "test_a.py"
    assert ended.heard is not None
    assert ended.heard.failed == {"test_a.py::test_a"}


def test_a_program_that_fails_differently_each_time_is_called_flaky(write: Write, sandbox: Sandbox) -> None:
    source = "import os\n\nif os.urandom(8) > os.urandom(8):\n    raise KeyError\nelse:\n    raise ValueError\n"
    root = write({"main.py": source})
    assert any(heal(root, sandbox, "python", "main.py").fault.category == "flaky" for _ in range(20))


def test_a_second_run_that_is_cut_short_does_not_make_a_fault_flaky() -> None:
    def run(fault: Fault, code: int | None) -> Run:
        return Run(Outcome("exit" if code is not None else "timeout", code, b"", b"", 1.0, "none"), fault)

    first = run(Fault("name", exception="NameError", path="main.py", line=3), 1)
    assert compared(first, run(Fault("hang"), None)).differs == ""
    assert compared(first, run(Fault("runtime", exception="KeyError", path="main.py", line=3), 1)).differs
    assert compared(first, run(Fault("none"), 0)).differs


def test_a_second_run_that_ran_out_of_memory_does_not_make_a_fault_flaky() -> None:
    fault = Fault("test", exception="AssertionError", path="main.py", line=3)
    first = Run(Outcome("exit", 1, b"", b"", 1.0, "none"), fault)
    for reason in ("memory", "output", "environment"):
        again = Run(Outcome(reason, None, b"", b"", 1.0, "none"), Fault("runtime", message=reason))
        assert compared(first, again).differs == ""
    assert compared(first, Run(Outcome("signal", None, b"", b"", 1.0, "none"), Fault("runtime"))).differs


@pytest.mark.slow
def test_an_edit_over_which_the_suite_does_not_end_is_not_verified(write: Write, sandbox: Sandbox) -> None:
    files = {
        "mod.py": "def size(x):\n    return lenn(x)\n",
        "test_mod.py": "import mod\n\n\ndef test_size():\n    assert mod.size('ab') == 2\n",
        "test_slow.py": "import time\n\nimport pytest\n\n\n@pytest.mark.parametrize('n', range(4))\ndef test_n(n):\n"
        "    time.sleep(0.4)\n",
        "test_text.py": "import time\n\n\ndef test_text():\n    while 'len(' in open('mod.py').read():\n"
        "        time.sleep(0.1)\n",
    }
    report = heal(write(files), sandbox, "python", "-m", "pytest", "-q", timeout_s=20)
    assert report.fault.exception == "NameError"
    assert (report.best, report.first_verified_ms) == (None, None)
    told = [each.summary for each in report.candidates[0].edit.evidence]
    assert "len(x)" in "".join(report.candidates[0].diffs.values())
    assert any("5 of the 5 tests that passed before were not run over it" in each for each in told), told


@pytest.mark.slow
def test_a_failing_assertion_is_called_a_test(write: Write, sandbox: Sandbox) -> None:
    root = write({"test_x.py": "def test_x():\n    assert sorted([2, 1]) == [2, 1]\n"})
    report = heal(root, sandbox, "python", "-m", "pytest", "-q")
    assert report.fault.category == "test"
    assert report.best is None


def test_a_broken_data_file_is_called_configuration(write: Write, sandbox: Sandbox) -> None:
    root = write({"main.py": "import json\n\njson.load(open('x.json'))\n", "x.json": "<p>not JSON</p>"})
    report = heal(root, sandbox, "python", "main.py")
    assert (report.fault.category, report.best) == ("config", None)


def test_a_data_file_with_a_slip_is_mended_itself(write: Write, sandbox: Sandbox) -> None:
    program = "import json\n\nassert json.load(open('x.json')) == {'a': [1, 2]}\n"
    root = write({"main.py": program, "x.json": '{"a": [1, 2,]}\n'})
    report = heal(root, sandbox, "python", "main.py")
    assert report.fault.category == "config"
    assert report.best is not None
    assert report.best.texts == {str(root / "x.json"): '{"a": [1, 2]}\n'}


def test_unsaved_text_is_what_is_run_and_edited(write: Write, sandbox: Sandbox) -> None:
    root = write({"main.py": "print(1)\n"})
    files = {"main.py": b"print(jsn)\njson = 1\n", "extra.py": b"x = 1\n"}
    report = heal_command(root, ["python", "main.py"], sandbox=sandbox, files=files)
    assert report.fault.exception == "NameError"


def test_the_report_prints_the_contracts_keys(write: Write, sandbox: Sandbox) -> None:
    root = write({"main.py": "print(lenn('abc'))\n"})
    value = heal(root, sandbox, "python", "main.py").to_json()
    assert set(value) == {"command", "fault", "candidates", "elapsed_ms", "first_verified_ms"}
    fault, candidates = value["fault"], value["candidates"]
    assert isinstance(fault, Mapping)
    assert isinstance(candidates, list)
    assert (fault["path"], fault["line"], fault["category"]) == ("main.py", 1, "name")
    best = candidates[0]
    assert isinstance(best, Mapping)
    assert set(best) == {"title", "repair", "confidence", "verified", "evidence", "edits"}
    edits = best["edits"]
    assert isinstance(edits, list)
    assert isinstance(edits[0], Mapping)
    assert set(edits[0]) == {"path", "diff", "new_text"}
    assert edits[0]["path"] == "main.py"


def test_healing_stops_when_it_is_cancelled(write: Write, sandbox: Sandbox) -> None:
    root = write({"main.py": "print(x)\n"})
    with pytest.raises(Cancelled):
        heal_command(root, ["python", "main.py"], sandbox=sandbox, cancel=lambda: True)


def test_a_healing_that_is_cancelled_while_changes_are_sought_asks_no_model(
    write: Write, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    over: list[bool] = []
    asked: list[object] = []

    def nothing_found(*_: object, **__: object) -> list[State]:
        over.append(True)
        return []

    def ask(*_: object, **__: object) -> list[State]:
        asked.append(True)
        return []

    monkeypatch.setattr("suture.healing.command.search", nothing_found)
    monkeypatch.setattr("suture.healing.model_repair.heal_by_model", ask)
    root = write({"main.py": "def f(x)\n"})
    model = Model(cast(Any, None))
    with pytest.raises(Cancelled):
        heal_command(root, ["python", "main.py"], sandbox=sandbox, cancel=lambda: bool(over), model=model)
    assert (over, asked) == ([True], [])


def finding_of(path: Path, text: str, rule: str):
    return next(each for each in analyse(str(path), text).findings if each.rule == rule)


def test_a_syntax_error_in_the_editor_is_verified_by_compiling_the_file(write: Write, sandbox: Sandbox) -> None:
    root = write({"main.py": "x = 1\n"})
    path, text = root / "main.py", "def f(x)\n    return x\n"
    edits = heal_finding(root, path, text, finding_of(path, text, "syntax-error"), sandbox=sandbox)
    assert edits
    assert edits[0].verified
    assert edits[0].files[0].apply(text) == "def f(x):\n    return x\n"
    assert edits[0].evidence[0].data["command"] == ["python", "-m", "py_compile", "main.py"]


def test_an_undefined_name_in_the_editor_is_verified_by_importing_the_module(write: Write, sandbox: Sandbox) -> None:
    root = write({"main.py": "x = 1\n"})
    path, text = root / "main.py", "def f(x):\n    return Counter(x)\n"
    edits = heal_finding(root, path, text, finding_of(path, text, "undefined-name"), sandbox=sandbox)
    assert edits[0].verified
    assert edits[0].files[0].apply(text).startswith("from collections import Counter\n")


def test_without_a_sandbox_nothing_is_called_verified(write: Write) -> None:
    root = write({"main.py": "x = 1\n"})
    path, text = root / "main.py", "def f(x)\n    return x\n"
    edits = heal_finding(root, path, text, finding_of(path, text, "syntax-error"), sandbox=None)
    assert edits
    assert not any(edit.verified for edit in edits)


def test_a_check_that_does_not_end_in_time_is_said_and_verifies_nothing(write: Write) -> None:
    class Busy:
        backend = "busy"

        def run(self, *_: object) -> Outcome:
            return Outcome("timeout", None, b"", b"", 5.0, self.backend)

    root = write({"main.py": "x = 1\n"})
    path, text = root / "main.py", "def f(x)\n    return x\n"
    said: list[str] = []
    finding = finding_of(path, text, "syntax-error")
    busy: Any = Busy()
    edits = heal_finding(root, path, text, finding, sandbox=busy, on_cut_off=lambda: said.append("cut off"))
    assert [each.verified for each in edits[:1]] == [False]
    assert said == ["cut off"]


def test_a_module_that_resembles_another_but_cannot_be_spelt_otherwise_is_a_missing_distribution(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text("import colorsysx3\n\nprint(colorsysx3.Palette())\n", "utf-8")
    report = heal_command(tmp_path, ["python", "app.py"], sandbox=sandbox)
    assert report.fault.category == "dependency"
    assert "colorsysx3" in " ".join(report.fault.notes)
    assert report.candidates == ()
