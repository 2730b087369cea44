"""Calibration: which probability belongs to a rule's raw score, and how to fit that on labelled findings.

Platt's curve (Platt 1999, "Probabilistic outputs for support vector machines") with partial pooling: for one reviewer

    logit p = intercept + slope * logit(score) + kind + rule (+ chosen) (+ group)

where ``kind`` and ``rule`` are offsets that are drawn to 0 (ridge), so that a rule with few labels keeps its
reviewer's mean and one with many speaks for itself. ``slope`` is drawn to 1 and never negative: a higher score is
never a lower probability. ``chosen`` is added for labels of places that were chosen rather than drawn at random, and
on which rules were developed: they say which rules are better than others, not how often a finding that one meets is
right. Findings of one package are alike, right or wrong together: ``group`` takes what only one package says, so that
thirty labels of it do not speak like thirty of thirty; a package that was not seen has none. Fitted by Newton's method
on the penalised likelihood, which is convex.

Where labels are few, a rule's own score may know more than they do. :func:`calibrate` therefore draws the curve
towards the score, as far as findings of packages that it has not seen ask for it (:func:`share_of_score`, stacking:
Wolpert 1992, with the weights of pseudo-BMA, Yao et al. 2018). In logits that is a curve of the same form.

The quality of a fit is measured on findings that it has not seen (:func:`cross_validated`): by the expected
calibration error over ten bins of equal width (Naeini et al. 2015) and the Brier score.

Invariant: pure functions of numbers and names; deterministic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import exp, fsum, log

#: How strongly offsets are drawn to 0, and the slope to 1: as much as so many labels speak against them.
KIND_PENALTY, RULE_PENALTY, GROUP_PENALTY, SLOPE_PENALTY, INTERCEPT_PENALTY = 1.0, 1.0, 1.0, 16.0, 0.05

#: Numbers behind the offsets of groups, and before those of kinds and rules: intercept, slope, chosen.
_FIRST = 3

#: Shares of the score that are tried, from the fitted curve alone to the score alone.
SHARES = tuple(number / 20 for number in range(21))

#: Folds of the measures, and of the search for the share of the score inside of each.
FOLDS, INNER_FOLDS = 10, 5

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
    groups = sorted({each.group for each in listed})
    kinds = sorted({each.kind for each in listed})
    rules = sorted({each.rule for each in listed})
    # Groups come first: they meet no other group, and what is eliminated first stays cheap.
    one = len(groups)
    at_group = {name: number for number, name in enumerate(groups)}
    at_kind = {name: one + _FIRST + number for number, name in enumerate(kinds)}
    at_rule = {name: one + _FIRST + len(kinds) + number for number, name in enumerate(rules)}
    penalty = [
        *[GROUP_PENALTY] * len(groups),
        INTERCEPT_PENALTY,
        SLOPE_PENALTY,
        INTERCEPT_PENALTY,
        *[KIND_PENALTY] * len(kinds),
        *[RULE_PENALTY] * len(rules),
    ]
    prior = [0.0] * len(penalty)
    prior[one + 1] = 1.0
    value = list(prior)
    rows = [
        (
            (at_group[each.group], 1.0),
            *((one, 1.0), (one + 1, logit(clipped(each.score))), (one + 2, float(each.chosen))),
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
            bend = label.weight * p * (1 - p)
            for i, x in row:
                gradient[i] += label.weight * (label.right - p) * x
                line = curvature[i]
                for j, y in row:
                    line[j] += bend * x * y
        step = solved(curvature, gradient)
        longest = max(abs(each) for each in step)
        value = [each + move / max(1.0, longest) for each, move in zip(value, step, strict=True)]
        value[one + 1] = max(0.0, value[one + 1])
        if longest < 1e-9:
            break
    return Curve(
        value[one],
        value[one + 1],
        {name: value[i] for name, i in at_kind.items()},
        {name: value[i] for name, i in at_rule.items()},
        value[one + 2],
    )


def solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """The solution of a system of linear equations, by elimination; the matrix is symmetric and positive definite, so
    that no rows need to be exchanged, and only what is right of the diagonal is kept."""
    size = len(right)
    rows = [[*row[number:], value] for number, (row, value) in enumerate(zip(matrix, right, strict=True))]
    for column, pivot in enumerate(rows):
        for behind in range(1, size - column):
            if pivot[behind]:
                factor = pivot[behind] / pivot[0]
                row = rows[column + behind]
                rows[column + behind] = [a - factor * b for a, b in zip(row, pivot[behind:], strict=True)]
    result = [0.0] * size
    for number in range(size - 1, -1, -1):
        row = rows[number]
        known = fsum(a * x for a, x in zip(row[1:-1], result[number + 1 :], strict=True))
        result[number] = (row[-1] - known) / row[0]
    return result


def towards_score(curve: Curve, share: float) -> Curve:
    """The curve whose logit is ``share`` of that of the score, and for the rest that of ``curve``."""
    rest = 1 - share
    return Curve(
        rest * curve.intercept,
        rest * curve.slope + share,
        {name: rest * value for name, value in curve.kinds.items()},
        {name: rest * value for name, value in curve.rules.items()},
        rest * curve.chosen,
    )


def share_of_score(labels: Sequence[Label], folds: int = INNER_FOLDS) -> float:
    """How much of the score itself a curve of these labels is to keep: what does best in groups it has not seen.

    Each share counts by the likelihood that it gives to findings that were met at random. Those of one group count as
    much as the root of their number, for they are alike. The mean of all shares is taken rather than the best one,
    which changes with every package that is added.
    """
    drawn = [each for each in labels if not each.chosen]
    sizes = Counter(each.group for each in drawn)
    if len(sizes) < 2:
        return 0.0
    likelihood = [0.0] * len(SHARES)
    for fold in _folds(sizes, folds):
        curve = fit(each for each in labels if each.group not in fold)
        tried = [towards_score(curve, share) for share in SHARES]
        for each in drawn:
            if each.group in fold:
                for number, curve in enumerate(tried):
                    p = curve.probability(each.rule, each.kind, each.score)
                    likelihood[number] += log(p if each.right else 1 - p) / sizes[each.group] ** 0.5
    best = max(likelihood)
    weights = [exp(each - best) for each in likelihood]
    return fsum(weight * share for weight, share in zip(weights, SHARES, strict=True)) / fsum(weights)


def calibrate(labels: Iterable[Label]) -> Curve:
    """The curve for what one meets: fitted, and drawn towards the score as far as unseen groups ask for it."""
    listed = list(labels)
    return towards_score(fit(listed), share_of_score(listed))


def cross_validated(
    labels: Sequence[Label], folds: int = FOLDS, make: Callable[[list[Label]], Curve] = calibrate
) -> list[float]:
    """For each label the probability by a curve that has seen none of its group."""
    result = [0.0] * len(labels)
    for fold in _folds((each.group for each in labels), folds):
        curve = make([each for each in labels if each.group not in fold])
        for number, each in enumerate(labels):
            if each.group in fold:
                result[number] = curve.probability(each.rule, each.kind, each.score, chosen=each.chosen)
    return result


def _folds(groups: Iterable[str], folds: int) -> list[frozenset[str]]:
    """The groups, spread over at most so many folds."""
    names = sorted(set(groups))
    count = max(1, min(folds, len(names)))
    return [frozenset(names[number::count]) for number in range(count)]


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
