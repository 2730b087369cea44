"""Runs a command in the sandbox so that it tells more than its output: see ``inside/`` for what is laid into the copy.

The hooks come in through the environment (``PYTHONPATH``, ``PYTEST_PLUGINS``), so the command itself is run as it was
given. A command that ignores the environment (``python -I``) is diagnosed from its output alone.

Invariant: what a run reports about itself is a hint for repairs; whether it succeeded is judged by its exit status
and, under pytest, by the outcomes of its tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import Any, cast

from ..analyzers.errors import Cancelled, Unavailable
from ..analyzers.sandbox.interface import CancelCheck, Job, Limits, Outcome, Sandbox
from .bytecode import ensure_pytest_bytecode
from .compilers import for_compiler
from .diagnosis.python import diagnose as diagnose_python
from .fault import NO_FAULT, Fault, Frame
from .locate import locate
from .observation import Observation, ObservedFrame
from .toolchain import diagnose, outcomes
from .workspace import Workspace

#: The folder in the copy that holds the hooks, and the report that they write.
FOLDER = ".suture-heal"
REPORT = f"{FOLDER}/report.jsonl"
SELECT = f"{FOLDER}/select.json"
#: Where a program was when its time was over.
HANG = f"{FOLDER}/hang.txt"
#: … and the test that was run.
NOW = f"{FOLDER}/now.txt"

#: A suite of which a test ended in this last share of the time was not hanging.
GOT_ON = 0.5

#: Commands that pytest installs; run as a module of the job's interpreter, without its folder on the path.
_PYTEST = (
    "import sys; sys.path[:1] = []; sys.argv[0] = 'pytest'; import pytest; sys.exit(pytest.main())"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Selection:
    """The tests of a suite to run: ``first`` those that fail, ``then`` some that passed. The run ends early if it is
    known that nothing is won, or that something is lost. ``rest``: others that fail; they are run once the first are
    won, and end nothing. ``whole``: everything is run as the command itself would, in its order; where that does not
    end early it is a run of the command."""

    first: tuple[str, ...]
    then: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    whole: bool = False

    def to_json(self) -> bytes:
        """What the plug-in reads."""
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command: how it ended, what failed, and under pytest what became of each test. ``selected``: only
    these were to be run. ``alike``: tests that failed where the fault's own test did, of the same exception. ``ends``:
    where a failing test failed (path, line), and of which exception, as far as that was told. ``heard``: of a run of
    tests that was ended because its time was over, the run as far as it came, if something had failed by then.
    ``stopped``: it was ended because it was known that nothing is won, or that something is lost. ``cut_short``: pytest
    did not run all that there is, for whatever reason, for instance ``-x`` or an error of the collection. ``endless``:
    the whole suite was run before, and did not end."""

    outcome: Outcome
    fault: Fault
    observed: Observation | None = None
    tests: Mapping[str, str] = field(default_factory=dict[str, str])
    selected: frozenset[str] | None = None
    alike: frozenset[str] = frozenset()
    ends: Mapping[str, tuple[str, str, str]] = field(default_factory=dict[str, tuple[str, str, str]])
    heard: Run | None = None
    stopped: bool = False
    cut_short: bool = False
    endless: bool = False

    @property
    def ok(self) -> bool:
        return self.outcome.ok

    @property
    def status(self) -> int | str:
        """The exit status, or why there is none."""
        return self.outcome.exit_code if self.outcome.exit_code is not None else self.outcome.reason

    @property
    def failed(self) -> frozenset[str]:
        return frozenset(name for name, outcome in self.tests.items() if outcome == "failed")

    @property
    def passed(self) -> frozenset[str]:
        return frozenset(name for name, outcome in self.tests.items() if outcome == "passed")


@cache
def inside() -> Mapping[str, bytes]:
    """The files that are laid into the copy."""
    package = files(f"{__package__}.inside")
    names = ("sitecustomize.py", "suture_observe.py", "suture_pytest.py", "suture_resolve.py", "suture_watch.py")
    return {f"{FOLDER}/{name}": package.joinpath(name).read_bytes() for name in names}


def run_command(
    workspace: Workspace,
    command: Sequence[str],
    *,
    sandbox: Sandbox,
    timeout_s: float,
    cwd: str = ".",
    cancel: CancelCheck | None = None,
    select: Selection | None = None,
) -> Run:
    """Run the command over the workspace with its overlay; ``select``, under pytest, only some of its tests. Raises
    Cancelled, or Unavailable if the sandbox failed."""
    folder = workspace.root / FOLDER
    environment = {"PYTHONPATH": str(folder), "SUTURE_REPORT": str(workspace.root / REPORT)}
    if any("pytest" in word for word in command):
        environment["PYTEST_PLUGINS"] = "suture_pytest"
        if workspace.python is None:
            ensure_pytest_bytecode()
    if timeout_s > 0.5:
        environment["SUTURE_HANG_S"] = f"{timeout_s - min(0.5, 0.2 * timeout_s):.2f}"
        environment["SUTURE_HANG"] = str(workspace.root / HANG)
        environment["SUTURE_NOW"] = str(workspace.root / NOW)
    laid = {**workspace.files, **inside()}
    if select is not None:
        environment["SUTURE_SELECT"] = str(workspace.root / SELECT)
        laid[SELECT] = select.to_json()
    job = Job(
        argv=_argv(command),
        root=workspace.root,
        cwd=cwd,
        files=laid,
        env=environment,
        keep=(REPORT, HANG, NOW),
        limits=Limits(wall_s=timeout_s, cpu_s=timeout_s + 1),
        python=workspace.python,
    )
    job = for_compiler(job, workspace, command, sandbox=sandbox, cancel=cancel)
    outcome = sandbox.run(job, cancel)
    if outcome.reason == "cancelled":
        raise Cancelled()
    run = read_run(workspace, command, outcome, cwd)
    return (
        run
        if select is None or select.whole
        else replace(run, selected=frozenset((*select.first, *select.rest, *select.then)))
    )


_STACK_LINE = re.compile(r'^  File "(.+)", line (\d+) in (.+)$')


def hung_at(stack: str, message: str) -> Fault:
    """The hang with the calls that were running, from what ``faulthandler`` wrote (most recent call first)."""
    threads: list[list[Frame]] = []
    for line in stack.splitlines():
        found = _STACK_LINE.match(line)
        if found is not None and threads:
            threads[-1].insert(0, Frame(found[1], int(found[2]) - 1, found[3]))
        elif line.endswith("(most recent call first):"):
            threads.append([])
    main = threads[-1] if threads else []  # the thread that began is written last
    return Fault("hang", language="python" if main else "", message=message, frames=tuple(main))


def _argv(command: Sequence[str]) -> tuple[str, ...]:
    if not command:
        raise Unavailable("no command was given", "for instance: suture heal -- python main.py")
    if PurePath(command[0]).name in {"pytest", "py.test"}:
        return ("python", "-c", _PYTEST, *command[1:])
    if command[0] in {"python", "python3"}:
        return ("python", *command[1:])
    return tuple(command)


def read_run(workspace: Workspace, command: Sequence[str], outcome: Outcome, cwd: str) -> Run:
    """What an outcome of the command shows, by its output and by what the hooks reported."""
    stdout = outcome.stdout.decode("utf-8", "replace")
    stderr = outcome.stderr.decode("utf-8", "replace")
    records = _records(outcome.files.get(REPORT, b""))
    session = next((each for each in reversed(records) if each.get("kind") == "pytest"), None)
    tests = cast(dict[str, str], session["outcomes"]) if session else outcomes(stdout, stderr, command)
    if outcome.ok:
        return Run(outcome, NO_FAULT, tests=tests)
    stack = outcome.files.get(HANG, b"").decode("utf-8", "replace")
    if outcome.reason == "timeout" or stack:
        return _ended_early(workspace, command, replace(outcome, reason="timeout", exit_code=None), cwd, session, stack)
    if outcome.reason == "environment":
        last = stderr.strip().rpartition("\n")[2]
        if "No such file or directory" in last and f"/{PurePath(command[0]).name}" in last:
            message = f"{command[0]}: command not found"
            return Run(outcome, Fault("dependency", language="", message=message), tests=tests)
        fault = Fault("config", language="", message=f"the sandbox stopped it: {last or 'no reason given'}")
        return Run(outcome, fault, tests=tests)
    observed: Observation | None = None
    fault: Fault | None = None
    alike: frozenset[str] = frozenset()
    ends: dict[str, tuple[str, str, str]] = {}
    if session and session["failures"]:
        fault, observed, alike, ends = _failed(session, command)
    else:
        crash = next((each for each in reversed(records) if each.get("kind") == "crash"), None)
        observed = _observation(crash["observed"]) if crash else None
    fault = fault or diagnose(stdout, stderr, command)
    if fault is None:
        last = (stderr.strip() or stdout.strip()).rpartition("\n")[2][:300]
        category = "dependency" if outcome.exit_code == 127 else "runtime"
        reason = f"{outcome.reason}: {last}" if outcome.reason != "exit" else last
        fault = Fault(category, language="", message=reason or f"exit status {outcome.exit_code}, no output")
    if observed is not None and observed.exception != fault.exception.rpartition(".")[2]:
        observed = None
    stopped, cut_short = (bool(session and session.get(each)) for each in ("stopped", "cut_short"))
    where = locate(fault, workspace, cwd)
    return Run(outcome, where, observed, tests, alike=alike, ends=ends, stopped=stopped, cut_short=cut_short)


def _failed(
    session: Mapping[str, Any], command: Sequence[str]
) -> tuple[Fault | None, Observation, frozenset[str], dict[str, tuple[str, str, str]]]:
    """What pytest told of the tests that failed: the fault of the first one, what was observed there, the tests that
    ended alike, and how each ended."""
    failures = cast(list[dict[str, Any]], session["failures"])
    failure = failures[0]
    ends = {str(each["id"]): _ended(str(each["text"])) for each in failures}
    ended = _ended(str(failure["text"]))
    alike = frozenset(name for name, end in ends.items() if end == ended)
    fault = diagnose_python("", failure["text"], command)
    if fault is not None:
        first = str(failure["id"])
        outcomes = cast(dict[str, str], session["outcomes"])
        others = sorted(name for name, result in outcomes.items() if result == "failed" and name != first)
        fault = replace(fault, tests=(first, *others))
    return fault, _observation(failure["observed"]), alike, ends


def _ended_early(
    workspace: Workspace,
    command: Sequence[str],
    outcome: Outcome,
    cwd: str,
    session: Mapping[str, Any] | None,
    stack: str,
) -> Run:
    """A run that was ended because its time was over. A suite that still got on is no hang, and what failed in it is
    known."""
    message = f"still running after {outcome.seconds:.1f} s"
    now = outcome.files.get(NOW, b"").decode("utf-8", "replace")
    about = replace(hung_at(stack, f"{message}, in {now}"), tests=(now,)) if now else hung_at(stack, message)
    hang = Run(outcome, locate(about, workspace, cwd))
    if session is None:
        return hang
    tests = cast(dict[str, str], session["outcomes"])
    count = f"{len(tests)} test{'' if len(tests) == 1 else 's'}"
    if session["failures"]:
        fault, observed, alike, ends = _failed(session, command)
        if fault is None:
            return hang
        note = f"the suite was ended after {outcome.seconds:.0f} s, behind {count}: --timeout S gives it longer"
        fault = locate(replace(fault, notes=(*fault.notes, note)), workspace, cwd)
        return replace(hang, heard=Run(outcome, fault, observed, tests, alike=alike, ends=ends))
    if float(session.get("left") or outcome.seconds) < GOT_ON * outcome.seconds:
        note = f"{count} had ended until then, and none failed: --timeout S gives the suite longer"
        return replace(hang, fault=Fault("hang", language="", message=message, notes=(note,)))
    return hang


_PLACE = re.compile(r'^  File "(.+)", line (\d+)', re.MULTILINE)
_RAISED = re.compile(r"^[A-Za-z_][\w.]*(?=:|$)", re.MULTILINE)


def _ended(text: str) -> tuple[str, str, str]:
    """Where a traceback ends (path, line), and of which exception."""
    places = list(_PLACE.finditer(text))
    if not places:
        return "", "", text
    last = places[-1]
    raised = _RAISED.search(text, last.end())
    return last[1], last[2], raised[0] if raised else ""


def _records(data: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for line in data.decode("utf-8", "replace").split("\n"):
        try:
            value = json.loads(line) if line else None
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(cast(dict[str, Any], value))
    return found


def _observation(value: Mapping[str, Any]) -> Observation:
    return Observation(
        exception=str(value["exception"]),
        name=str(value["name"]),
        owner_type=str(value["owner_type"]),
        owner_names=tuple(value["owner_names"]),
        frames=tuple(
            ObservedFrame(
                str(each["path"]), int(each["line"]), dict(each["local_types"]), tuple(each.get("self_names", ()))
            )
            for each in value["frames"]
        ),
    )
