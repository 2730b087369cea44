"""What importing modules first changes about findings of cycles: one that fails is raised, one that works is a hint.

A static rule plays the imports and says which module cannot be the first; an import that was really made knows it.
Where that could not be told, the finding stays what it was, and its evidence says why it is only derived.

Invariant: findings that say nothing of a first import, and those of other rules, are left as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from ..findings import Evidence, Finding, Range, Related, Severity
from .values import Claim, FirstImport, claims_of, failing

#: How sure a cycle is that was seen to fail.
SURE = 0.97


def with_first_imports(findings: Iterable[Finding], known: Mapping[str, FirstImport]) -> tuple[Finding, ...]:
    """The findings after what came of imports, by the path of the module that was the first."""
    return tuple(_judged(each, known) for each in findings)


def _judged(finding: Finding, known: Mapping[str, FirstImport]) -> Finding:
    claims = claims_of(finding)
    tried = [(each, known[each.path]) for each in claims if each.path in known]
    if not tried:
        return finding
    bare = _without(finding, claims)
    for claim, result in tried:
        if result.status == "fails":
            return _raised(bare, claim, result)
    works = {each.path: each.evidence() for _, each in tried if each.status == "works"}
    reasons = {each.path: each.reason for _, each in tried}
    left = [each for each in claims if each.path not in works]
    if not left:
        return replace(bare, severity="low", evidence=(*bare.evidence, *works.values()))
    derived = [_unseen(each.evidence, reasons[each.path]) if each.path in reasons else each.evidence for each in left]
    return replace(
        bare,
        message=f"{bare.message}; {left[0].evidence.summary}",
        evidence=(*bare.evidence, *derived, *works.values()),
        related=(*bare.related, *_related(left[0])),
    )


def _unseen(evidence: Evidence, reason: str) -> Evidence:
    said = f"{evidence.summary} (derived from the order of the imports, not seen: {reason})"
    return replace(evidence, summary=said, data={**evidence.data, "not_run": reason})


def _raised(bare: Finding, claim: Claim, result: FirstImport) -> Finding:
    """What was seen to fail, where it did; the derived claim stays only if it said the same."""
    agrees = Path(claim.file) == Path(result.file) and claim.name == result.name
    place = Range(result.line - 1, 0, result.line - 1, 1)
    seen = Related(result.file, place, failing(result.entry))
    severity: Severity = "medium" if bare.severity == "low" else bare.severity
    return replace(
        bare,
        message=f"{bare.message}; {result.told()}",
        severity=severity,
        confidence=max(bare.confidence, SURE),
        evidence=(*bare.evidence, *((claim.evidence,) if agrees else ()), result.evidence()),
        related=(*bare.related, *(_related(claim) if agrees else (seen,))),
    )


def _related(claim: Claim) -> tuple[Related, ...]:
    """The place that a claim is about, as the rule shows it."""
    return (Related(claim.file, claim.range, failing(claim.entry)),) if claim.file else ()


def _without(finding: Finding, claims: Iterable[Claim]) -> Finding:
    """The cycle alone, without what is said of first imports."""
    message, gone, places = (
        finding.message,
        [each.evidence for each in claims],
        {failing(each.entry) for each in claims},
    )
    for each in gone:
        message = message.removesuffix(f"; {each.summary}")
    return replace(
        finding,
        message=message,
        evidence=tuple(each for each in finding.evidence if each not in gone),
        related=tuple(each for each in finding.related if each.message not in places),
    )
