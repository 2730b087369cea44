"""How sure a candidate is, as a probability: fitted on faults put into code that is known to be right.

A ridge logistic regression over what is known of a candidate when it is offered:

    logit p = Σ weight(feature) · feature

with the features of :func:`features_to_numbers`: the logit of the repair's own prior, the kind and the amount of the
evidence, the number of edits joined in it and of other verified candidates, the size of the edit, and an offset for
the category, the language and the repair, each drawn to 0 where labels are few (partial pooling). Verified candidates
and others have a curve of their own. What a workspace has learned is no feature: the same edit has the same confidence
everywhere.

``table.json`` is written by ``tests/benchmarks/calibration/heal_fit.py``, whose first lines say how; *right* means that
checks passed which neither the healing nor the visible tests knew.

Invariant: nothing is fitted while Suture runs, and no probability is 0 or 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from math import log, log1p
from typing import Any

from ...analyzers.confidence.model import EDGE, clipped, logit, sigmoid
from ...analyzers.findings import Evidence, Json

#: A repair with fewer labels than this says that its probability is that of its category.
FEW = 10


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of a candidate. ``prior`` is the geometric mean of the built-in priors of its steps. ``tested``:
    the evidence counts tests, of which ``passed`` pass and ``left`` still fail; ``rivals``: other candidates that were
    verified too; ``size``: characters that are taken out or put in; ``edits_test``: a test file is among them."""

    category: str
    language: str
    repair: str
    prior: float
    verified: bool
    tested: bool = False
    passed: int = 0
    left: int = 0
    steps: int = 1
    rivals: int = 0
    size: int = 0
    edits_test: bool = False

    def to_json(self) -> dict[str, Json]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Curve:
    """The fitted weights of verified candidates, or of the others, by feature, and the labels of each name."""

    weights: Mapping[str, float]
    samples: Mapping[str, int]

    def probability(self, features: Features) -> float:
        value = sum(self.weights.get(name, 0.0) * x for name, x in features_to_numbers(features).items())
        return clipped(sigmoid(value))


def features_to_numbers(features: Features) -> dict[str, float]:
    """The numbers of the regression, by name. A repair made of several counts as each of them in part."""
    repairs = features.repair.split("+") if features.repair else []
    numbers = {
        "one": 1.0,
        "prior": logit(clipped(features.prior)),
        "tested": float(features.tested),
        "passed": log1p(features.passed),
        "left": log1p(features.left),
        "steps": log(max(features.steps, 1)),
        "rivals": log1p(features.rivals),
        "size": log1p(features.size) - 2,
        "edits_test": float(features.edits_test),
        f"category:{features.category}": 1.0,
        f"language:{features.language}": 1.0,
    }
    for name in repairs:
        numbers[f"repair:{name}"] = numbers.get(f"repair:{name}", 0.0) + 1 / len(repairs)
    return numbers


@cache
def table() -> Mapping[str, Any]:
    """The table of the package: ``curves`` by ``verified`` and ``unverified``, ``measures`` of the fit."""
    return json.loads(files(__package__ or "").joinpath("table.json").read_text("utf-8"))


@cache
def curve(verified: bool) -> Curve:
    value = table()["curves"]["verified" if verified else "unverified"]
    return Curve(value["weights"], value["samples"])


def confidence_of(features: Features) -> float:
    """The probability that the candidate is right, between :data:`EDGE` and 1 - EDGE."""
    probability = curve(features.verified).probability(features)
    return round(min(1 - EDGE, max(EDGE, probability)), 3)


def evidence_for(features: Features) -> Evidence:
    """What the confidence rests on: evidence of kind ``calibrated``."""
    known = curve(features.verified)
    probability = confidence_of(features)
    sample = min((known.samples.get(f"repair:{each}", 0) for each in features.repair.split("+")), default=0)
    of_category = known.samples.get(f"category:{features.category}", 0)
    total = known.samples.get("all", 0)
    what = "verified edits" if features.verified else "unverified edits"
    if not known.samples.get(f"language:{features.language}", 0):
        basis = f"no labels of {features.language or 'this language'}: the mean of {total} {what}"
    elif sample >= FEW:
        basis = f"from {sample} {what} of this repair on faults put into working code"
    else:
        basis = f"few labels ({sample} of this repair): drawn to {of_category} {what} of this category"
    data: dict[str, Json] = {"probability": probability, "sample": sample, "of_category": of_category, "labels": total}
    return Evidence("calibrated", f"{probability:.0%} likely to be right, {basis}", data)
