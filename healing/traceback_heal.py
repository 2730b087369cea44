"""Heals what a pasted text tells of: reproduces it where a command can be inferred, else says what it could not run.

For each fault that has a place in the workspace the commands that may show it again are tried in the sandbox: the one
that is given, a compile, the failing test, the script or module that the outermost call belongs to, the related tests.
The first whose run fails alike is healed like any failing command. Where none does, edits are offered that parse,
bring no new undefined name and fail no related test.

Invariant: an edit is ``verified`` only if the fault was reproduced and its run is mended. The workspace is not changed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..analyzers.engine import analyse
from ..analyzers.findings import Edit, Evidence, minimal_edit
from ..analyzers.sandbox.interface import CancelCheck, Sandbox
from .command import heal_command
from .fault import Fault
from .foreign import CHANGED
from .grammar import compiles
from .guard import objection
from .improvements import Rewrite
from .learning.ranking import Ranking, as_built
from .locate import locate
from .modelling import Model
from .probe import run_command
from .related_tests import compare_tests, related_tests
from .repair import Context, Draft, propose
from .report import Candidate, HealReport, absolute, diff_of
from .static import STATIC
from .traceback_text import faults_in
from .trial import Trial
from .workspace import Workspace, is_test

#: Faults of one text that are healed; the others are reported.
MOST = 5
#: Edits that are offered, and of these those whose related tests are run, where a fault could not be reproduced.
MAX_UNPROVED, MAX_TESTED = 4, 2
#: Categories that no edit of the code mends.
_NOT_CODE = frozenset({"dependency", "hang", "config", "none"})


def heal_traceback(
    root: Path,
    text: str,
    *,
    sandbox: Sandbox,
    timeout_s: float = 10,
    command: Sequence[str] = (),
    python: Path | None = None,
    files: Mapping[str, bytes] | None = None,
    cancel: CancelCheck | None = None,
    on_progress: Callable[[str], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
    ranking: Ranking = as_built,
    model: Model | None = None,
) -> tuple[HealReport, ...]:
    """A report for each fault of ``text``, those with a place in the workspace first; empty if there is none.

    ``report.command`` is what reproduced the fault, empty if nothing did. ``timeout_s`` limits one run. ``model``
    is asked where nothing else heals a fault that was reproduced. Raises Cancelled and Unavailable."""
    workspace = Workspace(root, files, python)
    reports: list[HealReport] = []
    for raw, fault in _located(text, workspace, command):
        started = clock()
        report = None
        if fault.path and fault.category not in _NOT_CODE and len(reports) < MOST:
            for argv in commands(raw, fault, workspace, command):
                if on_progress is not None:
                    on_progress(f"trying to reproduce it: {' '.join(argv)}")
                run = run_command(workspace, argv, sandbox=sandbox, timeout_s=timeout_s, cancel=cancel)
                if run.ok or not alike(fault, run.fault):
                    continue
                report = heal_command(
                    root,
                    argv,
                    sandbox=sandbox,
                    timeout_s=timeout_s,
                    cancel=cancel,
                    on_progress=on_progress,
                    python=python,
                    files=files,
                    clock=clock,
                    ranking=ranking,
                    model=model,
                )
                break
        if report is None:
            found: tuple[Candidate, ...] = ()
            if fault.path and fault.category not in _NOT_CODE and CHANGED not in fault.notes and len(reports) < MOST:
                found = _unproved(fault, workspace, sandbox, cancel)
                fault = replace(fault, notes=(*fault.notes, "it could not be reproduced here"))
            elapsed = (clock() - started) * 1000
            report = HealReport(workspace.root, (), absolute(fault, workspace), found, elapsed, None)
        reports.append(report)
    return tuple(reports)


def _located(text: str, workspace: Workspace, command: Sequence[str]) -> list[tuple[Fault, Fault]]:
    """The faults as printed and as placed here, each place once, those with a place first."""
    found: dict[tuple[str, int, str, str], tuple[Fault, Fault]] = {}
    for raw in faults_in(text, command):
        fault = locate(raw, workspace, foreign=True)
        message = "" if fault.path else fault.message
        found.setdefault((fault.path, fault.line, fault.exception, message), (raw, fault))
    return sorted(found.values(), key=lambda pair: not pair[1].path)


def alike(told: Fault, seen: Fault) -> bool:
    """Whether a run shows the fault that was told of: the same kind of exception at the same line."""
    names = [each.exception.rpartition(".")[2] for each in (told, seen)]
    return names[0] == names[1] and (told.path, told.line) == (seen.path, seen.line)


def commands(raw: Fault, fault: Fault, workspace: Workspace, given: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Commands that may show the fault again, the surest first. ``raw`` is the fault as it was printed."""
    if given:
        yield tuple(given)
        return
    if fault.language == "rust" and (workspace.root / "Cargo.toml").is_file():
        yield ("cargo", "check")
    elif fault.language == "go" and (workspace.root / "go.mod").is_file():
        yield ("go", "build", "./...")
    if fault.language != "python":
        return
    if fault.category == "syntax":
        yield ("python", "-m", "py_compile", fault.path)
        return
    yield from _checkers(fault)
    yield from _tests(fault, workspace)
    first = next((frame for frame in fault.frames if frame.path), None)
    if first is not None and first.function == "<module>" and not is_test(first.path):
        by_name = any("runpy" in frame.path for frame in raw.frames)
        module = workspace.module_name(first.path)
        if by_name or "." in module:
            yield ("python", "-m", module.removesuffix(".__main__"))
        if not by_name:
            yield ("python", first.path)
    last = fault.frames[-1] if fault.frames else None
    if last is not None and last is not first and last.function == "<module>":
        yield ("python", "-m", workspace.module_name(last.path))
    related = related_tests(workspace, fault.path)
    if related:
        yield ("pytest", "-q", "--no-header", "-p", "no:cacheprovider", *related)


def _checkers(fault: Fault) -> Iterator[tuple[str, ...]]:
    for note in fault.notes:
        if note.startswith(("mypy: ", "pyright: ")):
            yield (note.partition(":")[0], fault.path)


def _tests(fault: Fault, workspace: Workspace) -> Iterator[tuple[str, ...]]:
    """The failing test: by its id, by unittest's name for it, or by the call that belongs to one."""
    for name in fault.tests[:1]:
        path = name.partition("::")[0]
        if path.endswith(".py") and (workspace.relative(path) is not None):
            yield ("pytest", "-q", "-p", "no:cacheprovider", name)
        elif match := re.match(r"(\w+) \(([\w.]+)\)", name):
            dotted = match[2] if match[2].endswith(f".{match[1]}") else f"{match[2]}.{match[1]}"
            yield ("python", "-m", "unittest", dotted)
    for frame in fault.frames:
        if not fault.tests and is_test(frame.path) and frame.function.startswith("test"):
            yield ("pytest", "-q", "-p", "no:cacheprovider", frame.path, "-k", frame.function)
            return


def _unproved(
    fault: Fault, workspace: Workspace, sandbox: Sandbox, cancel: CancelCheck | None
) -> tuple[Candidate, ...]:
    """Edits for a fault that no run shows: they parse, name nothing that is undefined, and break no related test."""
    found: list[Candidate] = []
    for draft, text in _plausible(fault, workspace):
        name = next(iter(draft.texts))
        before = workspace.text(name) or ""
        evidence: list[Evidence] = [Evidence("parsed", "it parses, and names nothing that is undefined", {})]
        if len(found) < MAX_TESTED:
            trial = Trial(
                workspace.root,
                Path(workspace.absolute(name)),
                before,
                sandbox,
                python=workspace.python,
                files=workspace.files,
                cancel=cancel,
            )
            tested = compare_tests(trial, Rewrite(draft.title, text, ()))
            if tested.reason:
                continue
            evidence += tested.evidence
        file = workspace.absolute(name)
        edit = Edit(
            title=draft.title,
            files=(minimal_edit(file, before, text),),
            confidence=round((0.4 if len(evidence) > 1 else 0.3) * draft.prior, 3),
            evidence=tuple(evidence),
            source=draft.repair,
        )
        found.append(Candidate(edit, draft.repair, {file: text}, {file: diff_of(name, before, text)}))
        if len(found) >= MAX_UNPROVED:
            break
    return tuple(found)


def _plausible(fault: Fault, workspace: Workspace) -> Iterator[tuple[Draft, str]]:
    """Drafts of one file for the fault and what it was raised from, that the guard and the parser let pass."""
    seen: set[str] = set()
    each: Fault | None = fault
    while each is not None:
        text = workspace.text(each.path) if each.path else None
        for draft in propose(each, Context(workspace, each.path, text, each)) if text is not None else ():
            if len(draft.texts) != 1 or draft.partial or objection(workspace, draft.texts):
                continue
            ((name, new),) = draft.texts.items()
            if new not in seen and (not name.endswith(".py") or _sound(workspace.text(name) or "", new, name)):
                seen.add(new)
                yield draft, new
        each = each.cause


def _sound(before: str, after: str, name: str) -> bool:
    return compiles(after).ok and _static(after, name) <= _static(before, name)


def _static(text: str, name: str) -> int:
    return sum(each.rule in STATIC for each in analyse(name, text, ()).findings)
