"""One problem, one finding: what several rules and engines said about the same place becomes one.

Two findings name the same problem if they share lines and either their kinds are equal, or their CWE families meet, or
both say in different metrics that one function is too much (:data:`_SAME_CURE`; extreme nesting apart), or one change
to one expression cures both (:data:`_CURED_WITH`). The one with the strongest evidence is kept; the others are named in
``also`` and raise its confidence. Two findings of one rule are two problems, unless each points at the other: a pair of
copies in one file is one.

Confidence of the result: ``1 - (1 - own) * (1 - other / 2)``, where ``other`` is the best of the merged ones. Tools
copy each other's checks, so a second voice counts half and a third one nothing, and one tool adds nothing to another
where no rule of Suture's own agrees.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from .cwe import families
from .engines.checks import ALONE
from .findings import SEVERITIES, STRENGTH, Evidence, Finding, Range

#: Kinds that are cured by the same refactoring, the most telling first: a function that is all of these is one problem.
_SAME_CURE = ("long_function", "deep_nesting", "complexity")

#: A kind that is cured along with another one that is told of the same expression or of a part of it: who takes the
#: least element once before the loop sorts nothing in the loop, and nothing for one element.
_CURED_WITH = {"sort_misuse": "sort_in_loop"}

#: By the ids of findings that are one problem: the findings, which keeps their ids taken, and the one they became.
Merged = dict[tuple[int, ...], tuple[tuple[Finding, ...], Finding]]


def merge(findings: Iterable[Finding], known: Merged | None = None) -> tuple[Finding, ...]:
    """The findings of one or several files without duplicates, in order of path and place.

    ``known`` is what the last call with it made of the very same objects; it is brought up to date."""
    made: Merged = {}
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.path, []).append(finding)
    merged = [each for path in sorted(groups) for each in _merge_file(groups[path], known or {}, made)]
    merged.sort(key=lambda each: (each.path, each.range, each.rule))
    if known is not None:
        known.clear()
        known.update(made)
    return tuple(merged)


def _merge_file(findings: Sequence[Finding], known: Merged, made: Merged) -> list[Finding]:
    if _apart(findings):
        return [each for each in findings if each.confidence >= ALONE]
    kept: list[list[Finding]] = []
    by_line: dict[int, list[list[Finding]]] = {}
    for finding in sorted(findings, key=_rank):
        home = next((group for group in _near(finding, by_line) if _same(group, finding)), None)
        if home is not None:
            home.append(finding)
            continue
        group = [finding]
        kept.append(group)
        for line in _lines(finding):
            by_line.setdefault(line, []).append(group)
    has_own_syntax = any(each.rule == "syntax-error" for each in findings)
    result: list[Finding] = []
    for group in kept:
        combined = _combined_once(group, known, made) if len(group) > 1 else group[0]
        # A parser that recovers differently sees further errors behind the first one: consequences, not problems.
        if has_own_syntax and combined.kind in ("syntax", "undefined_name") and ":" in combined.rule:
            continue
        if combined.confidence >= ALONE:
            result.append(combined)
    return _without_twins(result)


def _apart(findings: Sequence[Finding]) -> bool:
    """Are they surely different problems: none speaks of a line that another speaks of, and none is a syntax error?"""
    last = -1
    for each in sorted(findings, key=_place):
        if each.range.line <= last or each.related or each.kind == "syntax":
            return False
        last = each.range.end_line
    return True


def _place(finding: Finding) -> Range:
    return finding.range


def _without_twins(findings: Sequence[Finding]) -> list[Finding]:
    """Of two findings of one rule in one file that point at each other (a pair of copies), the lower one: the copy."""
    places = {(each.rule, each.range.line): each for each in findings}
    return [
        each
        for each in findings
        if not any(
            step.path == each.path
            and step.range.line > each.range.line
            and (twin := places.get((each.rule, step.range.line))) is not None
            and any(back.path == each.path and back.range.line == each.range.line for back in twin.related)
            for step in each.related
        )
    ]


def _rank(finding: Finding) -> tuple[bool, int, int, float, tuple[int, ...], str]:
    """Strongest first: own rules before engines, then by evidence, telling metric, confidence."""
    strength = min((STRENGTH.index(each.kind) for each in finding.evidence), default=len(STRENGTH))
    metric = _SAME_CURE.index(finding.kind) if finding.kind in _SAME_CURE else int(finding.kind in _CURED_WITH)
    return ":" in finding.rule, metric, strength, -finding.confidence, tuple(finding.range), finding.rule


def _lines(finding: Finding) -> set[int]:
    """The lines a finding speaks of: its own (at most a screenful) and the steps of its trace in the same file."""
    place = finding.range
    lines = set(range(place.line, min(place.end_line, place.line + 40) + 1))
    if place.end_line > place.line and place.end_column == 0:
        lines.discard(place.end_line)
    return lines | {each.range.line for each in finding.related if each.path == finding.path}


def _near(finding: Finding, by_line: dict[int, list[list[Finding]]]) -> list[list[Finding]]:
    place = finding.range
    lines = range(place.line, min(place.end_line, place.line + 40) + 1)
    near: dict[int, list[Finding]] = {}
    for line in lines:
        for group in by_line.get(line, ()):
            near[id(group)] = group
    return list(near.values())


def _same(group: Sequence[Finding], finding: Finding) -> bool:
    first = group[0]
    if (first.kind == finding.kind and first.rule != finding.rule) and any(
        step.path == finding.path and step.range == finding.range for step in first.related
    ):
        return True  # a step of what the first one tells
    if any((each.rule, each.message) == (finding.rule, finding.message) for each in group):
        return finding.range.line == first.range.line
    if any(each.rule == finding.rule and each.range != finding.range for each in group):
        return False
    if first.kind == finding.kind:
        return first.kind not in _SAME_CURE or first.range.line == finding.range.line
    if first.kind in _SAME_CURE and finding.kind in _SAME_CURE:
        return first.range.line == finding.range.line and not any(map(_is_extreme, (first, finding)))
    if _CURED_WITH.get(finding.kind) == first.kind:
        return finding.range[:2] <= first.range[:2] and first.range[2:] <= finding.range[2:]
    return bool(first.cwe and finding.cwe and families(first.cwe) & families(finding.cwe))


def _is_extreme(finding: Finding) -> bool:
    """Blocks nested beyond all measure stay so when the function is cut into shorter ones: a problem of its own."""
    return finding.kind == "deep_nesting" and SEVERITIES.index(finding.severity) <= SEVERITIES.index("medium")


def _combined_once(group: Sequence[Finding], known: Merged, made: Merged) -> Finding:
    key = tuple(map(id, group))
    if key not in known:
        made[key] = tuple(group), _combined(group)
    else:
        made[key] = known[key]
    return made[key][1]


def _is_counted(evidence: Evidence, metrics: Collection[object]) -> bool:
    """Is this a metric that is told already, with the threshold of a stronger finding?"""
    return evidence.kind == "counted" and evidence.data.get("metric") in metrics


def _combined(group: Sequence[Finding]) -> Finding:
    first, *others = group
    sure = [each.severity for each in others if each.confidence >= ALONE]
    best = max(each.confidence for each in others)
    copies = first.kind in (*_SAME_CURE, *_CURED_WITH.values()) or ":" in first.rule
    confidence = max(first.confidence, best) if copies else 1 - (1 - first.confidence) * (1 - best / 2)
    evidence = list(first.evidence)
    for other in others:
        counted = [each.data["metric"] for each in evidence if each.kind == "counted" and "metric" in each.data]
        evidence += [each for each in other.evidence if each not in evidence and not _is_counted(each, counted)]
    also = tuple(sorted({name for each in others for name in (each.rule, *each.also)} - {first.rule}))
    return replace(
        first,
        confidence=min(1.0, confidence),
        severity=min((first.severity, *sure), key=SEVERITIES.index),
        cwe=first.cwe or next((each.cwe for each in others if each.cwe), ()),
        suggestion=first.suggestion or next((each.suggestion for each in others if each.suggestion), ""),
        evidence=tuple(evidence),
        also=tuple(sorted({*first.also, *also})),
    )
