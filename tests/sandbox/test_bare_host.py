"""The bare host: only by a choice that lies with the person, only where nothing else contains, always named."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import Unavailable, UserError
from suture.analyzers.sandbox import Job, Limits, Sandbox, bare, describe, open_sandbox, opening
from suture.server.cli.main import main

from .conftest import LONG_S, PATIENT

PROBE = "suture.analyzers.sandbox.suture_guest.probe:execute"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def nothing_contains(monkeypatch: pytest.MonkeyPatch) -> None:
    for backend in opening.BACKENDS:
        monkeypatch.setattr(backend, "missing", lambda: "taken away by this test")


@pytest.fixture
def host(workspace: Path, nothing_contains: None) -> Iterator[Sandbox]:
    bare.allow(workspace)
    with opening.ContainedSandbox(opening.BARE_HOST, None) as opened:
        yield opened


@pytest.mark.usefixtures("nothing_contains")
def test_it_is_refused_by_default_and_the_way_out_is_a_contained_one() -> None:
    with pytest.raises(Unavailable, match="no workspace code is run"):
        open_sandbox()
    with pytest.raises(Unavailable):
        open_sandbox("bare-host")


@pytest.mark.usefixtures("nothing_contains")
def test_nothing_in_the_workspace_can_make_the_choice(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = '[tool.suture.sandbox]\nbackend = "bare-host"\nallow-bare-host = true\n'
    (workspace / "pyproject.toml").write_text(settings)
    (workspace / bare.NAME).write_text(json.dumps({str(workspace): "2020-01-01"}))
    with pytest.raises(Unavailable):
        open_sandbox("bare-host")
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(workspace))  # and the choice may not lie in it
    (workspace / bare.NAME).chmod(0o600)
    assert not bare.allowed(workspace)


def test_it_is_not_used_while_something_contains(workspace: Path) -> None:
    bare.allow(workspace)
    assert open_sandbox("bare-host").backend != "bare-host"
    assert [each.available for each in describe() if not each.contains] == [False]


def test_a_choice_holds_for_its_folder_and_can_be_revoked(host: Sandbox, workspace: Path, tmp_path: Path) -> None:
    assert open_sandbox().backend == "bare-host"
    end = host.run(Job(("python", "x.py"), workspace, files={"x.py": b"1 / 0"}, limits=PATIENT))
    assert (end.exit_code, end.backend) == (1, "bare-host")
    assert f'File "{workspace}/x.py"'.encode() in end.stderr
    with pytest.raises(Unavailable, match="bare host is not allowed"):
        host.run(Job(("true",), tmp_path, limits=PATIENT))
    assert bare.forbid(workspace)
    with pytest.raises(Unavailable):
        host.run(Job(("true",), workspace, limits=PATIENT))
    with pytest.raises(Unavailable):
        host.call(PROBE, {"code": ""}, root=workspace, limits=PATIENT)
    with pytest.raises(Unavailable):
        open_sandbox()


@pytest.mark.parametrize("damage", ["{", "[]", '"x"', ""])
def test_a_damaged_choice_is_none(workspace: Path, cache: Path, damage: str) -> None:
    bare.allow(workspace)
    (cache / bare.NAME).write_text(damage)
    assert not bare.allowed(workspace)


def test_a_choice_that_others_could_have_written_is_none(workspace: Path, cache: Path) -> None:
    bare.allow(workspace)
    (cache / bare.NAME).chmod(0o666)
    assert not bare.allowed(workspace)
    (cache / bare.NAME).rename(cache / "other")
    (cache / bare.NAME).symlink_to("other")
    assert not bare.allowed(workspace)


def test_home_and_what_is_above_it_cannot_be_allowed(monkeypatch: pytest.MonkeyPatch, workspace: Path) -> None:
    monkeypatch.setenv("HOME", str(workspace / "home"))
    (workspace / "home").mkdir()
    for each in (workspace / "home", workspace, Path("/")):
        with pytest.raises(UserError):
            bare.allow(each)


def test_the_command_allows_and_forbids(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--allow-bare-host", str(workspace)]) == 0
    assert bare.allowed(workspace / "below")
    assert "--forbid-bare-host" in capsys.readouterr().out
    assert main(["doctor", "--forbid-bare-host", str(workspace)]) == 0
    assert not bare.allowed(workspace)


def test_it_says_that_nothing_is_contained(host: Sandbox) -> None:
    assert "NOTHING IS CONTAINED" in host.holes[0]


def test_even_there_the_workspace_is_a_copy_and_secrets_stay_out_of_the_environment(
    host: Sandbox, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    code = "import os; open('x.py', 'a').write('#'); open('new', 'w'); print(sorted(os.environ.values()))"
    end = host.run(Job(("python", "-c", code), workspace, keep=("x.py",), limits=PATIENT))
    assert end.ok, end
    assert end.files["x.py"].endswith(b"#")
    assert b"secret" not in end.stdout
    assert os.listdir(workspace) == ["x.py"]


def test_even_there_limits_hold_and_nothing_is_left(host: Sandbox, workspace: Path, survivors: Any) -> None:
    code = f"""
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)", {survivors.token!r}])
    os._exit(0)
time.sleep(60)
"""
    end = host.run(Job(("python", "-c", code), workspace, limits=Limits(wall_s=0.7)))
    assert end.reason == "timeout"
    assert survivors.gone_within(30.0)  # they would sleep for longer
    code = "import os, time\nfor _ in range(3): os.fork()\nb = bytearray(os.urandom(1 << 20)) * 90\ntime.sleep(99)"
    assert host.run(Job(("python", "-c", code), workspace, limits=Limits(LONG_S, memory_mb=256))).reason == "memory"


def test_even_there_one_call_leaves_nothing_for_the_next(host: Sandbox, workspace: Path) -> None:
    code = """
import os, time
open("left.py", "w").write("x"); open(os.environ["TMPDIR"] + "/left", "w")
os.mkdir("closed"); open("closed/file", "w"); os.chmod("closed", 0)
if os.fork() == 0:
    os.setsid()
    time.sleep(60)
answer = os.getcwd()
"""
    assert host.call(PROBE, {"code": code}, root=workspace, limits=PATIENT).value == str(workspace)
    code = "import os; answer = os.listdir(), os.listdir(os.environ['TMPDIR'])"
    started = time.monotonic()
    assert host.call(PROBE, {"code": code}, root=workspace, limits=PATIENT).value == [["x.py"], []]
    assert time.monotonic() - started < 40  # it does not wait for the sleeper
