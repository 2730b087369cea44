"""Every failure of a run, each at its own place: what the editor shows after a run that ended badly.

A run's own :class:`~.fault.Fault` is the first failure, which healing needs; a red test run has as many as it has
failing tests, a compiler as many as it found errors.

Invariant: each place is shown once, however many tests fail there; a fault that has no place in the workspace keeps
none, and is for the caller to say in words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from .diagnosis.python import diagnose as diagnose_python
from .fault import Fault
from .locate import locate
from .probe import REPORT, Run
from .traceback_text import faults_in
from .workspace import Workspace

#: Failures of one run that are told apart; the rest is counted by whoever shows them.
MOST = 200


def failures_of(run: Run, workspace: Workspace, command: Sequence[str], cwd: str = ".") -> tuple[Fault, ...]:
    """The failures of a run that ended badly, in the order of the output; empty if it ended well. ``tests`` of each
    are the tests that failed by it."""
    if run.ok:
        return ()
    found = list(_reported(run, workspace, command, cwd))
    if not found:
        text = "\n".join(part.decode("utf-8", "replace") for part in (run.outcome.stderr, run.outcome.stdout) if part)
        placed = (locate(each, workspace, cwd) for each in faults_in(text))
        found = [each for each in placed if each.path]
    if not any(each.path == run.fault.path and each.line == run.fault.line for each in found):
        found.insert(0, run.fault)
    return tuple(joined(found)[:MOST])


def joined(faults: Sequence[Fault]) -> list[Fault]:
    """Faults with each place and message once, by all the tests that failed there."""
    merged: dict[tuple[str, int, str, str, str], Fault] = {}
    for each in faults:
        key = (each.path, each.line, each.exception, each.code, each.message.split("\n")[0])
        if key in merged:
            first = merged[key]
            merged[key] = replace(first, tests=tuple(dict.fromkeys((*first.tests, *each.tests))))
        else:
            merged[key] = each
    return list(merged.values())


def _reported(run: Run, workspace: Workspace, command: Sequence[str], cwd: str) -> Iterator[Fault]:
    """What pytest's own report holds of each failing test; a test without a traceback is shown where it begins."""
    report = _last_report(run.outcome.files.get(REPORT, b""))
    if report is None:
        return
    told: set[str] = set()
    for failure in report.get("failures", ()):
        ident = str(failure["id"])
        fault = diagnose_python("", str(failure["text"]), command)
        if fault is not None:
            fault = locate(fault, workspace, cwd)
            if fault.path:
                told.add(ident)
                yield replace(fault, tests=(ident,))
    for ident, outcome in report.get("outcomes", {}).items():
        if outcome == "failed" and ident not in told:
            path, line = place_of_test(ident, workspace, cwd)
            if path:
                yield Fault("test", message="it failed", path=path, line=line, tests=(ident,))


def _last_report(data: bytes) -> Mapping[str, Any] | None:
    for line in reversed(data.decode("utf-8", "replace").split("\n")):
        try:
            value = json.loads(line) if line else None
        except ValueError:
            continue
        if isinstance(value, dict) and cast("dict[str, Any]", value).get("kind") == "pytest":
            return cast("dict[str, Any]", value)
    return None


def place_of_test(ident: str, workspace: Workspace, cwd: str = ".") -> tuple[str, int]:
    """(relative path, line) of a test by its id, ``tests/test_a.py::TestB::test_c[1]``; ("", -1) if it is not there."""
    path, _, inside = ident.partition("::")
    name = workspace.relative(path, cwd)
    text = workspace.text(name) if name else None
    if name is None or text is None:
        return "", -1
    last = inside.rpartition("::")[2].partition("[")[0]
    match = re.search(rf"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+{re.escape(last)}\b", text, re.MULTILINE)
    return name, text.count("\n", 0, match.start()) if match and last else 0
