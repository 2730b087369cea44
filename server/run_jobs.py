"""The jobs of a worker process behind "run", "heal all" and watch mode: run a command, say every failure, mend one or
all of them, find the tests that a change affects, and note what the person did with an offer.

Invariant: workspace code runs in the sandbox only; the server starts these jobs for a trusted folder.
Invariant: an edit counts as verified here only if, beside its own test, nothing that passed in the whole run fails.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analyzers.errors import Cancelled
from ..analyzers.findings import Edit, Evidence, Finding, Json, Range, Related
from .codec import edit_from_json, edit_to_json, finding_to_json
from .model_jobs import healer
from .run_commands import narrowed

if TYPE_CHECKING:
    from ..healing.affected import Imports
    from ..healing.fault import Fault
    from ..healing.probe import Run
    from ..healing.workspace import Workspace
    from .jobs import Context

Params = Mapping[str, Any]
Object = dict[str, Json]

#: A whole run is repeated over an edit that mends one failure, if it takes no longer than this (seconds).
WHOLE_S = 30.0

#: How much of what a run printed is shown (characters, from the end).
TAIL = 20_000

#: The imports of each root, for as long as the process lives.
_IMPORTS: dict[str, Imports] = {}


def run_workspace(params: Params, context: Context) -> Json:
    """Run a command over a copy of the workspace. Parameters: root, command, files, timeout_s, python."""
    from ..healing.failures import failures_of

    workspace, command = _workspace(params), tuple(params["command"])
    context.event({"message": f"running {' '.join(command)}"})
    run = _run(workspace, command, params, context)
    return run_to_json(run, failures_of(run, workspace, command), workspace, command)


def run_to_json(run: Run, faults: Sequence[Fault], workspace: Workspace, command: Sequence[str]) -> Object:
    """How a run ended, and where it failed."""
    placed = [each for each in faults if each.path]
    text = "\n".join(part.decode("utf-8", "replace") for part in (run.outcome.stdout, run.outcome.stderr) if part)
    return {
        "command": list(command),
        "ok": run.ok,
        "status": run.status,
        "seconds": round(run.outcome.seconds, 3),
        "sandbox": run.outcome.backend,
        "tests": dict(run.tests),
        "fault": fault_to_json(run.fault),
        "failures": [failure_to_json(each, workspace) for each in placed],
        "output": text[-TAIL:],
    }


def failure_to_json(fault: Fault, workspace: Workspace) -> Object:
    return {"finding": finding_to_json(finding_of(fault, workspace)), "fault": fault_to_json(fault)}


def finding_of(fault: Fault, workspace: Workspace) -> Finding:
    """A failure as the editor shows it: on the marked columns, else on the code of its line."""
    lines = (workspace.text(fault.path) or "").split("\n")
    line = min(max(fault.line, 0), len(lines) - 1)
    code = lines[line].rstrip("\r")
    start, end = fault.column, fault.end_column
    if 0 <= start < len(code) and end in (-1, start, start + 1):  # only where it begins is known: the word there
        word = re.compile(r"\w+").match(code, start)
        end = word.end() if word else start + 1
    if not 0 <= start < end <= len(code):
        start, end = len(code) - len(code.lstrip()), len(code.rstrip())
    name = fault.code or fault.exception.rpartition(".")[2]
    message = fault.message.strip() or fault.category
    head = f"{fault.exception.rpartition('.')[2]}: {message}" if fault.exception and not fault.code else message
    return Finding(
        path=workspace.absolute(fault.path),
        range=Range(line, min(start, end), line, end),
        rule=f"{fault.category}/{name}" if name else fault.category,
        kind="failure",
        message=head + _by(fault.tests),
        severity="critical",
        confidence=1.0,
        evidence=(Evidence("ran", "it failed in a run", {"tests": list(fault.tests)}),),
        related=tuple(_related(fault, workspace)),
    )


def _by(tests: Sequence[str]) -> str:
    """Which tests failed by it: one by name, more by number and name."""
    if not tests:
        return ""
    if len(tests) == 1:
        return f" ({tests[0]})"
    shown = ", ".join(each.rpartition("::")[2] for each in tests[:3])
    return f" ({len(tests)} tests: {shown}{', …' if len(tests) > 3 else ''})"


def _related(fault: Fault, workspace: Workspace) -> list[Related]:
    """The calls that led there, innermost first, and what it was raised from."""
    found: list[Related] = []
    for frame in reversed(fault.frames):
        if (frame.path, frame.line) == (fault.path, fault.line) or len(found) >= 8:
            continue
        text = frame.text or f"in {frame.function}"
        found.append(_place(workspace, frame.path, frame.line, f"called from {frame.function or 'here'}: {text}"))
    cause = fault.cause
    if cause is not None and cause.path:
        message = f"raised from {cause.exception or cause.category}: {cause.message}"
        found.append(_place(workspace, cause.path, cause.line, message))
    return found


def _place(workspace: Workspace, path: str, line: int, message: str) -> Related:
    lines = (workspace.text(path) or "").split("\n")
    code = lines[line].rstrip() if 0 <= line < len(lines) else ""
    where = Range(max(line, 0), len(code) - len(code.lstrip()), max(line, 0), len(code))
    return Related(workspace.absolute(path), where, message)


# -- one failure -----------------------------------------------------------------------------------------------------


def heal_failure(params: Params, context: Context) -> Json:
    """Edits that mend one failure of a run. Parameters: root, command, test, files, tests (outcomes of the whole run),
    seconds (that it took), timeout_s, heal_s, python. Returns edits, the fault, and what was found out."""
    root, whole, test = Path(params["root"]), tuple(params["command"]), str(params.get("test") or "")
    command = narrowed(whole, test)
    report = _heal(root, command, params, context)
    edits = [each.edit for each in report.candidates]
    if command != whole:
        outcomes: Mapping[str, str] = params.get("tests") or {}
        passed = frozenset(name for name, outcome in outcomes.items() if outcome == "passed")
        failed = sum(outcome == "failed" for outcome in outcomes.values())
        if float(params.get("seconds") or 0) <= WHOLE_S:
            edits = [
                _whole(each, whole, passed, failed, params, context) if each.verified and number < 2 else each
                for number, each in enumerate(edits)
            ]
    edits.sort(key=lambda each: not each.verified)
    return {
        "edits": [edit_to_json(each) for each in edits],
        "fault": fault_to_json(report.fault),
        "notes": list(report.fault.notes),
        "elapsed_ms": report.elapsed_ms,
    }


def _whole(
    edit: Edit, command: Sequence[str], passed: frozenset[str], failed: int, params: Params, context: Context
) -> Edit:
    """The edit with the evidence of the whole run over it; not verified if something that passed fails now."""
    from ..healing.verify import tests_evidence

    workspace = _with_edit(_workspace(params), edit)
    after = _run(workspace, command, params, context)
    lost = sorted(passed - after.passed)
    if lost:
        broken = Evidence("tested", f"breaks {lost[0]}", {"tests": [*lost], "command": list(command)})
        return replace(edit, verified=False, confidence=0.1 * edit.confidence, evidence=(broken,))
    return replace(edit, evidence=(tests_evidence(command, failed, after, ()), *edit.evidence))


# -- all failures ----------------------------------------------------------------------------------------------------


def heal_all(params: Params, context: Context) -> Json:
    """Mend the failures of a command one after the other, each over the edits before it. Parameters: as in
    ``run_workspace``, and budget_s, only (a test's id; empty: all), unverified (is what was not verified wanted, too?).

    Returns the last run, and for each failure what became of it; the new texts of the files, verified ones apart."""
    from ..healing.failures import failures_of

    only, end = str(params.get("only") or ""), time.monotonic() + float(params.get("budget_s") or 120)
    workspace, command = _workspace(params), tuple(params["command"])
    context.event({"message": f"running {' '.join(command)}"})
    first = run = _run(workspace, command, params, context)
    before = len(first.failed) or len(failures_of(first, workspace, command))
    verified: dict[str, str] = {}
    doubtful: dict[str, str] = {}
    steps: list[Object] = []
    given_up: set[str] = set()
    while not run.ok and time.monotonic() < end:
        view = workspace.with_texts(verified)
        fault = next(
            (
                each
                for each in failures_of(run, view, command)
                if _key(each) not in given_up and (not only or only in each.tests)
            ),
            None,
        )
        if fault is None:
            break
        context.event({"message": f"{len(steps) + 1}: {fault.exception or fault.category}: {fault.message[:80]}"})
        step, texts, after = _heal_step(workspace, verified, run, fault, params, context)
        steps.append(step)
        given_up.add(_key(fault))
        if after is not None:
            verified, run = texts, after
            given_up -= {_key(fault)} - {_key(each) for each in failures_of(after, workspace, command)}
        elif params.get("unverified") and texts and not set(texts) & set(doubtful):
            doubtful |= texts
    final = workspace.with_texts(verified)
    return {
        "before": run_to_json(first, (), workspace, command),
        "after": run_to_json(run, failures_of(run, final, command), final, command),
        "failed_before": before,
        "failed_after": 0 if run.ok else len(run.failed) or len(failures_of(run, final, command)),
        "steps": [*steps],
        "texts": {workspace.absolute(name): text for name, text in verified.items()},
        "doubtful": {workspace.absolute(name): text for name, text in doubtful.items()},
        "bases": {workspace.absolute(name): workspace.text(name) for name in {*verified, *doubtful}},
        "out_of_time": time.monotonic() >= end and not run.ok,
    }


def _heal_step(
    workspace: Workspace, verified: Mapping[str, str], run: Run, fault: Fault, params: Params, context: Context
) -> tuple[Object, dict[str, str], Run | None]:
    """(what became of one failure, new texts by relative path, the whole run over them if it verified them)."""
    command = tuple(params["command"])
    view = workspace.with_texts(verified)
    report = _heal(view.root, narrowed(command, fault.tests[0] if fault.tests else ""), params, context, view)
    step: Object = {
        "message": f"{fault.exception or fault.category}: {fault.message}".strip(": "),
        "path": workspace.absolute(fault.path) if fault.path else "",
        "line": fault.line,
        "tests": list(fault.tests),
        "healed": False,
    }
    for candidate in report.candidates[:2]:
        if not candidate.edit.verified:
            break
        texts = {**verified, **{_relative(workspace, path): text for path, text in candidate.texts.items()}}
        after = _run(workspace.with_texts(texts), command, params, context)
        if not run.passed - after.passed and (after.ok or len(after.failed) < len(run.failed) or not run.tests):
            done: Object = {"healed": True, "title": candidate.edit.title, "edit": edit_to_json(candidate.edit)}
            return {**step, **done}, texts, after
        step["why"] = "what mends it breaks a test that passed"
    for candidate in report.candidates:
        if not candidate.edit.verified and len(candidate.texts) == 1:
            texts = {_relative(workspace, path): text for path, text in candidate.texts.items()}
            return {**step, "why": "nothing was verified", "title": candidate.edit.title}, texts, None
    reason = report.fault.notes[0] if report.fault.notes else ""
    why = {"hang": "it did not end in time", "flaky": "it is flaky", "dependency": "something is not installed"}
    step.setdefault("why", reason or why.get(report.fault.category, "no repair is known"))
    return step, {}, None


def _key(fault: Fault) -> str:
    return "\0".join((fault.path, str(fault.line), fault.exception, fault.code, *fault.tests[:1]))


# -- a pasted traceback ----------------------------------------------------------------------------------------------


def heal_text(params: Params, context: Context) -> Json:
    """The faults of a pasted text and edits for each. Parameters: root, text, files, timeout_s, python, verify.

    Without a sandbox (an untrusted folder) only the places are told."""
    from ..healing.locate import locate
    from ..healing.traceback_text import faults_in

    workspace, text = _workspace(params), str(params["text"])
    if not params.get("verify"):
        places = [locate(each, workspace, foreign=True) for each in faults_in(text)]
        return [{**failure_to_json(each, workspace), "edits": []} for each in places if each.path]
    from ..healing.traceback_heal import heal_traceback

    with healer(params, context) as model:
        reports = heal_traceback(
            Path(params["root"]),
            text,
            sandbox=context.sandbox(params),
            timeout_s=params.get("timeout_s") or 10,
            python=_python(params),
            files=_files(params),
            cancel=context.cancelled,
            on_progress=lambda what: context.event({"message": str(what)}),
            model=model,
        )
    found: list[Json] = []
    for report in reports:
        path = _relative(workspace, report.fault.path) if report.fault.path else ""
        fault = replace(report.fault, path=path, frames=_frames(report.fault, workspace), cause=None)
        edits: list[Json] = [edit_to_json(each.edit) for each in report.candidates]
        message = f"{fault.exception or fault.category}: {fault.message}"
        shown: Object = failure_to_json(fault, workspace) if path else {"finding": None, "message": message}
        found.append({**shown, "edits": edits, "command": list(report.command)})
    return found


def _frames(fault: Fault, workspace: Workspace) -> tuple[Any, ...]:
    return tuple(replace(each, path=_relative(workspace, each.path)) for each in fault.frames)


# -- tests and records -----------------------------------------------------------------------------------------------


def affected_tests(params: Params, context: Context) -> Json:
    """Test files that a change may break, by relative path. Parameters: root, files, changed (absolute paths)."""
    from ..healing.affected import Imports, relative_to
    from ..healing.affected import affected_tests as affected

    workspace = _workspace(params)
    imports = _IMPORTS.setdefault(params["root"], Imports())
    return list(affected(workspace, relative_to(workspace.root, params["changed"]), imports))


def note_heal(params: Params, context: Context) -> Json:
    """Note what the person did with an edit. Parameters: root, edit, event, fault, source, elapsed_ms, and texts
    (by path) that the edit applies to, where the disk may have others."""
    fault = fault_from_json(params["fault"]) if params.get("fault") else None
    return context.memory(params["root"]).note(
        edit_from_json(params["edit"]),
        params["event"],
        fault=fault,
        source=params["source"],
        elapsed_ms=params.get("elapsed_ms"),
        texts=params.get("texts") or {},
    )


def heal_history(params: Params, context: Context) -> Json:
    """What was healed in a root, as Markdown. Parameters: root."""
    from ..healing.learning import history_page

    return history_page(context.memory(params["root"]).records(limit=50))


# -- helpers ---------------------------------------------------------------------------------------------------------


def _workspace(params: Params) -> Workspace:
    from ..healing.workspace import Workspace

    return Workspace(Path(params["root"]), _files(params), _python(params))


def _files(params: Params) -> dict[str, bytes]:
    from .jobs import encoded

    return encoded(params)


def _python(params: Params) -> Path | None:
    return Path(params["python"]) if params.get("python") else None


def _run(workspace: Workspace, command: Sequence[str], params: Params, context: Context) -> Run:
    from ..healing.probe import run_command

    if context.cancelled():
        raise Cancelled
    return run_command(
        workspace,
        command,
        sandbox=context.sandbox(params),
        timeout_s=float(params.get("timeout_s") or 60),
        cancel=context.cancelled,
    )


def _heal(root: Path, command: Sequence[str], params: Params, context: Context, view: Workspace | None = None) -> Any:
    from ..healing.api import heal_command

    memory = context.memory(str(root))
    with healer(params, context) as model:
        report = heal_command(
            root,
            command,
            sandbox=context.sandbox(params),
            timeout_s=float(params.get("heal_s") or 10),
            cancel=context.cancelled,
            on_progress=lambda what: context.event({"message": str(what)}),
            python=_python(params),
            files=view.files if view is not None else _files(params),
            ranking=memory.ranking,
            model=model,
        )
    memory.record(report)
    return report


def _with_edit(workspace: Workspace, edit: Edit) -> Workspace:
    texts: dict[str, str] = {}
    for file in edit.files:
        name = _relative(workspace, file.path)
        texts[name] = file.apply(workspace.text(name) or "")
    return workspace.with_texts(texts)


def _relative(workspace: Workspace, path: str) -> str:
    try:
        return Path(path).relative_to(workspace.root).as_posix()
    except ValueError:
        return path


def fault_to_json(fault: Fault) -> Object:
    """Enough of a fault to know it again: see :func:`fault_from_json`."""
    return {
        "category": fault.category,
        "language": fault.language,
        "exception": fault.exception,
        "message": fault.message,
        "path": fault.path,
        "line": fault.line,
        "column": fault.column,
        "end_column": fault.end_column,
        "tests": list(fault.tests),
        "notes": list(fault.notes),
        "code": fault.code,
    }


def fault_from_json(value: Mapping[str, Any]) -> Fault:
    from ..healing.fault import Fault

    given: dict[str, Any] = {**value, "tests": tuple(value["tests"]), "notes": tuple(value["notes"])}
    return Fault(**given)
