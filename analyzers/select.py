"""Which findings the settings of a file let through."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from .confidence.gravity import UNSURE
from .consensus import COST
from .findings import SEVERITIES, Finding, Severity
from .places import is_beside, is_by_hand

#: Rules of the engine itself: faults that are never filtered.
STATIC = frozenset({"syntax-error", "undefined-name"})

#: How likely a finding must be right to be among those that matter most; a critical one is looked at sooner.
LIKELY = 1 / 3

#: What a finding must cost to be among those that matter most: a medium one that is right two times in five.
WORTH = 0.4 * COST["medium"]


def rank(finding: Finding) -> tuple[bool, float, int, tuple[int, ...], str]:
    """The order in which findings matter: severity weighed with probability, the graver of equals first."""
    cost = COST[finding.severity] * finding.confidence
    return (
        finding.rule not in STATIC,
        -cost,
        SEVERITIES.index(finding.severity),
        tuple(finding.range),
        finding.rule,
    )


def allowed(
    findings: Iterable[Finding],
    *,
    reviewers: Collection[str],
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    least: str = "low",
    severities: Mapping[str, Severity] = {},
) -> list[Finding]:
    """What the settings let through, as severe as they say; static faults always pass.

    ``select`` and ``ignore`` name rules or kinds (empty ``select``: all); ``severities`` gives rules or kinds another
    severity than their own; ``least`` is the lowest that is shown."""
    worst = next((place for place, severity in enumerate(SEVERITIES) if severity == least), len(SEVERITIES) - 1)
    kept: list[Finding] = []
    for each in findings:
        if each.rule in STATIC:
            kept.append(each)
            continue
        if severities and (given := severities.get(each.rule) or severities.get(each.kind)):
            each = replace(each, severity=given)
        if (
            (not each.reviewer or each.reviewer in reviewers)
            and (not select or each.rule in select or each.kind in select)
            and each.rule not in ignore
            and each.kind not in ignore
            and SEVERITIES.index(each.severity) <= worst
        ):
            kept.append(each)
    return kept


def capped(findings: Sequence[Finding], limit: int) -> list[Finding]:
    """At most ``limit`` findings (0: all), those that matter most, in the order of their places."""
    if not limit or len(findings) <= limit:
        return list(findings)
    return sorted(sorted(findings, key=rank)[:limit], key=lambda each: each.range)


def foremost(findings: Iterable[Finding], count: int, roots: Collection[str] = ()) -> list[Finding]:
    """The findings of any files that matter most, the first one first.

    Of copies that two files share only one, as of what one rule says of one loop or of one value from outside, and of
    a name that a file does not have; none that is twice as likely wrong as right (:data:`LIKELY`; three times, if
    critical), no hint (:data:`WORTH`), and none in what is no part of the running program (tests, migrations, vendored
    code, examples). Faults always matter. What a file is for is said by the folders within ``roots``, those of the
    projects: a program may well lie in a folder ``demo``."""
    chosen: list[Finding] = []
    told: set[tuple[str, str, int]] = set()
    for each in sorted(findings, key=lambda each: (*rank(each)[:3], each.path, each.range, each.rule)):
        if len(chosen) >= count:
            break
        begins = (f"{each.rule} from", *_origin(each)) if each.rule not in STATIC else (each.message, each.path, 0)
        pairs, copies = _pairs(each), _copies(each)
        seen = (each.rule, each.path, each.range.line) in told or begins in told or (pairs and pairs <= told)
        seen = seen or not copies.isdisjoint(told)
        if not _matters(each, roots) or seen:
            continue
        chosen.append(each)
        told.update((each.rule, step.path, step.range.line) for step in each.related)
        told.add(begins)
        told.update(pairs, copies)
    return chosen


def _copies(finding: Finding) -> set[tuple[str, str, int]]:
    """Where the copies lie that a finding is about: of three, one finding tells."""
    if finding.kind != "duplicate":
        return set()
    places = [(finding.path, finding.range), *((step.path, step.range) for step in finding.related)]
    return {("copy at", path, place.line) for path, place in places}


def _pairs(finding: Finding) -> set[tuple[str, str, int]]:
    """The pairs of files that copies lie in: what two files share is taken apart at one go, however much it is."""
    if finding.kind != "duplicate":
        return set()
    others = {step.path for step in finding.related} - {finding.path}
    return {("copies in", " and ".join(sorted((finding.path, each))), 0) for each in others}


def _origin(finding: Finding) -> tuple[str, int]:
    """Where the path of its evidence begins: the loop, or what brings a value from outside; else its own place."""
    for each in finding.evidence:
        steps = each.data.get("path")
        if each.kind == "traced" and isinstance(steps, list) and steps and isinstance(first := steps[0], dict):
            return str(first.get("path")), int(str(first.get("line", 0)))
    return finding.path, finding.range.line + 1


def _matters(finding: Finding, roots: Collection[str]) -> bool:
    if finding.rule in STATIC:
        return True
    if (
        finding.confidence < (UNSURE if finding.severity == "critical" else LIKELY)
        or COST[finding.severity] * finding.confidence < WORTH
    ):
        return False
    path = finding.path[max((len(each) for each in roots if finding.path.startswith(f"{each}/")), default=0) :]
    return not (is_beside(path) or (finding.reviewer == "performance" and is_by_hand(path)))


def hidden(count: int, limit: int) -> str:
    """A sentence on findings that a limit hides; empty if it hides none."""
    more = count - limit if limit else 0
    if more <= 0:
        return ""
    return f"{more} more finding{'s are' if more > 1 else ' is'} hidden by max-findings-per-file = {limit}"
