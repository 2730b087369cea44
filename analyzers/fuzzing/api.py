"""Fuzz one target: search in the sandbox, replay what turns up in fresh processes, report as events.

Invariant: the code under test runs in the sandbox only. A candidate becomes a finding after it failed the same way in
two fresh processes; otherwise it is dropped without a word. The budget is wall time for everything together.
"""

from __future__ import annotations

import ast
import queue
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import UserError
from ..sandbox.interface import CancelCheck, Sandbox
from ..source import read_source
from .events import Done, Event, FuzzFinding, Input, Progress, Status
from .hunting import Hunt, HuntTask
from .project import find_root, placed, regression_path
from .targets import FuzzTarget, fuzz_targets

__all__ = [
    "Done",
    "Event",
    "FuzzFinding",
    "FuzzTarget",
    "Input",
    "Progress",
    "Replayed",
    "find_root",
    "fuzz",
    "fuzz_targets",
    "regression_path",
    "replay",
]


def fuzz(
    root: Path,
    path: Path,
    name: str,
    *,
    sandbox: Sandbox,
    budget_s: float = 10,
    seed: int = 0,
    text: str | None = None,
    base: str | None = None,
    python: Path | None = None,
    cancel: CancelCheck | None = None,
    first: Sequence[Input] = (),
    expected: frozenset[str] = frozenset(),
) -> Iterator[Event]:
    """Events while target ``name`` of ``path`` is fuzzed; the last is :class:`Done`.

    ``text`` is unsaved text of the file; ``base`` a revision or a file to compare with; ``seed`` makes the search
    repeatable. ``first`` are inputs to try before all others (stored counterexamples); ``expected`` are signatures of
    what the person called expected, which is never reported. Raises UserError if the file or the target does not
    exist, before anything runs.
    """
    root, path = placed(root, path)
    source = text if text is not None else read_source(path).text
    _check_target(path, source, name)
    task = HuntTask(root, path, name, source, text is not None, _base_text(root, path, base), seed, budget_s, python)
    task = replace(task, first=tuple(first), expected=expected)
    return _stream(task, sandbox, cancel)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a stored input does to the target as it is now; ``status`` other than ``ok``: nothing is known."""

    status: Status
    finding: FuzzFinding | None = None
    reason: str = ""


def replay(
    root: Path,
    path: Path,
    name: str,
    given: Input,
    *,
    sandbox: Sandbox,
    text: str | None = None,
    base: str | None = None,
    python: Path | None = None,
    cancel: CancelCheck | None = None,
) -> Replayed:
    """Try one stored input again, without a search; what fails is confirmed in fresh processes as in :func:`fuzz`.

    Raises UserError if the file or the target does not exist any more."""
    root, path = placed(root, path)
    source = text if text is not None else read_source(path).text
    _check_target(path, source, name)
    task = HuntTask(root, path, name, source, text is not None, _base_text(root, path, base), 0, 0, python)
    found, done = Hunt(task, sandbox, cancel or (lambda: False), lambda _: None).replay(given)
    return Replayed(done.status, found, done.reason)


def _check_target(path: Path, source: str, name: str) -> None:
    targets = {each.name for each in fuzz_targets(source)}
    if name in targets or _defined(source, name):
        return
    from difflib import get_close_matches

    close = get_close_matches(name, targets, 1)
    known = ", ".join(sorted(targets)[:8])
    hint = f"did you mean {close[0]}?" if close else f"it has: {known}" if known else "it has no functions to fuzz"
    raise UserError(f"{path.name} has no function or class {name}", hint)


def _defined(source: str, name: str) -> bool:
    """Whether the name is defined at all, though not a target (the worker says why it is unsupported)."""
    last = name.rpartition(".")[2]
    return any(f"{word} {last}{end}" in source for word in ("def", "class") for end in ("(", ":", "["))


def _base_text(root: Path, path: Path, base: str | None) -> str | None:
    """The text of the base version: a file, or the same path at a revision."""
    if base is None:
        return None
    file = Path(base)
    if file.is_file():
        return read_source(file).text
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-C", str(path.parent)]
    try:
        shown = subprocess.run(
            [*command, "show", f"{base}:./{path.name}"], capture_output=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"--base {base}: git cannot be run: {error}") from error
    if shown.returncode:
        reason = shown.stderr.decode("utf-8", "replace").strip().splitlines()[:1]
        raise UserError(f"--base {base} is neither a file nor a revision of {path.name}", "; ".join(reason))
    return shown.stdout.decode("utf-8", "replace")


def _stream(task: HuntTask, sandbox: Sandbox, cancel: CancelCheck | None) -> Iterator[Event]:
    """Runs the campaign in a thread, so that its events come out as they happen."""
    events: queue.SimpleQueue[Event | BaseException] = queue.SimpleQueue()
    stopped = threading.Event()

    def cancelled() -> bool:
        return stopped.is_set() or (cancel is not None and cancel())

    def work() -> None:
        try:
            events.put(Hunt(task, sandbox, cancelled, events.put).run())
        except BaseException as error:  # noqa: BLE001 - raised again by the reader
            events.put(error)

    thread = threading.Thread(target=work, name="suture-fuzz", daemon=True)
    thread.start()
    try:
        while True:
            event = events.get()
            if isinstance(event, BaseException):
                raise event
            yield event
            if isinstance(event, Done):
                return
    finally:
        stopped.set()
        thread.join(5)


def readable(args: str) -> bool:
    """Whether an ``args`` expression is a pure literal (then ``ast.literal_eval`` gives it back)."""
    try:
        ast.literal_eval(args)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
