"""How ``suture fuzz`` shows itself to people: a line of progress, findings as they come, a table at the end.

Invariant: standard output carries results only; the line of progress goes to standard error.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .output import console

if TYPE_CHECKING:
    from rich.table import Table

    from ...analyzers.fuzzing.api import Done, FuzzFinding
    from ...analyzers.fuzzing.campaign import Job, Told

#: Seconds between two lines of progress where standard error is not a terminal.
PROGRESS_S = 10.0
_NAMES = 4


class Text:
    """What happened so far, shown as it happens. Of a single target everything; of several, their findings."""

    def __init__(self, jobs: Sequence[Job], *, keep_it: bool, base: str | None) -> None:
        self.found: list[FuzzFinding] = []
        self._jobs = jobs
        self._keep_it = keep_it
        self._base = f" --base {base}" if base else ""
        self._out = console()
        self._terminal = sys.stderr.isatty()
        self._start = self._last = time.monotonic()
        self._drawn = False
        self._done: list[tuple[Job, Done]] = []
        self._running: dict[tuple[Path, str], int] = {}

    def show(self, told: Told) -> None:
        from ...analyzers.fuzzing.api import Done, FuzzFinding

        event = told.event
        key = (told.job.path, told.job.name)
        if isinstance(event, FuzzFinding):
            self.clear()
            mark = (event.path, event.line, event.kind, event.exception)
            if any((each.path, each.line, each.kind, each.exception) == mark for each in self.found):
                self._again(event)
            else:
                self._finding(event)
            self.found.append(event)
        elif isinstance(event, Done):
            self._running.pop(key, None)
            self._done.append((told.job, event))
            if len(self._jobs) == 1:
                self.clear()
                self._single(event)
            else:
                self._progress(told.job.name)
        else:
            self._running[key] = event.executions
            self._progress(f"{event.target}: {event.stage}")

    def clear(self) -> None:
        """Make room for other output."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False

    def summary(self, stopped: bool) -> None:
        """The table of several targets, and why some were not fuzzed."""
        from rich.markup import escape

        self.clear()
        if len(self._jobs) == 1 or not self._done:
            return
        self._out.print(self._table())
        for status, reason, names in self._not_fuzzed():
            shown = ", ".join(names[:_NAMES]) + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")
            said = f"[yellow]{status}[/yellow] {len(names)} times: {escape(reason or 'no reason was given')} — "
            self._out.print(said + escape(shown))
        self._hint([done for _, done in self._done])
        seconds = time.monotonic() - self._start
        what = "stopped: " if stopped else ""
        left = len(self._jobs) - len(self._done)
        rest = f", {left} had no turn" if left else ""
        findings = f"[bold red]{len(self.found)} found[/bold red]" if self.found else "[green]nothing found[/green]"
        self._out.print(f"{what}{findings} in {len(self._done)} targets{rest}, {seconds:.0f} s")

    def _table(self) -> Table:
        from rich import box
        from rich.table import Table

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("file", overflow="fold")
        for name in ("targets", "executions", "branches", "found", "not fuzzed", "seconds"):
            table.add_column(name, justify="right")
        files: dict[Path, list[Done]] = {}
        for job, done in self._done:
            files.setdefault(job.path, []).append(done)
        found = {path: sum(each.path == str(path) for each in self.found) for path in files}
        for path, done in sorted(files.items()):
            table.add_row(_shown(str(path)), *_figures(done, found[path]))
        if len(files) > 1:
            table.add_section()
            table.add_row("all", *_figures([each for _, each in self._done], len(self.found)))
        return table

    def _not_fuzzed(self) -> list[tuple[str, str, list[str]]]:
        """Status, reason and the targets that share both; the most common first."""
        folded: dict[tuple[str, str], list[str]] = {}
        for job, done in self._done:
            if not _fuzzed(done):
                reason = done.reason or (
                    "the budget was too small for a single execution" if done.status == "ok" else ""
                )
                status = "no time" if done.status == "ok" else done.status
                folded.setdefault((status, reason), []).append(f"{_shown(str(job.path))}::{job.name}")
        rows = [(status, reason, names) for (status, reason), names in folded.items()]
        return sorted(rows, key=lambda row: -len(row[2]))

    def _progress(self, now_at: str) -> None:
        now = time.monotonic()
        if now - self._last < (0.1 if self._terminal else PROGRESS_S):
            return
        if not self._terminal and len(self._jobs) == 1:
            return
        self._last = now
        executions = sum(done.executions for _, done in self._done) + sum(self._running.values())
        line = f"{executions:,} executions, {now - self._start:.0f} s"
        if len(self._jobs) > 1:
            line = f"{len(self._done)} of {len(self._jobs)} targets, {len(self.found)} found, {line}"
        if self._terminal:
            sys.stderr.write(f"\r\x1b[K{line}  {now_at[:40]}")
            self._drawn = True
        else:
            sys.stderr.write(f"suture: {line}\n")
        sys.stderr.flush()

    def _single(self, event: Done) -> None:
        from rich.markup import escape

        seconds = f"{event.seconds:.1f} s"
        branches = f", {event.branches} branches" if event.branches else ""
        if event.status != "ok":
            self._out.print(f"[yellow]{escape(event.target)}: {event.status}[/yellow] — {escape(event.reason)}")
            self._hint([event])
        elif event.findings:
            said = f"{event.target}: {event.findings} found, {event.executions:,} executions{branches}, {seconds}"
            self._out.print(escape(said))
        else:
            note = f" ({event.reason})" if event.reason else ""
            said = f"{escape(event.target)}: nothing in {event.executions:,} executions"
            self._out.print(f"[green]{said}[/green]{branches}, {seconds}{escape(note)}")
            self._assumed(event.domain)

    def _finding(self, finding: FuzzFinding) -> None:
        from rich.markup import escape

        self._out.print(f"[bold red]{finding.kind}[/bold red] {escape(finding.summary)}")
        self._out.print(f"  --> {escape(_shown(finding.path))}:{finding.line}")
        self._excerpt(finding)
        self._assumed(finding.domain)
        self._out.print(
            f"  failed the same way in two fresh processes, after {finding.seconds:.1f} s; seed {finding.seed}"
        )
        if len(self._jobs) == 1:
            self._out.print("\n  As a test:\n")
            for each in finding.test.splitlines():
                self._out.print(f"    {escape(each)}")
        if self._keep_it:
            target = f"{_shown(finding.path)}::{finding.target}"
            again = f"suture fuzz {target} --seed {finding.seed}{self._base} --write-test"
            self._out.print(f"\n  Keep it: {escape(again)}\n")

    def _again(self, finding: FuzzFinding) -> None:
        """Another target that breaks at a line which was shown already, such as a class and what it calls."""
        from rich.markup import escape

        self._out.print(f"  the same at {escape(_shown(finding.path))}:{finding.line} {escape(finding.summary)}\n")

    def _excerpt(self, finding: FuzzFinding) -> None:
        from rich.markup import escape

        from ...analyzers.errors import SutureError
        from ...analyzers.source import LineIndex, read_source

        try:
            lines = LineIndex(read_source(Path(finding.path)).text)
        except SutureError:
            return  # the file went away while it was fuzzed; the finding stands
        line = min(finding.line, len(lines.starts)) - 1
        for number in range(max(0, line - 1), min(line + 2, len(lines.starts))):
            mark = ">" if number == line else " "
            self._out.print(f"  {mark} {number + 1:4} | {escape(lines.line(number))}")

    def _hint(self, done: Sequence[Done]) -> None:
        if any("ModuleNotFoundError" in each.reason for each in done):
            self._out.print("    is it installed elsewhere? name the interpreter that has it: --python FILE")

    def _assumed(self, domain: Mapping[str, str]) -> None:
        from rich.markup import escape

        for name, assumed in domain.items():
            self._out.print(f"    assumed {escape(name)}: {escape(assumed)}")


def _fuzzed(done: Done) -> bool:
    return done.status == "ok" and done.executions > 0


def _figures(done: Sequence[Done], found: int) -> list[str]:
    fuzzed = [each for each in done if _fuzzed(each)]
    # Branches are counted per file: its targets reach overlapping ones, so the most that one reached stands for it.
    branches = max((each.branches for each in fuzzed), default=0)
    return [
        str(len(done)),
        f"{sum(each.executions for each in done):,}",
        str(branches or "-"),
        str(found or "-"),
        str(len(done) - len(fuzzed) or "-"),
        f"{sum(each.seconds for each in done):.1f}",
    ]


def _shown(path: str) -> str:
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
