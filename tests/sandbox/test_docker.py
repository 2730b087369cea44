"""A container engine: the command it gets, a fake engine that records it, and the real thing where one runs."""

from __future__ import annotations

import json
import os
import shlex
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Job, Limits, Sandbox, opening
from suture.analyzers.sandbox.backends import docker
from suture.analyzers.sandbox.contained import ContainedSandbox
from suture.analyzers.sandbox.layout import layout

PROBE = "suture.analyzers.sandbox.suture_guest.probe:execute"

#: Answers as `docker` would; `run` is noted and played without walls, by what comes after the image's name.
FAKE = """
import json, os, sys
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1] == "version":
    print(json.dumps({{"Server": {{"Version": "99.1"}}}}))
elif sys.argv[1:3] == ["image", "inspect"]:
    sys.exit(0 if os.path.exists({image!r}) else 1)
elif sys.argv[1] == "run":
    print("the fake engine has no walls", file=sys.stderr)
    sys.exit(125)
"""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The log of a fake engine that is the only one on the path; its image is there if ``image`` exists."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    log = tmp_path / "log"
    script = tmp_path / "engine.py"
    script.write_text(FAKE.format(log=str(log), image=str(tmp_path / "image")))
    # a shebang cannot name an interpreter whose path holds a space
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -S {shlex.quote(str(script))} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    docker.engine.cache_clear()
    yield log
    docker.engine.cache_clear()


def options(workspace: Path, limits: Limits = Limits()) -> list[str]:  # noqa: B008 - frozen
    shown = docker.BACKEND.prepare(layout(workspace, Path(sys.executable)))
    return docker.options(shown, limits, "suture-x", warm=False)


def value(given: list[str], option: str) -> str:
    return given[given.index(option) + 1]


def test_the_container_has_no_network_no_privilege_and_no_writable_root(workspace: Path) -> None:
    given = options(workspace, Limits(memory_mb=192, processes=20))
    assert value(given, "--network") == "none"
    assert value(given, "--cap-drop") == "ALL"
    assert value(given, "--security-opt") == "no-new-privileges"
    assert "--read-only" in given
    assert value(given, "--memory") == value(given, "--memory-swap") == "256m"  # 192 for the job, 64 for its files
    assert value(given, "--pids-limit") == "28"
    assert value(given, "--user").split(":")[0] not in ("0", "root")
    assert value(given, "--pull") == "never"
    forbidden = ("--privileged", "--device", "--volume", "--pid", "--cap-add", "--group-add")
    assert not [each for each in given if each.split("=")[0] in forbidden]


def test_everything_of_the_host_is_mounted_read_only(workspace: Path) -> None:
    given = options(workspace)
    mounts = [given[index + 1] for index, each in enumerate(given) if each == "--mount"]
    assert mounts
    assert all(each.endswith(",readonly") for each in mounts)
    assert not [each for each in mounts if "docker.sock" in each]
    assert f"type=bind,source={os.path.realpath(workspace)},target=/.suture/ws,readonly" in mounts


def test_a_path_cannot_add_an_option_to_its_mount() -> None:
    assert docker.mounted('/a,readonly=false"', "/b")[1] == 'type=bind,"source=/a,readonly=false""",target=/b,readonly'


def test_without_an_engine_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    docker.engine.cache_clear()
    try:
        assert "neither docker nor podman" in docker.BACKEND.missing()
    finally:
        docker.engine.cache_clear()


def test_an_engine_without_the_image_is_not_used_and_nothing_is_downloaded(engine: Path) -> None:
    found = opening.status(docker.BACKEND)
    assert not found.available
    assert "docker 99.1 runs, but the image suture-empty is not there" in found.reason
    assert found.install_hint == "tar -cT /dev/null | docker import - suture-empty"
    assert not [line for line in engine.read_text().splitlines() if "pull" in line]


def test_another_image_can_be_named(engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(docker.VARIABLE, "python:3.12-slim")
    assert "the image python:3.12-slim is not there" in docker.BACKEND.missing()


def test_an_engine_that_fails_is_an_environments_fault_and_what_it_said_is_told(engine: Path, workspace: Path) -> None:
    (engine.parent / "image").touch()
    assert docker.BACKEND.missing() == ""
    with ContainedSandbox(docker.BACKEND, None) as sandbox:
        end = sandbox.run(Job(("python", "-c", "print(1)"), workspace))
    assert end.reason == "environment"
    assert b"no walls" in end.stderr
    started = next(json.loads(line) for line in engine.read_text().splitlines() if line.startswith('["run"'))
    assert started[started.index("suture-empty") + 1] == sys.executable
    assert started[-2:] == ["0", "1"]
    cleaned = [json.loads(line) for line in engine.read_text().splitlines() if line.startswith('["rm"')]
    assert cleaned == [["rm", "--force", value(started, "--name")]]


# --- the real thing, where an engine runs and has the image -----------------------------------------------------


@pytest.fixture(scope="module")
def real() -> Iterator[Sandbox]:
    found = opening.status(docker.BACKEND)
    if not found.available:
        pytest.skip(f"no engine here: {found.reason}")
    with ContainedSandbox(docker.BACKEND, None) as opened:
        yield opened


@pytest.mark.slow
def test_a_real_container_holds(real: Sandbox, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "very-secret")
    (workspace / ".git").mkdir()
    code = """
import os, socket, sys
open("x.py", "a").write("#"); open("new", "w").write("new")
for place in ("/", "/usr", "/etc", "/.suture", "/.suture/ws"):
    try:
        open(place + "/written", "w"); print("written", place)
    except OSError:
        pass
try:
    socket.create_connection(("192.0.2.1", 80), 2); print("connected")
except OSError:
    pass
secrets = "very-secret" in str(os.environ), os.path.exists(os.path.join("/root", ".ssh"))
print(os.getuid() != 0, os.getcwd(), sorted(os.listdir()), *secrets)
"""
    end = real.run(Job(("python", "-c", code), workspace, keep=("new",), stdin=b"x" * 200_000))
    assert end.ok, end
    assert end.stdout.decode().split("\n")[0] == f"True {workspace} ['new', 'x.py'] False False", end
    assert end.files == {"new": b"new"}
    assert sorted(os.listdir(workspace)) == [".git", "x.py"]
    assert not stat.S_IMODE((workspace / "x.py").stat().st_mode) & 0o002


@pytest.mark.slow
def test_a_real_container_keeps_its_limits(real: Sandbox, workspace: Path) -> None:
    bomb = "import os, time\nfor _ in range(3): os.fork()\nb = bytearray(os.urandom(1 << 20)) * 90\ntime.sleep(30)"
    assert real.run(Job(("python", "-c", bomb), workspace, limits=Limits(memory_mb=256))).reason == "memory"
    spin = "import os\nos.fork(); os.fork()\nwhile True: pass"
    assert real.run(Job(("python", "-c", spin), workspace, limits=Limits(cpu_s=0.5))).reason == "timeout"
    nap = "import time; time.sleep(60)"
    assert real.run(Job(("python", "-c", nap), workspace, limits=Limits(wall_s=0.5))).reason == "timeout"
    flood = "while True: print('x' * 65536)"
    assert real.run(Job(("python", "-c", flood), workspace, limits=Limits(output_kb=64))).reason == "output"


@pytest.mark.slow
def test_a_real_container_stays_warm_and_forgets(real: Sandbox, workspace: Path) -> None:
    leave = (
        "open('/tmp/left', 'w'); open('left.py', 'w'); import os, time\nif os.fork() == 0: os.setsid(); time.sleep(60)"
    )
    assert real.call(PROBE, {"code": leave}, root=workspace).reason == "exit"
    look = "import os; answer = [os.path.exists('/tmp/left'), os.listdir(), sum(map(str.isdigit, os.listdir('/proc')))]"
    assert real.call(PROBE, {"code": look}, root=workspace).value == [False, ["x.py"], 2]
