"""Many drafts for one fault, run in one sandbox job over the tests that fail: what none of them wins needs no run.

A pytest of its own for each draft spends most of its time on its start. Here pytest and its plug-ins are imported once,
and each draft is a forked child (``inside/suture_screen.py``). The unchanged workspace goes first: only if it fails
there as it does by itself is anything believed.

Invariant: what is screened is only ever dropped by it. A draft that wins here is run by the real command, in a process
of its own; one that changes tests or files that are not imported is not screened at all.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import Any, cast

from ..analyzers.errors import Cancelled
from ..analyzers.findings import Json
from ..analyzers.sandbox.interface import CancelCheck, Job, Limits, Outcome, Sandbox
from .logic.trial import Program
from .probe import FOLDER, REPORT, SELECT, Run, Selection, inside, read_run
from .verify import is_solved
from .workspace import Workspace, is_test

_SPEC, _OUT = f"{FOLDER}/screen.json", f"{FOLDER}/screen_out.json"
#: Fewer drafts than this are not worth a job of their own.
FEWEST = 3
#: Failing tests that are run: a draft that wins the first of them is run again, with all.
TESTS = 6
#: What a child may take (seconds of processor) at least, and beside how often what the first run took.
LEAST_S, TIMES = 2.0, 5.0
#: How many times that a child may take by the clock (see ``inside/suture_children.py``).
PATIENCE = 3

_Key = frozenset[tuple[str, bytes]]


@dataclass
class Screen:
    """Drafts that are known to fail. ``left`` is the time that is left, in seconds."""

    workspace: Workspace
    first: Run
    failing: tuple[str, ...]
    program: Program
    command: tuple[str, ...]
    sandbox: Sandbox
    left: Callable[[], float]
    cwd: str = "."
    cancel: CancelCheck | None = None
    _known: dict[_Key, Run] = field(default_factory=dict[_Key, Run])
    _able: bool = True

    def known(self, view: Workspace) -> Run | None:
        """The run of a draft that fails still; None if it is to be run."""
        return self._known.get(self._key(view))

    def prepare(self, views: Sequence[Workspace]) -> None:
        """Run these drafts, and remember which fail. Raises Cancelled."""
        fit = [each for each in views if self._fits(each)]
        if not self._able or len(fit) < FEWEST or self.left() < LEAST_S:
            return
        control, *runs = _screened(self, [self.workspace, *fit])
        if control is None or control.fault.tests[:1] != self.first.fault.tests[:1] or not _alike(control, self.first):
            self._able = False
            return
        for view, run in zip(fit, runs, strict=True):
            if run is not None and not is_solved(self.first, run):
                self._known[self._key(view)] = run

    def _key(self, view: Workspace) -> _Key:
        return frozenset(self._changed(view).items())

    def _changed(self, view: Workspace) -> dict[str, bytes]:
        return {name: data for name, data in view.files.items() if self.workspace.files.get(name) != data}

    def _fits(self, view: Workspace) -> bool:
        changed = self._changed(view)
        return bool(changed) and all(
            name.endswith(".py")
            and not is_test(name)
            and PurePath(name).name != "conftest.py"
            and self.workspace.text(name) is not None
            for name in changed
        )


def _alike(one: Run, two: Run) -> bool:
    return (one.fault.category, one.fault.exception, one.fault.path, one.fault.line) == (
        two.fault.category,
        two.fault.exception,
        two.fault.path,
        two.fault.line,
    )


@cache
def _hooks() -> Mapping[str, bytes]:
    package = files(f"{__package__}.inside")
    names = ("suture_screen.py", "suture_children.py", "suture_exchange.py")
    return {**inside(), **{f"{FOLDER}/{name}": package.joinpath(name).read_bytes() for name in names}}


def _screened(screen: Screen, views: Sequence[Workspace]) -> list[Run | None]:
    """What became of each; None for one of which nothing was heard."""
    workspace, program, root = screen.workspace, screen.program, screen.workspace.root
    full, left = max(LEAST_S, TIMES * screen.first.outcome.seconds), screen.left()
    limit = min(full, max(left / PATIENCE, LEAST_S / PATIENCE))  # a child that waits is ended after that many times it
    candidates: list[Json] = []
    for view in views:
        changed = {name: data for name, data in view.files.items() if workspace.files.get(name) != data}
        candidates.append({name: base64.b64encode(data).decode() for name, data in changed.items()})
    jobs = max(2, min(4, os.cpu_count() or 2))
    spec: dict[str, Json] = {
        "argv": list(program.argv),
        "cwd_first": program.target == "-m",
        "candidates": candidates,
        "limit_s": limit,
        "budget_s": left,
        "jobs": jobs,
    }
    select = Selection(screen.failing[:TESTS])
    laid = {
        **workspace.files,
        **_hooks(),
        _SPEC: json.dumps(spec).encode(),
        SELECT: select.to_json(),
    }
    environment = {
        "PYTHONPATH": str(root / FOLDER),
        "PYTEST_PLUGINS": "suture_pytest",
        "SUTURE_ROOT": str(root),
        "SUTURE_REPORT": str(root / REPORT),
        "SUTURE_SELECT": str(root / SELECT),
        "SUTURE_SCREEN_OUT": str(root / _OUT),
    }
    wall = left + PATIENCE * limit + 1
    job = Job(
        argv=("python", *program.options, str(root / FOLDER / "suture_screen.py"), str(root / _SPEC)),
        root=root,
        cwd=screen.cwd,
        files=laid,
        env=environment,
        keep=(_OUT,),
        limits=Limits(wall_s=wall, cpu_s=4 * wall, memory_mb=1536),
        python=workspace.python,
    )
    outcome = screen.sandbox.run(job, screen.cancel)
    if outcome.reason == "cancelled":
        raise Cancelled()
    try:
        value: object = json.loads(outcome.files.get(_OUT, b"") or b"[]")
    except ValueError:
        value = []
    answers = cast("list[dict[str, Any] | None]", value) if isinstance(value, list) else []
    answers += [None] * (len(views) - len(answers))
    # What was ended before its time, because the healing's own was short, is not known to fail.
    return [
        None if each is None or (each.get("late") and limit < full) else _run(screen, view, each, outcome)
        for view, each in zip(views, answers, strict=True)
    ]


def _run(screen: Screen, view: Workspace, answer: Mapping[str, Any], job: Outcome) -> Run:
    """A child's answer as the run that it would be."""
    late = bool(answer.get("late"))
    outcome = replace(
        job,
        reason="timeout" if late else "exit",
        exit_code=None if late else int(answer["exit"]),
        stdout=b"",
        stderr=b"",
        seconds=float(answer["seconds"]),
        files={REPORT: str(answer.get("report", "")).encode()},
        signal=None,
    )
    run = read_run(view, screen.command, outcome, screen.cwd)
    return replace(run, selected=frozenset(screen.failing[:TESTS]))
