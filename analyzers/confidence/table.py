"""The fitted table, and what it says of a finding: its probability, with the number of labels behind it.

Invariant: a finding is calibrated once; its raw score stays in its evidence.
Invariant: a rule without labels is given its reviewer's curve and says so: ``sample`` is 0.
Static faults (no reviewer) are left alone: that a text does not parse is no opinion.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from ..findings import Evidence, Finding
from .gravity import gravity
from .model import Curve

#: A rule with fewer labels than this says that its probability is its reviewer's rather than its own.
FEW = 10

#: The share of labelled problems that a reviewer sees, where nothing was measured.
SEEN = 0.8


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is known of one reviewer. ``samples``: labels of each rule and kind; ``measures``: of the fit, by name;
    ``seen``: the share of labelled problems that it reports; ``kinds_of``: the kind that each rule finds."""

    curve: Curve
    samples: Mapping[str, int]
    labels: int
    right: int
    seen: float
    measures: Mapping[str, float]
    kinds_of: Mapping[str, str]


@cache
def fitted() -> Mapping[str, Fitted]:
    """The table of the package, by reviewer."""
    loaded: Mapping[str, Any] = json.loads(files(__package__ or "").joinpath("table.json").read_text("utf-8"))
    return {name: fitted_from_json(value) for name, value in loaded["reviewers"].items()}


def fitted_from_json(value: Mapping[str, Any]) -> Fitted:
    curve = Curve(value["intercept"], value["slope"], value["kinds"], value["rules"], value.get("chosen", 0.0))
    facts = (value["labels"], value["right"], value["seen"], value["measures"], value.get("kinds_of", {}))
    return Fitted(curve, value["samples"], *facts)


def seen(reviewer: str) -> float:
    """The share of labelled problems that this reviewer reports: what its silence is worth."""
    known = fitted().get(reviewer)
    return known.seen if known is not None else SEEN


def calibrated(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with their probability for their score and the evidence for it, as grave as these allow."""
    return tuple(_calibrated(each) for each in findings)


def _calibrated(finding: Finding) -> Finding:
    known = fitted().get(finding.reviewer)
    if known is None or any(each.kind == "calibrated" for each in finding.evidence):
        return finding
    rule, kind = finding.rule, finding.kind
    probability = round(known.curve.probability(rule, kind, finding.confidence), 3)
    # Of a kind that several rules report (a tool's and ours), labels of the kind count where the rule has few.
    own, of_kind = known.samples.get(rule, 0), known.samples.get(f"kind:{kind}", 0)
    text, data = _said(finding, probability, own, of_kind, known)
    severity = gravity(finding, probability)
    if severity != finding.severity:
        data["severity"] = finding.severity
    evidence = Evidence("calibrated", text, data)
    return replace(finding, confidence=probability, severity=severity, evidence=(*finding.evidence, evidence))


def _said(finding: Finding, probability: float, own: int, of_kind: int, known: Fitted) -> tuple[str, dict[str, Any]]:
    data = {"probability": probability, "sample": own, "raw": round(finding.confidence, 3)}
    if own >= FEW:
        basis = f"from {own} labelled findings of this rule"
    elif own or of_kind:
        basis = f"few labels ({own} of this rule, {of_kind} of its kind): drawn to the mean of {finding.reviewer}"
    else:
        basis = f"no labels of this rule: the mean of {known.labels} of {finding.reviewer}"
    return f"{probability:.0%} likely to be right, {basis}", data
