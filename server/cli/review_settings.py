"""What the settings of each file make of its review: which findings count, how many are shown, which are old.

Invariant: a warning about settings is said once for each file of settings, on standard error.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from operator import is_
from pathlib import Path
from typing import TYPE_CHECKING

from ...analyzers.baseline import Baseline, Marked, known_findings, marked, read_baseline
from ...analyzers.consensus import consensus
from ...analyzers.errors import SutureError
from ...analyzers.findings import REVIEWERS, Finding, Reviewer
from ...analyzers.select import allowed, capped, hidden
from ...analyzers.source import read_source
from ..settings import ProjectFiles, ReviewSettings, resolve

if TYPE_CHECKING:
    from ...analyzers.review import FileReview


class Chosen:
    """The settings of the files of one run. ``asked`` are the reviewers of the command line; they win."""

    def __init__(self, asked: Sequence[Reviewer] | None, warn: Callable[[str], None]) -> None:
        self._asked = asked
        self._projects = ProjectFiles(_read)
        self._warned: set[Path] = set()
        self._warn = warn
        self._known: dict[Path, ReviewSettings] = {}
        self._baselines: dict[Path, Baseline] = {}

    def settings(self, path: Path) -> ReviewSettings:
        """``[tool.suture.review]`` of the nearest ``pyproject.toml``, with what it says of this path."""
        if path not in self._known:
            project = self._projects.nearest(path)
            if project is not None and project.path not in self._warned:
                self._warned.add(project.path)
                for warning in project.warnings:
                    self._warn(f"{project.path}:{warning.range.line + 1}: {warning.message}")
            self._known[path] = resolve(path, project).review
        return self._known[path]

    def reviewers(self, path: Path) -> tuple[Reviewer, ...]:
        return self.settings(path).reviewers if self._asked is None else tuple(self._asked)

    def keep(self, review: FileReview) -> FileReview:
        """The review with what the settings let through, all of it."""
        if review.error:
            return review
        settings, reviewers = self.settings(review.path), self.reviewers(review.path)
        findings = allowed(
            review.findings if settings.enabled else (),
            reviewers=reviewers,
            select=settings.select,
            ignore=settings.ignore,
            least=settings.severity,
            severities=settings.severities,
        )
        return only(review, findings, reviewers)

    def cap(self, review: FileReview) -> FileReview:
        """The review with as many findings as are shown, and a note on the rest. The verdict is on all of them."""
        limit = self.settings(review.path).max_findings_per_file
        note = hidden(len(review.findings), limit)
        if not note:
            return review
        return replace(review, findings=tuple(capped(review.findings, limit)), notes=(*review.notes, note))

    def baseline(self, path: Path) -> Path | None:
        """The baseline that the settings of a file name."""
        settings, project = self.settings(path), self._projects.nearest(path)
        return project.path.parent / settings.baseline if settings.baseline and project is not None else None

    def without_old(self, reviews: Iterable[FileReview], given: Path | None) -> Iterator[FileReview]:
        """The reviews without what is known: by the baseline ``given``, else by the one that the settings name.

        With a baseline all files are looked at before the first is answered for: code may have moved between them."""
        waiting: list[tuple[FileReview, Path | None]] = []
        for review in reviews:
            file = given or self.baseline(review.path)
            if file is None and not waiting:
                yield review
                continue
            waiting.append((review, file))
        for file in {each for _, each in waiting if each is not None}:
            self._baselines[file] = read_baseline(file)
        old: dict[Path, frozenset[int]] = {}
        for file, baseline in self._baselines.items():
            mine = [review for review, its in waiting if its == file]
            found = known_findings(baseline, [marks_of(review) for review in mine])
            old |= {review.path: indexes for review, indexes in zip(mine, found, strict=True)}
        for review, _ in waiting:
            known = old.get(review.path, frozenset())
            kept = [each for index, each in enumerate(review.findings) if index not in known]
            yield only(review, kept, self.reviewers(review.path)) if known else review


def only(review: FileReview, findings: Sequence[Finding], reviewers: Sequence[Reviewer]) -> FileReview:
    """The review as if it had only these findings."""
    judged = tuple(each.reviewer for each in review.verdict.votes)
    same = len(findings) == len(review.findings) and all(map(is_, findings, review.findings))
    if same and judged == tuple(each for each in REVIEWERS if each in reviewers):
        return review
    return replace(review, findings=tuple(findings), verdict=consensus(findings, reviewers))


def marks_of(review: FileReview) -> Marked:
    """The marks of a review's findings, from the file as it lies on the disk."""
    path = Path(os.path.abspath(review.path))
    if not review.findings:
        return marked(str(path), (), "")
    try:
        text = read_source(path).text
    except SutureError:  # it went since it was reviewed
        text = ""
    return marked(str(path), review.findings, text)


def _read(path: Path) -> str | None:
    return read_source(path).text if path.is_file() else None
