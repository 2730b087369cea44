"""Which findings the settings of a file let through."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .findings import SEVERITIES, Finding

#: Rules of the engine itself: faults that are never filtered.
STATIC = frozenset({"syntax-error", "undefined-name"})


def allowed(
    findings: Iterable[Finding],
    *,
    reviewers: Collection[str],
    select: Collection[str],
    ignore: Collection[str],
    least: str,
    limit: int,
) -> list[Finding]:
    """What the settings let through; static faults and what a person asked for always pass.

    ``select`` and ``ignore`` name rules or kinds (empty ``select``: all); ``least`` is the lowest severity that is
    shown; at most ``limit`` findings, the gravest first (0: no limit)."""
    worst = next((rank for rank, severity in enumerate(SEVERITIES) if severity == least), len(SEVERITIES) - 1)
    kept = [
        each
        for each in findings
        if each.rule in STATIC
        or (
            (not each.reviewer or each.reviewer in reviewers)
            and (not select or each.rule in select or each.kind in select)
            and each.rule not in ignore
            and each.kind not in ignore
            and SEVERITIES.index(each.severity) <= worst
        )
    ]
    if limit and len(kept) > limit:
        kept.sort(key=lambda each: (each.rule not in STATIC, SEVERITIES.index(each.severity), -each.confidence))
        kept = sorted(kept[:limit], key=lambda each: each.range)
    return kept
