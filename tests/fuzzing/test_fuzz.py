"""End to end, through the sandbox and the command line."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import UserError
from suture.analyzers.fuzzing.api import Done, Event, FuzzFinding, fuzz
from suture.analyzers.fuzzing.hunting import Hunt
from suture.analyzers.sandbox import Sandbox
from suture.analyzers.sandbox.interface import CallResult
from suture.server.cli.main import main

BROKEN = 'def mean(xs: list[float]) -> float:\n    """Mean; 0.0 when empty."""\n    return sum(xs) / len(xs)\n'
GOOD = "def double(n: int) -> int:\n    return 2 * n\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.x]\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "mod.py").write_text(BROKEN + "\n\n" + GOOD)
    return tmp_path


def test_a_crash_becomes_a_finding_on_its_line_with_a_test(project: Path, sandbox: Sandbox) -> None:
    events = list(fuzz(project, project / "mod.py", "mean", sandbox=sandbox, budget_s=5))
    finding = next(each for each in events if isinstance(each, FuzzFinding))
    assert (finding.exception, finding.args, finding.line, finding.kind) == ("ZeroDivisionError", "([],)", 3, "crash")
    assert "mean([])" in finding.test
    diagnostic = finding.finding((project / "mod.py").read_text())
    assert (diagnostic.rule, diagnostic.range.line) == ("fuzz-counterexample", 2)
    assert diagnostic.evidence[0].kind == "reproduced"
    assert isinstance(events[-1], Done)
    assert events[-1].findings == 1


def test_unsaved_text_is_what_is_fuzzed(project: Path, sandbox: Sandbox) -> None:
    mended = BROKEN.replace("sum(xs) / len(xs)", "sum(xs) / len(xs) if xs else 0.0")
    events = list(fuzz(project, project / "mod.py", "mean", sandbox=sandbox, budget_s=1.5, text=mended))
    assert not [each for each in events if isinstance(each, FuzzFinding)]


def test_the_budget_is_kept_and_nothing_is_found_in_good_code(project: Path, sandbox: Sandbox) -> None:
    started = time.monotonic()
    events = list(fuzz(project, project / "mod.py", "double", sandbox=sandbox, budget_s=1.5))
    done = events[-1]
    assert isinstance(done, Done)
    assert (done.status, done.findings) == ("ok", 0)
    assert done.executions > 100
    assert time.monotonic() - started < 60


def test_a_budget_that_went_for_the_start_begins_again_when_it_is_warm(
    project: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, calls = vars(Hunt)["_call"], list[float]()

    def late(self: Hunt, wall_s: float, **more: Any) -> CallResult:
        calls.append(wall_s)
        result = usual(self, wall_s, **more)
        value = {"status": "ok", "executions": 0, "stage": "generation", "position": 0}
        return CallResult("exit", value, "", wall_s, "none") if len(calls) == 1 else result

    monkeypatch.setattr(Hunt, "_call", late)
    done = list(fuzz(project, project / "mod.py", "double", sandbox=sandbox, budget_s=2))[-1]
    assert isinstance(done, Done)
    assert done.executions > 0
    assert len(calls) == 2


def test_cancel_ends_it_at_once(project: Path, sandbox: Sandbox) -> None:
    started = time.monotonic()
    flag = {"stop": False}
    last: Event | None = None
    for event in fuzz(project, project / "mod.py", "double", sandbox=sandbox, budget_s=30, cancel=lambda: flag["stop"]):
        flag["stop"] = True
        last = event
    assert isinstance(last, Done)
    assert time.monotonic() - started < 25  # its time would not be over yet


def test_nothing_in_the_workspace_changes(project: Path, sandbox: Sandbox) -> None:
    (project / "mod.py").write_text("def f(n: int) -> int:\n    open('made.txt', 'w').close()\n    return n\n")
    list(fuzz(project, project / "mod.py", "f", sandbox=sandbox, budget_s=1))
    assert not (project / "made.txt").exists()


def test_a_target_that_does_not_exist_is_a_usage_error(project: Path, sandbox: Sandbox) -> None:
    with pytest.raises(UserError, match="mean"):
        next(iter(fuzz(project, project / "mod.py", "meen", sandbox=sandbox)))


def test_the_command_prints_events_and_keeps_the_test(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = f"{project / 'mod.py'}::mean"
    assert main(["fuzz", target, "--budget", "4s", "--write-test", "--output-format", "json-lines"]) == 1
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    finding = next(each for each in events if each["event"] == "finding")
    assert {"target", "args", "kwargs", "exception", "kind", "line", "shrunk", "test"} <= set(finding)
    assert events[-1]["event"] == "done"
    assert (project / "tests" / "test_fuzz_mod_mean.py").read_text() == finding["test"]


def test_the_command_explains_itself_to_people(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", f"{project / 'mod.py'}::mean", "--budget", "3s"]) == 1
    shown = capsys.readouterr().out
    assert "mean([]) raises ZeroDivisionError" in shown
    assert ">    3 |     return sum(xs) / len(xs)" in shown
    assert "--write-test" in shown


def test_the_command_ends_with_2_for_what_is_not_there(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", f"{project / 'nothing.py'}::f"]) == 2
    assert main(["fuzz", f"{project / 'mod.py'}::nothing"]) == 2
    assert "nothing" in capsys.readouterr().err


def test_good_code_ends_with_0(project: Path) -> None:
    assert main(["fuzz", f"{project / 'mod.py'}::double", "--budget", "1s"]) == 0


def test_a_module_that_does_not_import_ends_with_3(project: Path) -> None:
    (project / "mod.py").write_text("import no_such_module_anywhere\ndef f(n: int) -> int:\n    return n\n")
    assert main(["fuzz", f"{project / 'mod.py'}::f", "--budget", "2s"]) == 3
