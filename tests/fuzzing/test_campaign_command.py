"""``suture fuzz`` on files and folders, as people and programs use it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import Unavailable
from suture.analyzers.fuzzing.events import Done
from suture.analyzers.sandbox import Sandbox, watch
from suture.server.cli.main import main

BROKEN = 'def mean(xs: list[float]) -> float:\n    """Mean; 0.0 when empty."""\n    return sum(xs) / len(xs)\n'
GOOD = "def double(n: int) -> int:\n    return 2 * n\n"
NOT_THERE = (
    "import no_such_module_anywhere\ndef f(n: int) -> int:\n    return n\n\ndef g(n: int) -> int:\n    return n\n"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[tool.x]\n")
    (folder / "mod.py").write_text(BROKEN + "\n\n" + GOOD)
    (folder / "missing.py").write_text(NOT_THERE)
    monkeypatch.chdir(folder)
    return folder


def events(shown: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shown.splitlines()]


def test_a_folder_is_fuzzed_and_summed_up(project: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", ".", "--budget", "4s"]) == 1
    shown = capsys.readouterr().out
    assert "mean([]) raises ZeroDivisionError" in shown
    assert "Keep it: suture fuzz mod.py::mean --seed 0 --write-test" in shown
    assert "environment 2 times" in shown
    assert "No module named 'no_such_module_anywhere'" in shown
    assert "missing.py::f, missing.py::g" in shown
    assert "1 found in 4 targets" in shown


def test_targets_that_cannot_be_imported_end_with_3_only_if_no_other_was_fuzzed(
    project: Path, sandbox: Sandbox
) -> None:
    assert main(["fuzz", "missing.py", "--budget", "3s"]) == 3
    assert main(["fuzz", "missing.py", "mod.py::double", "--budget", "3s"]) == 0


def test_every_line_names_its_file(project: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    main(["fuzz", "mod.py", "missing.py", "--budget", "600ms", "--output-format", "json-lines"])
    said = events(capsys.readouterr().out)
    assert {Path(each["path"]).name for each in said} == {"mod.py", "missing.py"}
    assert sorted(each["target"] for each in said if each["event"] == "done") == ["double", "f", "g", "mean"]


def test_the_list_of_targets_runs_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", ".", "--list"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "mod.py::mean"
    assert main(["fuzz", ".", "--list", "--output-format", "json"]) == 0
    assert {each["target"] for each in json.loads(capsys.readouterr().out)} == {"mean", "double", "f", "g"}


def test_what_was_found_is_tried_first_the_next_time(
    project: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    # 41719 is in the source in two halves, so that a short search with boundary values has little chance.
    (project / "rare.py").write_text("def rare(n: int) -> int:\n    return 1 // (n - int('417' + '19'))\n")
    command = ["fuzz", "rare.py::rare", "--output-format", "json-lines", "--budget"]
    from suture.analyzers.fuzzing.corpus import open_corpus
    from suture.analyzers.fuzzing.events import Input

    with open_corpus(project) as corpus:
        corpus.record(project / "rare.py", "rare", [Input("(41719,)")])
    assert main([*command, "1s", "--fresh"]) == 0
    capsys.readouterr()
    assert main([*command, "5s"]) == 1
    finding = next(each for each in events(capsys.readouterr().out) if each["event"] == "finding")
    assert finding["args"] == "(41719,)"
    with open_corpus(project) as corpus:
        assert corpus.inputs(project / "rare.py", "rare")[0] == Input("(41719,)")


def test_wrong_options_are_usage_errors(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", "mod.py", "--workers", "0"]) == 2
    assert main(["fuzz", "mod.py", "--python", "nothing"]) == 2
    assert main(["fuzz", "mod.py", "--changed"]) == 2
    assert "git repository" in capsys.readouterr().err


def test_without_distributed_a_cluster_is_a_usage_error_that_says_what_to_install(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["fuzz", "mod.py", "--scheduler", "tcp://127.0.0.1:1"]) == 2
    assert "pip install 'suture[cluster]'" in capsys.readouterr().err


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_ctrl_c_prints_what_was_found_and_leaves_no_process(project: Path, sandbox: Sandbox, workers: str) -> None:
    start = "import sys; from suture.server.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", start, "fuzz", "mod.py", "--budget", "60s", "--workers", workers]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stderr is not None
    assert "mean([]) raises ZeroDivisionError" in child.stdout.readline()
    tree = watch.tree(child.pid)
    assert len(tree) > 1
    child.send_signal(signal.SIGINT)
    out, err = child.stdout.read(), child.stderr.read()
    assert child.wait(20) == 130
    assert "stopped" in err
    assert "Keep it" in out
    deadline = time.monotonic() + 20
    while any(os.path.exists(f"/proc/{pid}") for pid in tree) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in tree if os.path.exists(f"/proc/{pid}")]


def test_what_was_done_before_a_failure_is_shown(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from suture.analyzers.fuzzing import campaign

    def failing(jobs: Sequence[campaign.Job], **_: object) -> Iterator[campaign.Happened]:
        yield campaign.Told(jobs[0], Done(jobs[0].name, 417, 1.0))
        raise Unavailable("the cluster went away", "start it again")

    monkeypatch.setattr(campaign, "run_campaign", failing)
    assert main(["fuzz", "mod.py"]) == 3
    shown = capsys.readouterr()
    assert "417" in shown.out
    assert "1 had no turn" in shown.out
    assert "the cluster went away (start it again)" in shown.err


@pytest.mark.slow
def test_property_tests_are_written_and_say_on_what_they_fail(
    project: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "tests").mkdir()
    assert main(["fuzz", "mod.py::double", "--write-property-tests"]) == 0
    assert "tests/test_properties_mod_double.py, run before it was kept" in capsys.readouterr().out
    assert "from hypothesis import" in (project / "tests" / "test_properties_mod_double.py").read_text()
