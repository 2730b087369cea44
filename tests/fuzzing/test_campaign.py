"""Campaigns: many targets, in this process and in worker processes, also when one dies."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from suture.analyzers.fuzzing.campaign import Happened, Job, Note, Told, run_campaign
from suture.analyzers.fuzzing.events import Done, FuzzFinding
from suture.analyzers.sandbox import Sandbox, watch
from suture.analyzers.sandbox.interface import CallResult

MODULE = """
def mean(xs: list[float]) -> float:
    \"\"\"Mean; 0.0 when empty.\"\"\"
    return sum(xs) / len(xs)


def initials(name: str) -> str:
    \"\"\"The initials; empty for an empty name.\"\"\"
    return "".join(word[0] for word in name.split(" "))


def double(n: int) -> int:
    return 2 * n


def triple(n: int) -> int:
    return 3 * n
"""
NAMES = ("mean", "initials", "double", "triple")


@pytest.fixture
def jobs(tmp_path: Path) -> list[Job]:
    (tmp_path / "pyproject.toml").write_text("[tool.x]\n")
    (tmp_path / "mod.py").write_text(MODULE)
    return [Job(tmp_path, tmp_path / "mod.py", name, budget_s=4.0) for name in NAMES]


def findings(happened: list[Happened]) -> set[tuple[str, str, str]]:
    return {
        (each.event.target, each.event.exception, each.event.args)
        for each in happened
        if isinstance(each, Told) and isinstance(each.event, FuzzFinding)
    }


def answered(happened: list[Happened]) -> list[str]:
    return sorted(each.job.name for each in happened if isinstance(each, Told) and isinstance(each.event, Done))


def children() -> list[int]:
    """Worker processes of this process (a sandbox's own processes have a session of the sandbox)."""
    found: list[int] = []
    for pid in watch.children(os.getpid()):
        with contextlib.suppress(OSError):
            if b"campaign_worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


@pytest.mark.slow
def test_one_process_and_several_find_the_same(jobs: list[Job], sandbox: Sandbox) -> None:
    alone = list(run_campaign(jobs))
    together = list(run_campaign(jobs, workers=2))
    expected = {("mean", "ZeroDivisionError", "([],)"), ("initials", "IndexError", "('',)")}
    assert findings(alone) == findings(together) == expected
    assert answered(alone) == answered(together) == sorted(NAMES)
    assert not children()


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_no_target(jobs: list[Job], sandbox: Sandbox) -> None:
    happened: list[Happened] = []
    killed = 0
    for each in run_campaign(jobs, workers=2):
        happened.append(each)
        if (
            not killed
            and isinstance(each, Told)
            and not isinstance(each.event, Done)
            and each.event.target == "initials"
        ):
            killed = children()[0]
            os.kill(killed, signal.SIGKILL)
    assert killed
    assert answered(happened) == sorted(NAMES)
    assert findings(happened) == {("mean", "ZeroDivisionError", "([],)"), ("initials", "IndexError", "('',)")}
    notes = [each.text for each in happened if isinstance(each, Note)]
    assert len(notes) == 1
    assert "signal 9" in notes[0]
    assert not children()


@pytest.mark.slow
def test_a_target_that_kills_each_worker_is_answered_with_the_reason(jobs: list[Job], sandbox: Sandbox) -> None:
    happened: list[Happened] = []
    for each in run_campaign([replace(jobs[0], name=name, budget_s=5.0) for name in ("double", "triple")], workers=2):
        happened.append(each)
        if isinstance(each, Told) and not isinstance(each.event, Done):
            for pid in children():
                os.kill(pid, signal.SIGKILL)
    done = [each.event for each in happened if isinstance(each, Told) and isinstance(each.event, Done)]
    assert sorted(each.target for each in done) == ["double", "triple"]
    assert all(each.status == "environment" and "signal 9" in each.reason for each in done)


def test_stopping_in_the_middle_leaves_no_process(jobs: list[Job], sandbox: Sandbox) -> None:
    happenings = run_campaign([replace(job, budget_s=60.0) for job in jobs], workers=2)
    assert isinstance(happenings, Iterator)
    next(happenings)
    tree = {pid for child in children() for pid in watch.tree(child)}
    assert tree
    started = time.monotonic()
    happenings.close()  # type: ignore[attr-defined]
    while any(os.path.exists(f"/proc/{pid}") for pid in tree) and time.monotonic() - started < 20:
        time.sleep(0.02)
    assert not [pid for pid in tree if os.path.exists(f"/proc/{pid}")]


class Silent:
    """A sandbox that answers at once, and lets the clock of the test go on."""

    backend = "none"
    holes = ()

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[float] = []

    def call(self, function: str, payload: dict[str, object], **_: object) -> CallResult:
        self.now += float(str(payload["budget_s"]))
        self.asked.append(round(float(str(payload["budget_s"])), 1))
        return CallResult("exit", {"status": "ok", "executions": 1}, "", 0.0, "none")

    def close(self) -> None:
        pass


def test_a_total_is_shared_and_what_gets_no_turn_is_not_answered(jobs: list[Job]) -> None:
    silent = Silent()
    more = [replace(job, budget_s=10.0) for job in jobs]
    happened = list(run_campaign(more, sandbox=lambda: silent, clock=lambda: silent.now, total_s=3.0))  # type: ignore[arg-type, return-value]
    assert len(answered(happened)) < len(jobs)
    assert all(each <= 1.0 for each in silent.asked)
    silent = Silent()
    happened = list(run_campaign(more, sandbox=lambda: silent, clock=lambda: silent.now, total_s=100.0))  # type: ignore[arg-type, return-value]
    assert answered(happened) == sorted(NAMES)
    assert all(9.0 < each <= 10.0 for each in silent.asked)
