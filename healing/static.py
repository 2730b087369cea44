"""Repairs of static faults in the editor: on unsaved text, without waiting for a failing run.

A syntax error is verified by compiling the file in the sandbox; an undefined name by importing the module there and
looking the name up. Where neither can be done the edit is offered as not verified, with what was checked instead.

Invariant: the fault must be gone on re-analysis, and no other static fault may be new; else the edit is dropped.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from ..analyzers.engine import analyse
from ..analyzers.findings import Edit, Evidence, Finding, Json, minimal_edit
from ..analyzers.sandbox.interface import CancelCheck, Job, Limits, Outcome, Sandbox
from ..analyzers.source import LineIndex
from ..codegen.strict import strict, tool
from .fault import Fault
from .grammar import compiles, readable
from .learning.ranking import Ranking, as_built
from .names import undefined_name
from .probe import FOLDER, inside
from .repair import Context, Draft, propose
from .workspace import Workspace

#: Edits offered for one finding.
MAX_EDITS = 4
STATIC = frozenset({"syntax-error", "undefined-name"})


def heal_finding(
    root: Path,
    path: Path,
    text: str,
    finding: Finding,
    *,
    sandbox: Sandbox | None,
    python: Path | None = None,
    timeout_s: float = 5,
    cancel: CancelCheck | None = None,
    files: Mapping[str, bytes] | None = None,
    ranking: Ranking = as_built,
    on_cut_off: Callable[[], None] = lambda: None,
) -> tuple[Edit, ...]:
    """Edits for a ``syntax-error`` or ``undefined-name`` finding of ``text``, best first; empty for other findings.

    ``files`` are other unsaved files. With no sandbox (an untrusted folder) all edits are unverified. ``ranking``
    orders them (see :mod:`.learning`). ``on_cut_off`` is called for a check that did not end within ``timeout_s``: what
    it left unverified may pass when the machine is less busy."""
    if finding.rule not in STATIC:
        return ()
    disk = Workspace(root, files, python)
    name = disk.relative(path) or _inside(disk.root, path)
    if name is None:
        return ()
    workspace = disk.with_texts({name: text})
    fault = where_the_compiler_stops(fault_of(finding, name), text)
    context = Context(workspace, name, text, fault)
    before = _static_faults(path, text)
    found: list[Edit] = []
    # What is learned is learned of the fault as the editor tells it.
    drafts = ranking(replace(context, fault=fault_of(finding, name)), propose(fault, context))
    for draft in drafts[: 3 * MAX_EDITS]:
        if set(draft.texts) != {name} or len(found) >= MAX_EDITS:
            continue
        after = _static_faults(path, draft.texts[name])
        if sum(after.values()) >= sum(before.values()) and not draft.partial:
            continue
        if any(after[key] > before.get(key, 0) for key in after if key[0] == "syntax-error"):
            continue
        found.append(_edit(workspace, name, draft, sum(before.values()), sum(after.values())))
    if sandbox is None or not found:
        return tuple(found)
    command, shown = _check(workspace, name, fault)

    def status(view: Workspace, argv: tuple[str, ...]) -> tuple[int | None, float]:
        outcome, seconds = _outcome(view, argv, sandbox, timeout_s, cancel)
        if outcome.reason == "timeout":
            on_cut_off()
        return outcome.exit_code, seconds

    broken = status(workspace, command)[0]
    if broken in (0, None):
        return tuple(found)  # the check does not see the fault, so it cannot show that it is gone
    checked: list[Edit] = []
    for edit in found[:2]:
        argv, said = command, shown
        if fault.category != "syntax" and (renamed := _name_at(text, fault, edit)) not in {"", command[-1]}:
            argv, said = (*command[:-1], renamed), f"{shown} → {renamed}"
        after, seconds = status(workspace.with_texts({name: edit.files[0].apply(text)}), argv)
        checked.append(_with_run(edit, argv, said, broken, seconds, sandbox) if after == 0 else edit)
    return tuple(sorted([*checked, *found[2:]], key=lambda edit: (not edit.verified, -edit.confidence)))


def fault_of(finding: Finding, name: str) -> Fault:
    """The finding in the words of a failing run."""
    syntax = finding.rule == "syntax-error"
    start = finding.range
    same_line = start.end_line == start.line
    return Fault(
        category="syntax" if syntax else "name",
        exception="SyntaxError" if syntax else "NameError",
        message=finding.message,
        path=name,
        line=start.line,
        column=start.column,
        end_column=start.end_column if same_line else -1,
    )


def where_the_compiler_stops(fault: Fault, text: str) -> Fault:
    """A tolerant parser may see an error far below the slip. The host's compiler, where it rejects the text too and
    stops above, is nearer to it; below it speaks of another fault,
    unless the statement that the parser blames is only newer than the host."""
    if fault.category != "syntax":
        return fault
    view = readable(text, -1)
    verdict = compiles(view)
    blameless = view.split("\n")[fault.line : fault.line + 1] != text.split("\n")[fault.line : fault.line + 1]
    if verdict.ok or (verdict.line >= fault.line and not blameless):
        return fault
    return replace(fault, line=verdict.line, column=verdict.column, end_column=-1, message=verdict.message)


def _inside(root: Path, path: Path) -> str | None:
    """A file that is not on disk yet."""
    try:
        return Path(path).resolve().relative_to(root).as_posix()
    except ValueError:
        return None


def _static_faults(path: Path, text: str) -> dict[tuple[str, str], int]:
    """Static faults by rule and message, counted."""
    found: dict[tuple[str, str], int] = {}
    for each in analyse(str(path), text, ()).findings:
        if each.rule in STATIC:
            key = (each.rule, each.message)
            found[key] = found.get(key, 0) + 1
    return found


def _edit(workspace: Workspace, name: str, draft: Draft, before: int, after: int) -> Edit:
    text = workspace.text(name) or ""
    summary, data = f"static faults: {before} → {after}", dict[str, Json](before=before, after=after)
    if not compiles(draft.texts[name]).ok and strict(draft.texts[name]).ok:
        summary, data = f"{summary}, parses ({tool()})", data | {"parser": [tool()]}
    evidence = Evidence("parsed", summary, data)
    return Edit(
        title=draft.title,
        files=(minimal_edit(workspace.absolute(name), text, draft.texts[name]),),
        confidence=round(0.6 * draft.prior, 3),
        evidence=(evidence,),
        source=draft.repair,
    )


def _check(workspace: Workspace, name: str, fault: Fault) -> tuple[tuple[str, ...], str]:
    """The command that shows the fault, and how to say it."""
    if fault.category == "syntax":
        command = ("python", "-m", "py_compile", name)
        return command, " ".join(command)
    module, wanted = workspace.module_name(name), undefined_name(fault)
    return ("python", f"{FOLDER}/suture_resolve.py", name, module, wanted), f"import {module}, look up {wanted}"


def _with_run(
    edit: Edit, command: tuple[str, ...], shown: str, before: int | None, seconds: float, sandbox: Sandbox
) -> Edit:
    data: dict[str, Json] = {
        "command": list(command),
        "before": before,
        "after": 0,
        "seconds": round(seconds, 2),
        "sandbox": sandbox.backend,
    }
    ran = Evidence("ran", f"{shown}: exit {before} → 0, {seconds:.1f} s", data)
    confidence = round(0.55 + 0.4 * edit.confidence / 0.6, 3)
    return replace(edit, verified=True, confidence=confidence, evidence=(ran, *edit.evidence))


def _name_at(text: str, fault: Fault, edit: Edit) -> str:
    """The name that stands in the repaired text where the fault was; empty if there is none."""
    lines = LineIndex(text)
    offset = lines.offset(fault.line, max(fault.column, 0))
    for each in reversed(edit.files[0].replacements):
        if each.end <= offset:
            offset += len(each.text) - (each.end - each.start)
    found = re.compile(r"[^\W\d]\w*").match(edit.files[0].apply(text), offset)
    return found.group() if found else ""


def _outcome(
    workspace: Workspace, command: tuple[str, ...], sandbox: Sandbox, timeout_s: float, cancel: CancelCheck | None
) -> tuple[Outcome, float]:
    started = time.monotonic()
    job = Job(
        argv=command,
        root=workspace.root,
        files={**workspace.files, **inside()},
        env={"PYTHONPYCACHEPREFIX": "/tmp/pycache"},
        limits=Limits(wall_s=timeout_s, cpu_s=timeout_s + 1),
        python=workspace.python,
    )
    outcome = sandbox.run(job, cancel)
    return outcome, time.monotonic() - started
