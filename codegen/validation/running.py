"""Runs pytest over the workspace with the draft in its place, in the sandbox, and reads what it says.

Where the module cannot be imported here even so (a package that is not installed), the code is tested on its own, if
there are tests for that.

Invariant: a run that could not start is no verdict on the code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ...analyzers.fuzzing.project import import_spot, search_path
from ...analyzers.sandbox.interface import Job, Limits, Outcome
from ...analyzers.source import SourceText
from .level import Subject

GENERATED = "suture_generated_test.py"
#: Seconds of CPU for one test, and of all for the clock.
TEST_CPU_S, WALL_S = 3.0, 30.0

_WATCH = "suture_watch.py"
_LINES, _BEGAN = "suture_lines.json", "suture_began"
_FAILED = re.compile(r"^FAILED \S+?::(\w+)", re.MULTILINE)
_COUNTS = re.compile(r"(\d+) (passed|failed|errors?)")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of pytest. ``unable`` says why it could not start, ``stopped`` that it was cut off, ``memory`` that a
    test used all the memory that it may; ``failing`` are the names of the tests that failed.

    ``lines`` and ``ran`` are the lines of the draft's functions, and those that ran (1-based, of the file)."""

    outcome: Outcome
    passed: int
    failed: int
    said: str = ""
    unable: str = ""
    stopped: bool = False
    lines: tuple[int, ...] = ()
    ran: tuple[int, ...] = ()
    isolated: str = ""  # why it ran on its own
    memory: bool = False
    failing: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.outcome.ok and self.passed > 0

    @property
    def coverage(self) -> float | None:
        return len(self.ran) / len(self.lines) if self.lines else None


def relative(subject: Subject) -> str:
    """The file's place in the workspace; empty if it is outside."""
    try:
        return subject.request.path.resolve().relative_to(subject.request.root.resolve()).as_posix()
    except ValueError:
        return ""


def run_generated(subject: Subject, *, plugins: Mapping[str, str] | None = None, keep: Sequence[str] = ()) -> Run:
    """The tests that go along with the draft: over the workspace, else on the code's own."""
    inside = relative(subject)
    reason = "the file is outside of the workspace"
    first: Run | None = None
    if inside:
        test = f"{subject.tests_folder}/{GENERATED}" if subject.tests_folder else GENERATED
        files = {inside: SourceText(subject.placed.text).encode(), test: subject.tests.encode()}
        watch = (str(subject.request.root.resolve() / inside), subject.placed.first + 1, subject.placed.last + 1)
        first = pytest_run(subject, files, (test,), watch, plugins=plugins, keep=keep)
        if not first.unable or first.outcome.reason == "cancelled" or not subject.isolated_tests:
            return first
        reason = first.unable
    module = "".join(f"{each}\n" for each in subject.placed.imports)
    ahead = module.count("\n") + 2
    module += "\n\n" + subject.code
    test = f"isolated/{GENERATED}"
    files = {"isolated/suture_isolated.py": module.encode(), test: subject.isolated_tests.encode()}
    own = str(subject.request.root.resolve() / "isolated/suture_isolated.py")
    watch = (own, ahead + 1, ahead + subject.code.count("\n") + 1)
    made = pytest_run(subject, files, (test,), watch, isolated=reason, plugins=plugins, keep=keep)
    return made


def pytest_run(
    subject: Subject,
    files: Mapping[str, bytes],
    tests: Sequence[str],
    watch: tuple[str, int, int] | None = None,
    *,
    isolated: str = "",
    plugins: Mapping[str, str] | None = None,
    keep: Sequence[str] = (),
    seconds: float = TEST_CPU_S,
) -> Run:
    """``watch``: file, first and last line (1-based) of the code whose lines are counted, a test having ``seconds`` of
    CPU; ``plugins``: further ones, module name → source."""
    assert subject.sandbox is not None
    root = subject.request.root.resolve()
    folders = [root / "isolated"] if isolated else [*search_path(root, import_spot(subject.request.path))]
    options = ["-q", "--maxfail=3", "--no-header", "--tb=short", "-p", "no:cacheprovider", "-p", "no:warnings"]
    options += ["--rootdir", str(root), "-p", _WATCH.removesuffix(".py")]
    for name in plugins or ():
        options += ["-p", name]
    if isolated:
        options += ["-c", "/dev/null", "--noconftest"]
    told = {}
    if watch is not None:
        told = {"file": watch[0], "first": watch[1], "last": watch[2], "seconds": seconds, "out": _LINES}
        told["began"] = _BEGAN
    extra = {_WATCH: Path(__file__).with_name("guest_plugin.py").read_bytes()}
    extra |= {f"{name}.py": source.encode() for name, source in (plugins or {}).items()}
    job = Job(
        argv=("python", "-m", "pytest", *options, "-o", "addopts=", *tests),
        root=root,
        files={**files, **extra},
        env={
            "PYTHONPATH": ":".join(dict.fromkeys(map(str, [*folders, root]))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "SUTURE_WATCH": json.dumps(told),
        },
        keep=(_LINES, _BEGAN, *keep),
        limits=Limits(wall_s=WALL_S, cpu_s=WALL_S),
        python=subject.request.python,
    )
    outcome = subject.sandbox.run(job, subject.cancel)
    return _read(outcome, isolated)


def _read(outcome: Outcome, isolated: str) -> Run:
    text = outcome.stdout.decode("utf-8", "replace")
    counts = {kind.rstrip("s"): int(number) for number, kind in _COUNTS.findall(text)}
    passed, failed = counts.get("passed", 0), counts.get("failed", 0)
    stopped = outcome.reason == "timeout"
    ok = outcome.ok and passed > 0
    ran_and_failed = outcome.reason == "exit" and outcome.exit_code == 1 and failed > 0
    memory = outcome.reason == "memory" and _BEGAN in outcome.files
    unable = "" if ok or ran_and_failed or stopped or memory else last_error(outcome)
    lines, ran = _lines(outcome.files.get(_LINES, b""))
    failing = tuple(dict.fromkeys(_FAILED.findall(text)))
    return Run(outcome, passed, failed, _said(text), unable, stopped, lines, ran, isolated, memory, failing)


def _lines(data: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    try:
        found = cast("dict[str, list[int]]", json.loads(data or b"{}"))
        return tuple(found.get("lines", ())), tuple(found.get("ran", ()))
    except (ValueError, TypeError, AttributeError):
        return (), ()  # the code under test may write there too


def _said(text: str) -> str:
    """The assertions and errors of a run, in pytest's words."""
    lines = [line.strip() for line in text.split("\n")]
    shown = [re.sub(r"^E\s+", "", line) for line in lines if line.startswith("E ")]
    shown += [line for line in lines if line.startswith("did not end within")]
    return "; ".join(dict.fromkeys(shown[:8]))


def last_error(outcome: Outcome) -> str:
    text = outcome.stdout.decode("utf-8", "replace") + "\n" + outcome.stderr.decode("utf-8", "replace")
    lines = text.split("\n")
    errors = [line for line in lines if re.match(r"E\s+\w*(?:Error|Exception)\b", line)] or [
        line for line in lines if re.match(r"\w*(?:Error|Exception)\b", line)
    ]
    chosen: Sequence[str] = errors or [line for line in lines if line.strip()] or [outcome.reason]
    return re.sub(r"^E\s+", "", chosen[0 if errors else -1]).strip()[:200]
