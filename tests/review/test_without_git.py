"""A workspace without git: everything works, and what needs a history says that there is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def suture(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Git must not find a repository above the folder either.
    environ = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    command = [sys.executable, "-P", "-m", "suture", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=90, check=False, env=environ)


def test_a_folder_without_git_is_reviewed_and_its_ignored_files_are_left_out(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("made/\n", "utf-8")
    (tmp_path / "made").mkdir()
    for name in ("a.py", "made/b.py"):
        (tmp_path / name).write_text("print(missing)\n", "utf-8")
    done = suture(tmp_path, "review", ".", "--output-format", "json-lines", "--no-cache")
    assert done.returncode == 1, done.stderr
    assert [json.loads(line)["path"] for line in done.stdout.splitlines()] == ["a.py"]


def test_a_base_revision_without_a_history_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(x: int) -> int:\n    return x\n", "utf-8")
    done = suture(tmp_path, "fuzz", "a.py::f", "--base", "HEAD", "--budget", "1s")
    assert done.returncode == 2
    assert "not a git repository" in done.stderr
    assert "Traceback" not in done.stderr
