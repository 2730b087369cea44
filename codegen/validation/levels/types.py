"""Types: the project's own checker, where it has one: pyright or mypy, with the project's settings, in the sandbox.

A project has a checker if it configures one (``[tool.pyright]``, ``pyrightconfig.json``, ``[tool.mypy]``, ``mypy.ini``,
``[mypy]`` in ``setup.cfg``). Only errors on the new lines count. It runs in the workspace's own Python: plug-ins of
mypy are code of the workspace.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, cast

from ....analyzers.findings import Evidence
from ....analyzers.sandbox.interface import Job, Limits, Outcome
from ....analyzers.source import SourceText
from ..level import Level, Subject, Verdict, failed, not_run, passed
from ..running import last_error, relative

Checker = Literal["pyright", "mypy"]

#: A checker reads the file with all that it imports; node needs room.
LIMITS = Limits(wall_s=60.0, cpu_s=60.0, memory_mb=3000, output_kb=4096, file_mb=64)

_MYPY = re.compile(r"^(?P<path>[^:\n]+):(?P<line>\d+):(?:\d+:)? error: (?P<message>.*)$", re.MULTILINE)


def run(subject: Subject) -> Verdict:
    checker = checker_of(subject.request.root)
    if checker is None:
        return not_run("the project configures no type checker", applies=False)
    inside = relative(subject)
    if subject.sandbox is None or not inside:
        return not_run("no sandbox, or the workspace is not trusted")
    if subject.on_progress is not None:
        subject.on_progress(f"checking its types with {checker}")
    outcome = _checked(subject, checker, inside)
    found = _pyright(outcome) if checker == "pyright" else _mypy(outcome, inside)
    if found is None:
        return not_run(f"{checker} could not run here ({last_error(outcome)})", applies=not _missing(outcome))
    placed = subject.placed
    new = [(line, said) for line, said in found if placed.first < line <= placed.last + 1]
    if new:
        told = [f"{said} (line {line - placed.first} of the code)" for line, said in new[:3]]
        return failed(f"{checker}: {'; '.join(told)}")
    return passed(Evidence("linted", f"{checker}: no error on the new lines", {"tool": checker, "after": 0}))


def checker_of(root: Path) -> Checker | None:
    """The checker that a project is set up for; pyright if both."""
    tools = _tools(root / "pyproject.toml")
    if "pyright" in tools or (root / "pyrightconfig.json").is_file():
        return "pyright"
    if "mypy" in tools or any((root / name).is_file() for name in ("mypy.ini", ".mypy.ini")):
        return "mypy"
    try:
        return "mypy" if re.search(r"^\[mypy\]", (root / "setup.cfg").read_text("utf-8", "replace"), re.M) else None
    except OSError:
        return None


def _tools(path: Path) -> frozenset[str]:
    try:
        read = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return frozenset()
    tools = read.get("tool")
    return frozenset(cast("dict[str, object]", tools)) if isinstance(tools, dict) else frozenset()


def _checked(subject: Subject, checker: Checker, inside: str) -> Outcome:
    assert subject.sandbox is not None
    options = ["--outputjson"] if checker == "pyright" else ["--no-error-summary", "--no-pretty", "--no-incremental"]
    job = Job(
        argv=("python", "-m", checker, *options, inside),
        root=subject.request.root.resolve(),
        files={inside: SourceText(subject.placed.text).encode()},
        limits=LIMITS,
        python=subject.request.python,
        tools=("node",) if checker == "pyright" else (),
    )
    return subject.sandbox.run(job, subject.cancel)


def _missing(outcome: Outcome) -> bool:
    return b"No module named" in outcome.stderr


def _pyright(outcome: Outcome) -> list[tuple[int, str]] | None:
    """(line, 1-based; message) of each error; None if it did not run."""
    try:
        read = json.loads(outcome.stdout)
        listed = cast("Sequence[dict[str, Any]]", read["generalDiagnostics"])
        errors = [each for each in listed if each["severity"] == "error"]
        return [(int(each["range"]["start"]["line"]) + 1, _said(each)) for each in errors]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None


def _said(found: dict[str, Any]) -> str:
    return f"{str(found['message']).splitlines()[0]} ({found.get('rule', 'error')})"


def _mypy(outcome: Outcome, inside: str) -> list[tuple[int, str]] | None:
    text = outcome.stdout.decode("utf-8", "replace")
    if outcome.reason != "exit" or outcome.exit_code not in (0, 1) or _missing(outcome):
        return None
    found = [each for each in _MYPY.finditer(text) if each["path"].endswith(inside)]
    return [(int(each["line"]), " ".join(each["message"].split())) for each in found]


LEVEL = Level(
    "types",
    80,
    8,
    run,
    "sandbox",
    about="the project's type checker (pyright or mypy), if it configures one, has no error on the new lines",
)
