"""The tests of a module, run before and after a rewrite: nothing that passed may fail.

Tests are found by what they import: test files of the root that name the module, and ``test_<module>.py``.
Invariant: both runs are fresh processes over a fresh copy in the sandbox. Tests that cannot be run (no pytest, no time)
say nothing, for or against.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..analyzers.findings import Evidence, Json
from .probe import Run, run_command
from .trial import Trial
from .workspace import Workspace, is_test

if TYPE_CHECKING:
    from .improvements import Rewrite

#: Seconds that one run of the tests may take, and test files that are run.
LIMIT_S, MOST_FILES = 30.0, 8


@dataclass(frozen=True, slots=True)
class Tested:
    """``reason`` is empty unless the rewrite breaks a test."""

    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


def compare_tests(trial: Trial, rewrite: Rewrite) -> Tested:
    """What the tests of a trial's file say of a rewrite. Raises Cancelled, or Unavailable if the sandbox failed."""
    disk = Workspace(trial.root, trial.files, trial.python)
    name = disk.relative(trial.path)
    if name is None:
        return Tested()
    tests = related_tests(disk, name)
    if not tests:
        return Tested()
    command = ("pytest", "-q", "--no-header", "-p", "no:cacheprovider", "--continue-on-collection-errors", *tests)
    was = run_command(
        disk.with_texts({name: trial.before}), command, sandbox=trial.sandbox, timeout_s=LIMIT_S, cancel=trial.cancel
    )
    if not was.passed:
        return Tested()
    after = disk.with_texts({name: rewrite.text, **rewrite.files})
    now = run_command(after, command, sandbox=trial.sandbox, timeout_s=LIMIT_S, cancel=trial.cancel)
    lost = sorted(was.passed - now.passed)
    if lost:
        return Tested(f"{lost[0]} passed before and does not any more")
    return Tested("", (_evidence(tests, was, now),))


def related_tests(workspace: Workspace, name: str) -> tuple[str, ...]:
    """Test files that are about the module ``name`` (a relative path), those called after it first."""
    module = workspace.module_name(name)
    stem = module.rpartition(".")[2]
    wanted = re.compile(rf"\b(?:from|import)\s+[\w.]*\b{re.escape(stem)}\b|\bimport\b[^\n]*\b{re.escape(stem)}\b")
    found: list[tuple[bool, str]] = []
    for each in workspace.python_files:
        if not is_test(each) or each.endswith("conftest.py") or each == name:
            continue
        called = Path(each).stem in (f"test_{stem}", f"{stem}_test")
        if called or wanted.search(workspace.text(each) or ""):
            found.append((not called, each))
    return tuple(each for _, each in sorted(found)[:MOST_FILES])


def _evidence(tests: tuple[str, ...], was: Run, now: Run) -> Evidence:
    data: dict[str, Json] = {
        "failed_before": len(was.failed),
        "failed_after": len(now.failed),
        "passed_after": len(now.passed),
        "tests": list(tests),
        "seconds": round(now.outcome.seconds, 2),
        "sandbox": now.outcome.backend,
    }
    return Evidence("tested", f"{len(now.passed)} tests pass before and after", data)
