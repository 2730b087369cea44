"""What three reviewers make of a function, a file or a change: a vote each, and a weighted verdict.

Each finding is real with the probability that is its ``confidence``. A *real* finding costs by its severity
(:data:`COST`); a reviewer approves what costs at most :data:`APPROVE_COST`, rejects what costs :data:`REJECT_COST` or
more, and comments between. It approves if that is right with a probability of at least :data:`SURE`, else votes the
likelier of the two others. The ``confidence`` of its vote is the probability that no milder one is right; that of an
approval is the probability that it is, times the share of labelled problems that this reviewer sees: silence proves
no more than that. A critical security finding rejects, however sure it is.

The verdict is *reject* if a reviewer rejects and the approvals do not outweigh the rejections, or if security rejects;
*approve* if nobody rejects and two of three approve, by heads (more than half of those who were asked) and by weight
(:data:`ENOUGH`); else *comment*. A vote's weight is its reviewer's share by :data:`WEIGHTS`, times its
confidence, over the sum. ``score`` is for sorting: the mean by :data:`WEIGHTS` of ``exp(-Σ cost * confidence)``.

What does not parse is rejected, and what uses an undefined name is never approved, whatever the reviewers found in the
rest: a static fault belongs to no reviewer and has no vote, but it lowers the score like any finding.

Invariant: deterministic; the order of the findings does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, fsum
from typing import Literal

from .confidence.table import seen
from .findings import REVIEWERS, SEVERITIES, Evidence, Finding, Json, Reviewer, Severity

Label = Literal["approve", "comment", "reject"]

#: What a real finding of this severity costs, in hundredths.
COST: Mapping[Severity, int] = {"critical": 120, "high": 60, "medium": 25, "low": 8}

#: How much a reviewer counts. A hole outweighs a slow or a tangled place.
WEIGHTS: Mapping[Reviewer, float] = {"security": 0.5, "performance": 0.25, "architecture": 0.25}

#: One medium finding is still approved, a high one is not.
APPROVE_COST = 30

#: One critical finding, or two high ones, are rejected.
REJECT_COST = 100

#: An approval that is wrong costs more than a comment that is.
SURE = 2 / 3

#: The share of the weight that the approving votes need.
ENOUGH = 0.7

#: How many findings a vote names as its reasons.
REASONS = 3


@dataclass(frozen=True, slots=True)
class Vote:
    """One reviewer's opinion. ``weight`` is its share of the verdict, ``score`` from 0 to 1, ``findings`` a count,
    ``confidence`` the probability that the vote is the right one, ``reasons`` sentences."""

    reviewer: Reviewer
    vote: Label
    confidence: float
    weight: float
    score: float
    findings: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The weighted opinion. ``score`` from 0 (unacceptable) to 1 (nothing found); ``reason`` is a sentence, ``fault``
    the static fault that overrules the votes, if there is one."""

    score: float
    label: Label
    votes: tuple[Vote, ...]
    reason: str = ""
    fault: str = ""

    def summary(self) -> str:
        """A line for people: ``comment 0.81: security approve 92 %, performance comment 71 % (2), …``."""
        if self.fault:
            return f"{self.label} {self.score:.2f}: {self.fault}"
        votes = ", ".join(
            f"{each.reviewer} {each.vote} {each.confidence:.0%}" + (f" ({each.findings})" if each.findings else "")
            for each in self.votes
        )
        return f"{self.label} {self.score:.2f}: {votes}"

    def to_json(self) -> dict[str, Json]:
        return {
            "score": round(self.score, 3),
            "label": self.label,
            "reason": self.reason,
            "votes": [
                {
                    "reviewer": each.reviewer,
                    "vote": each.vote,
                    "confidence": round(each.confidence, 3),
                    "weight": round(each.weight, 3),
                    "score": round(each.score, 3),
                    "findings": each.findings,
                    "reasons": list(each.reasons),
                }
                for each in self.votes
            ],
        }

    def evidence(self) -> Evidence:
        """The verdict as evidence for something that was reviewed."""
        votes: dict[str, Json] = {
            each.reviewer: {
                "vote": each.vote,
                "confidence": round(each.confidence, 3),
                "weight": round(each.weight, 3),
                "findings": each.findings,
            }
            for each in self.votes
        }
        return Evidence("reviewed", self.summary(), {"votes": votes, "score": round(self.score, 3)})


def consensus(findings: Iterable[Finding], reviewers: Sequence[Reviewer] = REVIEWERS) -> Verdict:
    """The verdict of ``reviewers`` on what was found. A reviewer who was not asked has no vote; weights sum to 1."""
    listed = tuple(findings)
    asked: tuple[Reviewer, ...] = tuple(each for each in REVIEWERS if each in reviewers) or REVIEWERS
    votes = [_vote(each, [finding for finding in listed if finding.reviewer == each]) for each in asked]
    heard = fsum(WEIGHTS[each.reviewer] * each.confidence for each in votes)
    votes = [replace(each, weight=WEIGHTS[each.reviewer] * each.confidence / heard) for each in votes]
    score = fsum(WEIGHTS[each.reviewer] * each.score for each in votes) / fsum(WEIGHTS[each] for each in asked)
    label, reason = _together(votes)
    static = sorted((each for each in listed if each.reviewer == "" and each.severity == "critical"), key=_gravest)
    if not static:
        return Verdict(score, label, tuple(votes), reason)
    score *= exp(-fsum(sorted(COST[each.severity] / 100 * each.confidence for each in static)))
    broken = [each for each in static if each.kind == "syntax"]
    if broken:
        label, fault = "reject", f"it does not parse: {broken[0].message} (line {broken[0].range.line + 1})"
    else:
        label = "comment" if label == "approve" else label
        fault = f"{static[0].message} (line {static[0].range.line + 1})"
    return Verdict(score, label, tuple(votes), f"{fault}; {reason}", fault)


def _together(votes: Sequence[Vote]) -> tuple[Label, str]:
    """The label of the verdict, and why."""
    rejecting = [each for each in votes if each.vote == "reject"]
    approving = [each for each in votes if each.vote == "approve"]
    approval, rejection = fsum(each.weight for each in approving), fsum(each.weight for each in rejecting)
    counted = f"{len(approving)} of {len(votes)} approve, with {approval:.0%} of the weight"
    names = " and ".join(each.reviewer for each in rejecting)
    if rejecting and (rejection >= approval or any(each.reviewer == "security" for each in rejecting)):
        return "reject", f"{names} {'rejects' if len(rejecting) == 1 else 'reject'}; {counted}"
    if rejecting:
        return "comment", f"{names} rejects, and is outweighed; {counted}"
    if 2 * len(approving) > len(votes) and approval >= ENOUGH:
        return "approve", counted
    return "comment", counted


def _vote(reviewer: Reviewer, own: list[Finding]) -> Vote:
    """What the reviewer votes on its findings and how likely that is right; its weight is not known yet."""
    approve, comment, reject = _chances(own)
    label: Label = "comment"
    confidence = comment + reject
    critical = [each.confidence for each in own if each.severity == "critical"]
    if reviewer == "security" and critical:
        # By decree, not by majority: one is enough. It is right at least as often as one of them is real.
        label, confidence = "reject", max(reject, *critical)
    elif approve >= SURE:
        label, confidence = "approve", approve * seen(reviewer)
    elif reject > comment:
        label, confidence = "reject", reject
    score = exp(-fsum(sorted(COST[each.severity] / 100 * each.confidence for each in own)))
    reasons = tuple(_reason(each) for each in sorted(own, key=_gravest)[:REASONS]) or ("nothing found",)
    return Vote(reviewer, label, confidence, 0.0, score, len(own), reasons)


def _chances(findings: Iterable[Finding]) -> tuple[float, float, float]:
    """How likely the real ones of these findings cost little, something, much (they are taken as independent)."""
    chance = [1.0] + [0.0] * REJECT_COST  # of each sum of costs; the last is that or more
    for finding in sorted(findings, key=lambda each: (each.severity, each.confidence)):
        real, cost = min(1.0, max(0.0, finding.confidence)), COST[finding.severity]
        moved = [0.0] * len(chance)
        for sum_, probability in enumerate(chance):
            if probability:
                moved[sum_] += probability * (1 - real)
                moved[min(REJECT_COST, sum_ + cost)] += probability * real
        chance = moved
    approve, reject = fsum(chance[: APPROVE_COST + 1]), chance[REJECT_COST]
    return approve, max(0.0, 1.0 - approve - reject), reject


def _gravest(finding: Finding) -> tuple[int, float, tuple[int, ...], str]:
    return SEVERITIES.index(finding.severity), -finding.confidence, tuple(finding.range), finding.rule


def _reason(finding: Finding) -> str:
    where = f"line {finding.range.line + 1}"
    return f"{finding.message} ({finding.rule}, {where}, {finding.severity}, {finding.confidence:.0%})"
