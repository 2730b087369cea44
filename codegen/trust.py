"""How likely code of a model is right that passed its checks, from the evidence that there is for it.

A logistic curve over what is known: how many independent drafts do the same (the same text once more counts half), how
many differ, which share of its mutants the examples leave open, how often it had to be repaired, whether the model
wrote the tests itself, and whether it stood by its answer against others. A weight has the sign that reason gives it,
or is 0, and is drawn to a guess where few offers speak. The curve is fitted on offers of the simulated model
(`tests/benchmarks/generate`), which is not a real one: what people keep and undo here corrects it. A draft that nothing
speaks for but tests that the model wrote itself is too rare there to be fitted, and who misunderstands a task writes
tests that misunderstand it too: of what the curve says of it, only a share is said.

Invariant: a pure function of numbers; code that was not run is never said to be likelier right than
:data:`UNVERIFIED`, and nothing is certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum

from ..analyzers.findings import Evidence

#: The most that is said of code that no test has run, and of any.
UNVERIFIED, MOST, LEAST = 0.5, 0.98, 0.05

#: The share of the curve that is said of a draft that only the model's own tests speak for: chosen, not fitted.
SELF_TESTED = 0.85

#: The features in their order, (name, what is counted), and what they weigh: by `tests/benchmarks/generate/fit.py`.
FEATURES = (
    ("always", "1"),
    ("agreement", "other drafts that do the same: 1 for each other text, half for the same text again, 2 at most"),
    ("against", "drafts that do otherwise, 2 at most"),
    ("open", "share of the draft's mutants that the examples do not tell from it; 1 without examples"),
    ("repairs", "rounds after the first, 3 at most"),
    ("own tests", "1 if the model wrote the tests itself"),
    ("insisted", "1 if it was written again although others differ"),
)
WEIGHTS: tuple[float, ...] = (3.67, 1.27, -0.44, -0.63, 0.0, -0.43, -0.57)


@dataclass(frozen=True, slots=True)
class Measured:
    """What the fit was made of and how good it is: ``labels`` offers, ``right`` of them right, the expected calibration
    error and the Brier score in cross-validation over the tasks."""

    labels: int
    right: int
    ece: float
    brier: float


FIT = Measured(532, 521, 0.017, 0.021)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a draft that passed: ``agree`` drafts that do the same, itself included, as so many different
    ``texts``; ``against``, drafts that do otherwise; ``mutants`` of it that an input tells from it, and those
    ``killed`` by the examples of a person; ``rounds`` it took."""

    agree: int = 1
    texts: int = 1
    against: int = 0
    mutants: int = 0
    killed: int = 0
    rounds: int = 1
    own_tests: bool = False
    insisted: bool = False


def facts_of(evidence: Sequence[Evidence], rounds: int, *, own_tests: bool) -> Facts:
    """The facts that the evidence of a proposal holds."""
    found = {name: value for each in evidence for name, value in each.data.items() if isinstance(value, (int, bool))}

    def number(name: str, otherwise: int) -> int:
        return int(found.get(name, otherwise))

    agree = number("agree", 1)
    return Facts(
        agree,
        number("texts", 1),
        number("drafts", agree) - agree,
        number("mutants", 0),
        number("killed", 0),
        rounds,
        own_tests,
        bool(found.get("insisted", False)),
    )


def features(facts: Facts) -> tuple[float, ...]:
    """The numbers that :data:`WEIGHTS` weigh."""
    votes = facts.texts + 0.5 * (facts.agree - facts.texts) - 1
    left = (facts.mutants - facts.killed) / facts.mutants if facts.mutants else 1.0
    return (
        1.0,
        min(votes, 2.0),
        float(min(facts.against, 2)),
        left,
        float(min(facts.rounds - 1, 3)),
        float(facts.own_tests),
        float(facts.insisted),
    )


def probability(facts: Facts) -> float:
    """How likely the draft is right, as it is said to people."""
    alone = facts.own_tests and facts.agree <= 1
    return max(LEAST, curve(facts) * (SELF_TESTED if alone else 1.0))


def curve(facts: Facts, weights: Sequence[float] = ()) -> float:
    """What the fitted curve says of it."""
    value = fsum(a * b for a, b in zip(features(facts), weights or WEIGHTS, strict=True))
    return min(MOST, max(LEAST, 1 / (1 + exp(-value))))
