"""What measuring changes about findings: superlinear cost raises a finding or makes one, linear cost takes it away.

A static rule sees that a line *may* cost too much; a measurement sees that it does, on inputs that were made for what
is known of the parameters. So a measurement takes a finding away only if its line was really reached more often on
larger inputs, if what the finding speaks of (the list that is searched, the loop that repeats) was seen to grow with
them, and if the function's time grows no faster than what was counted. A list that stays empty on inputs that were
made up is searched at no cost, and shows nothing; one that was filled and then kept its length is bounded. And a
finding is raised only if the operation that costs is the one it speaks of; another one on its line is told by itself.

Invariant: findings of other kinds, other reviewers and other functions are left as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ..findings import Finding, Range, Severity
from .kinds import MEASURABLE
from .values import UNSEEN, Growth, LineGrowth, Operation, growth_text

RULE = "measured-growth"

#: Below this exponent a line counts as linear; between here and superlinear nothing is concluded.
LINEAR = 1.35
#: The least exponent of how often a line was reached, for its cost to say that it is linear.
REACHED = 0.7
#: The most by which the length of something grows that has stopped growing.
STILL = 0.05
#: A finding that spans more lines than these is about its first.
_LONG = 8
#: How sure a measured finding is, where the parameters' types are known and where they are inferred.
SURE, INFERRED = 0.97, 0.8

#: The forms of operations (see :class:`~.rewrite.Site`) that a finding of a kind may speak of.
_FORMS: dict[str, frozenset[str]] = {
    "membership": frozenset(("membership", "call")),
    "linear_search": frozenset(("membership", "call")),
    "list_shift": frozenset(("call", "slice")),
    "str_concat": frozenset(("operator", "display", "call")),
    "list_concat": frozenset(("operator", "display", "call")),
    "nested_loop": frozenset(("loop", "while", "comprehension", "call", "membership")),
    "sort_in_loop": frozenset(("call",)),
    "recompute": frozenset(("call", "comprehension", "display", "operator", "membership", "slice")),
    "copy": frozenset(("call", "slice", "operator", "display", "comprehension")),
    "slice_consume": frozenset(("slice",)),
    "caching": frozenset(("function",)),
}

_MESSAGES = {
    "membership": "membership is looked for element by element",
    "linear_search": "an element is searched for from the start",
    "list_shift": "elements of a list are moved up or down",
    "str_concat": "text is copied as a whole to add to it",
    "list_concat": "a list is copied as a whole to add to it",
    "nested_loop": "a loop goes through data again for each element",
    "sort_in_loop": "the same data are sorted again and again",
    "recompute": "a value is computed anew from all the data",
    "copy": "data are copied as a whole each time",
    "slice_consume": "what is left is copied for each part taken off",
    "caching": "the same calls are made again and again",
}
_SUGGESTIONS = {
    "membership": "look it up in a set or a dict that is built once",
    "linear_search": "keep the places in a dict that is built once",
    "list_shift": "use collections.deque, an index, or build it in the other order",
    "str_concat": "collect the parts in a list and join them once",
    "list_concat": "append to one list, or use itertools.chain",
    "nested_loop": "index one of the two in a dict or a set before the loop",
    "sort_in_loop": "sort once, or keep it sorted with bisect or heapq",
    "recompute": "compute it once before the loop, or carry it along",
    "copy": "copy once, or change the one object",
    "slice_consume": "go through it with an index or an iterator",
    "caching": "decorate the function with functools.cache",
}
_SEVERITIES: dict[str, Severity] = {"caching": "high", "nested_loop": "low", "copy": "low"}


def with_growth(findings: Iterable[Finding], growths: Iterable[Growth]) -> tuple[Finding, ...]:
    """The findings after the measurements of functions of their files, in order of place; see the module."""
    known = [each for each in growths if each.status == "measured"]
    kept: list[Finding] = []
    for finding in findings:
        growth = _around(finding, known)
        judged = _judged(finding, growth) if growth is not None else finding
        if judged is not None:
            kept.append(judged)
    for growth in known:
        kept += _new(growth, kept)
    return tuple(sorted(kept, key=lambda each: (each.path, each.range.line, each.range.column)))


def _around(finding: Finding, growths: Sequence[Growth]) -> Growth | None:
    """The innermost measured function around a finding that is about growth."""
    if not _about_growth(finding):
        return None
    line = finding.range.line + 1
    around = [each for each in growths if _same_file(each.path, finding.path) and each.first <= line <= each.last]
    return min(around, key=lambda each: each.last - each.first, default=None)


def _about_growth(finding: Finding) -> bool:
    return finding.reviewer == "performance" and finding.kind in MEASURABLE


def _same_file(one: str, other: str) -> bool:
    return Path(one) == Path(other)


def _judged(finding: Finding, growth: Growth) -> Finding | None:
    lines = _lines(finding, growth)
    guilty = next((each for each in (_guilt(finding, line) for line in lines) if each is not None), None)
    if guilty is not None:
        return _raised(finding, growth, guilty)
    return None if _cheap(finding, growth, lines) and _seen(finding, growth, lines) else finding


def _guilt(finding: Finding, line: LineGrowth) -> LineGrowth | None:
    """The line as the guilty operation makes it of which the finding speaks; None if there is none."""
    if line.guilty and line.kind == finding.kind:
        return line
    for each in _spoken_of(finding, line):
        if each.guilty:
            return replace(
                line,
                exponent=each.exponent,
                kind=each.kind,
                guilty=True,
                table=each.table,
                shape=each.shape,
                column=each.column,
                end=each.end,
            )
    return None


def _spoken_of(finding: Finding, line: LineGrowth) -> list[Operation]:
    """The operations of a line that the finding may be about: the one at its very place, or those that overlap it."""
    forms = _FORMS[finding.kind]
    told = [each for each in line.operations if each.form in forms]
    place = finding.range
    several = place.end_line > place.line
    if line.line != place.line + 1:
        return [each for each in told if each.kind == finding.kind]
    if not several and place.end_column <= place.column:
        return told
    exact = [each for each in told if each.column == place.column and (several or each.end == place.end_column)]
    near = [each for each in told if each.end > place.column and (several or each.column < place.end_column)]
    return exact or near


def _lines(finding: Finding, growth: Growth) -> list[LineGrowth]:
    """What was measured where the finding is; of a recursion that lacks a cache, anywhere in the function."""
    if finding.kind == "caching":
        return [each for each in growth.lines if each.kind == "caching"]
    first, end = _reach(finding)
    return [each for each in growth.lines if first <= each.line < end]


def _reach(finding: Finding) -> tuple[int, int]:
    """The 1-based lines that a finding is about, the last exclusive; of a whole loop it is the head that counts."""
    first, last = finding.range.line + 1, finding.range.end_line + 1
    return first, (last if first <= last <= first + _LONG else first) + 1


def _raised(finding: Finding, growth: Growth, line: LineGrowth) -> Finding:
    sure = max(finding.confidence, SURE if growth.certain else INFERRED)
    severity: Severity = "medium" if finding.severity == "low" and growth.certain else finding.severity
    return replace(finding, confidence=sure, severity=severity, evidence=(*finding.evidence, growth.evidence(line)))


def unsettled(findings: Iterable[Finding], growths: Iterable[Growth]) -> tuple[Finding, ...]:
    """Findings that were cheap when measured, but on inputs that left what they speak of empty or short."""
    known = [each for each in growths if each.status == "measured"]
    found: list[Finding] = []
    for finding in findings:
        growth = _around(finding, known)
        lines = _lines(finding, growth) if growth is not None else []
        if growth is None or any(_guilt(finding, each) is not None for each in lines):
            continue
        if _cheap(finding, growth, lines) and not _seen(finding, growth, lines):
            found.append(finding)
    return tuple(found)


def _cheap(finding: Finding, growth: Growth, lines: Sequence[LineGrowth]) -> bool:
    """Whether the place was reached more often on larger inputs, and cost no more than in proportion to them."""
    if growth.unseen:
        return False
    if finding.kind == "caching":
        return not lines and growth.exponent < LINEAR
    return any(each.reached >= REACHED for each in lines) and all(each.exponent < LINEAR for each in lines)


def _seen(finding: Finding, growth: Growth, lines: Sequence[LineGrowth]) -> bool:
    """Whether what the finding speaks of grew with the inputs, so that its cost says something."""
    if finding.kind == "caching":
        entered = [one for each in growth.lines for one in each.operations if one.form == "function"]
        return any(each.seen >= REACHED for each in entered)
    about = [one for each in lines for one in _spoken_of(finding, each) if one.seen != UNSEEN]
    return bool(about) and all(each.seen >= REACHED or (each.bounded and each.seen <= STILL) for each in about)


def _new(growth: Growth, findings: Sequence[Finding]) -> Iterable[Finding]:
    """Findings for guilty lines of which no finding speaks."""
    near = [each for each in findings if _about_growth(each) and _same_file(each.path, growth.path)]
    for line in growth.guilty:
        around = [each for each in near if line.line in range(*_reach(each))]
        if not any(_guilt(each, line) is not None for each in around):
            yield Finding(
                growth.path,
                Range(line.line - 1, line.column, line.line - 1, max(line.end, line.column + 1)),
                RULE,
                line.kind,
                f"{_MESSAGES[line.kind]}: measured, this line costs {growth_text(line.exponent)}",
                _SEVERITIES.get(line.kind, "medium"),
                SURE if growth.certain else INFERRED,
                "performance",
                suggestion=_SUGGESTIONS[line.kind],
                evidence=(growth.evidence(line),),
            )
