"""What is particular to walls that stand for several jobs; the rest of this folder is played over them too."""

from __future__ import annotations

import gc
import os
import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from suture.analyzers.findings import Json
from suture.analyzers.sandbox import Job, Limits, Sandbox, open_sandbox
from suture.analyzers.sandbox import standing as standing_module
from suture.analyzers.sandbox.interface import CancelCheck
from suture.analyzers.sandbox.standing import ABLE, Begun, Standing, Walls, standing

from .conftest import AVAILABLE, LONG_S, PATIENT, Survivors

pytestmark = pytest.mark.skipif(not set(AVAILABLE) & ABLE, reason="no walls stand here")
#: Waits until the other job is there too, then tells what it sees.
_LOOK = """
import os, socket, sys, time
open("/tmp/mine", "w").close(); open("/dev/shm/mine-" + sys.argv[1], "w").close(); open("left", "w").close()
server = socket.create_server(("127.0.0.1", 8765))
abstract = socket.socket(socket.AF_UNIX); abstract.bind("\\0name")
time.sleep(0.6)
words = [open(f"/proc/{each}/cmdline").read() for each in os.listdir("/proc") if each.isdigit()]
print(sum("mine-" in each for each in words), os.listdir("/dev/shm"), sorted(os.listdir(".")))
"""


@pytest.fixture(params=sorted(ABLE & set(AVAILABLE)))
def held(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    opened = open_sandbox(request.param)
    with standing(opened) as used:
        yield used
    opened.close()


def test_jobs_at_the_same_time_see_nothing_of_each_other(held: Sandbox, workspace: Path) -> None:
    jobs = [Job(("python", "-c", _LOOK, name), workspace, limits=PATIENT) for name in "ab"]
    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(held.run, jobs))
    for name, end in zip("ab", ends, strict=True):
        assert end.ok, end.stderr
        assert end.stdout.decode() == f"1 ['mine-{name}'] ['left', 'x.py']\n"


def test_a_port_is_free_again_for_the_next_job(held: Sandbox, workspace: Path) -> None:
    code = (
        "import socket; a = socket.create_server(('127.0.0.1', 8765)); b = socket.create_connection(a.getsockname());"
        "c, _ = a.accept(); c.close(); b.close()"
    )
    for _ in range(2):
        end = held.run(Job(("python", "-c", code), workspace, limits=PATIENT))
        assert end.ok, end.stderr


def test_a_job_sees_what_the_workspace_has_become(held: Sandbox, workspace: Path) -> None:
    job = Job(("python", "-c", "import x; print(x.value)"), workspace, limits=PATIENT)
    assert held.run(job).stdout == b"1\n"
    (workspace / "x.py").write_text("value = 2\n")
    assert held.run(job).stdout == b"2\n"
    workspace.rename(workspace.with_name("elsewhere"))
    workspace.mkdir()
    (workspace / "x.py").write_text("value = 3\n")
    assert held.run(job).stdout == b"3\n"


def test_walls_that_were_killed_are_made_again(held: Sandbox, workspace: Path) -> None:
    assert isinstance(held, Standing)
    job = Job(("python", "-c", "print(1)"), workspace, limits=PATIENT)
    assert held.run(job).ok
    for each in held.processes:
        each.kill()
        each.wait()
    assert held.run(job).ok


def test_nothing_is_left_when_they_fall(workspace: Path, survivors: Survivors) -> None:
    opened = open_sandbox(sorted(ABLE & set(AVAILABLE))[0])
    gc.collect()  # what earlier tests left open is not closed meanwhile
    before = len(os.listdir("/proc/self/fd"))
    with standing(opened) as used, ThreadPoolExecutor(1) as pool:
        assert isinstance(used, Standing)
        code = f"import os, time; os.fork(); time.sleep(99)  # {survivors.token}"
        running = pool.submit(used.run, Job(("python", "-c", code), workspace, limits=Limits(LONG_S)))
        while len(survivors.pids()) < 2:
            assert not running.done()
        processes = used.processes
        used.close()
        assert not running.result(60).ok
    assert survivors.gone_within(30.0)  # they would sleep for longer
    assert all(each.poll() is not None for each in processes)
    assert len(os.listdir("/proc/self/fd")) == before


def test_where_nothing_can_begin_in_them_a_job_has_walls_of_its_own(
    held: Sandbox, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = socket.socket.sendmsg

    def refuse(self: socket.socket, *arguments: object) -> int:
        if arguments[0] == [b"C"]:
            raise OSError("not today")
        return usual(self, *arguments)  # pyright: ignore[reportCallIssue, reportArgumentType]

    monkeypatch.setattr(socket.socket, "sendmsg", refuse)
    for _ in range(2):
        assert held.run(Job(("python", "-c", "print(1)"), workspace, limits=PATIENT)).stdout == b"1\n"


def test_a_job_waits_until_the_host_holds_it(held: Sandbox, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number, begin = vars(standing_module)["_number"], Walls.begin
    begun: list[Begun | None] = []

    def slowly(descriptor: int) -> int:
        time.sleep(0.4)  # a busy machine: the job would be over
        return number(descriptor)

    def noted(self: Walls, config: Mapping[str, Json], cancel: CancelCheck | None) -> Begun | None:
        begun.append(begin(self, config, cancel))
        return begun[-1]

    monkeypatch.setattr(standing_module, "_number", slowly)
    monkeypatch.setattr(Walls, "begin", noted)
    assert held.run(Job(("python", "-c", "print(1)"), workspace, limits=PATIENT)).stdout == b"1\n"
    assert begun[0] is not None


def test_a_job_that_nobody_wants_any_more_leaves_the_walls_standing(held: Sandbox, workspace: Path) -> None:
    assert isinstance(held, Standing)
    job = Job(("python", "-c", "print(1)"), workspace, limits=PATIENT)
    assert held.run(job).ok
    before = held.processes
    assert held.run(job, lambda: True).reason == "cancelled"
    assert held.run(job).ok
    assert held.processes == before
    assert all(each.able for each in vars(held)["_walls"])
