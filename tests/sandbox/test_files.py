"""No file but the copy of the workspace and scratch: attempts to read or change another."""

from __future__ import annotations

import os
import site
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import UserError
from suture.analyzers.sandbox import Job, Sandbox

from .conftest import PATIENT


def test_writes_to_the_workspace_succeed_inside_and_never_reach_it(attack: Any, workspace: Path) -> None:
    end = attack("""
        import os, shutil
        open("x.py", "a").write("# changed")
        open("new", "w").write("new")
        os.mkdir("folder")
        print(open("x.py").read(), sorted(os.listdir(".")))
        os.remove("x.py")
        """)
    assert end.ok, end.stderr
    assert b"# changed ['folder', 'new', 'x.py']" in end.stdout
    assert sorted(os.listdir(workspace)) == ["x.py"]
    assert (workspace / "x.py").read_text() == "value = 1\n"


def test_a_file_outside_of_the_workspace_does_not_exist(attack: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    secret.chmod(0o644)
    end = attack("open(<secret>)", {"secret": str(secret)})
    assert b"FileNotFoundError" in end.stderr


def test_of_the_home_folder_only_the_way_to_the_interpreter_is_visible(attack: Any, workspace: Path) -> None:
    home = os.path.expanduser("~")
    end = attack("import os; print(*os.listdir(<home>) if os.path.isdir(<home>) else '')", {"home": home})
    needed = [sys.executable, sys.prefix, sys.base_prefix, os.path.realpath(sys.executable), str(workspace)]
    needed += [each for each in [site.getusersitepackages()] if each in sys.path]
    allowed = {os.path.relpath(each, home).split(os.sep)[0] for each in needed if each.startswith(home + "/")}
    assert set(end.stdout.decode().split()) <= allowed


def test_no_place_but_scratch_and_workspace_can_be_written(attack: Any) -> None:
    end = attack("""
        import os, sys
        places = ["/", "/etc", "/usr", "/usr/lib", "/home", "/root", "/var", "/dev", "/proc", "/sys", "/.suture",
                  "/.suture/ws", "/.suture/rw", "/.suture/lib", "/run", sys.prefix, sys.base_prefix]
        for place in places:
            try:
                open(os.path.join(place, "written"), "w")
            except OSError:
                continue
            print("written:", place)
        """)
    assert end.ok, end.stderr
    assert end.stdout == b""


def test_a_write_to_a_read_only_place_is_called_environment(attack: Any) -> None:
    assert attack("open('/usr/written', 'w')").reason == "environment"


def test_the_history_of_the_workspace_is_not_shown(attack: Any, workspace: Path) -> None:
    (workspace / ".git").mkdir()
    (workspace / ".git" / "config").write_text("url = https://token@example.org")
    end = attack("import os; print(os.path.lexists('.git'), os.path.exists('/.suture/ws/.git'))")
    assert end.stdout == b"False False\n"


def test_dot_files_of_a_home_that_is_the_workspace_are_not_shown(
    sandbox: Sandbox, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / ".ssh").mkdir()
    (workspace / ".netrc").write_text("password")
    monkeypatch.setenv("HOME", str(workspace))
    end = sandbox.run(Job(("python", "-c", "import os; print(os.listdir('.'))"), workspace, limits=PATIENT))
    assert end.stdout == b"['x.py']\n", end.stderr


def test_the_whole_file_system_is_refused_as_a_workspace(sandbox: Sandbox) -> None:
    with pytest.raises(UserError):
        sandbox.run(Job(("python", "-c", ""), Path("/"), limits=PATIENT))


@pytest.mark.parametrize("name", ["/etc/passwd", "../outside", "a/../../outside"])
def test_overlay_and_kept_files_stay_inside_the_workspace(sandbox: Sandbox, workspace: Path, name: str) -> None:
    with pytest.raises(UserError):
        sandbox.run(Job(("true",), workspace, files={name: b""}, limits=PATIENT))
    with pytest.raises(UserError):
        sandbox.run(Job(("true",), workspace, keep=(name,), limits=PATIENT))


def test_a_kept_file_that_became_a_link_to_elsewhere_is_not_returned(sandbox: Sandbox, workspace: Path) -> None:
    code = "import os; os.symlink('/proc/1/environ', 'a'); os.symlink('/etc/passwd', 'b'); open('c', 'w').write('c')"
    end = sandbox.run(Job(("python", "-c", code), workspace, keep=("a", "b", "c"), limits=PATIENT))
    assert end.files == {"c": b"c"}


def test_a_kept_pipe_does_not_block(sandbox: Sandbox, workspace: Path) -> None:
    end = sandbox.run(Job(("python", "-c", "import os; os.mkfifo('a')"), workspace, keep=("a",), limits=PATIENT))
    assert end.ok
    assert end.files == {}


@pytest.mark.parametrize("lie", ["home", "link"])
def test_an_environment_of_the_workspace_cannot_name_a_folder_to_show(
    sandbox: Sandbox, workspace: Path, tmp_path: Path, lie: str
) -> None:
    secrets = tmp_path / "keys"
    secrets.mkdir()
    (secrets / "id").write_text("secret")
    (secrets / "id").chmod(0o755)
    fake = workspace / ".venv" / "bin" / "python"
    fake.parent.mkdir(parents=True)
    if lie == "link":
        fake.symlink_to(secrets / "id")
    else:
        fake.symlink_to(os.path.realpath(sys.executable))
        (workspace / ".venv" / "pyvenv.cfg").write_text(f"home = {secrets}\n")
    job = Job(("sh", "-c", 'cat "$0"', str(secrets / "id")), workspace, python=fake, limits=PATIENT)
    end = sandbox.run(job)
    assert end.exit_code == 1, end
    assert end.stdout == b""


@pytest.mark.parametrize("place", ["/proc/1/root", "/proc/1/cwd", "/proc/1/task/1/root", "/proc/self/root/.suture/rw"])
def test_no_way_around_leads_to_another_root(attack: Any, place: str) -> None:
    end = attack("import os; print(os.listdir(<place>))", {"place": place})
    assert end.stdout in (b"", b"[]\n"), end


def test_switches_of_the_kernel_cannot_be_turned(attack: Any) -> None:
    end = attack("""
        import glob
        names = ["/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/user/max_user_namespaces",
                 "/proc/sys/vm/drop_caches", "/proc/1/oom_score_adj", "/proc/1/uid_map", "/proc/self/uid_map"]
        for name in names + glob.glob("/sys/**", recursive=True)[:100]:
            try:
                with open(name, "w") as file:
                    file.write("1")
            except OSError:
                continue
            print("written:", name)
        """)
    assert end.ok, end.stderr
    assert end.stdout == b""


@pytest.mark.slow
def test_a_program_that_changes_its_user_gains_nothing(attack: Any) -> None:
    end = attack("""
        import ctypes, os, shutil, subprocess
        for change in (os.setuid, os.setgid, os.seteuid):
            try:
                change(0)
                print("changed")
            except OSError:
                pass
        if shutil.which("su"):
            print(subprocess.run(["su", "-c", "id -u"], capture_output=True, input=b"").returncode != 0)
        else:
            print(True)
        """)
    assert end.stdout == b"True\n", end


def test_a_hard_link_to_a_file_of_the_workspace_does_not_reach_it(attack: Any, workspace: Path) -> None:
    end = attack("import os; os.link('x.py', 'y.py'); open('y.py', 'a').write('#'); os.chmod('x.py', 0o777)")
    assert end.ok, end.stderr
    assert (workspace / "x.py").read_text() == "value = 1\n"
    assert (workspace / "x.py").stat().st_mode & 0o777 != 0o777


@pytest.mark.parametrize(
    "made",
    [
        "os.symlink('/etc', 'a')",  # then a/passwd
        "os.mkdir('a'); os.symlink('/dev/zero', 'a/passwd')",
        "os.mkdir('a'); os.mkfifo('a/passwd')",
        "os.mkdir('a'); os.mkdir('a/passwd')",
        "import socket; os.mkdir('a'); socket.socket(socket.AF_UNIX).bind('a/passwd')",
        "os.mkdir('a'); os.symlink('../a/passwd', 'a/passwd')",
    ],
)
def test_a_kept_name_that_is_no_plain_file_is_not_returned(sandbox: Sandbox, workspace: Path, made: str) -> None:
    end = sandbox.run(Job(("python", "-c", f"import os\n{made}"), workspace, keep=("a/passwd",), limits=PATIENT))
    assert end.ok, end
    assert end.files == {}


def test_a_kept_file_that_is_swapped_for_a_link_while_the_job_ends_shows_nothing(
    sandbox: Sandbox, workspace: Path
) -> None:
    code = """
import os, sys
open("own", "w").write("own")
if os.fork() == 0:
    os.setsid()
    while True:
        for target in ("/etc/passwd", "own"):
            try:
                os.symlink(target, "next"); os.rename("next", "a")
            except OSError:
                pass
import time
time.sleep(0.1)
"""
    for _ in range(3):
        end = sandbox.run(Job(("python", "-c", code), workspace, keep=("a",), limits=PATIENT))
        assert end.files.get("a", b"own") == b"own"


def test_files_of_other_users_among_the_temporary_ones_are_not_seen(attack: Any) -> None:
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as shared, tempfile.NamedTemporaryFile(dir="/tmp") as file:
        os.chmod(shared.name, 0o666)
        os.chmod(file.name, 0o666)
        code = "import os; print([os.path.exists(each) for each in (<a>, <b>, '/var/tmp')], os.listdir('/dev/shm'))"
        assert attack(code, {"a": shared.name, "b": file.name}).stdout == b"[False, False, False] []\n"
