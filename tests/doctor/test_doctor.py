"""The doctor says what works, what does not and what would mend it, and executes nothing of the workspace."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from suture.server.doctor import Check, examine, healthy, interpreter_of


def environment(root: Path, name: str, version: str, bait: Path) -> Path:
    """A virtual environment as it looks on disk, whose interpreter would leave a trace if it were started."""
    python = root / name / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\ntouch {bait}\n", "utf-8")
    python.chmod(0o755)
    (root / name / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n", "utf-8")
    return python


def test_each_root_has_its_own_interpreter_and_none_is_started(tmp_path: Path) -> None:
    bait = tmp_path / "started"
    roots = (tmp_path / "one", tmp_path / "two", tmp_path / "bare")
    for root in roots:
        root.mkdir()
    first = environment(roots[0], ".venv", "3.12.1", bait)
    second = environment(roots[1], "venv", "3.13.0", bait)
    assert interpreter_of(roots[0], {}) == (first, "Python 3.12.1")
    assert interpreter_of(roots[1], {}) == (second, "Python 3.13.0")
    assert interpreter_of(roots[2], {}) is None
    found = [each for each in examine(roots, {}) if each.area == "interpreter"]
    assert [each.state for each in found] == ["ok", "ok", "limited"]
    assert found[2].mend.endswith(".venv")
    assert not bait.exists()


def test_a_setting_that_does_not_count_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.suture.review]\nenabledd = true\n", "utf-8")
    (check,) = [each for each in examine((tmp_path,), {}) if each.area == "settings"]
    assert check.state == "limited"
    assert "line 2" in check.detail
    assert "enabledd" in check.detail


def test_a_key_is_never_printed(tmp_path: Path) -> None:
    environ = {"OPENAI_API_KEY": "sk-very-secret-value", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    checks = list(examine((tmp_path,), environ))
    (model,) = [each for each in checks if each.area == "model"]
    assert model.state == "ok"
    assert "very-secret" not in " ".join(f"{each.name} {each.detail} {each.mend}" for each in checks)


def test_without_a_sandbox_the_jobs_do_not_work_and_it_says_so() -> None:
    fine = [Check("suture", "suture", "ok", ""), Check("cache", "c", "ok", "")]
    assert healthy([*fine, Check("sandbox", "bubblewrap", "ok", "")])
    assert healthy([*fine, Check("sandbox", "a", "missing", ""), Check("sandbox", "b", "limited", "")])
    assert not healthy([*fine, Check("sandbox", "a", "missing", "")])


def test_the_command_prints_one_object_a_check(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "suture", "doctor", "--output-format", "json-lines", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"suture", "sandbox", "model", "toolchain", "editor", "interpreter", "cache"} <= {c["area"] for c in checks}
    for each in checks:
        assert set(each) == {"area", "name", "state", "detail", "mend"}
        assert each["state"] in ("ok", "limited", "missing")


def test_each_thing_that_the_sandbox_does_not_contain_has_its_line(tmp_path: Path) -> None:
    checks = [each for each in examine((tmp_path,), {}) if each.area == "sandbox"]
    used = next(each for each in checks if each.detail == "used")
    holes = [each.detail for each in checks if each.name == "not contained"]
    assert holes, f"{used.name} contains everything?"
    assert all(each.state == "limited" for each in checks if each.name == "not contained")


def test_the_bare_host_is_named_with_its_revocation_when_it_was_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from suture.analyzers.sandbox import bare, opening

    monkeypatch.setenv("SUTURE_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "project"
    root.mkdir()
    for backend in opening.BACKENDS:
        monkeypatch.setattr(backend, "missing", lambda: "taken away by this test")
    refused = [each for each in examine((root,), {}) if each.area == "sandbox"]
    assert not healthy(list(examine((root,), {})))
    assert any(each.mend == f"suture doctor --allow-bare-host {root}" for each in refused)
    bare.allow(root)
    allowed = [each for each in examine((root,), {}) if each.name == "bare-host"]
    assert [each.state for each in allowed] == ["limited"]
    assert "NOTHING IS CONTAINED" in allowed[0].detail
    assert allowed[0].mend == f"suture doctor --forbid-bare-host {root}"


def test_the_extras_say_what_they_are_for() -> None:
    names = {each.name for each in examine((), {}) if each.area == "extra"}
    assert names == {"symbolic", "cluster", "team"}


def test_what_is_not_there_is_named_with_a_command_that_works_where_suture_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from suture.server import doctor

    def nothing(_: str) -> None:
        return None

    def pip_only(name: str) -> object:
        return object() if name == "pip" else None

    for found, program in ((nothing, "uv pip install --python"), (pip_only, "-m pip install")):
        monkeypatch.setattr(doctor, "find_spec", found)
        (team,) = [each for each in examine((), {}) if each.name == "team"]
        assert team.state == "limited"
        assert program in team.mend
        assert team.mend.endswith(" 'psycopg[binary]'")


def test_toolchains_are_named_with_their_version_or_the_command_that_adds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "bin"
    there.mkdir()
    (there / "rustc").write_text("#!/bin/sh\necho rustc 9.9.9\n")
    (there / "rustc").chmod(0o755)
    monkeypatch.setenv("PATH", str(there))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CARGO_HOME", raising=False)
    found = {each.name: each for each in examine((), {}) if each.area == "toolchain"}
    assert (found["rustc"].state, found["rustc"].detail) == ("ok", "rustc 9.9.9")
    assert found["cargo"].state == "limited"  # the four jobs do without
    assert "cargo" in found["cargo"].mend


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_no_tool_is_asked_inside_of_a_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There rustup starts what ``rust-toolchain.toml`` names, and go downloads what ``go.mod`` wants."""
    (tmp_path / "bin").mkdir()
    for name in ("nvim", "emacs"):
        tool = tmp_path / "bin" / name
        tool.write_text("#!/bin/sh\npwd\n", "utf-8")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.chdir(tmp_path)
    said = {each.name: each.detail for each in examine((tmp_path,), {}) if each.area == "editor"}
    assert str(tmp_path) not in said["nvim"] + said["emacs"]
