"""``suture review``: the three reviewers on files and folders.

Invariant: every file is answered for, and a secret that was found is never printed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ...analyzers.errors import UserError
from ...analyzers.findings import REVIEWERS, Finding, Json, Reviewer
from .main import Command
from .output import add_output_format, print_json, print_line

if TYPE_CHECKING:
    from ...analyzers.review import FileReview

Shown = Callable[[Path | str], str]

#: Seconds between two lines of progress where standard error is not a terminal.
PROGRESS_S = 5.0


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders of Python files")
    parser.add_argument(
        "--reviewers",
        metavar="LIST",
        help=f"which reviewers to ask, of {','.join(REVIEWERS)} (default: as the project's settings say, or all)",
    )
    parser.add_argument("--baseline", type=Path, metavar="FILE", help="do not show findings that FILE lists")
    parser.add_argument(
        "--write-baseline", action="store_true", help="write all findings of now to the --baseline FILE, and show none"
    )
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="worker processes (default: processors)")
    parser.add_argument("--no-engines", action="store_true", help="only Suture's own rules: no bandit, no ruff")
    parser.add_argument(
        "--no-cache", action="store_true", help="look at every file anew, even if it was reviewed before as it is"
    )
    add_output_format(parser, "sarif", "github")


def run(options: argparse.Namespace) -> int:
    from ...analyzers.baseline import fingerprints, read_baseline, write_baseline
    from ...analyzers.cache import open_cache
    from ...analyzers.review import review_paths

    reviewers = REVIEWERS if options.reviewers is None else _reviewers(options.reviewers)
    if options.write_baseline and options.baseline is None:
        raise UserError("--write-baseline needs --baseline FILE")
    if options.jobs < 0:
        raise UserError("--jobs must be at least 1")
    baseline = read_baseline(options.baseline) if options.baseline and not options.write_baseline else None
    progress = Progress()
    reviews = review_paths(
        options.paths,
        reviewers=reviewers,
        jobs=options.jobs or None,
        baseline=baseline,
        on_progress=progress,
        engines=not options.no_engines,
        cache=None if options.no_cache else open_cache(),
    )
    reviews = _within_settings(reviews, None if options.reviewers is None else reviewers)
    if options.write_baseline:
        folder = Path(os.path.abspath(options.baseline)).parent
        marks = [mark for each in reviews for mark in fingerprints(each.findings, each.lines, folder)]
        progress.clear()
        count = write_baseline(options.baseline, marks)
        print(f"suture: {count} findings are the baseline now, in {options.baseline}", file=sys.stderr)
        return 0
    return _print(reviews, options.output_format, reviewers, progress, shown_as(options.paths))


def _reviewers(listed: str) -> tuple[Reviewer, ...]:
    names = [each.strip() for each in listed.split(",") if each.strip()]
    unknown = [each for each in names if each not in REVIEWERS]
    if unknown or not names:
        raise UserError(
            f"no such reviewer: {', '.join(unknown) or '(none given)'}", f"the reviewers are {', '.join(REVIEWERS)}"
        )
    return tuple(cast("list[Reviewer]", [each for each in REVIEWERS if each in names]))


def _within_settings(reviews: Iterable[FileReview], asked: Sequence[Reviewer] | None) -> Iterator[FileReview]:
    """What ``[tool.suture.review]`` of the nearest ``pyproject.toml`` lets through, file by file. Reviewers ``asked``
    for on the command line win over the settings'."""
    from ...analyzers.consensus import consensus
    from ...analyzers.select import allowed
    from ..settings import ProjectFiles, resolve

    projects = ProjectFiles(_read_settings)
    warned: set[Path] = set()
    for review in reviews:
        project = projects.nearest(review.path)
        if project is not None and project.path not in warned:
            warned.add(project.path)
            for warning in project.warnings:
                print(f"suture: {project.path}:{warning.range.line + 1}: {warning.message}", file=sys.stderr)
        settings = resolve(review.path, project).review
        if review.error or project is None:
            yield review
            continue
        reviewers = settings.reviewers if asked is None else tuple(asked)
        findings = allowed(
            review.findings if settings.enabled else (),
            reviewers=reviewers,
            select=settings.select,
            ignore=settings.ignore,
            least=settings.severity,
            limit=0,
        )
        limit = settings.max_findings_per_file
        notes = review.notes
        if 0 < limit < len(findings):
            notes = (*notes, f"{len(findings) - limit} more findings are hidden by max-findings-per-file = {limit}")
            findings = allowed(findings, reviewers=reviewers, select=(), ignore=(), least="low", limit=limit)
        yield replace(review, findings=tuple(findings), verdict=consensus(findings, reviewers), notes=notes)


def _read_settings(path: Path) -> str | None:
    from ...analyzers.source import read_source

    return read_source(path).text if path.is_file() else None


def _print(
    reviews: Iterator[FileReview],
    output_format: str,
    reviewers: Sequence[Reviewer],
    progress: Progress,
    shown: Shown,
) -> int:
    from . import review_output

    count, errors, answered = 0, 0, 0
    collected: list[FileReview] = []
    for review in reviews:
        answered += 1
        count += len(review.findings)
        errors += bool(review.error)
        if output_format in ("json-lines", "github"):
            progress.clear()
            for value in as_json(review, shown):
                if output_format == "json-lines":
                    print_line(value)
                else:
                    print(review_output.annotation(value))
        else:
            collected.append(review)
        if output_format != "text":
            _print_notes(review, progress, shown)
    progress.clear()
    if output_format == "json":
        print_json([value for review in collected for value in as_json(review, shown)])
    elif output_format == "sarif":
        print_json(review_output.sarif(collected, shown))
    elif output_format == "text":
        review_output.text(collected, reviewers, shown)
    if not answered:
        print("suture: there are no Python files in what was named", file=sys.stderr)
        return 2
    return 1 if count else 2 if errors == answered else 0


def _print_notes(review: FileReview, progress: Progress, shown: Shown) -> None:
    if review.notes:
        progress.clear()
    for note in review.notes:
        print(f"suture: {shown(review.path)}: {note}", file=sys.stderr)


def as_json(review: FileReview, shown: Shown) -> list[Json]:
    """The objects of the command-line contract: one a finding, or one error."""
    path = shown(review.path)
    if review.error:
        return [{"path": path, "error": review.error}]
    return [_relative(finding, shown) for finding in review.findings]


def _relative(finding: Finding, shown: Shown) -> Json:
    value = finding.to_json()
    value["path"] = shown(finding.path)
    value["related"] = [
        {"path": shown(each.path), "line": each.range.line + 1, "column": each.range.column + 1, "text": each.message}
        for each in finding.related
    ]
    return value


def shown_as(given: Sequence[Path]) -> Shown:
    """How to print a path: as its argument was given, absolute or relative to the current folder."""
    absolute = [os.path.normpath(path) for path in given if path.is_absolute()]

    def shown(path: Path | str) -> str:
        name = Path(path).as_posix()
        if any(name == each or name.startswith(each.rstrip(os.sep) + os.sep) for each in absolute):
            return name
        try:
            relative = Path(os.path.relpath(path)).as_posix()
        except ValueError:  # another drive
            return name
        return relative

    return shown


class Progress:
    """How far the review is: a line that is rewritten on a terminal, a line every few seconds elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._start = self._last = time.monotonic()
        self._drawn = False

    def __call__(self, done: int, total: int, path: Path) -> None:
        now = time.monotonic()
        if total < 2 or (now - self._last < (0.1 if self._terminal else PROGRESS_S) and done < total):
            return
        if not self._terminal and now - self._start < PROGRESS_S:
            return
        self._last = now
        line = f"reviewed {done} of {total} files, {now - self._start:.0f} s"
        if self._terminal:
            sys.stderr.write(f"\r\x1b[K{line}  {path.name[:40]}")
            self._drawn = True
        else:
            sys.stderr.write(f"suture: {line}\n")
        sys.stderr.flush()

    def clear(self) -> None:
        """Make room for other output."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False


COMMAND = Command("review", "review code: security, performance, architecture", arguments, run)
