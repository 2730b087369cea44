"""``suture fuzz PATH…``: look for inputs that break functions, methods and classes.

A path is a file, a folder, or ``PATH::NAME``. ``--budget`` is always the time for each target, so that a target gets
the same search alone and among others; ``--total`` bounds the whole run. Exit status: 0 nothing found, 1 a finding, 2
no such file or target, 3 the sandbox or the target's imports stand in the way (of several targets: of all).
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ...analyzers.errors import SutureError, Unavailable, UserError
from ...analyzers.findings import Json
from .main import Command
from .output import add_output_format, print_json, print_line

if TYPE_CHECKING:
    from ...analyzers.fuzzing.api import Done, FuzzFinding
    from ...analyzers.fuzzing.campaign import Happened, Job, Told
    from ...analyzers.fuzzing.collecting import Target
    from ...analyzers.fuzzing.corpus import Corpus
    from ...analyzers.fuzzing.events import Input

#: Seconds for each target, if nothing else is said: of one target, and of several.
ONE_S, EACH_S = 10.0, 2.0


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "targets",
        nargs="+",
        metavar="PATH[::NAME]",
        help="files and folders (their public functions and classes), or a function, Class.method or Class in a file",
    )
    parser.add_argument(
        "--budget",
        type=_seconds,
        metavar="TIME",
        help="for each target, such as 10s or 500ms (default: 10s for one target, 2s for each of several)",
    )
    parser.add_argument(
        "--total",
        type=_seconds,
        metavar="TIME",
        help="for everything together; targets get smaller budgets, or no turn",
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed finds the same things (default: 0)")
    parser.add_argument(
        "--base", metavar="REV|FILE", help="report where the target differs from this version of its file"
    )
    parser.add_argument(
        "--changed", action="store_true", help="only targets whose definition differs from --base, or from HEAD"
    )
    parser.add_argument("--private", action="store_true", help="of files and folders, also names that begin with _")
    parser.add_argument("--list", action="store_true", help="print the targets in their order, and fuzz none")
    parser.add_argument("--fresh", action="store_true", help="do not begin with the inputs that broke something before")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes on this machine (default: 1)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="spread the targets over the workers of a Dask cluster")
    parser.add_argument("--root", type=Path, help="the project's folder (default: found from the file)")
    parser.add_argument(
        "--python", type=Path, metavar="FILE", help="the interpreter that has what the targets import (default: this)"
    )
    parser.add_argument(
        "--write-test", action="store_true", help="keep the regression test in the project's tests folder"
    )
    parser.add_argument(
        "--write-property-tests", action="store_true", help="instead, write Hypothesis tests of the targets into it"
    )
    add_output_format(parser)


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 10s, 500ms or 2m")
    seconds = float(match[1]) * {"ms": 0.001, "m": 60, "min": 60, "h": 3600}.get(match[2] or "s", 1)
    if not 0.1 <= seconds <= 86400:
        raise argparse.ArgumentTypeError("a budget is between 100ms and a day")
    return seconds


def _run(arguments: argparse.Namespace) -> int:
    from ...analyzers.fuzzing.collecting import collect

    if arguments.workers < 1:
        raise UserError("--workers must be at least 1")
    if arguments.python is not None and not arguments.python.is_file():
        raise UserError(f"--python {arguments.python} is not a file")
    collected = collect(
        arguments.targets,
        root=arguments.root,
        base=arguments.base,
        changed_only=arguments.changed,
        private=arguments.private,
    )
    for path, reason in collected.unreadable:
        print(f"suture: {path}: {reason}", file=sys.stderr)
    if arguments.list:
        return _list(arguments, collected.targets)
    if not collected.targets:
        if not arguments.changed:
            return 2  # nothing of it could be read, which is said
        print(f"suture: no target differs from {arguments.base or 'HEAD'}", file=sys.stderr)
        return 0
    stored = _Stored(arguments)
    try:
        if arguments.write_property_tests:
            from .fuzz_tests import write_property_tests

            return write_property_tests(arguments, collected.targets, stored.counterexamples)
        jobs = [_job(arguments, stored, each, len(collected.targets)) for each in collected.targets]
        return _campaign(arguments, jobs, stored)
    finally:
        stored.close()


def _list(arguments: argparse.Namespace, targets: Sequence[Target]) -> int:
    rows: list[Json] = [
        {
            "path": _shown(each.path),
            "target": each.name,
            "kind": each.kind,
            "line": each.line,
            "changed": each.changed,
            "risk": each.risk,
        }
        for each in targets
    ]
    if arguments.output_format == "json":
        print_json(rows)
    elif arguments.output_format == "json-lines":
        for row in rows:
            print_line(row)
    else:
        for each in targets:
            print(f"{_shown(each.path)}::{each.name}" + ("  (changed)" if each.changed else ""))
        print(f"suture: {len(targets)} targets", file=sys.stderr)
    return 0


def _job(arguments: argparse.Namespace, stored: _Stored, target: Target, count: int) -> Job:
    from ...analyzers.fuzzing.campaign import Job

    corpus = stored.corpus(target.root)
    return Job(
        target.root,
        target.path,
        target.name,
        arguments.budget or (ONE_S if count == 1 else EACH_S),
        arguments.seed,
        arguments.base if target.in_base else None,
        arguments.python.absolute() if arguments.python else None,
        stored.inputs(target),
        corpus.expected(target.path, target.name) if corpus else frozenset(),
    )


@dataclass
class _Stored:
    """What earlier runs found, one corpus per project; without one where its folder cannot be used."""

    arguments: argparse.Namespace
    open: dict[Path, Corpus | None] = field(default_factory=dict[Path, "Corpus | None"])

    def corpus(self, root: Path) -> Corpus | None:
        from ...analyzers.fuzzing.corpus import open_corpus

        if root not in self.open:
            try:
                self.open[root] = open_corpus(root)
            except Unavailable as error:
                print(f"suture: {error}; nothing is remembered", file=sys.stderr)
                self.open[root] = None
        return self.open[root]

    def inputs(self, target: Target) -> tuple[Input, ...]:
        corpus = None if self.arguments.fresh else self.corpus(target.root)
        return corpus.inputs(target.path, target.name) if corpus else ()

    def counterexamples(self, target: Target) -> tuple[Input, ...]:
        corpus = self.corpus(target.root)
        return corpus.counterexamples(target.path, target.name) if corpus else ()

    def record(self, told: Told) -> None:
        from ...analyzers.fuzzing.api import Done, FuzzFinding

        corpus = self.open.get(told.job.root)
        if corpus is None:
            return
        if isinstance(told.event, FuzzFinding) or (isinstance(told.event, Done) and told.event.inputs):
            corpus.record(told.job.path, told.job.name, told.event)

    def close(self) -> None:
        for corpus in self.open.values():
            if corpus is not None:
                corpus.close()


def _happenings(arguments: argparse.Namespace, jobs: Sequence[Job], cancel: Callable[[], bool]) -> Iterator[Happened]:
    if arguments.scheduler:
        from ...analyzers.fuzzing.cluster import run_on_cluster

        return run_on_cluster(jobs, arguments.scheduler, total_s=arguments.total, cancel=cancel)
    from ...analyzers.fuzzing.campaign import run_campaign

    return run_campaign(jobs, workers=arguments.workers, total_s=arguments.total, cancel=cancel)


@contextmanager
def _interrupts(interrupted: threading.Event) -> Generator[None]:
    """The first Ctrl-C ends the campaign in order, so that nothing is cut in the middle of a line; a second one is
    the usual exception."""

    def stop(_number: int, _frame: object) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    try:
        earlier = signal.signal(signal.SIGINT, stop)
    except ValueError:  # not in the main thread: nobody can interrupt it
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, earlier)


def _until_failure(happenings: Iterator[Happened]) -> Iterator[Happened | SutureError]:
    """What happens, and as the last thing what ended it: what was found before is to be shown all the same."""
    try:
        yield from happenings
    except SutureError as error:
        yield error


def _remember(ended: Sequence[tuple[Job, Done]]) -> None:
    from ...analyzers.history import fuzz_data, tell

    for job, done in ended:
        tell(job.root, "fuzz", fuzz_data(job.path, job.root, done.to_json()))


def _campaign(arguments: argparse.Namespace, jobs: Sequence[Job], stored: _Stored) -> int:
    """Show what happens as it happens; the exit status."""
    from ...analyzers.fuzzing.api import Done, FuzzFinding
    from ...analyzers.fuzzing.campaign import Note, Told
    from .fuzz_output import Text

    finished: list[Done] = []
    ended: list[tuple[Job, Done]] = []
    found = 0
    collected: list[Json] = []
    kept = _Kept()
    text = Text(jobs, keep_it=not arguments.write_test, base=arguments.base)
    interrupted = threading.Event()
    happenings = _happenings(arguments, jobs, interrupted.is_set)
    failure: SutureError | None = None
    with _interrupts(interrupted):
        for each in _until_failure(happenings):
            if isinstance(each, SutureError):
                failure = each
                break
            if interrupted.is_set() and isinstance(each, Told) and isinstance(each.event, Done):
                continue  # it was cut short; that is no answer
            if isinstance(each, Note):
                text.clear()
                print(f"suture: {each.text}", file=sys.stderr)
                continue
            stored.record(each)
            if isinstance(each.event, Done):
                finished.append(each.event)
                ended.append((each.job, each.event))
            if isinstance(each.event, FuzzFinding):
                found += 1
                if arguments.write_test:
                    kept.write(each.job.root, each.event)
            value: Json = {**each.event.to_json(), "path": str(each.job.path)}
            if arguments.output_format == "json-lines":
                print_line(value)
            elif arguments.output_format == "json":
                collected += [] if value["event"] == "progress" else [value]
            else:
                text.show(each)
    text.clear()
    _remember(ended)
    stopped = interrupted.is_set()
    if arguments.output_format == "json":
        print_json(collected)
    elif arguments.output_format == "text":
        text.summary(stopped)
    for file in kept.files:
        print(f"kept as {_shown(file)}", file=sys.stderr)
    if failure is not None:
        raise failure
    if stopped:
        print(f"suture: stopped after {len(finished)} of {len(jobs)} targets", file=sys.stderr)
        return 130
    if len(finished) < len(jobs):
        print(f"suture: the time was over before {len(jobs) - len(finished)} targets had a turn", file=sys.stderr)
    if found:
        return 1
    return 3 if finished and all(done.status == "environment" for done in finished) else 0


class _Kept:
    """Regression tests written into the project; further tests of a target get a numbered file."""

    def __init__(self) -> None:
        self.files: list[Path] = []

    def write(self, root: Path, finding: FuzzFinding) -> None:
        from ...analyzers.fuzzing.api import regression_path

        path = regression_path(root, Path(finding.path), finding.target)
        path.parent.mkdir(parents=True, exist_ok=True)
        number = 2
        while path.exists() and path.read_text(encoding="utf-8") != finding.test:
            path = path.with_name(f"{re.sub(r'_[0-9]+$', '', path.stem)}_{number}.py")
            number += 1
        path.write_text(finding.test, encoding="utf-8")
        self.files.append(path)


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


COMMAND = Command("fuzz", "look for inputs that break functions and classes, in the sandbox", _arguments, _run)
