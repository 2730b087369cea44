"""The three reviewers on a change: what it brings, what was there before, what it mends, and a verdict on it.

Both versions of every changed file are reviewed, and findings are told apart by their marks (:mod:`.marks`), so that
what only moved, into another function or another file, is not new. The verdict on the change weighs the new findings
alone; that on a changed function weighs all that is wrong with it now.

Whole-program rules see the changed files and those nearest to them where the project is too large to look at all of
it twice (:data:`PROGRAM_FILES`); ``notes`` say so.

Invariant: every changed file is answered for; one that cannot be read is a note, not an error.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .baseline import Baseline, Marked, known_findings, marked
from .cache import ReviewCache
from .consensus import Verdict, consensus
from .definitions import definitions, function_at
from .files import python_files
from .findings import REVIEWERS, Finding, Reviewer
from .review import FileReview, engines_for, program_rules, review_text
from .review_tree import OnProgress
from .revisions import ChangedFile, Revision, changed_files, changed_lines
from .rules import extracts_of, extracts_on_disk
from .syntax import parse

log = logging.getLogger(__name__)

#: Rules over the whole program look at the changed files and at so many others, the nearest ones.
PROGRAM_FILES = 600


@dataclass(frozen=True, slots=True)
class FunctionVerdict:
    """What the reviewers make of a function that the change touches; ``line`` is 0-based."""

    path: Path
    name: str
    line: int
    verdict: Verdict
    new: int
    old: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """One changed file. ``review`` holds what is found in it now, in order; ``new`` and ``touched`` are indexes into
    that: what the change brought, and what was there in functions or lines that it changed. ``mended`` was there
    before and is not any more."""

    file: ChangedFile
    review: FileReview
    new: frozenset[int]
    touched: frozenset[int]
    mended: tuple[Finding, ...]
    functions: tuple[FunctionVerdict, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeReview:
    """The answer for a whole change."""

    revision: Revision
    files: tuple[FileChange, ...]
    verdict: Verdict
    notes: tuple[str, ...] = ()

    @property
    def new(self) -> tuple[Finding, ...]:
        return tuple(each.review.findings[index] for each in self.files for index in sorted(each.new))


#: What the settings of its file let through of a review.
Keep = Callable[[FileReview], FileReview]


def review_change(
    since: Revision,
    paths: Sequence[Path] = (),
    *,
    reviewers: Sequence[Reviewer] = REVIEWERS,
    engines: bool = True,
    cache: ReviewCache | None = None,
    on_progress: OnProgress | None = None,
    keep: Keep | None = None,
    unsaved: Mapping[Path, str] = {},
) -> ChangeReview:
    """Review what changed since a revision below ``paths`` (default: the whole repository); ``unsaved`` are texts of
    an editor that count instead of the disk's."""
    files = list(changed_files(since, paths, unsaved))
    notes = [f"{each.name}: {each.error}" for each in files if each.error]
    before_more, after_more, note = _program(since, files, reviewers)
    notes += [note] if note else []
    run = engines_for(reviewers) if engines else ()

    def reviewed(file: ChangedFile, text: str | None, more: More) -> FileReview:
        if text is None or file.error:
            return FileReview(file.path, (), consensus((), reviewers), error=file.error)
        found = more.get(file.path.as_posix(), ())
        review = review_text(file.path, text, reviewers=reviewers, run=run, more=found, cache=cache)
        return keep(review) if keep is not None else review

    reviews: list[tuple[FileReview, FileReview]] = []
    for number, each in enumerate(files, 1):
        reviews.append((reviewed(each, each.before, before_more), reviewed(each, each.after, after_more)))
        if on_progress is not None:
            on_progress(number, len(files), each.path)
    return compared(since, files, reviews, reviewers, notes)


def compared(
    since: Revision,
    files: Sequence[ChangedFile],
    reviews: Sequence[tuple[FileReview, FileReview]],
    reviewers: Sequence[Reviewer] = REVIEWERS,
    notes: Iterable[str] = (),
) -> ChangeReview:
    """What the reviews of both versions of each file (before, after) say of the change."""
    was = [_marked(each, review, each.before) for each, (review, _) in zip(files, reviews, strict=True)]
    now = [_marked(each, review, each.after) for each, (_, review) in zip(files, reviews, strict=True)]
    known = known_findings(_as_baseline(since, was), now)
    mended = known_findings(_as_baseline(since, now), was)
    changes = tuple(
        _file_change(file, review, frozenset(range(len(review.findings))) - old, gone)
        for file, (_, review), old, gone in zip(
            files,
            reviews,
            known,
            (
                tuple(finding for index, finding in enumerate(each.findings) if index not in still)
                for each, still in zip(was, mended, strict=True)
            ),
            strict=True,
        )
    )
    new = [each.review.findings[index] for each in changes for index in each.new]
    return ChangeReview(since, changes, consensus(new, reviewers), tuple(notes))


More = Mapping[str, tuple[Finding, ...]]


def _program(since: Revision, files: Sequence[ChangedFile], reviewers: Sequence[Reviewer]) -> tuple[More, More, str]:
    """What whole-program rules find before and after, by path; and what they did not look at."""
    rules = [rule for rule in program_rules() if rule.reviewer in reviewers]
    if not rules or not files:
        return {}, {}, ""
    after = {each.path.as_posix(): each.after for each in files if each.after is not None and not each.error}
    before = {each.path.as_posix(): each.before for each in files if each.before is not None and not each.error}
    others = [each.path for each in python_files([since.root]) if not each.error]
    others = [path for path in others if path.as_posix() not in after]
    note = ""
    if len(others) > PROGRAM_FILES:
        note = f"rules over the whole program looked at the nearest {PROGRAM_FILES} of {len(others)} unchanged files"
        others = _nearest(others, [each.path for each in files])
    extracts = {path.as_posix(): each for path in others if (each := extracts_on_disk(rules, path))}
    sides: list[More] = []
    for texts in (before, after):
        own = {name: extracts_of(rules, Path(name), text) for name, text in texts.items()}
        everything = {**extracts, **own}
        more: dict[str, tuple[Finding, ...]] = {}
        for rule in rules:
            try:
                check = rule.each or rule.check
                found = list(check({name: each[rule.name] for name, each in everything.items() if rule.name in each}))
            except Exception:  # one rule must not cost the change its review
                log.exception("rule %s failed on a change", rule.name)
                continue
            for finding in found:
                more[finding.path] = (*more.get(finding.path, ()), finding)
        sides.append(more)
    return sides[0], sides[1], note


def _nearest(others: Iterable[Path], changed: Iterable[Path]) -> list[Path]:
    """The files that a change has most to do with: the packages it lies in, and what shares the deepest folder."""
    homes = {folder for path in changed for folder in path.parents}

    def distance(path: Path) -> tuple[bool, int, Path]:
        shared = next(folder for folder in path.parents if folder in homes or folder == folder.parent)
        return path.name != "__init__.py" or path.parent not in homes, -len(shared.parts), path

    return sorted(others, key=distance)[:PROGRAM_FILES]


def _marked(file: ChangedFile, review: FileReview, text: str | None) -> Marked:
    return marked(file.path.as_posix(), review.findings, text or "")


def _as_baseline(since: Revision, files: Sequence[Marked]) -> Baseline:
    return Baseline(since.root, {Path(each.path).relative_to(since.root).as_posix(): each.marks for each in files})


def _file_change(file: ChangedFile, review: FileReview, new: frozenset[int], mended: tuple[Finding, ...]) -> FileChange:
    if file.after is None or review.error:
        return FileChange(file, review, new, frozenset(), mended)
    data = file.after.encode("utf-8", "surrogatepass")
    found = definitions(parse(data).root_node, data)
    lines = changed_lines(file.before or "", file.after)
    functions = {each for line in lines if (each := function_at(found, line)) is not None}
    touched: set[int] = set()
    by_function: dict[object, list[int]] = {each: [] for each in functions}
    for index, finding in enumerate(review.findings):
        function = function_at(found, finding.range.line)
        if function in by_function:
            by_function[function].append(index)
        if index not in new and (function in functions or finding.range.line in lines):
            touched.add(index)
    verdicts = tuple(
        FunctionVerdict(
            file.path,
            each.name,
            each.line,
            consensus([review.findings[index] for index in by_function[each]]),
            sum(index in new for index in by_function[each]),
            sum(index not in new for index in by_function[each]),
        )
        for each in sorted(functions, key=lambda each: each.line)
    )
    return FileChange(file, review, new, frozenset(touched), mended, verdicts)
