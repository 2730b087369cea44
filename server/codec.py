"""Frozen values to JSON and back, without loss, for the pipe between the server and its worker processes.

Invariant: ``x_from_json(x_to_json(value)) == value`` for every value whose evidence holds JSON lists (not tuples).
This is not the contract of the command line (``Finding.to_json``: 1-based, rounded, one way); it is private to Suture.
"""

from __future__ import annotations

from ..analyzers.codec import Object, evidence_from_json, evidence_to_json
from ..analyzers.codec import finding_from_json as finding_from_json
from ..analyzers.codec import finding_to_json as finding_to_json
from ..analyzers.findings import Edit, FileEdit, Json, Replacement


def edit_to_json(value: Edit) -> dict[str, Json]:
    return {
        "title": value.title,
        "files": [
            {
                "path": file.path,
                "base": file.base,
                "replacements": [[item.start, item.end, item.text] for item in file.replacements],
            }
            for file in value.files
        ],
        "confidence": value.confidence,
        "verified": value.verified,
        "by_model": value.by_model,
        "evidence": [evidence_to_json(item) for item in value.evidence],
        "source": value.source,
    }


def edit_from_json(value: Object) -> Edit:
    return Edit(
        title=value["title"],
        files=tuple(
            FileEdit(file["path"], file["base"], tuple(Replacement(*item) for item in file["replacements"]))
            for file in value["files"]
        ),
        confidence=value["confidence"],
        verified=value["verified"],
        by_model=value["by_model"],
        evidence=tuple(evidence_from_json(item) for item in value["evidence"]),
        source=value["source"],
    )
