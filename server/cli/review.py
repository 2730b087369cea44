"""``suture review``: the three reviewers on files and folders, or on a change (:mod:`.review_change`).

Invariant: every file is answered for, and a secret that was found is never printed.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files, or folders of Python files (with --diff: optional)"
    )
    parser.add_argument(
        "--diff",
        metavar="REV",
        help="review what changed since a revision of git, with all that is not committed yet (`main...`: since this "
        "branch left main); only what is new counts",
    )
    parser.add_argument(
        "--reviewers",
        metavar="LIST",
        help=f"which reviewers to ask, of {','.join(REVIEWERS)} (default: as the project's settings say, or all)",
    )
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="do not show findings that FILE lists (default: the file that the project's settings name, if any)",
    )
    parser.add_argument(
        "--write-baseline", action="store_true", help="write all findings of now to the --baseline FILE, and show none"
    )
    parser.add_argument(
        "--verdicts",
        action="store_true",
        help="also say what the reviewers make of each file and function: votes, weights, reasons",
    )
    parser.add_argument(
        "--top",
        type=int,
        default=0,
        metavar="N",
        help="show only the N findings of all files that matter most (severity and confidence), the first one first; "
        "what is mended in one go is told once, with its places; none that is likelier wrong than right, no hint, "
        "and none in tests, migrations or examples",
    )
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="worker processes (default: processors)")
    parser.add_argument("--no-engines", action="store_true", help="only Suture's own rules: no bandit, no ruff")
    parser.add_argument(
        "--no-cache", action="store_true", help="look at every file anew, even if it was reviewed before as it is"
    )
    parser.add_argument(
        "--measure-growth",
        action="store_true",
        help="run functions in the sandbox on growing inputs, and import there first what a cycle is said to break: "
        "what is measured raises or removes findings",
    )
    parser.add_argument(
        "--fix", action="store_true", help="apply the improvements that are proven in the sandbox, and say how"
    )
    parser.add_argument(
        "--show-fixes", action="store_true", help="show the proven improvements as diffs, and change no file"
    )
    add_output_format(parser, "sarif", "github")


def run(options: argparse.Namespace) -> int:
    from ...analyzers.cache import open_cache
    from ...analyzers.review_tree import review_paths
    from ...analyzers.review_worker import GARBAGE_AFTER
    from .review_settings import Chosen

    gc.set_threshold(GARBAGE_AFTER, 50, 100)  # what workers answer is kept to the end, and holds no rings
    asked = None if options.reviewers is None else _reviewers(options.reviewers)
    if options.write_baseline and options.baseline is None:
        raise UserError("--write-baseline needs --baseline FILE")
    if options.top < 0:
        raise UserError("--top must be at least 1")
    if options.top and (options.diff is not None or options.fix or options.show_fixes or options.write_baseline):
        raise UserError("--top is for a review of files alone, without --diff, fixes or --write-baseline")
    if options.jobs < 0:
        raise UserError("--jobs must be at least 1")
    if options.diff is not None:
        from .review_change import run_change

        return run_change(options, asked)
    if not options.paths:
        raise UserError("name files or folders to review", "`suture review .` reviews the current folder")
    if options.baseline and not options.write_baseline:
        from ...analyzers.baseline import read_baseline

        read_baseline(options.baseline)  # a mistake is said before the work, not after it
    progress = Progress()
    chosen = Chosen(asked, progress.aside)
    reviews = review_paths(
        options.paths,
        reviewers=asked or REVIEWERS,
        jobs=options.jobs or None,
        on_progress=progress,
        engines=not options.no_engines,
        cache=None if options.no_cache else open_cache(),
    )
    if options.measure_growth:
        from ...analyzers.growth.reviewing import measured_reviews

        reviews = measured_reviews(reviews, reviewers=asked or REVIEWERS, jobs=options.jobs or 1)
        if "architecture" in (asked or REVIEWERS):
            reviews = _imported(reviews, asked or REVIEWERS)
    kept = (chosen.keep(each) for each in reviews)
    if options.fix or options.show_fixes:
        from .review_fix import run_fixes

        return run_fixes(chosen.without_old(kept, options.baseline), options, asked, progress, shown_as(options.paths))
    if options.write_baseline:
        return _write_baseline(options.baseline, kept, progress)
    shown = (chosen.cap(each) for each in chosen.without_old(_remembered(kept, options, asked), options.baseline))
    if options.top:
        shown = _top(list(shown), options.top, options.paths, progress)
    return _print(shown, options, asked or REVIEWERS, progress, shown_as(options.paths))


def _imported(reviews: Iterable[FileReview], reviewers: Sequence[Reviewer]) -> Iterator[FileReview]:
    """The reviews after the modules were imported first of which a cycle's finding says that they cannot be."""
    from ...analyzers.first_imports import imported_reviews
    from ..doctor import interpreter_of

    def interpreter(root: Path) -> Path | None:
        found = interpreter_of(root, os.environ)
        return found[0] if found is not None else None

    return imported_reviews(reviews, reviewers=reviewers, python=interpreter)


def _top(reviews: Sequence[FileReview], count: int, paths: Sequence[Path], progress: Progress) -> Iterator[FileReview]:
    """The findings that matter most, each in a review of its own; behind them the files of which none is shown.

    How many are left out, as they matter less or are mended with those that are shown, is said on standard error."""
    from dataclasses import replace

    from ...analyzers.fuzzing.project import find_root
    from ...analyzers.select import foremost, left_out, with_copies

    roots = {find_root(each / "_" if each.is_dir() else each).as_posix() for each in paths}
    of = {each.path.as_posix(): each for each in reviews}
    every = [one for each in reviews for one in each.findings]
    first = with_copies(foremost(every, count, roots), every)
    if said := left_out(len(every), len(first)):
        progress.aside(said)
    for finding in first:
        yield replace(of[finding.path], findings=(finding,), notes=())
    shown = {each.path for each in first}
    yield from (replace(each, findings=(), notes=()) for each in reviews if each.path.as_posix() not in shown)


def _remembered(
    reviews: Iterable[FileReview], options: argparse.Namespace, asked: tuple[Reviewer, ...] | None
) -> Iterator[FileReview]:
    """The same reviews; when all of a folder's have gone by, their counts are remembered."""
    from ...analyzers.fuzzing.project import find_root
    from ...analyzers.history import tell_review

    whole = asked is None and len(options.paths) == 1 and options.paths[0].is_dir() and not options.no_cache
    findings: list[Finding] = []
    files = 0
    for each in reviews:
        yield each
        files += 1
        findings += each.findings
    if whole and files:
        scope: Path = options.paths[0].absolute()
        tell_review(find_root(scope / "_"), scope, files, findings, REVIEWERS)


def _write_baseline(path: Path, reviews: Iterable[FileReview], progress: Progress) -> int:
    from ...analyzers.baseline import others, write_baseline
    from .review_settings import marks_of

    files = [marks_of(each) for each in reviews]
    count = write_baseline(path, files, others(path, [Path(each.path) for each in files]))
    progress.aside(f"{count} finding{' is' if count == 1 else 's are'} the baseline now, in {path}")
    return 0


def _reviewers(listed: str) -> tuple[Reviewer, ...]:
    names = [each.strip() for each in listed.split(",") if each.strip()]
    unknown = [each for each in names if each not in REVIEWERS]
    if unknown or not names:
        raise UserError(
            f"no such reviewer: {', '.join(unknown) or '(none given)'}", f"the reviewers are {', '.join(REVIEWERS)}"
        )
    return tuple(cast("list[Reviewer]", [each for each in REVIEWERS if each in names]))


def _print(
    reviews: Iterable[FileReview],
    options: argparse.Namespace,
    reviewers: Sequence[Reviewer],
    progress: Progress,
    shown: Shown,
) -> int:
    from . import review_output

    output_format: str = options.output_format
    count, errors, answered = 0, 0, 0
    collected: list[FileReview] = []
    for review in reviews:
        answered += 1
        count += len(review.findings)
        errors += bool(review.error)
        if output_format in ("json-lines", "github"):
            progress.clear()
            for value in as_json(review, shown, verdicts=options.verdicts and output_format == "json-lines"):
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
        print_json([value for review in collected for value in as_json(review, shown, verdicts=options.verdicts)])
    elif output_format == "sarif":
        from .review_sarif import sarif

        print_json(sarif(collected, shown))
    elif output_format == "text":
        review_output.text(collected, reviewers, shown, verdicts=options.verdicts)
    if not answered:
        print("suture: there are no Python files in what was named", file=sys.stderr)
        return 2
    return 1 if count else 2 if errors == answered else 0


def _print_notes(review: FileReview, progress: Progress, shown: Shown) -> None:
    if review.notes:
        progress.clear()
    for note in review.notes:
        print(f"suture: {shown(review.path)}: {note}", file=sys.stderr)


def as_json(review: FileReview, shown: Shown, *, verdicts: bool = False) -> list[Json]:
    """The objects of the command-line contract: one a finding, or one error; then, if wanted, one a verdict."""
    path = shown(review.path)
    if review.error:
        return [{"path": path, "error": review.error}]
    values: list[Json] = [relative(finding, shown) for finding in review.findings]
    if verdicts:
        from .review_output import function_verdicts

        values.append({"path": path, "verdict": review.verdict.to_json()})
        values += [
            {"path": path, "function": name, "line": line + 1, "verdict": verdict.to_json()}
            for name, line, verdict in function_verdicts(review)
        ]
    return values


def relative(finding: Finding, shown: Shown) -> dict[str, Json]:
    """A finding of the contract, with its paths as they are shown."""
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

    def aside(self, message: str) -> None:
        """Say something in between, on standard error."""
        self.clear()
        print(f"suture: {message}", file=sys.stderr)

    def clear(self) -> None:
        """Make room for other output."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False


COMMAND = Command("review", "review code: security, performance, architecture", arguments, run)
