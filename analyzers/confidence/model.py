"""Calibration: which probability belongs to a rule's raw score, and how to fit that on labelled findings.

Platt's curve (Platt 1999, "Probabilistic outputs for support vector machines") with partial pooling: for one reviewer

    logit p = intercept + slope * logit(score) + kind + rule (+ chosen)

where ``kind`` and ``rule`` are offsets that are drawn to 0 (ridge), so that a rule with few labels keeps its
reviewer's mean and one with many speaks for itself. ``slope`` is drawn to 1 and never negative: a higher score is
never a lower probability. ``chosen`` is added for labels of places that were chosen rather than drawn at random, and
on which rules were developed: they say which rules are better than others, not how often a finding that one meets is
right. Fitted by Newton's method on the penalised likelihood, which is convex.

The quality of a fit is measured on findings that it has not seen (:func:`cross_validated`): by the expected
calibration error over ten bins of equal width (Naeini et al. 2015) and the Brier score.

Invariant: pure functions of numbers and names; deterministic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import exp, fsum, log

#: How strongly offsets are drawn to 0, and the slope to 1: as much as so many labels speak against them.
KIND_PENALTY, RULE_PENALTY, SLOPE_PENALTY, INTERCEPT_PENALTY = 1.0, 2.0, 16.0, 0.05

#: Numbers before the offsets of kinds and rules: intercept, slope, chosen.
_FIRST = 3

#: Scores and probabilities stay this far from 0 and 1: no number of labels makes anything certain.
EDGE = 0.02

#: Bins of the expected calibration error, at most; fewer where there are few findings, or chance alone fills them.
BINS, PER_BIN = 10, 10

#: The score for which the documentation compares rules.
SCORE_OF_PAGE = 0.75


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled finding. ``group`` is where it comes from (a package): a fold never splits one. ``weight`` is how
    much it counts in the fit; the measures count all alike. ``chosen``: its place was not drawn at random."""

    rule: str
    kind: str
    score: float
    right: bool
    group: str
    weight: float = 1.0
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """The fitted curve of one reviewer."""

    intercept: float
    slope: float
    kinds: dict[str, float]
    rules: dict[str, float]
    chosen: float = 0.0

    def probability(self, rule: str, kind: str, score: float, *, chosen: bool = False) -> float:
        """Of a finding that one meets; ``chosen``: of one of the chosen places."""
        offset = self.kinds.get(kind, 0.0) + self.rules.get(rule, 0.0) + (self.chosen if chosen else 0.0)
        return clipped(sigmoid(self.intercept + self.slope * logit(clipped(score)) + offset))


@dataclass(frozen=True, slots=True)
class Quality:
    """How well probabilities fit what came true: expected calibration error, Brier score, of how many findings."""

    ece: float
    brier: float
    count: int


def clipped(value: float) -> float:
    return min(1 - EDGE, max(EDGE, value))


def logit(value: float) -> float:
    return log(value / (1 - value))


def sigmoid(value: float) -> float:
    return 1 / (1 + exp(-value)) if value >= 0 else exp(value) / (1 + exp(value))


def fit(labels: Iterable[Label], steps: int = 60) -> Curve:
    """The curve that explains these labels of one reviewer's findings best. Without labels: the score as it is."""
    listed = sorted(labels, key=lambda each: (each.rule, each.kind, each.score, each.right, each.group, each.chosen))
    kinds = sorted({each.kind for each in listed})
    rules = sorted({each.rule for each in listed})
    at_kind = {name: _FIRST + number for number, name in enumerate(kinds)}
    at_rule = {name: _FIRST + len(kinds) + number for number, name in enumerate(rules)}
    penalty = [
        INTERCEPT_PENALTY,
        SLOPE_PENALTY,
        INTERCEPT_PENALTY,
        *[KIND_PENALTY] * len(kinds),
        *[RULE_PENALTY] * len(rules),
    ]
    prior = [0.0, 1.0, 0.0, *[0.0] * (len(kinds) + len(rules))]
    value = list(prior)
    rows = [
        (
            *((0, 1.0), (1, logit(clipped(each.score))), (2, float(each.chosen))),
            *((at_kind[each.kind], 1.0), (at_rule[each.rule], 1.0)),
        )
        for each in listed
    ]
    for _ in range(steps):
        gradient = [weight * (prior[i] - value[i]) for i, weight in enumerate(penalty)]
        curvature = [[0.0] * len(value) for _ in value]
        for i, weight in enumerate(penalty):
            curvature[i][i] = weight
        for label, row in zip(listed, rows, strict=True):
            p = sigmoid(fsum(value[i] * x for i, x in row))
            for i, x in row:
                gradient[i] += label.weight * (label.right - p) * x
                for j, y in row:
                    curvature[i][j] += label.weight * p * (1 - p) * x * y
        step = solved(curvature, gradient)
        longest = max(abs(each) for each in step)
        value = [each + move / max(1.0, longest) for each, move in zip(value, step, strict=True)]
        value[1] = max(0.0, value[1])
        if longest < 1e-9:
            break
    return Curve(
        value[0],
        value[1],
        {name: value[i] for name, i in at_kind.items()},
        {name: value[i] for name, i in at_rule.items()},
        value[2],
    )


def solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """The solution of a system of linear equations, by elimination; the matrix is positive definite."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(column + 1, size):
            factor = rows[row][column] / rows[column][column]
            if factor:
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column], strict=True)]
    result = [0.0] * size
    for row in range(size - 1, -1, -1):
        known = fsum(rows[row][column] * result[column] for column in range(row + 1, size))
        result[row] = (rows[row][size] - known) / rows[row][row]
    return result


def cross_validated(labels: Sequence[Label], folds: int = 10) -> list[float]:
    """For each label the probability by a curve that has seen none of its group."""
    groups = sorted({each.group for each in labels})
    fold_of = {group: number % max(1, min(folds, len(groups))) for number, group in enumerate(groups)}
    result = [0.0] * len(labels)
    for fold in sorted(set(fold_of.values())):
        curve = fit(each for each in labels if fold_of[each.group] != fold)
        for number, each in enumerate(labels):
            if fold_of[each.group] == fold:
                result[number] = curve.probability(each.rule, each.kind, each.score, chosen=each.chosen)
    return result


def quality(labels: Sequence[Label], said: Callable[[Label], float] | Sequence[float]) -> Quality:
    """The measures of probabilities that were said of labelled findings."""
    values = [said(each) for each in labels] if callable(said) else list(said)
    pairs = sorted((value, each.right) for value, each in zip(values, labels, strict=True))
    if not pairs:
        return Quality(0.0, 0.0, 0)
    count = len(pairs)
    wanted = max(1, min(BINS, count // PER_BIN))
    bins: list[list[float]] = [[] for _ in range(wanted)]
    for value, right in pairs:
        bins[min(wanted - 1, int(value * wanted))].append(value - right)
    error = fsum(abs(fsum(each)) for each in bins)
    return Quality(error / count, fsum((value - right) ** 2 for value, right in pairs) / count, count)
