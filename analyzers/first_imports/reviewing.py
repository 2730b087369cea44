"""A review whose cycles of imports were tried: the modules that are said to fail as the first import, imported first.

Invariant: every review comes out again, in its order. What could not be tried leaves its findings as they were, and
says why.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..consensus import consensus
from ..findings import REVIEWERS, Finding, Reviewer
from ..sandbox.interface import CancelCheck, Sandbox
from .api import ALL_S, Entry, import_first, place_of
from .judging import with_first_imports
from .kept import FirstImports, open_kept
from .values import FirstImport, claims_of

if TYPE_CHECKING:
    from ..review import FileReview


def tried(
    findings: Iterable[Finding],
    *,
    sandbox: Callable[[], Sandbox],
    kept: FirstImports,
    python: Path | None = None,
    files: Mapping[str, bytes] | None = None,
    cancel: CancelCheck | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, FirstImport]:
    """What came of the modules that findings say fail as the first import, by path; known answers first.

    Of each finding the claims are tried in their order until one fails: that is what is told of it. The sandbox is
    asked for only if something has to run. Raises Cancelled, and what ``sandbox`` raises."""
    waiting = [[Entry(each.entry, each.path) for each in claims_of(finding)] for finding in findings]
    found: dict[str, FirstImport] = {}
    lent: Sandbox | None = None
    begun = clock()
    while waiting := [each for each in waiting if each]:
        missing: list[Entry] = []
        for each in dict.fromkeys(entries[0] for entries in waiting):
            answer = found.get(each.path) or kept.get(each, python, files or {})
            if answer is None:
                missing.append(each)
            else:
                found[each.path] = answer
        if missing and clock() - begun > ALL_S:
            break
        if missing:
            lent = lent or sandbox()
            answers = import_first(missing, sandbox=lent, files=files, python=python, cancel=cancel)
            for each, answer in zip(missing, answers, strict=True):
                kept.put(each, python, answer)
                found[each.path] = answer
        waiting = [entries[1:] for entries in waiting if found[entries[0].path].status != "fails"]
    return found


def imported_reviews(
    reviews: Iterable[FileReview],
    *,
    reviewers: Sequence[Reviewer] = REVIEWERS,
    python: Callable[[Path], Path | None] = lambda _: None,
    sandbox: Callable[[], Sandbox] | None = None,
    kept: FirstImports | None = None,
    cancel: CancelCheck | None = None,
) -> Iterator[FileReview]:
    """The reviews, with every module imported first that a cycle's finding says cannot be; ``python`` tells the
    interpreter of a workspace's root. Raises Unavailable where no code can be run."""
    from ..sandbox import open_sandbox

    opened: list[Sandbox] = []

    def lent() -> Sandbox:
        if not opened:
            opened.append((sandbox or open_sandbox)())
        return opened[0]

    store = kept or open_kept()
    try:
        for review in reviews:
            claims = [claim for each in review.findings for claim in claims_of(each)]
            if not claims:
                yield review
                continue
            chosen = python(place_of(claims[0].path).root)
            known = tried(review.findings, sandbox=lent, kept=store, python=chosen, cancel=cancel)
            findings = with_first_imports(review.findings, known)
            yield replace(review, findings=findings, verdict=consensus(findings, reviewers))
    finally:
        store.close()
        if sandbox is None:
            for each in opened:
                each.close()
