"""Which targets a campaign has, and their order."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from suture.analyzers.errors import UserError
from suture.analyzers.fuzzing.collecting import base_text, collect

TAME = "def tame(n: int) -> int:\n    return n + 1\n"
RISKY = "def risky(xs: list[int]) -> int:\n    while xs[0] > 1:\n        xs = [xs[0] // xs[1]]\n    return xs[0]\n"
STACK = "class Stack:\n    def push(self, n: int) -> None:\n        self.n = n\n"
HIDDEN = "def _hidden(n: int) -> int:\n    return n\n"


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, "-C", str(folder), *words], check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "pkg" / "tests").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[tool.x]\n")
    (folder / "pkg" / "__init__.py").write_text("")
    (folder / "pkg" / "a.py").write_text("\n\n".join([TAME, RISKY, STACK, HIDDEN]))
    (folder / "pkg" / "b.py").write_text(TAME)
    for name in ("test_a.py", "a_test.py", "conftest.py", "setup.py", "__main__.py", "tests/help.py"):
        (folder / "pkg" / name).write_text(TAME)
    return folder


def names(given: list[str], **more: object) -> list[str]:
    return [f"{each.path.name}::{each.name}" for each in collect(given, **more).targets]  # type: ignore[arg-type]


def test_a_folder_gives_its_public_functions_and_classes_without_tests_and_scripts(project: Path) -> None:
    assert sorted(names([str(project)])) == ["a.py::Stack", "a.py::risky", "a.py::tame", "b.py::tame"]


def test_what_inputs_can_upset_comes_first(project: Path) -> None:
    assert names([str(project / "pkg" / "a.py")])[0] == "a.py::risky"


def test_private_names_are_targets_if_asked_for_or_named(project: Path) -> None:
    file = str(project / "pkg" / "a.py")
    assert "a.py::_hidden" in names([file], private=True)
    assert names([f"{file}::_hidden", f"{file}::Stack.push"]) == ["a.py::_hidden", "a.py::Stack.push"]


def test_a_target_that_is_given_twice_is_there_once(project: Path) -> None:
    file = str(project / "pkg" / "b.py")
    assert names([file, f"{file}::tame", str(project / "pkg" / "b.py")]) == ["b.py::tame"]


@pytest.mark.parametrize(
    ("spec", "said"),
    [("nothing", "neither a file"), ("pkg/a.py::taem", "did you mean tame"), ("pkg::tame", "not a file")],
)
def test_what_does_not_exist_is_a_usage_error(
    project: Path, monkeypatch: pytest.MonkeyPatch, spec: str, said: str
) -> None:
    monkeypatch.chdir(project)
    with pytest.raises(UserError, match=said):
        collect([spec])


def test_a_file_without_targets_is_a_usage_error(project: Path) -> None:
    with pytest.raises(UserError, match="no function or class to fuzz"):
        collect([str(project / "pkg" / "__init__.py")])


def test_a_file_that_cannot_be_read_does_not_hide_the_others(project: Path) -> None:
    (project / "pkg" / "c.py").write_bytes(b"# -*- coding: no-such-codec -*-\n")
    collected = collect([str(project)])
    assert len(collected.targets) == 4
    assert [path.name for path, _ in collected.unreadable] == ["c.py"]


def test_changed_definitions_come_first_and_changed_only_leaves_out_the_others(project: Path) -> None:
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "x")
    file = project / "pkg" / "a.py"
    file.write_text("# moved down\n\n" + file.read_text().replace("n + 1", "n + 2"))
    (project / "pkg" / "new.py").write_text(TAME)
    assert set(names([str(project)])[:2]) == {"a.py::tame", "new.py::tame"}
    assert set(names([str(project)], changed_only=True)) == {"a.py::tame", "new.py::tame"}
    in_base = {each.path.name: each.in_base for each in collect([str(project)]).targets}
    assert in_base == {"a.py": True, "b.py": True, "new.py": False}
    assert base_text(file, "HEAD") == "\n\n".join([TAME, RISKY, STACK, HIDDEN])
    git(project, "add", ".")
    git(project, "commit", "-qm", "y")
    assert names([str(project)], changed_only=True) == []
    assert set(names([str(project)], base="HEAD~1", changed_only=True)) == {"a.py::tame", "new.py::tame"}


def test_a_base_may_be_a_file(project: Path, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.py"
    earlier.write_text("\n\n".join([TAME.replace("1", "7"), RISKY, STACK, HIDDEN]))
    assert names([str(project / "pkg" / "a.py")], base=str(earlier), changed_only=True) == ["a.py::tame"]
    with pytest.raises(UserError, match="one file"):
        collect([str(project)], base=str(earlier))


def test_an_unknown_revision_and_a_missing_repository_are_usage_errors(project: Path) -> None:
    with pytest.raises(UserError, match="--changed needs"):
        collect([str(project)], changed_only=True)
    with pytest.raises(UserError, match="neither a file nor a revision"):
        collect([str(project)], base="HEAD")
    git(project, "init", "-q")
    assert len(collect([str(project)]).targets) == 4  # a repository without a commit has no order to give
    with pytest.raises(UserError, match="neither a file nor a revision"):
        collect([str(project)], base="no-such")
