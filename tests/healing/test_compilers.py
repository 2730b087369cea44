"""How compilers' commands are run: what is added, what may be kept; and whole healings with the real tools."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Job, Outcome, Sandbox, open_sandbox
from suture.analyzers.sandbox.interface import CACHE
from suture.healing.api import heal_command
from suture.healing.compilers import for_compiler, tool_of
from suture.healing.workspace import Workspace

Write = Callable[..., Path]


class Never:
    """A sandbox that must not be asked."""

    def run(self, job: Job, cancel: object = None) -> Outcome:
        raise AssertionError(f"{job.argv} was run")


def prepared(root: Path, *command: str, files: dict[str, bytes] | None = None) -> Job:
    job = Job(argv=command, root=root)
    return for_compiler(job, Workspace(root, files), command, sandbox=Never())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("command", "tool"),
    [
        (("cargo", "test"), "rust"),
        (("rustc", "main.rs"), "rust"),
        (("go", "vet", "./..."), "go"),
        (("bash", "-c", "cd sub && go build"), "go"),
        (("python", "go.py"), ""),
        (("make", "go"), ""),
        (("echo", "cargo"), ""),
    ],
)
def test_whose_command_it_is_is_told_by_the_program_that_runs(command: tuple[str, ...], tool: str) -> None:
    assert tool_of(command) == tool


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        (("cargo", "test", "name"), ("cargo", "test", "--message-format=json", "name")),
        (("cargo", "+nightly", "check"), ("cargo", "+nightly", "check", "--message-format=json")),
        (("cargo", "run", "--", "run"), ("cargo", "run", "--message-format=json", "--", "run")),
        (("cargo", "build", "--message-format=short"), ("cargo", "build", "--message-format=short")),
        (("cargo", "clean"), ("cargo", "clean")),
        (("rustc", "main.rs"), ("rustc", "--error-format=json", "main.rs")),
        (("rustc", "--error-format=human", "a.rs"), ("rustc", "--error-format=human", "a.rs")),
    ],
)
def test_rust_is_asked_for_json_unless_the_command_says_how(
    tmp_path: Path, command: tuple[str, ...], argv: tuple[str, ...]
) -> None:
    assert prepared(tmp_path, *command).argv == argv


def test_another_command_is_run_as_it_was_given(tmp_path: Path) -> None:
    job = prepared(tmp_path, "python", "main.py")
    assert job == Job(argv=("python", "main.py"), root=tmp_path)


def test_only_what_the_files_on_the_disk_gave_is_kept_for_cargo(tmp_path: Path) -> None:
    saved, unsaved = prepared(tmp_path, "cargo", "check"), prepared(tmp_path, "cargo", "check", files={"a.rs": b""})
    assert saved.cache is not None
    assert unsaved.cache is not None
    assert saved.cache.layers == unsaved.cache.layers
    assert saved.cache.keep_mb > 0 == unsaved.cache.keep_mb
    assert saved.env["CARGO_TARGET_DIR"].startswith(CACHE)


def test_a_target_folder_of_the_workspace_is_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    assert prepared(tmp_path, "cargo", "check").cache is None


def test_workspaces_share_nothing_that_they_compiled(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    first, second = prepared(one, "cargo", "check").cache, prepared(two, "cargo", "check").cache
    assert first is not None
    assert second is not None
    assert not set(first.layers) & set(second.layers)


# -- with the real tools ---------------------------------------------------------------------------------------------


@pytest.fixture
def opened() -> Iterator[Sandbox]:
    sandbox = open_sandbox()
    yield sandbox
    sandbox.close()


MANIFEST = '[package]\nname = "p"\nversion = "0.1.0"\nedition = "2021"\n'
LIB = """pub fn rises(values: &[i32]) -> usize {
    (0..values.len()).filter(|&i| valeus[i] > 0).count()
}

#[cfg(test)]
mod tests {
    #[test]
    fn none() {
        assert_eq!(super::rises(&[-1]), 0);
    }
}
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("cargo") is None, reason="Rust is not installed")
def test_a_rust_package_is_healed_and_its_folder_left_alone(write: Write, opened: Sandbox) -> None:
    root = write({"Cargo.toml": MANIFEST, "src/lib.rs": LIB})
    report = heal_command(root, ["cargo", "test"], sandbox=opened, timeout_s=60)
    assert report.fault.code == "E0425"
    assert report.best is not None
    assert "values[i] > 0" in report.best.texts[str(root / "src/lib.rs")]
    assert sorted(path.name for path in root.iterdir()) == ["Cargo.toml", "src"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed")
def test_a_go_test_that_panics_is_healed_without_breaking_another(write: Write, opened: Sandbox) -> None:
    code = "package p\n\nfunc last(values []int) int {\n\ttotal := 0\n\tfor i := 0; i <= len(values); i++ {\n"
    code += "\t\ttotal = values[i]\n\t}\n\treturn total\n}\n"
    test = 'package p\n\nimport "testing"\n\nfunc TestLast(t *testing.T) {\n\tif last([]int{4, 7}) != 7 {\n'
    test += '\t\tt.Error("not the last")\n\t}\n}\n'
    root = write({"go.mod": "module example.com/p\n\ngo 1.19\n", "p.go": code, "p_test.go": test})
    report = heal_command(root, ["go", "test", "./..."], sandbox=opened, timeout_s=120)
    assert report.fault.tests == ("example.com/p.TestLast",)
    assert report.best is not None
    assert "i < len(values)" in report.best.texts[str(root / "p.go")]
    assert report.best.edit.evidence[0].kind == "tested"
