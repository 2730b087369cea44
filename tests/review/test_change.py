"""A change is judged by what it brings: not by what was there, and not by what only moved."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.change import ChangeReview, review_change
from suture.analyzers.errors import UserError
from suture.analyzers.revisions import changed_files, changed_lines, revision
from suture.server.cli.main import main

RUN = "import os\n\n\ndef run(x):\n    os.system('ls ' + x)\n\n\ndef fine(a):\n    return a\n"
REMOVE = "\n\ndef remove(y):\n    os.system('rm ' + y)\n"

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Runs git in ``tmp_path / "repo"``, which is the current folder and holds one commit with ``a.py``."""
    folder = tmp_path / "repo"
    folder.mkdir()
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.chdir(folder)

    def run(*words: str, cwd: Path = folder) -> str:
        identity = ("-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false")
        command = ["git", *identity, "-c", "init.defaultBranch=main", *words]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout.strip()

    run("init", "-q")
    (folder / "a.py").write_text(RUN)
    run("add", ".")
    run("commit", "-qm", "one")
    return run


def change(rev: str = "HEAD", *paths: Path) -> ChangeReview:
    return review_change(revision(Path.cwd(), rev), paths, engines=False)


def lines(found: ChangeReview) -> dict[str, list[int]]:
    """1-based lines of the new findings by file."""
    return {
        each.file.name: [each.review.findings[index].range.line + 1 for index in sorted(each.new)]
        for each in found.files
    }


def test_nothing_changed_is_approved(git: Git) -> None:
    found = change()
    assert found.files == ()
    assert found.verdict.label == "approve"


def test_only_what_the_change_brings_is_new_in_a_dirty_tree(git: Git) -> None:
    Path("a.py").write_text("# moved down\n" + RUN.replace("x", "name") + REMOVE)
    found = change()
    assert lines(found) == {"a.py": [14]}
    assert [(each.name, each.new, each.old) for each in found.files[0].functions] == [("run", 0, 1), ("remove", 1, 0)]
    assert found.verdict.label != "approve"
    assert found.verdict.votes[0].findings == 1


def test_staged_committed_and_untracked_files_count_alike(git: Git) -> None:
    for name in ("staged.py", "committed.py", "untracked.py"):
        Path(name).write_text("import os\n" + REMOVE)
    git("add", "committed.py")
    git("commit", "-qm", "two")
    git("add", "staged.py")
    Path("ignored.py").write_text("import os\n" + REMOVE)
    Path(".gitignore").write_text("ignored.py\n")
    assert lines(change("HEAD~1")) == {"committed.py": [5], "staged.py": [5], "untracked.py": [5]}
    assert lines(change("HEAD")) == {"staged.py": [5], "untracked.py": [5]}


def test_what_was_there_is_shown_as_old_where_its_function_changed_and_not_elsewhere(git: Git) -> None:
    Path("a.py").write_text(RUN.replace("    os.system", "    print(x)\n    os.system"))
    first = change().files[0]
    assert (sorted(first.new), sorted(first.touched)) == ([], [0])
    Path("a.py").write_text(RUN.replace("return a", "return a + 1"))
    second = change().files[0]
    assert (sorted(second.new), sorted(second.touched)) == ([], [])
    assert [each.name for each in second.functions] == ["fine"]
    assert change().verdict.label == "approve"


def test_what_the_change_mends_is_counted(git: Git) -> None:
    Path("a.py").write_text(RUN.replace("os.system('ls ' + x)", "os.listdir(x)"))
    found = change()
    assert found.new == ()
    assert [each.kind for each in found.files[0].mended] == ["cmdi"]


def test_a_renamed_file_keeps_its_findings(git: Git) -> None:
    git("mv", "a.py", "b c.py")
    Path("b c.py").write_text(RUN + REMOVE)
    found = change()
    assert [(each.file.status, each.file.old_name, each.file.name) for each in found.files] == [
        ("renamed", "a.py", "b c.py")
    ]
    assert lines(found) == {"b c.py": [13]}


def test_a_function_that_moves_to_a_new_file_is_not_new_and_a_deleted_file_is_answered_for(git: Git) -> None:
    git("rm", "-q", "a.py")
    body = "import logging\n" + RUN
    Path("nested").mkdir()
    Path("nested/über.py").write_text(body + "\n\nclass More:\n" + "    value = 1\n" * 30)
    found = change()
    assert {each.file.status for each in found.files} == {"deleted", "added"}
    assert found.new == ()


def test_only_the_paths_that_are_named_are_reviewed(git: Git) -> None:
    Path("one").mkdir()
    for name in ("one/x.py", "two.py"):
        Path(name).write_text("import os\n" + REMOVE)
    assert lines(change("HEAD", Path("one"))) == {"one/x.py": [5]}
    assert lines(change("HEAD", Path("two.py"))) == {"two.py": [5]}


def test_since_a_branch_left_another_is_not_since_that_one_went_on(git: Git) -> None:
    git("checkout", "-qb", "feature")
    Path("mine.py").write_text("import os\n" + REMOVE)
    git("add", ".")
    git("commit", "-qm", "mine")
    git("checkout", "-q", "main")
    Path("a.py").write_text("x = 1\n")
    git("commit", "-qam", "theirs")
    git("checkout", "-q", "feature")
    assert set(lines(change("main..."))) == {"mine.py"}
    assert set(lines(change("main"))) == {"mine.py", "a.py"}


def test_a_text_that_is_not_utf_8_is_read_as_it_says_and_a_binary_one_is_a_note(git: Git) -> None:
    Path("l.py").write_bytes(
        "# -*- coding: latin-1 -*-\nimport os\n\n\ndef é(x):\n    os.system('ü' + x)\n".encode("latin-1")
    )
    Path("b.py").write_bytes(b"\0" * 40)
    found = change()
    assert lines(found) == {"b.py": [], "l.py": [6]}
    assert [each.review.error != "" for each in found.files] == [True, False]
    assert any(note.startswith("b.py") for note in found.notes)


def test_links_and_other_files_are_left_alone(git: Git) -> None:
    Path("link.py").symlink_to("a.py")
    Path("notes.txt").write_text("os.system(x)")
    git("add", ".")
    assert lines(change()) in ({}, {"link.py": []})


def test_nothing_that_the_repository_names_is_started(git: Git, tmp_path: Path) -> None:
    mark = tmp_path / "started"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "core.pager", "diff.python.textconv", "core.sshCommand"):
        git("config", key, str(script))
    Path(".gitattributes").write_text("*.py diff=python\n")
    Path("a.py").write_text(RUN + REMOVE)
    assert lines(change()) == {"a.py": [13]}
    assert not mark.exists()


def test_looking_changes_nothing_in_the_repository(git: Git) -> None:
    Path("a.py").write_text(RUN + REMOVE)
    before = {path: path.stat().st_mtime_ns for path in Path(".git").rglob("*")}
    change()
    assert {path: path.stat().st_mtime_ns for path in Path(".git").rglob("*")} == before


def test_a_shallow_clone_says_what_to_fetch(git: Git, tmp_path: Path) -> None:
    for number in range(3):
        Path("a.py").write_text(f"x = {number}\n")
        git("commit", "-qam", str(number))
    first = git("rev-list", "--max-parents=0", "HEAD")
    clone = tmp_path / "clone"
    git("clone", "-q", "--depth", "1", f"file://{Path.cwd()}", str(clone), cwd=tmp_path)
    assert list(changed_files(revision(clone, "HEAD"))) == []
    for asked in (first, "HEAD~1"):
        with pytest.raises(UserError, match=r"shallow.*unshallow"):
            revision(clone, asked)


@pytest.mark.parametrize(
    ("asked", "says"), [("nope", "no such revision"), ("", "no revision"), ("--all", "no revision"), ("...", "no rev")]
)
def test_a_revision_that_is_not_there_is_a_clear_error(git: Git, asked: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        revision(Path.cwd(), asked)


def test_a_repository_without_commits_and_a_folder_without_one_are_clear_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(UserError, match="needs a git repository"):
        revision(tmp_path / "empty", "HEAD")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path / "empty", check=True)
    with pytest.raises(UserError, match="no commit yet"):
        revision(tmp_path / "empty", "HEAD")


def test_paths_outside_the_repository_are_a_clear_error(git: Git, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not in the repository"):
        change("HEAD", tmp_path)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a\nb\nc\n", "a\nB\nc\n", {1}),
        ("a\nb\nc\n", "a\nb\nb2\nc\n", {2}),
        ("a\nb\nc\n", "a\nc\n", {1}),
        ("a\r\nb\r\n", "a\r\nB\r\n", {1}),
        ("a\n", "a\n", set[int]()),
        ("", "a\nb", {0, 1}),
        ("a\nb\n", "", {0}),
    ],
)
def test_changed_lines_are_those_of_the_new_text(before: str, after: str, expected: set[int]) -> None:
    assert changed_lines(before, after) == expected


# -- the command -------------------------------------------------------------------------------------------------


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    status = main(["review", "--no-engines", *arguments])
    return status, capsys.readouterr().out


def test_the_command_prints_findings_functions_and_the_verdict(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.py").write_text(RUN.replace("    os", "    print(x)\n    os") + REMOVE)
    status, out = printed(capsys, "--diff", "HEAD", "--output-format", "json-lines")
    assert status == 1
    values: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
    assert [(each["line"], each["status"]) for each in values if "rule" in each] == [(6, "old"), (14, "new")]
    functions = {each["function"]: each["verdict"]["label"] for each in values if "function" in each}
    assert set(functions) == {"run", "remove"}
    summary = values[-1]["change"]
    assert (summary["new"], summary["old"], summary["files"]) == (1, 1, 1)
    votes = summary["verdict"]["votes"]
    assert all({"vote", "weight", "confidence", "reasons"} <= set(vote) for vote in votes)


def test_every_format_tells_new_from_old(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.py").write_text(RUN.replace("    os", "    print(x)\n    os") + REMOVE)
    _, text = printed(capsys, "--diff", "HEAD")
    assert "1 new finding" in text
    assert "was there" in text
    assert "this change: " in text
    assert "weight" in text
    _, out = printed(capsys, "--diff", "HEAD", "--output-format", "sarif")
    run = json.loads(out)["runs"][0]
    assert sorted(each["baselineState"] for each in run["results"]) == ["new", "unchanged"]
    assert run["properties"]["change"]["verdict"]["votes"]
    _, github = printed(capsys, "--diff", "HEAD", "--output-format", "github")
    assert len(github.splitlines()) == 1
    _, whole = printed(capsys, "--diff", "HEAD", "--output-format", "json")
    assert len(json.loads(whole)["findings"]) == 2


def test_the_text_names_what_is_mended_and_is_silent_of_files_where_nothing_is_to_be_told(
    git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.py").write_text(RUN.replace("os.system('ls ' + x)", "os.listdir(x)"))
    Path("quiet.py").write_text("def one(x):\n    return x + 1\n")
    _, text = printed(capsys, "--diff", "HEAD")
    assert "quiet.py" not in text
    assert "2 changed files" in text
    [line] = [line for line in text.splitlines() if line.split()[:1] == ["mended"]]
    assert line.endswith("shell-injection")


def test_a_change_that_brings_nothing_ends_well_and_settings_hold(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.py").write_text(RUN + REMOVE)
    assert printed(capsys, "--diff", "HEAD")[0] == 1
    Path("pyproject.toml").write_text('[tool.suture.per-path."a.py"]\nignore = ["cmdi"]\n')
    assert printed(capsys, "--diff", "HEAD")[0] == 0


@pytest.mark.parametrize("more", [["--baseline", "b.json"], ["--write-baseline"], ["--diff", "no-such"]])
def test_a_wrong_use_is_status_2(git: Git, more: list[str]) -> None:
    assert main(["review", "--diff", "HEAD", *more]) == 2


def test_a_new_place_that_an_old_value_reaches_is_new_however_many_it_reached(git: Git) -> None:
    Path("app.py").write_text(
        "import files\nfrom flask import Flask, request\n\napp = Flask(__name__)\n\n\n"
        '@app.get("/")\ndef index():\n    files.use(request.args["name"])\n    return ""\n'
    )
    uses = "".join(f"    open('{number}' + name)\n" for number in range(6))
    Path("files.py").write_text(f"def use(name):\n{uses}")
    git("add", ".")
    git("commit", "-qm", "two")
    Path("files.py").write_text(f"def use(name):\n{uses}    open('last' + name)\n")
    assert lines(change()) == {"files.py": [8]}


def test_of_many_files_the_nearest_to_a_change_are_looked_at_with_it(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suture.analyzers.change.PROGRAM_FILES", 2)
    for folder in ("far", "pkg", "pkg/sub"):
        Path(folder).mkdir()
        Path(folder, "__init__.py").write_text("")
    for number in range(4):
        Path(f"far/m{number}.py").write_text(f"x = {number}\n")
    Path("pkg/__init__.py").write_text("import pkg.sub.first\n")
    Path("pkg/sub/first.py").write_text("import os\n")
    git("add", ".")
    git("commit", "-qm", "two")
    Path("pkg/sub/first.py").write_text("from pkg import late\n")
    found = change()
    assert "the nearest 2 of" in found.notes[-1]
    assert [each.kind for each in found.new] == ["import_cycle"]
