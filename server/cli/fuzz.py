"""``suture fuzz PATH::NAME``: look for an input that breaks a function, a method or a class.

Without ``::NAME`` every target of the file gets a share of the budget in turn. Exit status: 0 nothing found,
1 a finding, 2 no such file or target, 3 the sandbox or the target's imports stand in the way.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...analyzers.errors import UserError
from ...analyzers.findings import Json
from .main import Command
from .output import add_output_format, console, print_json, print_line

if TYPE_CHECKING:
    from ...analyzers.fuzzing.api import Done, Event, FuzzFinding, FuzzTarget
    from ...analyzers.sandbox import Sandbox


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="PATH[::NAME]", help="a file, and a function, Class.method or Class in it")
    parser.add_argument(
        "--budget", type=_seconds, default=10.0, metavar="TIME", help="such as 10s or 500ms (default: 10s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed finds the same things (default: 0)")
    parser.add_argument(
        "--base", metavar="REV|FILE", help="report where the target differs from this version of its file"
    )
    parser.add_argument("--root", type=Path, help="the project's folder (default: found from the file)")
    parser.add_argument(
        "--write-test", action="store_true", help="keep the regression test in the project's tests folder"
    )
    add_output_format(parser)


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|min)?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 10s, 500ms or 2m")
    seconds = float(match[1]) * {"ms": 0.001, "m": 60, "min": 60}.get(match[2] or "s", 1)
    if not 0.1 <= seconds <= 86400:
        raise argparse.ArgumentTypeError("a budget is between 100ms and a day")
    return seconds


def _run(arguments: argparse.Namespace) -> int:
    from ...analyzers.fuzzing.api import find_root, fuzz_targets
    from ...analyzers.sandbox import open_sandbox
    from ...analyzers.source import read_source

    file, _, name = str(arguments.target).partition("::")
    path = Path(file)
    if not path.is_file():
        raise UserError(f"{file} is not a file", "name a Python file, and a function after ::")
    text = read_source(path).text
    if not name and not fuzz_targets(text):
        raise UserError(f"{file} has no function or class to fuzz")
    root = (arguments.root or find_root(path)).absolute()
    sandbox = open_sandbox()
    try:
        events = _all(arguments, root, path.absolute(), name, fuzz_targets(text), sandbox)
        finished = _show(arguments, root, text, events)
    finally:
        sandbox.close()
    if any(done.findings for done in finished):
        return 1
    return 3 if any(done.status == "environment" for done in finished) else 0


def _all(
    arguments: argparse.Namespace, root: Path, path: Path, name: str, targets: tuple[FuzzTarget, ...], sandbox: Sandbox
) -> Iterator[Event]:
    """One target, or each of the file with an equal share of the budget (at least a second)."""
    from ...analyzers.fuzzing.api import fuzz

    names = [name] if name else [each.name for each in targets]
    share = max(arguments.budget / len(names), min(arguments.budget, 1.0))
    for each in names:
        yield from fuzz(root, path, each, sandbox=sandbox, budget_s=share, seed=arguments.seed, base=arguments.base)


def _show(arguments: argparse.Namespace, root: Path, text: str, events: Iterator[Event]) -> list[Done]:
    from ...analyzers.fuzzing.api import Done, FuzzFinding

    finished: list[Done] = []
    collected: list[Json] = []
    kept = _Kept(root)
    printer = _Text(arguments, text)
    for event in events:
        if isinstance(event, Done):
            finished.append(event)
        if isinstance(event, FuzzFinding) and arguments.write_test:
            kept.write(event)
        if arguments.output_format == "json-lines":
            print_line(event.to_json())
        elif arguments.output_format == "json":
            collected.append(event.to_json())
        else:
            printer.show(event)
    if arguments.output_format == "json":
        print_json([each for each in collected if isinstance(each, dict) and each.get("event") != "progress"])
    for file in kept.files:
        print(f"kept as {file}", file=sys.stderr)
    return finished


class _Kept:
    """Regression tests written into the project; further tests of a target go to the same file's end."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.files: list[Path] = []

    def write(self, finding: FuzzFinding) -> None:
        from ...analyzers.fuzzing.api import regression_path

        path = regression_path(self._root, Path(finding.path), finding.target)
        path.parent.mkdir(parents=True, exist_ok=True)
        number = 2
        while path.exists() and path.read_text(encoding="utf-8") != finding.test:
            path = path.with_name(f"{re.sub(r'_[0-9]+$', '', path.stem)}_{number}.py")
            number += 1
        path.write_text(finding.test, encoding="utf-8")
        self.files.append(path)


class _Text:
    """For people: the counterexample, its line, the test, and the command that keeps it."""

    def __init__(self, arguments: argparse.Namespace, text: str) -> None:
        from ...analyzers.source import LineIndex

        self._arguments = arguments
        self._lines = LineIndex(text)
        self._out = console()
        self._err = console(stderr=True)

    def show(self, event: Event) -> None:
        from rich.markup import escape

        from ...analyzers.fuzzing.api import Done, FuzzFinding

        if isinstance(event, FuzzFinding):
            self._finding(event)
        elif isinstance(event, Done):
            seconds = f"{event.seconds:.1f} s"
            if event.status != "ok":
                self._out.print(f"[yellow]{escape(event.target)}: {event.status}[/yellow] — {escape(event.reason)}")
            elif event.findings:
                self._out.print(
                    f"{escape(event.target)}: {event.findings} found, {event.executions:,} executions, {seconds}"
                )
            else:
                note = f" ({escape(event.reason)})" if event.reason else ""
                said = f"{escape(event.target)}: nothing in {event.executions:,} executions"
                self._out.print(f"[green]{said}[/green], {seconds}{note}")
                self._domain(event)
        elif self._err.is_terminal:
            self._err.print(f"  {event.stage}: {event.executions:,} executions", end="\r")

    def _finding(self, finding: FuzzFinding) -> None:
        from rich.markup import escape

        line = min(finding.line, len(self._lines.starts)) - 1
        self._out.print(f"[bold red]{finding.kind}[/bold red] {escape(finding.summary)}")
        self._out.print(f"  --> {escape(self._shown(finding.path))}:{finding.line}")
        for number in range(max(0, line - 1), min(line + 2, len(self._lines.starts))):
            mark = ">" if number == line else " "
            self._out.print(f"  {mark} {number + 1:4} | {escape(self._lines.line(number))}")
        for name, domain in finding.domain.items():
            self._out.print(f"    assumed {escape(name)}: {escape(domain)}")
        self._out.print(
            f"  failed the same way in two fresh processes, after {finding.seconds:.1f} s; seed {finding.seed}"
        )
        self._out.print("\n  As a test:\n")
        for each in finding.test.splitlines():
            self._out.print(f"    {escape(each)}")
        if not self._arguments.write_test:
            base = f" --base {self._arguments.base}" if self._arguments.base else ""
            again = f"suture fuzz {self._arguments.target} --seed {finding.seed}{base} --write-test"
            self._out.print(f"\n  Keep it: {escape(again)}\n")

    def _domain(self, done: Done) -> None:
        from rich.markup import escape

        for name, domain in done.domain.items():
            self._out.print(f"    assumed {escape(name)}: {escape(domain)}")

    @staticmethod
    def _shown(path: str) -> str:
        try:
            return str(Path(path).relative_to(Path.cwd()))
        except ValueError:
            return path


COMMAND = Command("fuzz", "look for an input that breaks a function, in the sandbox", _arguments, _run)
