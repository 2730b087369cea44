"""Reviews as SARIF 2.1.0 (OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/), for code scanning.

A traced path is a code flow; a finding that a comment silences is there with its suppression; what is new in a change
has a baseline state; the reviewers' verdicts are properties of the run, of its artifacts and of its results.

Invariant: valid by the official schema. Paths are relative to the folder that the run was started in, which is
``%SRCROOT%``, unless they were given absolute. No secret is in it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ...analyzers.findings import Finding, Json, Range, Severity
from ...analyzers.suppress import UNKNOWN, UNUSED, Silenced
from ..evidence import cwe_url
from ..rule_docs import documented, first_link, sentence
from .review import Shown

if TYPE_CHECKING:
    from ...analyzers.review import FileReview

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

#: The name of our marks among fingerprints; rises with how they are made.
FINGERPRINT = "sutureMark/v2"

_LEVELS: Mapping[Severity, str] = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SCORES: Mapping[Severity, str] = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.5"}


@dataclass(frozen=True, slots=True)
class Extra:
    """What a change adds: the state of each finding by ``id`` (``new``, ``unchanged``), findings that are gone, and
    properties of the run."""

    states: Mapping[int, str] = field(default_factory=dict[int, str])
    absent: tuple[Finding, ...] = ()
    properties: Mapping[str, Json] = field(default_factory=dict[str, Json])


def sarif(reviews: Sequence[FileReview], shown: Shown, extra: Extra | None = None) -> Json:
    """A SARIF log; files that could not be analysed are notifications of the tool."""
    extra = extra or Extra()
    silenced = [each for review in reviews for each in review.silenced]
    findings = [finding for review in reviews for finding in review.findings]
    first: dict[str, Finding] = {}
    for finding in (*findings, *(each.finding for each in silenced), *extra.absent):
        first.setdefault(finding.rule, finding)
    rules = sorted(first)
    results: list[Json] = []
    artifacts: list[Json] = []
    notices: list[Json] = []
    for review in reviews:
        artifacts.append(_artifact_of(review, shown))
        notices += _notices(review, shown)
        results += _results(review, rules, shown, extra)
    for finding in extra.absent:
        results.append({**_result(finding, rules, shown), "baselineState": "absent"})
    driver: dict[str, Json] = {
        "name": "Suture",
        "semanticVersion": version("suture"),
        "rules": [_rule(first[name]) for name in rules],
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            "%SRCROOT%": {"description": {"text": "the folder in which `suture review` was started"}}
        },
        "invocations": [
            {
                "executionSuccessful": not any(review.error for review in reviews),
                "toolExecutionNotifications": notices,
            }
        ],
        "artifacts": artifacts,
        "results": results,
    }
    if extra.properties:
        run["properties"] = dict(extra.properties)
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _results(review: FileReview, rules: Sequence[str], shown: Shown, extra: Extra) -> list[Json]:
    from .review_settings import marks_of

    marks = marks_of(review)
    results: list[Json] = []
    for finding, mark in zip(review.findings, marks.marks, strict=True):
        value = _result(finding, rules, shown)
        value["partialFingerprints"] = {FINGERPRINT: str(mark)}
        state = extra.states.get(id(finding))
        if state:
            value["baselineState"] = state
        results.append(value)
    results += (_silenced(each, rules, shown) for each in review.silenced)
    return results


def _rule(finding: Finding) -> Json:
    name = finding.rule
    tags = [finding.reviewer or "correctness", *(f"external/cwe/cwe-{number:03}" for number in finding.cwe)]
    properties: dict[str, Json] = {"tags": tags, "kind": finding.kind, "precision": _precision(finding.confidence)}
    if finding.reviewer == "security":
        properties["security-severity"] = _SCORES[finding.severity]
    summary, body = documented().get(name, (sentence(finding.message), ""))
    rule: dict[str, Json] = {
        "id": name,
        "name": "".join(word.capitalize() for word in name.replace(":", "-").split("-")),
        "shortDescription": {"text": summary},
        "fullDescription": {"text": summary},
        "help": {"text": f"{summary}\n\n{body}".replace("**", "").strip(), "markdown": f"{summary}\n\n{body}".strip()},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": properties,
    }
    link = first_link(name) or (cwe_url(finding.cwe[0]) if finding.cwe else "")
    if link:
        rule["helpUri"] = link
    return rule


def _precision(confidence: float) -> str:
    """The words that code scanning ranks by."""
    steps = ((0.95, "very-high"), (0.8, "high"), (0.5, "medium"))
    return next((word for least, word in steps if confidence >= least), "low")


def _result(finding: Finding, rules: Sequence[str], shown: Shown) -> dict[str, Json]:
    value: dict[str, Json] = {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message + (f". {sentence(finding.suggestion)}" if finding.suggestion else "")},
        "locations": [_location(shown(finding.path), finding.range)],
        "rank": round(100 * finding.confidence, 1),
        "properties": {
            "reviewer": finding.reviewer,
            "kind": finding.kind,
            "severity": finding.severity,
            "confidence": round(finding.confidence, 3),
            "evidence": [each.to_json() for each in finding.evidence],
            "also": list(finding.also),
        },
    }
    if finding.related:
        steps: list[Json] = [
            {"location": {**_location(shown(each.path), each.range), "message": {"text": each.message}}}
            for each in finding.related
        ]
        if any(each.kind == "traced" for each in finding.evidence):
            value["codeFlows"] = [{"message": {"text": finding.message}, "threadFlows": [{"locations": steps}]}]
        else:
            value["relatedLocations"] = [
                {**_location(shown(each.path), each.range), "id": number, "message": {"text": each.message}}
                for number, each in enumerate(finding.related)
            ]
    if finding.rule in (UNUSED, UNKNOWN):
        value["fixes"] = [_deletion(finding, shown)]
    return value


def _silenced(silenced: Silenced, rules: Sequence[str], shown: Shown) -> Json:
    suppression: dict[str, Json] = {"kind": "inSource", "status": "accepted"}
    if silenced.reason:
        suppression["justification"] = silenced.reason
    return {**_result(silenced.finding, rules, shown), "suppressions": [suppression]}


def _deletion(finding: Finding, shown: Shown) -> Json:
    """The one fix that needs no run: to take out a comment."""
    change: Json = {
        "artifactLocation": _artifact(shown(finding.path)),
        "replacements": [{"deletedRegion": _region(finding.range), "insertedContent": {"text": ""}}],
    }
    return {"description": {"text": "Take the comment out"}, "artifactChanges": [change]}


def _artifact_of(review: FileReview, shown: Shown) -> Json:
    value: dict[str, Json] = {"location": _artifact(shown(review.path)), "sourceLanguage": "python"}
    if not review.error:
        value["properties"] = {"verdict": review.verdict.to_json()}
    return value


def _notices(review: FileReview, shown: Shown) -> list[Json]:
    texts = [(review.error, "error")] if review.error else [(note, "note") for note in review.notes]
    place: list[Json] = [{"physicalLocation": {"artifactLocation": _artifact(shown(review.path))}}]
    return [{"level": level, "message": {"text": message}, "locations": place} for message, level in texts]


def _artifact(path: str) -> dict[str, Json]:
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(os.fsencode(path), safe="/.-_~"), "uriBaseId": "%SRCROOT%"}


def _location(path: str, place: Range) -> dict[str, Json]:
    return {"physicalLocation": {"artifactLocation": _artifact(path), "region": _region(place)}}


def _region(place: Range) -> dict[str, Json]:
    line, column, end_line, end_column = place
    return {
        "startLine": line + 1,
        "startColumn": column + 1,
        "endLine": end_line + 1,
        "endColumn": end_column + 1,
    }
