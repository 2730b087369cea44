"""Findings to JSON and back, without loss, for what Suture keeps or passes between its own processes.

Invariant: ``x_from_json(x_to_json(value)) == value`` for every value whose evidence holds JSON lists (not tuples).
This is not the contract of the command line (``Finding.to_json``: 1-based, rounded, one way); it is private to Suture.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from .findings import Evidence, Finding, Json, Range, Related

Object = Mapping[str, Any]


def evidence_to_json(value: Evidence) -> dict[str, Json]:
    return {"kind": value.kind, "summary": value.summary, "data": dict(value.data)}


def evidence_from_json(value: Object) -> Evidence:
    return Evidence(value["kind"], value["summary"], cast("Mapping[str, Json]", value["data"]))


def finding_to_json(value: Finding) -> dict[str, Json]:
    return {
        "path": value.path,
        "range": list(value.range),
        "rule": value.rule,
        "kind": value.kind,
        "message": value.message,
        "severity": value.severity,
        "confidence": value.confidence,
        "reviewer": value.reviewer,
        "cwe": list(value.cwe),
        "suggestion": value.suggestion,
        "evidence": [evidence_to_json(item) for item in value.evidence],
        "related": [{"path": item.path, "range": list(item.range), "message": item.message} for item in value.related],
        "also": list(value.also),
    }


def finding_from_json(value: Object) -> Finding:
    return Finding(
        path=value["path"],
        range=Range(*value["range"]),
        rule=value["rule"],
        kind=value["kind"],
        message=value["message"],
        severity=value["severity"],
        confidence=value["confidence"],
        reviewer=value["reviewer"],
        cwe=tuple(value["cwe"]),
        suggestion=value["suggestion"],
        evidence=tuple(evidence_from_json(item) for item in value["evidence"]),
        related=tuple(Related(item["path"], Range(*item["range"]), item["message"]) for item in value["related"]),
        also=tuple(value["also"]),
    )
