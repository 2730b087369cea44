"""One review of the new lines for all levels that read it: names, and the three reviewers.

A reviewer's level fails on a critical or high finding of its own, or if the three together reject and it is one of
those who do. What is said of the rest of the file is not the draft's doing.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...analyzers.consensus import Verdict as Opinion
from ...analyzers.consensus import consensus
from ...analyzers.findings import REVIEWERS, Evidence, Finding, Reviewer
from .level import Subject, Verdict, failed, not_run, passed


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What was found on the new lines, and the verdict; ``error`` if the file could not be reviewed."""

    new: tuple[Finding, ...]
    opinion: Opinion
    error: str = ""


def reviewed(subject: Subject) -> Reviewed:
    """The review of a subject, made once."""
    kept = subject.memo.get("review")
    if isinstance(kept, Reviewed):
        return kept
    from ...analyzers.review import review_file

    placed = subject.placed
    # With the rules over whole programs, on this one file: what a parameter decides is seen by them alone.
    review = review_file(subject.request.path, reviewers=REVIEWERS, text=placed.text, engines=subject.by_model)
    here = (each for each in review.findings if placed.first <= each.range.line <= placed.last)
    new = tuple(each for each in here if not _bound_elsewhere(each, subject))
    made = Reviewed(new, consensus(new, REVIEWERS), review.error)
    subject.memo["review"] = made
    return made


def _bound_elsewhere(finding: Finding, subject: Subject) -> bool:
    return finding.rule == "undefined-name" and subject.request.is_known(str(finding.evidence[0].data["name"]))


def judged_by(subject: Subject, reviewer: Reviewer) -> Verdict:
    """The verdict of one reviewer's level; the first one that is asked carries the evidence of all three."""
    review = reviewed(subject)
    if review.error:
        return not_run(f"it could not be reviewed: {review.error}")
    evidence: tuple[Evidence, ...] = ()
    if not subject.memo.get("review told"):
        subject.memo["review told"] = True
        evidence = (_evidence(review.opinion),)
    own = [each for each in review.new if each.reviewer == reviewer]
    serious = [each for each in own if each.severity in ("critical", "high")]
    if serious:
        return failed(told(serious[0], subject), *evidence)
    vote = next(each for each in review.opinion.votes if each.reviewer == reviewer)
    if review.opinion.label == "reject" and vote.vote == "reject":
        reasons = "; ".join(told(each, subject) for each in own[:3])
        return failed(f"the reviewers reject it ({review.opinion.reason}): {reasons}", *evidence)
    hints = tuple(told(each, subject) for each in own[:3])
    made = passed(*evidence, quality=vote.score)
    return Verdict(made.status, "; ".join(hints), made.evidence, made.quality, hints=hints)


def _evidence(opinion: Opinion) -> Evidence:
    return Evidence("reviewed", f"reviewed: {opinion.summary()}", opinion.evidence().data)


def told(finding: Finding, subject: Subject) -> str:
    """A finding with its line in the code."""
    line = finding.range.line - subject.placed.first + 1
    who = f"{finding.reviewer}, {finding.severity}: " if finding.reviewer else ""
    return f"{who}{finding.message} (line {line} of the code, {finding.rule})"
