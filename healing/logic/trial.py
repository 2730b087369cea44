"""Sandbox jobs that run a program more than once: one that traces its tests, one that tries hundreds of changes.

What runs inside is ``inside/suture_trial.py``, under the interpreter of the workspace. Only commands that start Python
can be tried so: ``python FILE``, ``python -m MODULE``, ``python -c CODE``, ``pytest``.

Invariant: what a trial says is a hint. A survivor is verified by the real command, in a process of its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import Any, cast

from ...analyzers.errors import Cancelled
from ...analyzers.findings import Json
from ...analyzers.sandbox.interface import CancelCheck, Job, Limits, Sandbox
from ..workspace import Workspace, is_test
from .mutations import Placed
from .spectrum import Case, shared

_FOLDER = ".suture-heal"
_SPEC, _OUT = f"{_FOLDER}/trial.json", f"{_FOLDER}/trial_out.json"
#: Options of the interpreter that take a word.
_WITH_WORD = frozenset({"-W", "-X", "--check-hash-based-pycs"})
#: How suspicious (Ochiai) an exception is at least that is called hidden.
HIDDEN = 0.6
#: Failing tests that are run before the others: a change after which all of these fail still is given up.
TELLING = 2
#: What is told of a statement that did not come to its end (see ``inside/suture_trial.py``).
HUNG = "hang"
#: Survivors whose behaviour is compared.
MOST_RIVALS = 40


@dataclass(frozen=True, slots=True)
class Program:
    """A command that starts Python, taken apart. ``kind`` is ``script``, ``module``, ``code`` or ``pytest`` (``target``
    is ``-m`` if it is started as a module, which puts the current folder on the path)."""

    kind: str
    target: str
    argv: tuple[str, ...]
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Traced:
    """What the tests of a program ran. ``modules`` are those from outside that it imported. ``hidden`` are tracebacks
    of exceptions that went through the workspace's code in failing tests and in hardly any passing one, caught or not,
    the most suspicious first. ``imported``: lines (1-based) by path that ran before the first test, where
    that is known."""

    tests: tuple[Case, ...]
    modules: tuple[str, ...]
    seconds: float
    hidden: tuple[str, ...] = ()
    imported: Mapping[str, Collection[int]] = field(default_factory=dict[str, Collection[int]])


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one candidate: ``all`` tests pass, or it ``won`` some and lost none."""

    all: bool
    won: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rivals:
    """Survivors that change one function, and what each answers to the same inputs. ``before`` is the unchanged
    program. An answer that begins with ``!`` is an exception."""

    members: tuple[int, ...]
    inputs: tuple[str, ...]
    before: tuple[str, ...] | None
    answers: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Tried:
    """``trials`` by the position of the candidate; those that were not reached in time are not there. ``control``:
    tests that are known to fail and passed here without any change."""

    trials: Mapping[int, Trial] = field(default_factory=dict[int, Trial])
    rivals: tuple[Rivals, ...] = ()
    seconds: float = 0.0
    control: tuple[str, ...] = ()


def program_of(command: Sequence[str]) -> Program | None:
    """The program that a command runs; None for one that does not start Python."""
    if not command:
        return None
    name, words = PurePath(command[0]).name, list(command[1:])
    if name in ("pytest", "py.test"):
        return Program("pytest", "pytest", tuple(words))
    if not (name.startswith("python") and "/" not in command[0]):
        return None
    options: list[str] = []
    while words and words[0].startswith("-") and words[0] not in ("-m", "-c", "-"):
        options.append(words.pop(0))
        if options[-1] in _WITH_WORD and words:
            options.append(words.pop(0))
    if any(each in ("-I", "-i") or each.startswith("-h") for each in options) or not words or words[0] == "-":
        return None
    options = [each for each in options if each not in ("-E", "-S")]
    if words[0] in ("-m", "-c") and len(words) > 1:
        kind = "module" if words[0] == "-m" else "code"
        if kind == "module" and words[1] in ("pytest", "py.test"):
            return Program("pytest", "-m", tuple(words[2:]), tuple(options))
        return Program(kind, words[1], tuple(words[2:]), tuple(options))
    return Program("script", words[0], tuple(words[1:]), tuple(options))


def trace(
    workspace: Workspace,
    program: Program,
    *,
    sandbox: Sandbox,
    timeout_s: float,
    cwd: str = ".",
    cancel: CancelCheck | None = None,
    select: Sequence[str] = (),
) -> Traced | None:
    """Run the program once and note what each test ran; None if nothing was learnt in time."""
    spec: dict[str, Json] = {"mode": "trace", "preload": [], "select": list(select)}
    answer, seconds = _job(workspace, program, spec, sandbox, timeout_s, cwd, cancel)
    tests = tuple(
        Case(str(each["id"]), bool(each["ok"]), str(each["error"]), cast("Mapping[str, Sequence[int]]", each["lines"]))
        for each in cast("list[dict[str, Any]]", answer.get("tests") or [])
    )
    if not tests:
        return None
    suspicion: dict[str, float] = {}
    for each in cast("list[dict[str, Any]]", answer.get("raised") or []):
        suspicion[str(each["text"])] = shared(tests, set(each["tests"]))
    hidden = tuple(text for text in sorted(suspicion, key=lambda each: -suspicion[each]) if suspicion[text] >= HIDDEN)
    told = cast("dict[str, list[int]]", answer.get("imported") or {})
    imported = {path: frozenset(lines) for path, lines in told.items() if not is_test(path)}
    return Traced(tests, tuple(answer.get("modules") or ()), seconds, hidden, imported)


def attempt(
    workspace: Workspace,
    program: Program,
    traced: Traced,
    candidates: Sequence[Placed],
    *,
    sandbox: Sandbox,
    budget_s: float,
    latest_s: float = 0.0,
    child_s: float = 2.0,
    hang: bool = False,
    control: bool = False,
    cwd: str = ".",
    cancel: CancelCheck | None = None,
) -> Tried:
    """Run the program with each candidate, all in one job of about ``budget_s``; on a machine that is busy with other
    work it may go on by the clock until ``latest_s``. ``hang``: nothing is known but that it does not come to its end;
    with ``control`` it is asked whether that is so still."""
    latest_s = max(latest_s, budget_s)
    expected: dict[str, Json] = {each.id: each.ok for each in traced.tests}
    related: Mapping[str, Sequence[str]] = _related(traced) if program.kind == "pytest" else {}
    passing = [each.id for each in traced.tests if each.ok]
    failing, telling = telling_tests(traced)
    if hang:
        expected, failing = {}, []
    offered: list[Json] = []
    for each in candidates:
        source = workspace.source(each.path)
        shift = 3 if source is not None and source.bom else 0
        one: dict[str, Json] = {
            "path": each.path,
            "weight": each.mutation.weight,
            "splices": [[start + shift, end + shift, new] for start, end, new in each.mutation.splices],
            "chunk": [each.chunk[0] + shift, each.chunk[1] + shift, *each.chunk[2:4], each.chunk[4] + shift],
        }
        if program.kind == "pytest":
            early = each.mutation.line + 1 in traced.imported.get(each.path, ())
            one["anew"] = early
            one["tests"] = list(related.get(each.path, passing if early else ()))
        offered.append(one)
    spec: dict[str, Json] = {
        "mode": "try",
        "expected": expected,
        "failing": list(failing),
        "telling": telling,
        "ahead": 0 if hang or program.kind not in ("script", "code") else ahead(workspace, traced, candidates),
        "hung": next((int(each.id) for each in traced.tests if each.error == HUNG and each.id.isdecimal()), None),
        "preload": list(traced.modules),
        "candidates": offered,
        "budget_s": budget_s,
        "latest_s": latest_s,
        "child_s": child_s,
        "hang": hang,
        "control": control,
        "jobs": max(2, min(8, os.cpu_count() or 2)),
        "most_rivals": MOST_RIVALS,
        "select": [each.id for each in traced.tests] if program.kind == "pytest" else [],
    }
    answer, seconds = _job(workspace, program, spec, sandbox, 2 * latest_s + 8, cwd, cancel)
    trials: dict[int, Trial] = {}
    for number, each in enumerate(cast("list[dict[str, Any] | None]", answer.get("outcomes") or [])):
        if each is not None:
            trials[number] = Trial(bool(each["all"]), () if each["lost"] else tuple(each["won"]))
    return Tried(trials, tuple(_rivals(answer.get("rivals"))), seconds, tuple(answer.get("control") or ()))


def observe(
    workspace: Workspace,
    program: Program,
    traced: Traced,
    asked: Mapping[str, Json],
    *,
    sandbox: Sandbox,
    budget_s: float,
    child_s: float = 2.0,
    cwd: str = ".",
    cancel: CancelCheck | None = None,
) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    """Play an instrumented program and tell, by the number of the probe, classes of expressions that could stand there
    (see ``inside/suture_values.py``)."""
    spec: dict[str, Json] = {
        **asked,
        "mode": "values",
        "expected": {each.id: each.ok for each in traced.tests},
        "preload": list(traced.modules),
        "budget_s": budget_s,
        "child_s": child_s,
        "select": [each.id for each in traced.tests] if program.kind == "pytest" else [],
    }
    answer, _ = _job(workspace, program, spec, sandbox, 2 * budget_s + 8, cwd, cancel)
    holes = cast("dict[str, list[dict[str, Any]]]", answer.get("holes") or {})
    return {int(number): members for number, members in holes.items()}


def telling_tests(traced: Traced) -> tuple[list[str], int]:
    """The failing tests, those first that tell most of a change for their time, and how many of these it takes to give
    a change up: the one that runs fewest lines, and the one that has least in common with it."""
    failing = [each for each in traced.tests if not each.ok]
    ran = {each.id: {(path, line) for path, lines in each.lines.items() for line in lines} for each in failing}
    ids = sorted(ran, key=lambda each: len(ran[each]))
    if len(ids) > TELLING:
        first = ran[ids[0]]
        other = min(ids[1:], key=lambda each: (len(first & ran[each]) / max(len(first | ran[each]), 1), len(ran[each])))
        ids.remove(other)
        ids.insert(1, other)
    return ids, min(len(ids), TELLING)


def ahead(workspace: Workspace, traced: Traced, candidates: Sequence[Placed]) -> int:
    """How many statements of a main program come before the first one that runs the inside of a function that a
    candidate changes: what they do is the same for all candidates."""
    inside: dict[str, set[int]] = {}
    for path, chunk in {(each.path, each.chunk) for each in candidates}:
        data = (workspace.text(path) or "").encode("utf-8", "surrogatepass")
        first, last = (data.count(b"\n", 0, place) for place in (chunk[4], max(chunk[1] - 1, 0)))
        if chunk[4] > chunk[0] or first == last:  # not the module itself
            inside.setdefault(path, set()).update(range(first + 1, last + 2))
    count = 0
    for each in traced.tests:
        if any(not own.isdisjoint(each.lines.get(path, ())) for path, own in inside.items()):
            break
        if each.id.isdecimal():
            count = int(each.id) + 1
    return count


def _related(traced: Traced) -> Mapping[str, Sequence[str]]:
    """Path → passing tests that run a line of the file."""
    found: dict[str, list[str]] = {}
    for each in traced.tests:
        if each.ok:
            for path in each.lines:
                found.setdefault(path, []).append(each.id)
    return found


def _rivals(value: Any) -> list[Rivals]:
    if not isinstance(value, dict):
        return []
    told = cast("dict[str, Any]", value)
    found: list[Rivals] = []
    for members, inputs, before in zip(told["groups"], told["inputs"], told["before"], strict=True):
        answers = {each: tuple(told["answers"].get(str(each)) or ()) for each in members}
        known = {each: answer for each, answer in answers.items() if answer}
        found.append(Rivals(tuple(members), tuple(inputs), tuple(before) if before else None, known))
    return found


@cache
def _hooks() -> Mapping[str, bytes]:
    package = (
        files("suture.healing.inside") if __package__ is None else files(__package__.rpartition(".")[0] + ".inside")
    )
    names = ("trial", "lines", "children", "exchange", "rivals", "pytest", "observe", "watch", "values", "pool")
    return {f"{_FOLDER}/suture_{name}.py": package.joinpath(f"suture_{name}.py").read_bytes() for name in names}


def _job(
    workspace: Workspace,
    program: Program,
    spec: Mapping[str, Json],
    sandbox: Sandbox,
    timeout_s: float,
    cwd: str,
    cancel: CancelCheck | None,
) -> tuple[dict[str, Any], float]:
    whole = {**spec, "kind": program.kind, "target": program.target, "argv": list(program.argv)}
    root = workspace.root
    environment = {
        "PYTHONPATH": str(root / _FOLDER),
        "SUTURE_ROOT": str(root),
        "SUTURE_TRIAL_OUT": str(root / _OUT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
    }
    job = Job(
        argv=("python", *program.options, str(root / _FOLDER / "suture_trial.py"), str(root / _SPEC)),
        root=root,
        cwd=cwd,
        files={**workspace.files, **_hooks(), _SPEC: json.dumps(whole).encode()},
        env=environment,
        keep=(_OUT,),
        limits=Limits(wall_s=timeout_s, cpu_s=4 * timeout_s, memory_mb=1536),
        python=workspace.python,
    )
    outcome = sandbox.run(job, cancel)
    if outcome.reason == "cancelled":
        raise Cancelled()
    try:
        value: object = json.loads(outcome.files.get(_OUT, b"") or b"{}")
    except ValueError:
        value = {}
    return (cast("dict[str, Any]", value) if isinstance(value, dict) else {}), outcome.seconds
