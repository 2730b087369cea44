"""A finding's confidence is a probability that was fitted on labels, and says on how many."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.analyzers.confidence import table
from suture.analyzers.confidence.gravity import gravity
from suture.analyzers.confidence.model import (
    EDGE,
    Label,
    calibrate,
    clipped,
    cross_validated,
    fit,
    logit,
    quality,
    share_of_score,
    sigmoid,
    solved,
    towards_score,
)
from suture.analyzers.confidence.table import calibrated, fitted, fitted_from_json
from suture.analyzers.findings import REVIEWERS, SEVERITIES, Evidence, Finding, Range, Severity


def labels(rule: str, score: float, right: int, wrong: int, kind: str = "k") -> list[Label]:
    return [Label(rule, kind, score, number < right, f"g{number % 7}") for number in range(right + wrong)]


def test_without_labels_the_score_is_the_probability() -> None:
    curve = fit([])
    for score in (0.1, 0.5, 0.9):
        assert curve.probability("r", "k", score) == pytest.approx(score)


def test_a_rule_with_many_labels_speaks_for_itself_and_one_with_few_is_drawn_to_the_mean() -> None:
    curve = fit(
        [*labels("good", 0.7, 95, 5), *labels("bad", 0.7, 20, 80, "other"), *labels("rare", 0.7, 0, 1, "third")]
    )
    assert curve.probability("good", "k", 0.7) == pytest.approx(0.95, abs=0.08)
    assert curve.probability("bad", "other", 0.7) == pytest.approx(0.2, abs=0.08)
    unseen = curve.probability("unseen", "unseen", 0.7)
    assert 0.2 < unseen < 0.95
    assert 0.15 < curve.probability("rare", "third", 0.7) < unseen  # one label moves it, and does not decide


@given(
    st.lists(
        st.builds(
            Label,
            st.sampled_from("ab"),
            st.sampled_from("xy"),
            st.floats(0, 1),
            st.booleans(),
            st.sampled_from("12345"),
        ),
        max_size=40,
    ),
    st.lists(st.floats(0, 1), min_size=2, max_size=6),
)
def test_a_higher_score_is_never_a_lower_probability_and_nothing_is_certain(
    listed: list[Label], scores: list[float]
) -> None:
    curve = fit(listed)
    said = [curve.probability("a", "x", score) for score in sorted(scores)]
    assert all(first <= second + 1e-12 for first, second in pairwise(said))
    assert all(EDGE <= value <= 1 - EDGE for value in said)


def test_the_fit_does_not_depend_on_the_order_of_the_labels() -> None:
    listed = [*labels("a", 0.4, 10, 12), *labels("b", 0.8, 20, 3)]
    other = list(listed)
    random.Random(3).shuffle(other)
    assert fit(listed) == fit(other)


def test_the_fit_is_at_the_minimum_of_its_penalised_likelihood() -> None:
    """Moving any number a little makes the explanation worse: the mean residual of what a rule says vanishes."""
    listed = [*labels("a", 0.3, 30, 70), *labels("a", 0.8, 60, 40)]
    curve = fit(listed)
    residual = sum(curve.probability("a", "k", each.score) - each.right for each in listed)
    assert abs(residual) < 3  # of 200: what the ridge takes


def test_places_that_were_chosen_say_which_rules_are_better_and_not_how_often_one_is_right() -> None:
    """All chosen ones of rule a are right, of rule b half; of those met at random, four in ten of either."""
    chosen = [
        Label(rule, rule, 0.7, right, "c", chosen=True) for rule, n in (("a", 60), ("b", 30)) for right in [True] * n
    ]
    chosen += [Label("b", "b", 0.7, False, "c", chosen=True)] * 30
    drawn = [Label("c", "c", 0.7, number % 5 < 2, "d") for number in range(50)]
    curve = fit([*chosen, *drawn])
    assert curve.probability("a", "a", 0.7) > curve.probability("b", "b", 0.7)
    assert curve.probability("c", "c", 0.7) == pytest.approx(0.4, abs=0.08)
    assert curve.probability("a", "a", 0.7, chosen=True) > curve.probability("a", "a", 0.7)


def test_thirty_labels_of_one_package_do_not_speak_like_those_of_thirty() -> None:
    others = [Label("a", "k", 0.7, number % 4 > 0, f"g{number}") for number in range(40)]
    curve_of_one = fit([*others, *[Label("a", "k", 0.7, False, "big")] * 30])
    curve_of_many = fit([*others, *[Label("a", "k", 0.7, False, f"h{number}") for number in range(30)]])
    of_one, of_many = (each.probability("a", "k", 0.7) for each in (curve_of_one, curve_of_many))
    assert of_many == pytest.approx(30 / 70, abs=0.05)
    assert of_one > of_many + 0.1
    assert of_one < fit(others).probability("a", "k", 0.7)  # it is not ignored either


def test_a_curve_drawn_towards_the_score_lies_between_them_and_reaches_both() -> None:
    curve = fit([*labels("a", 0.7, 10, 40), *labels("b", 0.6, 30, 10, "other")])
    assert towards_score(curve, 0) == curve
    alone = towards_score(curve, 1)
    middle = towards_score(curve, 0.5)
    for score in (0.3, 0.7):
        assert alone.probability("a", "k", score) == pytest.approx(score)
        assert curve.probability("a", "k", score) < middle.probability("a", "k", score) < score


def scored(packages: int, right: Callable[[int, float], float]) -> list[Label]:
    """Twelve findings of each package, right by chance: ``right`` says how likely, by package and score."""
    chooser = random.Random(7)
    return [
        Label(f"r{number % 4}", "k", score, chooser.random() < right(package, score), f"p{package}")
        for package in range(packages)
        for number, score in enumerate(chooser.uniform(0.2, 0.95) for _ in range(12))
    ]


def test_where_the_score_is_true_and_labels_are_few_it_is_kept() -> None:
    """Whole packages are good or bad, which says nothing of the next one: a fit alone is worse than the score."""
    listed = scored(8, lambda package, score: min(1.0, max(0.0, score + (0.25 if package % 2 else -0.25))))
    assert share_of_score(listed) > 0.35
    alone, drawn = (quality(listed, cross_validated(listed, make=make)).brier for make in (fit, calibrate))
    assert drawn <= alone
    assert drawn <= quality(listed, lambda each: each.score).brier + 0.01


def test_where_labels_speak_against_the_score_it_is_let_go() -> None:
    listed = scored(20, lambda _package, score: 0.3 * score)
    assert share_of_score(listed) < 0.15
    assert quality(listed, cross_validated(listed)).brier < quality(listed, lambda each: each.score).brier - 0.1


def test_places_that_were_chosen_have_no_say_in_how_far_the_score_is_kept() -> None:
    chosen = [replace(each, chosen=True) for each in scored(6, lambda _package, _score: 0.9)]
    assert share_of_score(chosen) == 0.0
    drawn = [replace(each, group=f"d{each.group}") for each in scored(6, lambda _package, score: score)]
    assert share_of_score([*drawn, *chosen]) == pytest.approx(share_of_score(drawn), abs=0.2)


@given(st.lists(st.lists(st.floats(-3, 3), min_size=4, max_size=4), min_size=4, max_size=4))
def test_linear_equations_are_solved(rows: list[list[float]]) -> None:
    matrix = [[sum(a * b for a, b in zip(x, y, strict=True)) + (x is y) for y in rows] for x in rows]
    right = [1.0, -2.0, 0.5, 3.0]
    value = solved(matrix, right)
    for row, wanted in zip(matrix, right, strict=True):
        assert sum(a * x for a, x in zip(row, value, strict=True)) == pytest.approx(wanted, abs=1e-6)


def test_a_cross_validated_probability_comes_from_other_groups() -> None:
    """In each group all labels are alike and the opposite of the rest: whoever had seen them would know."""
    listed = [Label("r", "k", 0.5, group % 2 == 0, str(group)) for group in range(2) for _ in range(30)]
    said = cross_validated(listed, make=fit)
    assert all((value < 0.3) == each.right for value, each in zip(said, listed, strict=True))


def test_the_measures_are_the_known_formulas() -> None:
    listed = labels("r", 0.5, 5, 5)
    assert quality(listed, lambda each: 1.0 if each.right else 0.0).brier == 0
    assert quality(listed, lambda each: 0.5).brier == pytest.approx(0.25)
    assert quality([], []).count == 0
    many = labels("r", 0.5, 70, 30)
    assert quality(many, lambda each: 0.9).ece == pytest.approx(0.2)
    assert quality(many[60:], lambda each: 0.7).ece == pytest.approx(0.45)  # 10 of 40 are right
    assert quality(many, lambda each: 0.7).ece == pytest.approx(0, abs=1e-9)


def test_calibration_mends_scores_that_promise_too_much() -> None:
    chooser = random.Random(1)
    listed = [
        Label("r", "k", score, chooser.random() < score**3, str(number % 10))
        for number, score in enumerate(chooser.uniform(0.3, 0.95) for _ in range(600))
    ]
    before, after = quality(listed, lambda each: each.score), quality(listed, cross_validated(listed))
    assert after.ece < before.ece / 2
    assert after.brier < before.brier


@given(st.floats(-700, 700))
def test_the_logistic_curve_holds_its_ends(value: float) -> None:
    assert 0 <= sigmoid(value) <= 1
    assert logit(clipped(sigmoid(value))) == pytest.approx(max(min(value, logit(1 - EDGE)), logit(EDGE)), abs=1e-6)


# -- the table of the package ----------------------------------------------------------------------------------------


def finding(
    rule: str = "shell-injection", kind: str = "cmdi", reviewer: str = "security", score: float = 0.8
) -> Finding:
    return Finding("/p/a.py", Range(0, 0, 0, 1), rule, kind, "m", "high", score, reviewer)  # type: ignore[arg-type]


def test_every_reviewer_has_a_fitted_curve_with_its_counts_and_measures() -> None:
    assert set(fitted()) == set(REVIEWERS)
    for known in fitted().values():
        assert known.labels >= 50
        assert 0 < known.right < known.labels
        assert 0.5 < known.seen <= 1
        assert known.measures["ece"] < 0.15
        for which in ("", "own_"):  # out of sample, the curve is never worse than the rules' own score
            assert known.measures[f"{which}brier"] <= known.measures[f"{which}brier_before"]
        assert known.measures["own_count"] >= 20
        assert sum(count for name, count in known.samples.items() if not name.startswith("kind:")) == known.labels


def test_a_finding_is_calibrated_once_and_says_on_how_many_labels() -> None:
    (once,) = calibrated([finding()])
    (evidence,) = [each for each in once.evidence if each.kind == "calibrated"]
    assert evidence.data["probability"] == once.confidence
    assert evidence.data["raw"] == 0.8
    assert evidence.data["sample"] == fitted()["security"].samples.get("shell-injection", 0)
    assert calibrated([once]) == (once,)


def test_a_rule_with_few_or_no_labels_says_so() -> None:
    (unknown,) = calibrated([finding("a-plug-ins-rule", "its_kind")])
    assert unknown.evidence[-1].data["sample"] == 0
    assert "no labels of this rule" in unknown.evidence[-1].summary
    for reviewer, known in fitted().items():
        for rule, count in known.samples.items():
            if rule.startswith("kind:"):
                continue
            (said,) = calibrated([finding(rule, "k", reviewer)])
            assert ("few labels" in said.evidence[-1].summary) == (count < table.FEW)


def counted(metric: str, value: float, threshold: float) -> Evidence:
    return Evidence("counted", "", {"metric": metric, "value": value, "threshold": threshold})


@pytest.mark.parametrize(
    ("evidence", "severity"),
    [
        ((counted("statements of logic", 51, 50), counted("cyclomatic complexity", 43, 20)), "low"),
        ((counted("weighted methods (WMC)", 150, 150), counted("foreign data (ATFD)", 22, 5)), "low"),
        ((counted("functions that repeat it", 2, 2),), "medium"),
        ((), "medium"),
    ],
)
def test_a_size_is_a_hint(evidence: tuple[Evidence, ...], severity: str) -> None:
    found = replace(finding("long-function", "long_function", "architecture"), severity="medium", evidence=evidence)
    assert gravity(found, 0.9) == severity


@pytest.mark.parametrize("severity", SEVERITIES)
def test_what_is_probably_wrong_counts_less_but_what_is_critical_stays_so(severity: Severity) -> None:
    found = replace(finding(), severity=severity)
    assert gravity(found, 0.6) == severity
    assert gravity(found, 0.1) == {"critical": "critical", "high": "medium", "medium": "low", "low": "low"}[severity]


def test_a_static_fault_is_no_opinion() -> None:
    fault = finding("undefined-name", "undefined_name", "", 1.0)
    assert calibrated([fault]) == (fault,)


def test_the_table_can_be_read_back_as_it_was_written() -> None:
    content = json.loads(table.__file__ and (table.files(table.__package__ or "") / "table.json").read_text("utf-8"))
    for name, value in content["reviewers"].items():
        assert fitted_from_json(value) == fitted()[name]
