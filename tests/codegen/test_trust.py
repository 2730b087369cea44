"""How likely code is right: more evidence never says less, and nothing is certain."""

from __future__ import annotations

from dataclasses import replace

from suture.analyzers.findings import Evidence
from suture.codegen.trust import (
    FEATURES,
    FIT,
    LEAST,
    MOST,
    SELF_TESTED,
    WEIGHTS,
    Facts,
    curve,
    facts_of,
    features,
    probability,
)


def test_more_evidence_never_makes_it_less_likely() -> None:
    alone = Facts(against=2, mutants=8, killed=4, rounds=2, own_tests=True)
    twice = replace(alone, agree=2, texts=1)
    other = replace(alone, agree=2, texts=2)
    assert probability(alone) < probability(twice) < probability(other)
    assert probability(alone) < probability(replace(alone, against=1)) < probability(replace(alone, against=0))
    assert probability(replace(alone, insisted=True)) < probability(alone)
    assert probability(alone) <= probability(replace(alone, killed=8))
    assert probability(replace(other, rounds=4)) <= probability(other)


def test_nothing_is_certain() -> None:
    best = Facts(agree=9, texts=9, mutants=10, killed=10)
    worst = Facts(against=9, mutants=10, rounds=9, own_tests=True, insisted=True)
    assert LEAST <= probability(worst) < probability(best) <= MOST < 1


def test_a_draft_that_only_its_own_tests_speak_for_is_much_less_sure() -> None:
    alone = Facts(own_tests=True)
    assert probability(alone) <= SELF_TESTED < probability(Facts())
    assert probability(alone) == SELF_TESTED * curve(alone)
    for other in (Facts(own_tests=True, agree=2), Facts(own_tests=True, agree=2, texts=2), Facts(mutants=4, killed=4)):
        assert probability(other) == curve(other), "others, or a person's examples, speak for it"


def test_the_facts_are_those_of_the_evidence() -> None:
    evidence = (
        Evidence("tested", "", {"mutants": 10, "killed": 7, "seconds": 0.5}),
        Evidence("equivalent", "", {"inputs": 20, "same": True, "drafts": 4, "agree": 3, "texts": 2}),
    )
    assert facts_of(evidence, 2, own_tests=True) == Facts(3, 2, 1, 10, 7, 2, own_tests=True)
    assert facts_of((), 1, own_tests=False) == Facts()
    assert facts_of((Evidence("equivalent", "", {"same": False, "insisted": True}),), 1, own_tests=False).insisted


def test_the_fit_says_what_it_was_made_of() -> None:
    assert len(FEATURES) == len(WEIGHTS) == len(features(Facts()))
    assert 0 < FIT.right < FIT.labels
    assert 0 < FIT.ece < 0.1
