"""From flows to findings: what makes a rule of a kind of sink, for one definition and for a whole program.

Invariant: the same flow gives the same finding, whether it was seen while typing or in a review of all files, so that
the two merge into one.
"""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from tree_sitter import Node

from ...errors import SutureError
from ...findings import Evidence, Finding, Json, Range, Related, Severity, text_hash
from ...rules import ProgramRule, Reach, Rule
from ...source import LineIndex, read_source
from ...syntax import Unit, is_looked_through
from ..credentials import masked
from ..models import knowledge
from .analysis import flows_of_program, flows_of_unit, may_hold_source, reads_source, signs_of
from .machine import Flow
from .values import Step

log = logging.getLogger(__name__)

_WORDS = {
    "web": "what another machine sends",
    "cli": "what the command line says",
    "cleartext": "an answer that was fetched without TLS",
    "error": "the text of an exception",
    "parameter": "a parameter",
    "cgi": "a variable that a visitor sets",
}


#: So many places that one value reaches are told one by one; of more, so many are shown at the first.
FEW, MANY = 3, 12


@dataclass(frozen=True, slots=True)
class Source:
    """What the rules need to know of a file: whether it may hold a source, and then its text, if that is not to be
    read from the disk."""

    path: str
    digest: str
    begins: bool
    text: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """A rule: its name, what it says, and the kinds of sinks that it stands for. ``{what}`` in ``says`` is where the
    value comes from."""

    name: str
    kind: str
    summary: str
    severity: Severity
    cwe: tuple[int, ...]
    sinks: frozenset[str]
    says: str
    suggestion: str
    confidence: float = 0.9


def taint_rules(
    *,
    module: str,
    name: str,
    kind: str,
    summary: str,
    severity: Severity,
    cwe: tuple[int, ...],
    sinks: Iterable[str],
    says: str,
    suggestion: str,
    confidence: float = 0.9,
) -> tuple[Rule, ProgramRule]:
    """The two halves of a rule about untrusted values: one for a definition that is being typed, one for all files.
    ``module`` is the rule's own file."""
    about = About(name, kind, summary, severity, cwe, frozenset(sinks), says, suggestion, confidence)

    def check(unit: Unit) -> Iterator[Finding]:
        text = Lines(unit.data.decode("utf-8", "surrogatepass"))
        yield from findings(about, unit_flows(unit), lambda _path: text)

    def extract(path: str, text: str) -> object:
        return _source(path, text)

    def check_all(files: Mapping[str, object]) -> Iterator[Finding]:
        sources = [each for each in files.values() if isinstance(each, Source)]
        done = _analysed(sources)
        yield from findings(about, done.flows, done.lines)

    def each_place(files: Mapping[str, object]) -> Iterator[Finding]:
        done = _analysed([each for each in files.values() if isinstance(each, Source)])
        yield from places(about, done.flows, done.lines)

    for half in (check, extract, check_all, each_place):
        half.__module__ = module  # where the documentation is
    rule = Rule(name, "security", kind, summary, severity, check, cwe, where=_flows_in)
    reach = Reach(_begins, _read, _lean)
    return rule, ProgramRule(
        name, "security", kind, summary, severity, extract, check_all, cwe, group="taint", reach=reach, each=each_place
    )


# -- one definition


_last: list[tuple[Unit, list[Flow]]] = []


def unit_flows(unit: Unit) -> list[Flow]:
    """The flows in a unit. Those of the last one are kept: rules ask for the same unit one after the other."""
    for known, flows in _last:
        if known is unit:
            return flows
    flows = flows_of_unit(unit) if _may_flow(unit) else []
    _last[:] = [(unit, flows)]
    return flows


def _flows_in(unit: Unit) -> bool:
    return bool(unit_flows(unit))


def _may_flow(unit: Unit) -> bool:
    """Is there both a sign of a source and a possible sink in a unit? Most units have neither."""
    if unit.kind == "class":
        return False
    calls = unit.index.get("call", ())
    around = unit.node.parent
    decorated = around is not None and around.type == "decorated_definition"
    node = around if decorated and around is not None else unit.node
    signs = signs_of(unit.data) if is_looked_through(unit.data) else None
    if signs is not None and not signs:
        return False
    data = unit.data[node.start_byte : node.end_byte]
    stores = b"session" in data and "subscript" in unit.index
    if not (decorated or stores or any(_called(unit, call) in knowledge().sinks for call in calls)):
        return False
    text = data.decode("utf-8", "replace")
    packages = {each.lstrip(".").partition(".")[0] for each in unit.facts.imports.values()}
    return reads_source(text, packages, signs)


def _called(unit: Unit, call: Node) -> str:
    """The last name of what is called, as a library knows it."""
    function = call.child_by_field_name("function")
    if function is None:
        return ""
    if function.type == "attribute":
        name = function.child_by_field_name("attribute")
        return unit.text(name) if name is not None else ""
    return unit.facts.resolve(unit.text(function)).rpartition(".")[2] if function.type == "identifier" else "partial"


# -- all files


@lru_cache(maxsize=2)
def _source(path: str, text: str) -> Source:
    begins = may_hold_source(text)
    return Source(path, text_hash(text), begins, text if begins else None)


def _begins(extract: object) -> bool:
    return isinstance(extract, Source) and extract.begins


def _lean(extract: object) -> object:
    return replace(extract, text=None) if isinstance(extract, Source) else extract


def _read(files: Mapping[str, object]) -> Collection[str]:
    """The files that the analysis of a program looked at."""
    return _analysed([each for each in files.values() if isinstance(each, Source)]).read


_REACH = Reach(_begins, _read, _lean)


class Lines:
    """Lines of a text by number, and columns of UTF-8 bytes as columns of code points."""

    def __init__(self, text: str) -> None:
        self._index = LineIndex(text)

    def line(self, number: int) -> str:
        return self._index.line(number) if 0 <= number < len(self._index.starts) else ""

    def place(self, node: ast.AST) -> Range:
        first, last = getattr(node, "lineno", 1) - 1, getattr(node, "end_lineno", 1) - 1
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0)
        return Range(first, _points(self.line(first), start), last, _points(self.line(last), end))

    def shown(self, node: ast.AST) -> str:
        place = self.place(node)
        line = self.line(place.line)
        text = line[place.column : place.end_column] if place.line == place.end_line else line[place.column :]
        text = masked(text.strip())
        return text if len(text) <= 60 else text[:59] + "…"


def _points(line: str, utf8: int) -> int:
    return utf8 if line.isascii() else len(line.encode("utf-8", "surrogatepass")[:utf8].decode("utf-8", "ignore"))


LinesOf = Callable[[str], Lines]


class _Analysed(NamedTuple):
    """The flows of a program, and the files that were read for it."""

    key: frozenset[tuple[str, str]]
    flows: list[Flow]
    lines: LinesOf
    read: frozenset[str]


_program: list[_Analysed] = []


def _analysed(sources: list[Source]) -> _Analysed:
    """The flows of a program; the last one is kept, for each rule asks anew."""
    key = frozenset((each.path, each.digest) for each in sources)
    for known in _program:
        if known.key == key:
            return known
    texts: dict[str, str | None] = {each.path: each.text for each in sources if each.text is not None}

    def read(path: str) -> str | None:
        if path not in texts:
            try:
                texts[path] = read_source(Path(path)).text
            except SutureError:
                texts[path] = None
        return texts[path]

    kept: dict[str, Lines] = {}

    def lines(path: str, /) -> Lines:
        if path not in kept:
            kept[path] = Lines(read(path) or "")
        return kept[path]

    starts = [each.path for each in sources if each.begins]
    flows, program = flows_of_program([each.path for each in sources], read, starts) if starts else ([], None)
    done = _Analysed(key, flows, lines, frozenset(program.used) if program is not None else frozenset())
    _program[:] = [done]
    return done


# -- findings


def findings(about: About, flows: Iterable[Flow], lines: LinesOf) -> Iterator[Finding]:
    """One finding a place, with the shortest way to it; of many places of one cause the nearest."""
    yield from _by_cause(places(about, flows, lines), lines)


def places(about: About, flows: Iterable[Flow], lines: LinesOf) -> Iterator[Finding]:
    """One finding a place, with the shortest way to it."""
    best: dict[tuple[str, Range], Flow] = {}
    for flow in flows:
        if flow.rule not in about.sinks:
            continue
        key = flow.path, lines(flow.path).place(flow.node)
        if key not in best or len(flow.taint.steps) < len(best[key].taint.steps):
            best[key] = flow
    yield from (_finding(about, flow, path, place, lines) for (path, place), flow in best.items())


def _by_cause(found: Iterable[Finding], lines: LinesOf) -> Iterator[Finding]:
    """One finding a cause: of one value that reaches many places of other files, the nearest stands for all.

    Few places are told one by one, and so are those in the file where the value comes in: they are read together. So
    is a place with a comment of somebody who looked at it: what it says is said of no other."""
    causes: dict[tuple[str, Range], list[Finding]] = {}
    for each in found:
        if each.related:
            causes.setdefault((each.related[0].path, each.related[0].range), []).append(each)
        else:
            yield each
    for (path, _), group in causes.items():
        looked_at = [each for each in group if _COMMENTED.search(lines(each.path).line(each.range.line))]
        far = [each for each in group if each.path != path and each not in looked_at]
        if len(far) <= FEW:
            yield from group
            continue
        yield from (each for each in group if each.path == path or each in looked_at)
        first, *others = sorted(far, key=lambda each: (len(each.related), each.path, each.range))
        reached = [Related(each.path, each.range, f"reaches {_sink(each)}") for each in others]
        message = f"{first.message}, here and in {len(others)} more places"
        yield replace(first, message=message, related=(*first.related, *reached[:MANY]))


#: A comment that silences something, perhaps.
_COMMENTED = re.compile(r"#.*?\b(?:nosec|noqa|suture:)", re.IGNORECASE)


def _sink(finding: Finding) -> str:
    return finding.evidence[0].summary.rpartition(" reaches ")[2]


def _finding(about: About, flow: Flow, path: str, place: Range, lines: LinesOf) -> Finding:
    within = {(each.path, getattr(each.node, "lineno", 1) - 1) for each in flow.taint.steps} | {(path, place.line)}
    by_admins = any(_for_admins(lines(one), line) for one, line in within)
    steps = [
        each for each in flow.taint.steps if (each.path, getattr(each.node, "lineno", 0)) != (path, place.line + 1)
    ]
    steps = _distinct(steps)
    shown: list[Json] = []
    related: list[Related] = []
    for each in steps:
        at = lines(each.path).place(each.node)
        label = lines(each.path).shown(each.node)
        shown.append({"path": each.path, "line": at.line + 1, "column": at.column + 1, "text": label})
        related.append(Related(each.path, at, label))
    sink = lines(path).shown(flow.node)
    shown.append({"path": path, "line": place.line + 1, "column": place.column + 1, "text": sink})
    what = masked(flow.taint.origin.label)
    summary = f"{_WORDS.get(flow.taint.origin.kind, 'an untrusted value')} ({what}) reaches {sink}"
    return Finding(
        path=path,
        range=place,
        rule=about.name,
        kind=about.kind,
        message=(flow.says or about.says).replace("{what}", what),
        severity=_severity(about, flow.taint.origin.kind if not by_admins else ""),
        confidence=_sure(0.6 if flow.taint.origin.kind == "parameter" else about.confidence, len(steps))
        * (OF_ADMINS if by_admins else 1),
        reviewer="security",
        cwe=about.cwe,
        suggestion=about.suggestion,
        evidence=(Evidence("traced", summary, {"path": shown, "origin": flow.taint.origin.kind}),),
        related=tuple(related),
    )


def _sure(confidence: float, steps: int) -> float:
    """The longer the way, the likelier something on it checks the value, or is not what it was taken for."""
    return max(confidence - STEP * max(0, steps - NEAR), LEAST) if confidence > LEAST else confidence


def _for_admins(lines: Lines, number: int) -> bool:
    """Is a line in a definition that only administrators come to, by one of its decorators?"""
    indent = _indent(lines.line(number)) + 1
    for at in range(number, max(-1, number - LONG), -1):
        line = lines.line(at)
        width = _indent(line)
        if not line.strip() or width >= indent:
            continue
        indent = width
        if _HEAD.match(line) and any(_ADMINS.search(each) for each in _decorators(lines, at, width)):
            return True
        if not width:
            return False
    return False


def _decorators(lines: Lines, at: int, width: int) -> Iterator[str]:
    """The lines above the head of a definition up to one that belongs to something else."""
    for above in range(at - 1, max(-1, at - LONG), -1):
        line = lines.line(above)
        if not line.strip() or _indent(line) < width or (_indent(line) == width and line.strip()[0] not in "@)]}"):
            return
        yield line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


#: Of a definition so many lines are looked at to find how it begins.
LONG = 400
_HEAD = re.compile(r"\s*(?:async\s+def|def|class)\b")
_ADMINS = re.compile(r"^\s*@.*?(?:(?i:admin)(?:s|istrators?)?(?![a-z])|(?i:superuser|staff_member))")

#: What is left of the confidence where only administrators send the value: what they may do, they decide elsewhere too.
OF_ADMINS = 0.6

#: Steps of a way that cost no confidence; what each further one costs; and what is left of it at least.
NEAR, STEP, LEAST = 4, 0.06, 0.4

#: Weaknesses that hand the machine or its data to whoever sends a request, without any rights (CVSS 9 and more).
_TAKEN_OVER = frozenset({"cmdi", "codeinj", "deserialization", "sqli"})


def _severity(about: About, origin: str) -> Severity:
    return (
        "critical"
        if about.kind in _TAKEN_OVER and about.severity == "high" and origin in ("web", "cgi")
        else about.severity
    )


def _distinct(steps: list[Step]) -> list[Step]:
    found: list[Step] = []
    for each in steps:
        if not found or (found[-1].path, getattr(found[-1].node, "lineno", 0)) != (
            each.path,
            getattr(each.node, "lineno", 0),
        ):
            found.append(each)
    return found
