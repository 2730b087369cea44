"""``suture review --diff REV``: a change, told apart into what is new, what was there, and what it mends.

As JSON lines: each finding with ``status`` ``new`` or ``old`` (old ones only where the change touches their function
or line), then one ``{"function", …}`` for each function that was touched, at last one ``{"change", …}`` with the
verdict. Exit status 1 if anything is new.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...analyzers.findings import REVIEWERS, Finding, Json, Reviewer
from .output import console, print_json, print_line
from .review import Progress, Shown, relative, shown_as
from .review_settings import Chosen

if TYPE_CHECKING:
    from ...analyzers.change import ChangeReview, FileChange
    from ...analyzers.review import FileReview


def run_change(options: argparse.Namespace, asked: Sequence[Reviewer] | None) -> int:
    from ...analyzers.cache import open_cache
    from ...analyzers.change import review_change
    from ...analyzers.errors import UserError
    from ...analyzers.revisions import revision

    if options.write_baseline or options.baseline:
        raise UserError("--diff and --baseline are two ways to say what is old", "give one of them")
    paths: list[Path] = options.paths
    since = revision(paths[0] if paths else Path.cwd(), options.diff)
    progress = Progress()
    chosen = Chosen(asked, progress.aside)
    change = review_change(
        since,
        paths,
        reviewers=asked or REVIEWERS,
        engines=not options.no_engines,
        cache=None if options.no_cache else open_cache(),
        on_progress=progress,
        keep=chosen.keep,
    )
    progress.clear()
    shown = shown_as(paths)
    print_change(change, options.output_format, shown)
    return 1 if change.new else 0


def print_change(change: ChangeReview, output_format: str, shown: Shown) -> None:
    if output_format == "text":
        _text(change, shown)
        return
    for note in change.notes:
        print(f"suture: {note}", file=sys.stderr)
    if output_format == "sarif":
        _sarif(change, shown)
    elif output_format == "github":
        from .review_output import annotation

        for value in _found(change, shown):
            if "error" in value or value["status"] == "new":
                print(annotation(value))
    elif output_format == "json":
        found = list(_found(change, shown))
        print_json({**summary(change), "findings": found, "functions": list(_functions(change, shown))})
    else:
        for value in (*_found(change, shown), *_functions(change, shown)):
            print_line(value)
        print_line({"change": summary(change)})


def summary(change: ChangeReview) -> dict[str, Json]:
    """The change as a whole: what was compared, counts, and the verdict."""
    return {
        "since": change.revision.asked,
        "commit": change.revision.commit,
        "files": len(change.files),
        "new": len(change.new),
        "old": sum(len(each.touched) for each in change.files),
        "mended": sum(len(each.mended) for each in change.files),
        "verdict": change.verdict.to_json(),
    }


def _found(change: ChangeReview, shown: Shown) -> Iterator[dict[str, Json]]:
    for each in change.files:
        if each.review.error:
            yield {"path": shown(each.file.path), "error": each.review.error}
        for index, finding in _listed(each):
            yield {**relative(finding, shown), "status": "new" if index in each.new else "old"}


def _listed(file: FileChange) -> list[tuple[int, Finding]]:
    return [(index, file.review.findings[index]) for index in sorted(file.new | file.touched)]


def _functions(change: ChangeReview, shown: Shown) -> Iterator[dict[str, Json]]:
    for file in change.files:
        for each in file.functions:
            yield {
                "path": shown(each.path),
                "function": each.name,
                "line": each.line + 1,
                "new": each.new,
                "old": each.old,
                "verdict": each.verdict.to_json(),
            }


def _sarif(change: ChangeReview, shown: Shown) -> None:
    from .review_sarif import Extra, sarif

    reviews: list[FileReview] = []
    states: dict[int, str] = {}
    for each in change.files:
        listed = _listed(each)
        states |= {id(finding): "new" if index in each.new else "unchanged" for index, finding in listed}
        if each.file.after is not None or each.review.error:
            reviews.append(replace(each.review, findings=tuple(finding for _, finding in listed)))
    absent = tuple(finding for each in change.files for finding in each.mended)
    print_json(sarif(reviews, shown, Extra(states, absent, {"change": summary(change)})))


def _text(change: ChangeReview, shown: Shown) -> None:
    from rich.text import Text

    from .review_output import LABELS, counted, finding_text, votes

    out = console()
    for each in change.files:
        listed = [finding for index, finding in _listed(each) if index in each.new]
        old = [finding for index, finding in _listed(each) if index not in each.new]
        told = [function for function in each.functions if function.new or function.old]
        if not (listed or old or told or each.mended or each.review.error):
            continue
        was = f" (was {each.file.old_name})" if each.file.status == "renamed" else ""
        out.print(Text.assemble((shown(each.file.path), "bold underline"), f"  {each.file.status}{was}"))
        if each.review.error:
            out.print(Text.assemble("  ", ("not analysed", "bold red"), f": {each.review.error}"))
        for finding in listed:
            out.print(finding_text(finding, each.review.lines.get(finding.range.line, "")))
        for finding in old:
            out.print(Text(f"  {finding.range.line + 1:<9}was there  {finding.message}  {finding.rule}", "dim"))
        for finding in each.mended:
            out.print(Text(f"  {'':<9}mended     {finding.message}  {finding.rule}", "dim"))
        for function in told:
            verdict = function.verdict
            out.print(Text.assemble(f"  {function.name}: ", (verdict.summary(), LABELS[verdict.label])))
        out.print()
    for note in change.notes:
        out.print(Text(f"note: {note}", "dim"))
    mended = [finding for each in change.files for finding in each.mended]
    counts = f"{counted(len(change.files), 'changed file')}, {counted(len(change.new), 'new finding')}"
    old_count = sum(len(each.touched) for each in change.files)
    counts += f", {old_count} that were there" if old_count else ""
    counts += f", {len(mended)} mended" if mended else ""
    out.print(Text(f"{counts} since {change.revision.asked} ({change.revision.commit[:10]})", "bold"))
    out.print(Text.assemble("this change: ", (change.verdict.summary(), LABELS[change.verdict.label])))
    votes(change.verdict, "  ")
