"""``suture review`` prints what the command-line contract says, and nothing that it must not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.findings import REVIEWERS
from suture.analyzers.review import review_text
from suture.server.cli.main import commands, main
from suture.server.cli.review_settings import only

HOLE = "import os\n\n\ndef run(x):\n    os.system('ls ' + x)\n"
FIELDS = {
    *("path", "line", "column", "end_line", "end_column", "reviewer", "rule", "kind", "cwe", "severity", "confidence"),
    *("message", "suggestion", "evidence"),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "hole.py").write_text(HOLE)
    (tmp_path / "fine.py").write_text("x = 1\n")
    (tmp_path / "binary.py").write_bytes(b"\0" * 100)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json_lines_are_one_object_a_finding_and_one_a_file_that_could_not_be_analysed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["review", ".", "--output-format", "json-lines"]) == 1
    error, found = lines(capsys)
    assert error["path"] == "binary.py"
    assert "binary" in error["error"]
    assert set(found) >= FIELDS
    assert (found["path"], found["line"], found["column"]) == ("hole.py", 5, 5)
    assert (found["rule"], found["kind"], found["cwe"], found["reviewer"]) == (
        "shell-injection",
        "cmdi",
        [78],
        "security",
    )
    assert found["evidence"][0]["kind"] == "traced"
    assert [step["line"] for step in found["evidence"][0]["path"]] == [4, 5]


def test_json_is_one_document(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "hole.py", "--output-format", "json"]) == 1
    assert [each["rule"] for each in json.loads(capsys.readouterr().out)] == ["shell-injection"]


def test_the_findings_that_matter_most_come_first(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "a.py").write_text("import random\n\n\ndef token():\n    return random.random()\n")
    main(["review", ".", "--output-format", "json-lines"])
    costs = {"critical": 120, "high": 60, "medium": 25, "low": 8}
    everything = [each for each in lines(capsys) if "rule" in each]
    ranked = sorted(everything, key=lambda each: -costs[each["severity"]] * each["confidence"])
    assert len(ranked) > 1
    assert main(["review", ".", "--output-format", "json-lines", "--top", "1"]) == 1
    printed = capsys.readouterr()
    assert f"1 of {len(everything)} findings shown" in printed.err
    found, error = map(json.loads, printed.out.splitlines())
    assert found == ranked[0]
    assert error["path"] == "binary.py"
    assert main(["review", ".", "--top", "-1"]) == 2
    assert main(["review", ".", "--top", "1", "--diff", "HEAD"]) == 2


def test_a_file_with_two_findings_that_matter_is_counted_once(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "hole.py").write_text(HOLE + "\n\ndef walk(x):\n    os.system('cd ' + x)\n")
    assert main(["review", "hole.py", "fine.py", "--top", "9"]) == 1
    said = capsys.readouterr().out
    assert "2 files, 2 findings" in said
    assert "files: 1 approve, 1 " in said


def test_of_clean_files_there_is_no_finding_that_matters_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("def f(x):\n    return x\n")
    (tmp_path / "b.py").write_text("def g(x):\n    return x\n")
    assert main(["review", ".", "--top", "5"]) == 0
    said = capsys.readouterr()
    assert "2 files, 0 findings" in said.out
    assert said.err == ""


def test_paths_are_printed_as_they_were_given(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["review", str(project), "--output-format", "json-lines"])
    assert {each["path"] for each in lines(capsys)} == {f"{project}/hole.py", f"{project}/binary.py"}


def test_nothing_found_is_status_0_and_nothing_analysed_is_not(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["review", "fine.py"]) == 0
    assert main(["review", "binary.py"]) == 2
    assert main(["review", "missing.py"]) == 2
    empty = project / "empty"
    empty.mkdir()
    assert main(["review", str(empty)]) == 2
    assert "no Python files" in capsys.readouterr().err


def test_text_shows_the_place_the_source_and_the_evidence(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "."]) == 1
    out = capsys.readouterr().out
    for part in ("hole.py", "5:5", "os.system('ls ' + x)", "^^^^", "traced:", "verdict", "not analysed", "3 files"):
        assert part in out


def test_sarif_has_rules_results_flows_and_notices(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", ".", "--output-format", "sarif"]) == 1
    log = json.loads(capsys.readouterr().out)
    assert log["version"] == "2.1.0"
    run = log["runs"][0]
    result = run["results"][0]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "shell-injection"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 5
    assert result["codeFlows"][0]["threadFlows"][0]["locations"]
    notices = run["invocations"][0]["toolExecutionNotifications"]
    assert [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in notices] == ["binary.py"]


def test_github_annotations_escape_what_they_must(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "a,b.py").write_text(HOLE)
    main(["review", "a,b.py", "hole.py", "--output-format", "github"])
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("::error file=a%2Cb.py,line=5,endLine=5,col=5,")
    assert "title=suture shell-injection::" in second


def test_a_secret_is_printed_in_no_format(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    secret = "q7!xB2#nWd"
    (project / "hole.py").write_text(f'PASSWORD = "{secret}"\nlogin(password="{secret}")\n')
    for output_format in ("text", "json", "json-lines", "sarif", "github"):
        assert main(["review", "hole.py", "--output-format", output_format]) == 1
        captured = capfd.readouterr()
        assert secret not in captured.out + captured.err
    assert main(["review", "hole.py", "--baseline", "b.json", "--write-baseline"]) == 0
    assert secret not in (project / "b.json").read_text()


def test_a_baseline_hides_old_findings_only(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", ".", "--baseline", "known.json", "--write-baseline"]) == 0
    assert main(["review", "hole.py", "fine.py", "--baseline", "known.json"]) == 0
    (project / "hole.py").write_text(HOLE + "\n\ndef more(y):\n    os.popen('cat ' + y)\n")
    capsys.readouterr()
    assert main(["review", "hole.py", "--baseline", "known.json", "--output-format", "json-lines"]) == 1
    assert [each["line"] for each in lines(capsys)] == [9]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--reviewers", "style"],
        ["--reviewers", ""],
        ["--write-baseline"],
        ["--baseline", "missing.json"],
        ["--jobs", "-1"],
    ],
)
def test_a_wrong_argument_is_status_2_and_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(["review", ".", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("suture: ")
    assert error.count("\n") == 1


def test_one_reviewer_can_be_asked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "hole.py", "fine.py", "--reviewers", "architecture,performance"]) == 0


def test_nothing_of_the_current_folder_is_imported(project: Path) -> None:
    for name in ("bandit", "json", "ruff", "tree_sitter"):
        (project / f"{name}.py").write_text("raise SystemExit('imported from the workspace')\n")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "suture", "review", "hole.py", "fine.py", "--output-format", "json-lines"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
        timeout=60,
    )
    assert "imported from" not in done.stdout + done.stderr
    assert '"shell-injection"' in done.stdout


def test_the_settings_of_the_project_hold_file_by_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(
        "[tool.suture.review]\nignore = ['weak-hash']\n[tool.suture.per-path.'old/**']\nenabled = false\n"
    )
    (project / "old").mkdir()
    (project / "old" / "hole.py").write_text(HOLE)
    (project / "hash.py").write_text("import hashlib\n\n\ndef f(password):\n    return hashlib.md5(password)\n")
    assert main(["review", ".", "--output-format", "json-lines"]) == 1
    assert [each["path"] for each in lines(capsys) if "rule" in each] == ["hole.py"]


def test_reviewers_of_the_command_line_win_over_the_settings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[tool.suture.review]\nreviewers = ['performance']\n")
    assert main(["review", "hole.py"]) == 0
    assert main(["review", "hole.py", "--reviewers", "security"]) == 1


def test_a_setting_that_does_not_count_is_said_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[tool.suture.review]\nseverty = 'low'\n")
    assert main(["review", "hole.py", "fine.py"]) == 1
    error = capsys.readouterr().err
    assert "pyproject.toml:2" in error
    assert error.count("severty") == 1
    (project / "pyproject.toml").write_bytes(b"[tool.suture\n\xff")
    assert main(["review", "hole.py"]) == 1
    assert "pyproject.toml" in capsys.readouterr().err


def test_a_review_of_clean_code_says_nothing_but_its_result(tmp_path: Path) -> None:
    """bandit's loaders complain of formatters that they miss, each time they are imported."""
    (tmp_path / "a.py").write_text("x = 1\n", "utf-8")
    command = [sys.executable, "-P", "-m", "suture", "review", str(tmp_path), "--no-cache", "--jobs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stderr == ""


def test_a_command_is_the_same_whether_or_not_the_others_are_looked_at() -> None:
    every = commands()
    assert all(commands(name) == {name: every[name]} for name in every)
    assert commands("main") == commands("docs-health") == commands("") == every


def test_a_review_of_which_nothing_is_left_out_is_the_same_review(tmp_path: Path) -> None:
    text = "import hashlib\n\n\ndef f(password):\n    return hashlib.md5(password)\n"
    review = review_text(tmp_path / "a.py", text, reviewers=REVIEWERS, run=[])
    assert review.findings
    assert only(review, list(review.findings), REVIEWERS) is review
    assert only(review, (), REVIEWERS).findings == ()
    assert [each.reviewer for each in only(review, review.findings, ["security"]).verdict.votes] == ["security"]


@pytest.mark.parametrize(
    ("closed", "told"),
    [("<&-", "1 file, 0 findings"), (">&-", ""), ("2>&-", "1 file, 0 findings"), ("<&- >&- 2>&-", "")],
)
def test_a_stream_that_the_shell_closed_is_no_error(tmp_path: Path, closed: str, told: str) -> None:
    (tmp_path / "a.py").write_text("x = 1\n", "utf-8")
    command = f"exec '{sys.executable}' -P -m suture review --no-cache --jobs 1 . {closed}"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert told in done.stdout
    assert bool(done.stdout) == bool(told)


def test_copies_in_several_files_are_told_once_to_people_with_all_their_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = "".join(f"    if rows[{at}] > store.limit_{at}:\n        store.send_{at}(rows, {at})\n" for at in range(9))
    for name in "abc":
        (tmp_path / f"{name}.py").write_text(
            f"LIMIT_{name} = 1\n\n\ndef report(rows, store):\n{steps}    return rows\n"
        )
    monkeypatch.chdir(tmp_path)
    asked = ["review", ".", "--reviewers", "architecture", "--no-engines", "--no-cache"]
    assert main(asked) == 1
    told = capsys.readouterr().out
    assert told.count("duplicate-code") == 2  # the finding, and the summary by rule
    assert "the same at b.py:4, c.py:4" in told
    assert "3 files, 1 finding (1 medium), and 2 copies told with another" in told
    assert main([*asked, "--top", "5"]) == 1
    assert "the same at b.py:4, c.py:4" in capsys.readouterr().out
    assert main(["review", "b.py", "a.py", *asked[2:], "--output-format", "json-lines"]) == 1
    assert [each["path"] for each in lines(capsys)] == ["b.py", "a.py"]  # for a program, each place
