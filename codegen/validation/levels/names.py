"""Names: every name is defined, and every import and attribute of an imported module exists. No invented API.

The static checks say what they can at once; imports of a model's draft are then looked up in the sandbox, in the
workspace's own environment.
"""

from __future__ import annotations

import ast

from ...resolving import invented
from ..level import Level, Subject, Verdict, failed, passed
from ..reviewing import reviewed, told


def run(subject: Subject) -> Verdict:
    missing = _missing(subject)
    if missing:
        return failed(missing)
    faults = [each for each in reviewed(subject).new if each.kind in ("undefined_name", "syntax")]
    if faults:
        return failed("; ".join(told(each, subject) for each in faults[:3]))
    if subject.by_model:
        reason = invented(subject.request, subject.code, subject.imports, subject.sandbox, subject.cancel)
        if reason:
            return failed(reason)
    return passed()


def _missing(subject: Subject) -> str:
    """Why what was asked for is not among what the code defines, or empty."""
    name = subject.spec.name if subject.spec else ""
    try:
        body = ast.parse(subject.code).body
    except (SyntaxError, ValueError, RecursionError):
        return ""  # newer syntax than the host's
    defined = [each.name for each in body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
    if not name or name in defined:
        return ""
    assigned = {
        target.id
        for each in body
        if isinstance(each, ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    if name in assigned:
        return ""
    instead = f"; it defines {', '.join(defined[:3])}" if defined else ""
    return f"there is no function called {name}{instead}"


LEVEL = Level(
    "names",
    20,
    10,
    run,
    about="every name is defined; every import and every attribute of an imported module exists in the environment",
)
