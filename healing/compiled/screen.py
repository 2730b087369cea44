"""Many changes of a Rust or Go program, each compiled once in one process of the sandbox: how many errors each leaves.

A run of the command over each of a hundred changes would take a minute; one script that lays each over the copy and
asks the compiler to check, not to build, takes a tenth of that. What leaves none is run by the real command; what
leaves fewer is changed further.

Invariant: what the compiler counts decides nothing but the order; only the real command verifies. What only compiles,
where as much can be said for another change, is told as a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from ...analyzers.sandbox.interface import Job, Limits
from ..compilers import for_compiler, tool_of
from ..fault import Fault
from ..guard import objection
from ..locate import locate
from ..omission import omits
from ..probe import FOLDER
from ..repair import Draft, propose
from ..task import Task, confirmed
from ..toolchain import diagnose
from ..verify import State, contexts
from ..workspace import Workspace
from .near import near
from .syntax import Compiled
from .vet import fixes

#: Where the changes of a round, the likeliest first, are parted into questions: a clear answer needs no further one.
PARTS = (0, 16, 56, 140)
#: Rounds, states that are carried on, runs of the real command in a round.
ROUNDS, KEPT, CONFIRMED = 3, 2, 4
#: Seconds of one question at most, and a check of one change.
QUESTION_S = 14.0
#: A change that only the compiler judges must be as likely as this, and more likely by this than any other.
LIKELY, CLEAR = 0.45, 0.025
#: The only one that compiles of all, or of so many, may be less likely.
LONELY, ENOUGH = 0.28, 40
_SCRIPT = f"{FOLDER}/check.sh"
_DONE = re.compile(r"^suture-checked (\d+) (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the compiler said of a state's change: how many errors are left, and the first of them."""

    state: State
    errors: int
    fault: Fault | None


def heal_by_search(task: Task) -> list[State]:
    """States of changes near the errors of a compiler after which the command works, the likeliest first; empty where
    it is not one of Rust or Go that failed."""
    workspace, first = task.workspace, task.first
    tool = tool_of(task.command)
    words = _checking(task.command, tool)
    if not words or first.fault.category not in ("compile", "syntax") or first.fault.language != tool:
        return []
    language: Compiled = "go" if tool == "go" else "rust"
    frontier = [State({}, first)]
    own = _vetted(task, words) if words[:2] == ("go", "vet") else []
    states: list[State] = []
    seen: set[tuple[tuple[str, str], ...]] = set()
    for _ in range(ROUNDS):
        tried: list[State] = []
        for state in frontier:
            for draft in (*(() if state.drafts else own), *_drafts(workspace, state, language)):
                texts = {**state.texts, **draft.texts}
                key = tuple(sorted(texts.items()))
                if key not in seen and not objection(workspace, texts):
                    seen.add(key)
                    tried.append(State(texts, state.run, (*state.drafts, draft)))
        tried.sort(key=lambda each: -each.prior)
        checked: list[Checked] = []
        for start, end in pairwise(PARTS):
            checked += _checked(task, words, tried[start:end])
            best = max((each.state.prior for each in checked if not each.errors), default=0.0)
            if best and (end >= len(tried) or best - tried[end].prior >= CLEAR or first.tests):
                break
        clean = [each.state for each in checked if not each.errors]
        alone = len(clean) == 1 and len(checked) >= min(len(tried), ENOUGH)
        states += confirmed(task, clean, CONFIRMED, partial(_doubt, workspace, LONELY if alone else LIKELY))
        before = min(1 + len(each.run.fault.others) for each in frontier)
        fewer = [each for each in checked if each.errors and each.fault is not None and each.errors < before]
        fewer.sort(key=lambda each: (each.errors, -each.state.prior))
        if any(each.solved for each in states) or not fewer or task.left() <= 0:
            break
        frontier = [
            replace(each.state, run=replace(first, fault=each.fault)) for each in fewer[:KEPT] if each.fault is not None
        ]
    return states


def _drafts(workspace: Workspace, state: State, language: Compiled) -> Iterator[Draft]:
    view = workspace.with_texts(state.texts)
    for context in contexts(view, state.run):
        fault = replace(context.fault, others=context.fault.others or (state.run.fault, *state.run.fault.others))
        yield from propose(context.fault, context)
        yield from near(fault, context, language)


def _doubt(workspace: Workspace, likely: float, state: State, others: Sequence[State]) -> bool:
    """Whether only the compiler judges a change, and it is unlikely, rivalled, or leaves out what the program holds."""
    rival = next((other for other in others if other.texts != state.texts), None)
    sure = state.prior >= likely and (rival is None or state.prior - rival.prior >= CLEAR)
    return not state.run.passed and (not sure or omits(workspace, state.texts))


def _vetted(task: Task, words: Sequence[str]) -> list[Draft]:
    """What vet itself would change."""
    workspace = task.workspace
    limit = min(QUESTION_S, task.left())
    if limit <= 0:
        return []
    limits = Limits(limit, limit + 1)
    job = Job(argv=tuple(task.command), root=workspace.root, cwd=task.cwd, files=workspace.files, limits=limits)
    job = for_compiler(job, workspace, task.command, sandbox=task.sandbox, cancel=task.cancel)
    outcome = task.sandbox.run(replace(job, argv=(*words[:2], "-json", *words[2:])), task.cancel)
    return list(fixes(b"\n".join((outcome.stdout, outcome.stderr)).decode("utf-8", "replace"), workspace))


def _checking(command: Sequence[str], tool: str) -> tuple[str, ...]:
    """The command that checks what this one builds or runs; empty if it is another one."""
    words = [word.rpartition("/")[2] for word in command[:1]] + list(command[1:])
    if tool == "rust" and words[0] == "rustc":
        kept = [word for place, word in enumerate(words) if word != "-o" and words[place - 1] != "-o"]
        return (*kept, "--emit=metadata", "--error-format=json", "--out-dir", "/tmp")
    if tool == "rust" and words[0] == "cargo" and len(words) > 1:
        tests = ("--tests",) if words[1] in ("test", "t") else ()
        return ("cargo", "check", "--offline", "--message-format=json", *tests)
    if tool == "go" and words[:2] in (["go", "build"], ["go", "run"]):
        return ("go", "build", "-gcflags=-e", "-o", "/dev/null", "./..." if words[1] == "build" else ".")
    if tool == "go" and words[:2] == ["go", "test"]:
        return ("go", "test", "-run=^$", "-vet=off", "-gcflags=-e", *(word for word in words[2:] if word[:1] != "-"))
    return tuple(words) if tool == "go" and words[:2] == ["go", "vet"] else ()


def copies(workspace: Workspace, tried: Sequence[State]) -> dict[str, bytes]:
    """The files that the states change, as they are in each, in a folder of its number (from 1)."""
    names = sorted({name for each in tried for name in each.texts})
    return {
        f"{FOLDER}/near/{number}/{name}": each.texts.get(name, workspace.text(name) or "").encode(
            "utf-8", "surrogatepass"
        )
        for number, each in enumerate(tried, 1)
        for name in names
    }


def _checked(task: Task, words: Sequence[str], tried: Sequence[State]) -> Iterator[Checked]:
    """Each state with the errors that it leaves, in the order of the states; those for which there was no time are
    left out."""
    workspace = task.workspace
    files = copies(workspace, tried)
    script = f"""for number in {" ".join(str(number) for number in range(1, len(tried) + 1))}; do
  cp -R "{workspace.root}/{FOLDER}/near/$number/." "{workspace.root}/"
  "$@" 2>&1 </dev/null; status=$?
  echo; echo "suture-checked $number $status"
done
"""
    limit = min(QUESTION_S, task.left())
    if not tried or limit <= 0:
        return
    job = Job(
        argv=tuple(task.command),
        root=workspace.root,
        cwd=task.cwd,
        files={**workspace.files, **files, _SCRIPT: script.encode()},
        limits=Limits(wall_s=limit, cpu_s=limit + 1, output_kb=4096),
        python=workspace.python,
    )
    job = for_compiler(job, workspace, task.command, sandbox=task.sandbox, cancel=task.cancel)
    job = replace(job, argv=("sh", str(workspace.root / _SCRIPT), *words))
    outcome = task.sandbox.run(job, task.cancel)
    said = outcome.stdout.decode("utf-8", "replace")
    at = 0
    for match in _DONE.finditer(said):
        text, at = said[at : match.start()], match.end()
        number, status = int(match[1]), int(match[2])
        fault = diagnose(text, "", words) if status else None
        if fault is not None:
            fault = locate(fault, workspace.with_texts(tried[number - 1].texts), task.cwd)
        count = 0 if not status else 1 + len(fault.others) if fault is not None else 10_000
        if words[:2] == ("go", "vet") and re.search(r"^vet: ", text, re.MULTILINE):
            count += 1_000  # it tells of the first error of the compiler only, and then of nothing else
        yield Checked(tried[number - 1], count, fault)
