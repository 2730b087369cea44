"""What three reviewers make of a file (or a function): a vote each, and a weighted verdict.

A reviewer's score is ``exp(-Σ cost * confidence)`` over its findings: 1 with none, and each further finding takes
its share of what is left. The constants below say how much one certain finding of a severity costs: a critical one
alone ends in *reject*, a high one in *concerns*, a medium or low one in neither.

A reviewer rejects below :data:`REJECT`, has concerns below :data:`APPROVE`, else approves. The verdict's score is the
mean of the scores by :data:`WEIGHTS`; its label is *reject* if security rejects or the mean is below
:data:`REJECT`, *concerns* if any reviewer does not approve, else *approve*.

Invariant: deterministic; the order of the findings does not matter. Static faults (no reviewer) have no vote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum
from typing import Literal

from .findings import REVIEWERS, Evidence, Finding, Json, Reviewer, Severity

Label = Literal["approve", "concerns", "reject"]

#: What a finding of this severity costs if it is certain.
COST: Mapping[Severity, float] = {"critical": 1.2, "high": 0.6, "medium": 0.25, "low": 0.08}

#: How much a reviewer's score counts. A hole outweighs a slow or a tangled place.
WEIGHTS: Mapping[Reviewer, float] = {"security": 0.5, "performance": 0.25, "architecture": 0.25}

APPROVE = 0.75
REJECT = 0.4


@dataclass(frozen=True, slots=True)
class Vote:
    """One reviewer's opinion. ``weight`` is its share of the verdict, ``score`` from 0 to 1, ``findings`` a count."""

    reviewer: Reviewer
    weight: float
    score: float
    findings: int

    @property
    def vote(self) -> Label:
        return _label(self.score)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The weighted opinion. ``score`` from 0 (unacceptable) to 1 (nothing found)."""

    score: float
    label: Label
    votes: tuple[Vote, ...]

    def summary(self) -> str:
        """A line for people: ``concerns (0.81): security approve, performance concerns, …``."""
        votes = ", ".join(f"{each.reviewer} {each.vote} ({each.findings})" for each in self.votes)
        return f"{self.label} {self.score:.2f}: {votes}"

    def to_json(self) -> dict[str, Json]:
        return {
            "score": round(self.score, 3),
            "label": self.label,
            "votes": [
                {
                    "reviewer": each.reviewer,
                    "vote": each.vote,
                    "weight": round(each.weight, 3),
                    "score": round(each.score, 3),
                    "findings": each.findings,
                }
                for each in self.votes
            ],
        }

    def evidence(self) -> Evidence:
        """The verdict as evidence for something that was reviewed."""
        votes: dict[str, Json] = {
            each.reviewer: {"vote": each.vote, "weight": round(each.weight, 3), "findings": each.findings}
            for each in self.votes
        }
        return Evidence("reviewed", self.summary(), {"votes": votes, "score": round(self.score, 3)})


def _label(score: float) -> Label:
    return "approve" if score >= APPROVE else "concerns" if score >= REJECT else "reject"


def consensus(findings: Iterable[Finding], reviewers: Sequence[Reviewer] = REVIEWERS) -> Verdict:
    """The verdict of ``reviewers`` on what was found. A reviewer who was not asked has no vote; weights sum to 1."""
    listed = tuple(findings)
    asked: Sequence[Reviewer] = tuple(each for each in REVIEWERS if each in reviewers) or REVIEWERS
    total = fsum(WEIGHTS[each] for each in asked)
    votes: list[Vote] = []
    for reviewer in asked:
        own = [each for each in listed if each.reviewer == reviewer]
        score = exp(-fsum(COST[each.severity] * each.confidence for each in own))
        votes.append(Vote(reviewer, WEIGHTS[reviewer] / total, score, len(own)))
    score = fsum(each.weight * each.score for each in votes)
    label: Label = "approve"
    if score < REJECT or any(each.reviewer == "security" and each.vote == "reject" for each in votes):
        label = "reject"
    elif any(each.vote != "approve" for each in votes):
        label = "concerns"
    return Verdict(score, label, tuple(votes))
