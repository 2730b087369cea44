"""The verdict is a formula that anybody can check: three votes, each as sure as the findings behind it."""

from __future__ import annotations

import itertools
from math import exp, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.analyzers.confidence.table import seen
from suture.analyzers.consensus import APPROVE_COST, COST, REJECT_COST, SURE, WEIGHTS, consensus
from suture.analyzers.findings import REVIEWERS, SEVERITIES, Finding, Range, Reviewer, Severity


def finding(
    severity: Severity = "high", confidence: float = 0.9, reviewer: Reviewer = "security", line: int = 3
) -> Finding:
    return Finding("/p/a.py", Range(line, 0, line, 9), "a-rule", "a_kind", "it is so", severity, confidence, reviewer)


listed = st.lists(
    st.builds(
        finding,
        st.sampled_from(SEVERITIES),
        st.floats(0, 1),
        st.sampled_from(REVIEWERS),
        st.integers(0, 50),
    ),
    max_size=7,
)


def test_nothing_found_is_approved_by_three_who_are_as_sure_as_they_see_well() -> None:
    verdict = consensus(())
    assert (verdict.label, verdict.score) == ("approve", 1.0)
    assert [(vote.reviewer, vote.vote, vote.findings) for vote in verdict.votes] == [
        ("security", "approve", 0),
        ("performance", "approve", 0),
        ("architecture", "approve", 0),
    ]
    assert [vote.confidence for vote in verdict.votes] == [seen(name) for name in REVIEWERS]
    assert all(0 < vote.confidence < 1 for vote in verdict.votes)
    assert sum(vote.weight for vote in verdict.votes) == pytest.approx(1)


@given(listed)
def test_a_vote_follows_from_what_is_likely_when_each_finding_is_real_or_not(findings: list[Finding]) -> None:
    for vote in consensus(findings).votes:
        own = [each for each in findings if each.reviewer == vote.reviewer]
        chances = {"approve": 0.0, "comment": 0.0, "reject": 0.0}
        for real in itertools.product((True, False), repeat=len(own)):
            cost = sum(COST[each.severity] for each, is_real in zip(own, real, strict=True) if is_real)
            label = "reject" if cost >= REJECT_COST else "comment" if cost > APPROVE_COST else "approve"
            weights = (
                each.confidence if is_real else 1 - each.confidence for each, is_real in zip(own, real, strict=True)
            )
            chances[label] += prod(weights)
        critical = [each for each in own if each.severity == "critical"]
        if vote.reviewer == "security" and critical:
            assert vote.vote == "reject"
            assert vote.confidence >= max(each.confidence for each in critical) - 1e-9
        else:
            assert (vote.vote == "approve") == (chances["approve"] >= SURE or chances["approve"] == pytest.approx(SURE))
            if vote.vote == "approve":
                assert vote.confidence == pytest.approx(chances["approve"] * seen(vote.reviewer))
            elif vote.vote == "reject":
                assert chances["reject"] >= chances["comment"] - 1e-9
                assert vote.confidence == pytest.approx(chances["reject"])
            else:
                assert chances["comment"] >= chances["reject"] - 1e-9
                assert vote.confidence == pytest.approx(1 - chances["approve"])


@given(listed)
def test_the_verdict_follows_from_the_votes_and_their_weights(findings: list[Finding]) -> None:
    verdict = consensus(findings)
    approving = [each for each in verdict.votes if each.vote == "approve"]
    rejecting = [each for each in verdict.votes if each.vote == "reject"]
    assert sum(each.weight for each in verdict.votes) == pytest.approx(1)
    if verdict.label == "approve":
        assert len(approving) >= 2
        assert not rejecting
        assert sum(each.weight for each in approving) >= 0.7
    if any(each.reviewer == "security" for each in rejecting):
        assert verdict.label == "reject"
    if verdict.label == "reject":
        assert rejecting
    heard = sum(WEIGHTS[each.reviewer] * each.confidence for each in verdict.votes)
    for each in verdict.votes:
        assert each.weight == pytest.approx(WEIGHTS[each.reviewer] * each.confidence / heard)


@given(listed, st.randoms(use_true_random=False))
def test_the_verdict_does_not_depend_on_the_order_of_findings(findings: list[Finding], random: object) -> None:
    other = list(findings)
    random.shuffle(other)  # type: ignore[attr-defined]
    first, second = consensus(findings), consensus(other)
    assert first.label == second.label
    assert first.score == pytest.approx(second.score)
    assert [each.vote for each in first.votes] == [each.vote for each in second.votes]


def test_the_score_is_the_documented_formula() -> None:
    verdict = consensus([finding("high", 0.5), finding("low", 0.8, "performance")])
    scores: dict[Reviewer, float] = {
        "security": exp(-COST["high"] / 100 * 0.5),
        "performance": exp(-COST["low"] / 100 * 0.8),
        "architecture": 1.0,
    }
    assert {vote.reviewer: vote.score for vote in verdict.votes} == pytest.approx(scores)
    assert verdict.score == pytest.approx(sum(WEIGHTS[name] * score for name, score in scores.items()))


def test_one_critical_hole_is_rejected_whatever_the_others_say_and_however_sure_it_is() -> None:
    for confidence in (0.35, 0.99):
        verdict = consensus([finding("critical", confidence)])
        assert verdict.label == "reject"
        assert "security rejects" in verdict.reason
    assert consensus([finding("critical", 0.3, "performance")]).label == "approve"


def test_a_sure_hole_is_a_comment_that_two_approvals_do_not_outvote_and_an_unsure_one_is_outvoted() -> None:
    sure, unsure = consensus([finding("high", 0.7)]), consensus([finding("high", 0.3)])
    assert (sure.label, sure.votes[0].vote) == ("comment", "comment")
    assert unsure.label == "approve"
    assert consensus([finding("high", 0.95, "architecture")]).label == "approve"  # two of three, and most of the weight


def test_two_sure_holes_are_rejected_and_two_slow_places_are_outweighed() -> None:
    assert consensus([finding(), finding(line=9)]).label == "reject"
    slow = consensus([finding(reviewer="performance"), finding(reviewer="performance", line=9)])
    assert [each.vote for each in slow.votes] == ["approve", "reject", "approve"]
    assert slow.label == "comment"
    assert "outweighed" in slow.reason


def test_a_vote_names_its_gravest_findings_as_reasons() -> None:
    verdict = consensus([finding("low", line=1), finding("high", line=2), finding("medium", line=4), finding("low")])
    assert [reason.split(", ")[1] for reason in verdict.votes[0].reasons] == ["line 3", "line 5", "line 2"]
    assert verdict.votes[1].reasons == ("nothing found",)


def test_only_who_was_asked_votes_and_the_weights_still_sum_to_one() -> None:
    verdict = consensus([finding()], ("performance",))
    assert [(vote.reviewer, vote.weight) for vote in verdict.votes] == [("performance", 1.0)]
    assert verdict.label == "approve"
    two = consensus([finding("high", 0.95, "performance")], ("performance", "architecture"))
    assert two.label == "comment"  # one of two is no majority


def test_what_is_printed_holds_votes_weights_confidences_and_reasons() -> None:
    value = consensus([finding()]).to_json()
    assert set(value) >= {"score", "label", "reason", "votes"}
    votes = value["votes"]
    assert isinstance(votes, list)
    assert all(set(vote) >= {"reviewer", "vote", "weight", "confidence", "findings", "reasons"} for vote in votes)  # type: ignore[arg-type]


def test_what_does_not_parse_is_rejected_and_what_uses_an_undefined_name_is_not_approved() -> None:
    fault = Finding("/p/a.py", Range(0, 11, 0, 12), "syntax-error", "syntax", "invalid syntax", "critical", 1.0)
    broken = consensus([fault])
    assert (broken.label, broken.score < 0.5) == ("reject", True)
    assert broken.summary() == f"reject {broken.score:.2f}: it does not parse: invalid syntax (line 1)"
    name = Finding(
        "/p/a.py", Range(4, 0, 4, 3), "undefined-name", "undefined_name", "undefined name 'x'", "critical", 0.97
    )
    unnamed = consensus([name])
    assert (unnamed.label, unnamed.summary().endswith("undefined name 'x' (line 5)")) == ("comment", True)
    assert consensus([name, finding("critical")]).label == "reject"  # a vote can still make it worse
