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
    groups = Groups()
    for finding in sorted(findings, key=rank):
        groups.add(finding)
    has_own_syntax = any(each.rule == "syntax-error" for each in findings)
    result: list[Finding] = []
    for group in (each.members for each in groups.all):
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


def rank(finding: Finding) -> tuple[bool, int, int, float, tuple[int, ...], str]:
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


class Group:
    """Findings that are one problem, the strongest first, and what the next one is compared with."""

    def __init__(self, number: int, first: Finding) -> None:
        self.number, self.first = number, first
        self.members: list[Finding] = []
        self.lines = _lines(first)
        self.steps = {each.range for each in first.related if each.path == first.path}
        self.said: set[tuple[str, str]] = set()
        #: Where each rule of the group speaks; None if at several places.
        self.places: dict[str, Range | None] = {}

    def add(self, finding: Finding) -> None:
        self.members.append(finding)
        self.said.add((finding.rule, finding.message))
        if self.places.setdefault(finding.rule, finding.range) != finding.range:
            self.places[finding.rule] = None


class Groups:
    """The groups of one file, in the order in which they were begun.

    A finding is compared with those that may be its own only, for a generated line can hold thousands of findings: by
    line and kind (or CWE family) with the groups that its rule does not speak in yet, else by what is said exactly."""

    def __init__(self) -> None:
        self.all: list[Group] = []
        self._by_topic: dict[tuple[int, str], list[Group]] = {}
        #: By line, topic and rule: how many of the groups there, from the first on, the rule speaks in already.
        self._passed: dict[tuple[int, str, str], int] = {}
        self._by_step: dict[tuple[str, Range], dict[str, Group]] = {}
        self._by_place: dict[tuple[str, Range], list[Group]] = {}
        self._by_words: dict[tuple[str, str, int], Group] = {}

    def add(self, finding: Finding) -> None:
        """Put a finding with its own, or begin a group with it."""
        home = self._home(finding)
        if home is None:
            home = Group(len(self.all), finding)
            self.all.append(home)
            for topic in _topics(finding):
                for line in home.lines:
                    self._by_topic.setdefault((line, topic), []).append(home)
            for step in home.steps:
                self._by_step.setdefault((finding.kind, step), {}).setdefault(finding.rule, home)
        home.add(finding)
        there = self._by_place.setdefault((finding.rule, finding.range), [])
        if home not in there:
            there.append(home)
        line = home.first.range.line
        if line in home.lines:
            words = finding.rule, finding.message, line
            if words not in self._by_words or home.number < self._by_words[words].number:
                self._by_words[words] = home

    def _home(self, finding: Finding) -> Group | None:
        """Of the groups that say the same the one on the first line, the oldest there."""
        place, rule = finding.range, finding.rule
        lines = range(place.line, min(place.end_line, place.line + 40) + 1)
        exact = list(self._by_place.get((rule, place), ()))
        exact += [group for other, group in self._by_step.get((finding.kind, place), {}).items() if other != rule]
        if (spoken := self._by_words.get((rule, finding.message, place.line))) is not None:
            exact.append(spoken)
        exact = [group for group in exact if _same(group, finding)]
        topics = _topics_near(finding)
        for line in lines:
            found = [group for group in exact if line in group.lines]
            found += [group for topic in topics if (group := self._first(line, topic, finding)) is not None]
            if found:
                return min(found, key=_number)
        return None

    def _first(self, line: int, topic: str, finding: Finding) -> Group | None:
        """The first group of a line and topic that is the finding's, of those that its rule does not speak in."""
        groups, rule = self._by_topic.get((line, topic), ()), finding.rule
        passed = self._passed.get((line, topic, rule), 0)
        while passed < len(groups) and rule in groups[passed].places:
            passed += 1
        self._passed[line, topic, rule] = passed
        others = (groups[at] for at in range(passed, len(groups)))
        return next((each for each in others if rule not in each.places and _same(each, finding)), None)


def _number(group: Group) -> int:
    return group.number


def _topics(finding: Finding) -> set[str]:
    """What a group that begins with a finding is looked up by."""
    return {finding.kind, *families(finding.cwe)}


def _topics_near(finding: Finding) -> set[str]:
    """The topics of the groups that a finding may belong to although its rule does not speak in them."""
    near = _topics(finding)
    if finding.kind in _SAME_CURE:
        near.update(_SAME_CURE)
    if finding.kind in _CURED_WITH:
        near.add(_CURED_WITH[finding.kind])
    return near


def _same(group: Group, finding: Finding) -> bool:
    first = group.first
    if (first.kind == finding.kind and first.rule != finding.rule) and finding.range in group.steps:
        return True  # a step of what the first one tells
    if (finding.rule, finding.message) in group.said:
        return finding.range.line == first.range.line
    if group.places.get(finding.rule, finding.range) != finding.range:
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
