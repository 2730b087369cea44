"""Exceptions that a failing test ran into on its way, though something caught them and it failed of something else.

``except (TypeError, ValueError): raise UsageError`` hides a slip: what fails is an assertion far away. A traced
run hears of every exception that goes through the workspace's code; those that failing tests ran into, and hardly any
passing one, are faults of their own, at their own places.

Invariant: an exception that is raised on purpose (a ``raise`` of the workspace) is no fault here.
"""

from __future__ import annotations

import re
from dataclasses import replace

from .diagnosis.python import diagnose
from .fault import Fault
from .locate import locate
from .logic.trial import Traced
from .probe import Run
from .workspace import Workspace, is_test

#: Hidden faults that repairs are asked about.
MOST = 3
_RAISED = re.compile(r"^\s*(?:.*:\s*)?(?:raise|assert)\b")


def hidden_faults(workspace: Workspace, first: Run, traced: Traced | None, cwd: str = ".") -> list[Fault]:
    """Faults behind the one that a run ended with, wrong names and types first; each names the failing tests."""
    found: dict[tuple[str, str, int], Fault] = {}
    own = (first.fault.exception, first.fault.path, first.fault.line)
    for text in traced.hidden if traced is not None else ():
        fault = diagnose("", text, ("python",))
        if fault is None:
            continue
        fault = replace(locate(fault, workspace, cwd), tests=first.fault.tests)
        key = (fault.exception, fault.path, fault.line)
        if key == own or key in found or not fault.path or is_test(fault.path) or fault.category == "test":
            continue
        if not _RAISED.match(_line(workspace, fault)):
            found[key] = fault
    return sorted(found.values(), key=lambda each: each.category not in ("name", "type"))[:MOST]


def _line(workspace: Workspace, fault: Fault) -> str:
    lines = (workspace.text(fault.path) or "").split("\n")
    return lines[fault.line] if 0 <= fault.line < len(lines) else ""
