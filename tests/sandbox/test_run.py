"""What a job can rely on: its workspace, its interpreter, its streams, its exit status."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import Unavailable, UserError
from suture.analyzers.sandbox import Job, Limits, Sandbox, open_sandbox

from .conftest import PATIENT


def test_the_exit_status_and_both_streams_come_back(sandbox: Sandbox, workspace: Path) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"
    end = sandbox.run(Job(("python", "-c", code), workspace, limits=PATIENT))
    assert (end.reason, end.exit_code, end.stdout, end.stderr) == ("exit", 7, b"out\n", b"err\n")
    assert end.backend == sandbox.backend


def test_the_workspace_is_at_its_own_path_and_tracebacks_name_real_files(sandbox: Sandbox, workspace: Path) -> None:
    (workspace / "x.py").write_text("import os\nprint(os.getcwd())\n1 / 0\n")
    end = sandbox.run(Job(("python", "x.py"), workspace, limits=PATIENT))
    assert end.stdout.decode().strip() == str(workspace)
    assert f'File "{workspace}/x.py", line 3'.encode() in end.stderr


def test_files_laid_over_the_workspace_are_seen_changed_and_new(sandbox: Sandbox, workspace: Path) -> None:
    job = Job(
        ("python", "-c", "import x, package.new; print(x.value, package.new.value)"),
        workspace,
        files={"x.py": b"value = 2\n", "package/new.py": b"value = 3\n", "package/__init__.py": b""},
        limits=PATIENT,
    )
    assert sandbox.run(job).stdout == b"2 3\n"
    assert (workspace / "x.py").read_text() == "value = 1\n"
    assert not (workspace / "package").exists()


def test_named_files_come_back(sandbox: Sandbox, workspace: Path) -> None:
    code = "open('made', 'wb').write(b'\\x00\\xff'); open('x.py', 'a').write('more = 2\\n')"
    end = sandbox.run(Job(("python", "-c", code), workspace, keep=("made", "x.py", "absent"), limits=PATIENT))
    assert end.files == {"made": b"\x00\xff", "x.py": b"value = 1\nmore = 2\n"}


def test_standard_input_is_empty_unless_given(sandbox: Sandbox, workspace: Path) -> None:
    code = "import sys; print(len(sys.stdin.buffer.read()))"
    assert sandbox.run(Job(("python", "-c", code), workspace, limits=PATIENT)).stdout == b"0\n"
    assert (
        sandbox.run(Job(("python", "-c", code), workspace, stdin=b"x" * 300_000, limits=PATIENT)).stdout == b"300000\n"
    )


def test_a_job_that_ignores_its_input_still_ends(sandbox: Sandbox, workspace: Path) -> None:
    assert sandbox.run(Job(("python", "-c", "pass"), workspace, stdin=b"x" * 1_000_000, limits=PATIENT)).ok


def test_a_folder_of_the_workspace_can_be_the_current_one(sandbox: Sandbox, workspace: Path) -> None:
    (workspace / "inner").mkdir()
    end = sandbox.run(Job(("python", "-c", "import os; print(os.getcwd())"), workspace, cwd="inner", limits=PATIENT))
    assert end.stdout.decode().strip() == str(workspace / "inner")


def test_variables_can_be_given(sandbox: Sandbox, workspace: Path) -> None:
    job = Job(
        ("python", "-c", "import os; print(os.environ['MODE'], os.environ['HOME'])"),
        workspace,
        env={"MODE": "x"},
        limits=PATIENT,
    )
    assert sandbox.run(job).stdout == b"x /tmp\n"


def test_pytest_runs_inside(sandbox: Sandbox, workspace: Path) -> None:
    (workspace / "test_x.py").write_text(
        "from x import value\ndef test_good(tmp_path): assert value == 1\ndef test_bad(): assert value == 2\n"
    )
    end = sandbox.run(Job(("python", "-m", "pytest", "-q"), workspace, limits=PATIENT))
    assert end.exit_code == 1
    assert b"1 failed, 1 passed" in end.stdout, end
    assert sorted(os.listdir(workspace)) == ["test_x.py", "x.py"]


def test_an_unknown_program_is_the_environments_fault(sandbox: Sandbox, workspace: Path) -> None:
    end = sandbox.run(Job(("no-such-program",), workspace, limits=PATIENT))
    assert end.reason == "environment"
    assert b"no-such-program" in end.stderr


def test_a_program_of_the_system_runs(sandbox: Sandbox, workspace: Path) -> None:
    assert sandbox.run(Job(("sh", "-c", "cat x.py | wc -c"), workspace, limits=PATIENT)).stdout.strip() == b"10"


def test_a_program_of_the_persons_own_path_runs_and_shows_only_itself(
    sandbox: Sandbox, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    tool = home / ".local" / "bin" / "tool"
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\necho tool; ls -a ../home/.local ../home/.local/bin\n")
    tool.chmod(0o755)
    (home / ".local" / "share").mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
    end = sandbox.run(Job(("tool",), workspace, limits=PATIENT))
    assert end.ok, end
    assert end.stdout.split()[0] == b"tool"
    assert b"share" not in end.stdout


def test_a_workspace_below_a_folder_that_only_its_owner_may_enter(sandbox: Sandbox, tmp_path: Path) -> None:
    root = tmp_path / "closed" / "project"
    root.mkdir(parents=True)
    (root / "mine.py").write_text("print('read')\n")
    (root / "mine.py").chmod(0o600)
    root.chmod(0o700)
    root.parent.chmod(0o700)
    code = "exec(open('mine.py').read()); open('mine.py', 'a').write('# more'); open('other', 'w')"
    end = sandbox.run(Job(("python", "-c", code), root, keep=("mine.py",), limits=PATIENT))
    assert end.stdout == b"read\n", end
    assert end.files == {"mine.py": b"print('read')\n# more"}


def test_a_workspace_given_through_a_link_is_found_there_too(sandbox: Sandbox, workspace: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(workspace)
    end = sandbox.run(Job(("python", "-c", "import x; print(x.value)"), link, limits=PATIENT))
    assert end.stdout == b"1\n", end


def test_a_link_out_of_the_workspace_leads_nowhere(sandbox: Sandbox, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (workspace / "link").symlink_to(tmp_path / "secret")
    end = sandbox.run(Job(("python", "-c", "open('link')"), workspace, limits=PATIENT))
    assert b"FileNotFoundError" in end.stderr


def test_an_environment_inside_the_workspace_is_used(sandbox: Sandbox, workspace: Path) -> None:
    venv = workspace / ".venv"
    packages = venv / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "only_here.py").write_text("value = 'from the venv'\n")
    (venv / "bin").mkdir()
    base = Path(os.path.realpath(sys.executable))
    (venv / "bin" / "python").symlink_to(base)
    (venv / "pyvenv.cfg").write_text(f"home = {base.parent}\nversion = {sys.version.split()[0]}\n")
    job = Job(
        ("python", "-c", "import only_here; print(only_here.value)"),
        workspace,
        python=venv / "bin" / "python",
        limits=PATIENT,
    )
    assert sandbox.run(job).stdout == b"from the venv\n"
    result = sandbox.call(
        "suture.analyzers.sandbox.suture_guest.probe:execute",
        {"code": "import only_here, hypothesis, sys; answer = [only_here.value, sys.prefix]"},
        root=workspace,
        python=venv / "bin" / "python",
        limits=PATIENT,
    )
    assert result.value == ["from the venv", str(venv)], result


def test_an_environment_among_temporary_files_is_used(sandbox: Sandbox, workspace: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    packages = venv / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "only_here.py").write_text("value = 'from the venv'\n")
    (venv / "bin").mkdir()
    base = Path(os.path.realpath(sys.executable))
    (venv / "bin" / "python").symlink_to(base)
    (venv / "pyvenv.cfg").write_text(f"home = {base.parent}\nversion = {sys.version.split()[0]}\n")
    code = "import only_here, tempfile; tempfile.mkstemp(); print(only_here.value)"
    end = sandbox.run(Job(("python", "-c", code), workspace, python=venv / "bin" / "python", limits=PATIENT))
    assert end.stdout == b"from the venv\n", end


def test_an_interpreter_that_is_a_script_is_refused(sandbox: Sandbox, workspace: Path) -> None:
    shim = workspace / "python"
    shim.write_text('#!/bin/sh\nexec python3 "$@"\n')
    with pytest.raises(Unavailable, match="script"):
        sandbox.run(Job(("python", "-c", ""), workspace, python=shim, limits=PATIENT))


def test_a_workspace_that_is_no_folder_is_refused(sandbox: Sandbox, workspace: Path) -> None:
    with pytest.raises(UserError):
        sandbox.run(Job(("python",), workspace / "x.py", limits=PATIENT))


def test_an_unknown_backend_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UserError, match="bubblewrap"):
        open_sandbox("no-such-backend")
    with pytest.raises(Unavailable, match="WSL 2"):
        open_sandbox("windows")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("large")
    (root / "first").touch()
    for folder in range(100):
        (root / str(folder)).mkdir()
        for number in range(100):
            os.link(root / "first", root / str(folder) / f"{number}.py")
    return root


def test_ten_thousand_files_cost_nothing(sandbox: Sandbox, large: Path, workspace: Path, best_of: Any) -> None:
    code = "open('new.py', 'w')"
    assert sandbox.run(Job(("python", "-c", "open('50/50.py', 'w')"), large, limits=PATIENT)).ok
    job, small = (
        Job(("python", "-c", code), large, limits=PATIENT),
        Job(("python", "-c", code), workspace, limits=PATIENT),
    )

    def took() -> float:
        """How many times as long as over a workspace of one file."""
        return sandbox.run(job).seconds / (sandbox.run(small).seconds + 0.04)

    assert best_of(took, 5) < 5  # alone 0.06 s each; a copy takes 20 times as long


def test_the_walls_cost_less_than_the_work(sandbox: Sandbox, workspace: Path) -> None:
    took = min(sandbox.run(Job(("python", "-c", "pass"), workspace, limits=PATIENT)).seconds for _ in range(5))
    assert took < 5  # 0.06 s alone on a 2-core machine


def test_a_job_that_asks_for_less_gets_less(sandbox: Sandbox, workspace: Path) -> None:
    code = "from resource import *; print(getrlimit(RLIMIT_NPROC)[0], getrlimit(RLIMIT_FSIZE)[0])"
    end = sandbox.run(Job(("python", "-c", code), workspace, limits=Limits(processes=9, file_mb=2)))
    assert end.stdout == b"10 2097152\n"


def test_where_the_kernel_has_no_overlay_the_workspace_is_copied(sandbox: Sandbox, workspace: Path) -> None:
    from suture.analyzers.sandbox.contained import ContainedSandbox
    from suture.analyzers.sandbox.opening import BACKENDS

    backend = next(each for each in BACKENDS if each.name == sandbox.backend)
    (workspace / ".git").mkdir()
    (workspace / "link").symlink_to("x.py")
    with ContainedSandbox(backend, None, copy=True) as copying:
        code = "import os; print(sorted(os.listdir())); open('link', 'a').write('more = 2\\n'); open('new', 'w')"
        end = copying.run(Job(("python", "-c", code), workspace, files={"a/b": b""}, keep=("x.py",), limits=PATIENT))
        assert end.stdout == b"['a', 'link', 'x.py']\n", end
        assert end.files == {"x.py": b"value = 1\nmore = 2\n"}
        result = copying.call("suture.analyzers.sandbox.suture_guest.probe:execute", {"code": code}, root=workspace)
        assert result.reason == "exit"
        assert not result.error
    assert sorted(os.listdir(workspace)) == [".git", "link", "x.py"]
    assert (workspace / "x.py").read_text() == "value = 1\n"
