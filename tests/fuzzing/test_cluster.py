"""Fuzzing on a Dask cluster: a real one of two worker processes, one of which is killed; and what travels to it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from suture.analyzers.errors import Unavailable, UserError
from suture.analyzers.fuzzing import shipping
from suture.analyzers.fuzzing.campaign import Happened, Job, Note, Told
from suture.analyzers.fuzzing.cluster import Parcel, answer, forget, run_on_cluster
from suture.analyzers.fuzzing.events import Done, FuzzFinding
from suture.analyzers.fuzzing.shipping import pack, survey, unpack
from suture.analyzers.sandbox import Sandbox, watch

MODULE = """
from helping import halved


def mean(xs: list[float]) -> float:
    \"\"\"Mean; 0.0 when empty.\"\"\"
    return sum(xs) / len(xs)


def initials(name: str) -> str:
    \"\"\"The initials; empty for an empty name.\"\"\"
    return "".join(word[0] for word in name.split(" "))


def double(n: int) -> int:
    return 2 * n


def half(n: int) -> float:
    return halved(n)
"""
NAMES = ("mean", "initials", "double", "half")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[tool.x]\n")
    (folder / "mod.py").write_text(MODULE)
    (folder / "helping.py").write_text("def halved(n: int) -> float:\n    return n / 2\n")
    return folder


def jobs_of(project: Path, budget_s: float) -> list[Job]:
    return [Job(project, project / "mod.py", name, budget_s) for name in NAMES]


# -- the files


def test_what_is_ignored_or_private_stays_at_home(project: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("o")
    (project / ".gitignore").write_text("*.log\nbuild/\n")
    for name in ("a.log", ".env", ".env.local", "build/x.py", ".git/config", "venv/y.py", "data/table.csv"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("x")
    (project / "link.txt").symlink_to(tmp_path / "outside.txt")
    files = survey(project).files
    assert files == (".gitignore", "helping.py", "mod.py", "pyproject.toml", "data/table.csv")
    unpack(pack(survey(project)), tmp_path / "there" / "project")
    assert survey(tmp_path / "there" / "project").digest == survey(project).digest


def test_other_content_is_another_workspace(project: Path) -> None:
    before = survey(project).digest
    (project / "helping.py").write_text("def halved(n: int) -> float:\n    return n / 3\n")
    assert survey(project).digest != before


def test_too_much_is_not_sent(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipping, "MAX_MB", 0)
    with pytest.raises(UserError, match="at most 0 MB"):
        pack(replace(survey(project), size=1 << 20))


def test_an_archive_cannot_write_outside_of_its_folder(tmp_path: Path) -> None:
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../evil.py", "x")
    with pytest.raises(ValueError, match="outside"):
        unpack(buffer.getvalue(), tmp_path / "in")
    assert not (tmp_path / "evil.py").exists()


def test_a_worker_that_sees_other_files_asks_for_them(project: Path, sandbox: Sandbox) -> None:
    job = Job(project, project / "mod.py", "mean", 6.0)
    packed, digest = pack(survey(project)), survey(project).digest
    (project / "mod.py").write_text("def mean(xs):\n    return 0\n")
    parcel = Parcel("campaign-of-a-test", job, digest)
    try:
        assert answer(parcel, None).events == ()
        events = answer(parcel, packed).events
    finally:
        forget(parcel.campaign)
    finding = next(each for each in events if isinstance(each, FuzzFinding))
    assert (finding.args, finding.path) == ("([],)", str(project / "mod.py"))
    assert isinstance(events[-1], Done)


# -- the cluster


@dataclass
class Cluster:
    address: str
    workers: list[subprocess.Popen[bytes]]
    folder: Path


def start(module: str, *words: str, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.{module}", *words]
    with log.open("wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=out, cwd=log.parent, start_new_session=True)


@pytest.fixture
def cluster(tmp_path: Path, sandbox: Sandbox) -> Generator[Cluster]:
    pytest.importorskip("distributed")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path / "cluster"
    folder.mkdir()
    address = f"tcp://127.0.0.1:{port}"
    words = ("--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    started = [start("dask_scheduler", *words, log=folder / "scheduler.log")]
    try:
        for number in (1, 2):
            words = ("--no-nanny", "--no-dashboard", "--nthreads", "1", "--local-directory", str(folder / str(number)))
            started.append(
                start("dask_worker", address, "--host", "127.0.0.1", *words, log=folder / f"worker{number}.log")
            )
        deadline = time.monotonic() + 60
        while len(re.findall("Register worker", (folder / "scheduler.log").read_text())) < 2:
            assert time.monotonic() < deadline, (folder / "scheduler.log").read_text()
            time.sleep(0.1)
        yield Cluster(address, started[1:], folder)
    finally:
        tree = {pid for each in started for pid in watch.tree(each.pid)}
        for each in started:
            each.kill()
        for each in started:
            each.wait()
        deadline = time.monotonic() + 20
        while any(os.path.exists(f"/proc/{pid}") for pid in tree) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not [pid for pid in tree if os.path.exists(f"/proc/{pid}")]


def answered(happened: list[Happened]) -> list[tuple[str, str]]:
    return sorted(
        (each.job.name, each.event.status)
        for each in happened
        if isinstance(each, Told) and isinstance(each.event, Done)
    )


def found(happened: list[Happened]) -> list[tuple[str, str]]:
    events = [each.event for each in happened if isinstance(each, Told)]
    return sorted((each.target, each.args) for each in events if isinstance(each, FuzzFinding))


ALL = sorted((name, "ok") for name in NAMES)
FOUND = [("initials", "('',)"), ("mean", "([],)")]


@pytest.mark.slow
def test_a_cluster_answers_for_every_target_once_also_when_a_worker_is_killed(project: Path, cluster: Cluster) -> None:
    happened = list(run_on_cluster(jobs_of(project, 4.0), cluster.address))
    assert (answered(happened), found(happened)) == (ALL, FOUND)

    happened.clear()
    for each in run_on_cluster(jobs_of(project, 4.0), cluster.address):
        if not happened:  # the first answer is here; both workers are in the middle of something
            cluster.workers[0].send_signal(signal.SIGKILL)
        happened.append(each)
    assert cluster.workers[0].wait(10) == -signal.SIGKILL
    assert (answered(happened), found(happened)) == (ALL, FOUND)
    notes = [each.text for each in happened if isinstance(each, Note)]
    assert notes  # on a busy machine the other worker may be missed for a moment, too
    assert all("is gone; others take what it had" in each for each in notes)


@pytest.mark.slow
def test_a_cluster_that_does_not_see_the_files_gets_them_and_forgets_them(
    project: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The workers are on this machine, so they would see the folder: let the client say that its content is another.
    from suture.analyzers.fuzzing import cluster as module

    monkeypatch.setattr(module, "survey", lambda root: replace(survey(root), digest="other"))  # type: ignore[arg-type]
    happened = list(run_on_cluster(jobs_of(project, 4.0), cluster.address))
    assert (answered(happened), found(happened)) == (ALL, FOUND)
    assert {each.job.path for each in happened if isinstance(each, Told)} == {project / "mod.py"}
    deadline = time.monotonic() + 20
    while (
        left := [folder for folder, _, files in os.walk(cluster.folder) if "mod.py" in files]
    ) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


@pytest.mark.slow
def test_stopping_stops_the_workers(project: Path, cluster: Cluster) -> None:
    flag = False
    happened: list[Happened] = []

    def stop() -> bool:
        return flag

    for each in run_on_cluster(
        [*jobs_of(project, 2.0), replace(jobs_of(project, 60)[2])], cluster.address, cancel=stop
    ):
        happened.append(each)
        flag = len(answered(happened)) == 3
    assert len(answered(happened)) < 5
    deadline = time.monotonic() + 20
    while (
        busy := [pid for each in cluster.workers for pid in watch.children(each.pid)]
    ) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not busy  # the sandboxes are closed, though the workers live on
    assert all(each.poll() is None for each in cluster.workers)


def test_no_scheduler_is_said_with_what_to_do(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    from suture.analyzers.fuzzing import cluster as module

    monkeypatch.setattr(module, "CONNECT_S", 0.3)
    with pytest.raises(Unavailable, match="no Dask scheduler at"):
        list(run_on_cluster(jobs_of(project, 1.0), "tcp://127.0.0.1:9"))
