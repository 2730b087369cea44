"""The states that a search found are run by the real command until one works; a doubtful one is a guess."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from suture.analyzers.sandbox import Outcome, Sandbox
from suture.healing.fault import NO_FAULT, Fault
from suture.healing.probe import Run
from suture.healing.repair import Draft
from suture.healing.task import Task, confirmed
from suture.healing.verify import State
from suture.healing.workspace import Workspace

FAILED = Run(Outcome("exit", 1, b"", b"", 0.1, "test"), Fault("compile", "go"))
PASSED = Run(Outcome("exit", 0, b"", b"", 0.1, "test"), NO_FAULT)


def found(*texts: str) -> list[State]:
    return [State({"a.go": text}, FAILED, (Draft(text, {"a.go": text}, 0.5),)) for text in texts]


def task(works: str, seconds: float, heard: list[State]) -> Task:
    """The command works over texts that hold ``works``; each run of it takes a second of those that remain."""
    ran: list[str] = []

    def execute(view: Workspace) -> Run:
        ran.append(view.text("a.go") or "")
        return PASSED if works in ran[-1] else FAILED

    none = cast(Sandbox, None)
    workspace = Workspace(Path("/nowhere"), {"a.go": b"old"})
    return Task(workspace, FAILED, ["go", "build"], none, execute, lambda: seconds - len(ran), on_state=heard.append)


def never(state: State, others: Sequence[State]) -> bool:
    return False


def test_the_first_that_works_is_verified_told_and_ends_it() -> None:
    heard: list[State] = []
    states = confirmed(task("good", 10, heard), found("bad", "good", "good too"), 3, never)
    assert [(each.title, each.solved) for each in states] == [("bad", False), ("good", True)]
    assert heard == states[1:]


def test_one_that_works_and_is_doubted_is_a_guess_that_nobody_hears_of() -> None:
    heard: list[State] = []
    asked: list[tuple[str, list[str]]] = []

    def doubt(state: State, others: Sequence[State]) -> bool:
        asked.append((state.title, [each.title for each in others]))
        return bool(state.run.ok)

    states = confirmed(task("good", 10, heard), found("bad", "good", "good too"), 2, doubt)
    assert [(each.title, each.solved, len(each.evidence)) for each in states] == [("bad", False, 0), ("good", False, 1)]
    assert asked == [("good", ["good too"])]
    assert not heard


@pytest.mark.parametrize(("seconds", "most", "runs"), [(10, 3, 3), (10, 2, 2), (1, 3, 1), (0, 3, 0)])
def test_it_ends_with_the_time_and_with_the_most(seconds: float, most: int, runs: int) -> None:
    assert len(confirmed(task("none", seconds, []), found("a", "b", "c"), most, never)) == runs
