"""What is known to be wrong with each open document, from three sources that arrive at different times.

*Fast*: the keystroke engine's findings, of the current text. *Slow*: the last review by the worker (all engines,
merged), moved along with the lines since. *Found*: counterexamples, which belong to the definition they broke.

Invariant: a slow finding whose lines were edited is dropped, never shown in the wrong place.
Invariant: a counterexample whose definition was edited is stale, and says so, until it was tried again.
Invariant: where both know the same problem, it is shown once, with the fast one's message: it is of this very text.
It sends nothing and starts nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from lsprotocol import types

from ..analyzers.findings import Finding, Range
from ..analyzers.fuzzing.targets import FuzzTarget
from ..analyzers.merge import Merged
from ..analyzers.select import STATIC as STATIC
from ..analyzers.source import units_of
from .client import Client
from .documents import Positions
from .evidence import cwe_url
from .rule_docs import FAILURE, href

Object = dict[str, Any]

T = TypeVar("T")

#: By ``id`` of a finding: the finding, which keeps its id taken, and what was made of it.
Made = dict[int, tuple[Finding, T]]

ERROR, WARNING, INFORMATION, HINT = 1, 2, 3, 4

#: What the message of a counterexample begins with whose definition was edited since it failed.
STALE = "stale: "

_SEVERITY: Mapping[str, int] = {"critical": WARNING, "high": WARNING, "medium": INFORMATION, "low": HINT}


#: More edits than this are not followed one by one by what was shown before them.
MOST_SINCE = 64


class Change(NamedTuple):
    """One replacement, by lines: lines ``first`` to ``last`` of the old text were touched (none, if ``last`` is
    smaller), what follows moved by ``delta`` lines."""

    first: int
    last: int
    delta: int


def change_of(event: types.TextDocumentContentChangeEvent, before: Positions | None) -> Change | None:
    """The lines that a change touches; None for a new whole text.

    A line to which nothing happened but that it moved is not touched: ``before`` is the document before this change
    (None if that is not known), to see whether a line break was inserted at the very end of a line.
    """
    if not isinstance(event, types.TextDocumentContentChangePartial):
        return None
    (line, character), (last, end) = (
        (event.range.start.line, event.range.start.character),
        (event.range.end.line, event.range.end.character),
    )
    text = event.text.replace("\r\n", "\n").replace("\r", "\n")
    breaks = text.count("\n")
    delta = breaks - (last - line)
    first = line
    whole = character == 0 and end == 0
    if whole and (text.endswith("\n") or not text):
        last -= 1
    elif before is not None and text.startswith("\n") and line < before.line_count:
        inserted = (line, character) == (event.range.end.line, end)
        if inserted and character >= units_of(before.line_text(line), before.encoding):
            first += 1
    return Change(first, last, delta)


def moved(findings: Iterable[Finding], change: Change) -> tuple[Finding, ...]:
    """The findings after a change: those above stay, those below move, those that it touches are dropped."""
    kept: list[Finding] = []
    for finding in findings:
        at = finding.range
        if at.end_line < change.first:
            kept.append(finding)
        elif at.line > change.last:
            kept.append(finding.shifted(change.delta))
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class Found:
    """A counterexample where it is shown, and the lines of the definition that it broke (``first`` to ``last``).

    ``stale``: the definition was edited since. ``lost``: the whole text was replaced, so its place is not known.
    ``mended``: it did not fail any more and is not shown; it is still tried, since an edit may bring the bug back."""

    finding: Finding
    first: int
    last: int
    stale: bool = False
    lost: bool = False
    mended: bool = False

    @property
    def visible(self) -> bool:
        return not self.lost and not self.mended

    def after(self, change: Change | None) -> Found:
        """Where it is after a change. Costs the same however large the definition is: nothing is read."""
        if change is None:
            return replace(self, stale=True, lost=True)
        if change.first > self.last:
            return self
        if change.last < self.first and change.first <= self.first:
            moved = self.finding.shifted(change.delta)
            return replace(self, finding=moved, first=self.first + change.delta, last=self.last + change.delta)
        line = self.finding.range.line
        if line > change.last:
            line += change.delta
        first = min(self.first, change.first)
        last = max(first, self.last + change.delta)
        return replace(self, finding=self._on(min(max(line, first), last)), first=first, last=last, stale=True)

    def _on(self, line: int) -> Finding:
        return self.finding.at(Range(line, 0, line, 0), line - self.finding.range.line)

    def shown(self, lines: Positions) -> Finding:
        """The finding for the text as it is now: on the code of its line, and saying that it is stale if it is."""
        at = self.finding.range
        line = min(at.line, lines.line_count - 1)
        code = lines.line_text(line)
        place = Range(line, len(code) - len(code.lstrip()), line, len(code.rstrip()))
        if not code.strip():
            place = Range(line, 0, line, len(code))
        finding = self.finding if place == at else replace(self.finding, range=place)
        if not self.stale:
            return finding
        # "medium" is shown as information. Not a hint (VS Code leaves those out of its list of problems) and not tagged
        # as unnecessary: both editors would grey out the very code that is being mended.
        return replace(finding, message=f"{STALE}{finding.message}", severity="medium")


#: What was edited since a job took its text, in order; None stands for a new whole text.
Tracker = list[Change | None]


def followed(findings: Iterable[Finding], changes: Iterable[Change | None]) -> tuple[Finding, ...]:
    """The findings after several changes."""
    kept = tuple(findings)
    for change in changes:
        kept = moved(kept, change) if change is not None else ()
    return kept


@cache
def fast_rules() -> frozenset[str]:
    """Names of the rules of which the keystroke engine says everything: not those that a review asks about the whole
    program as well."""
    from ..analyzers.engine import all_rules
    from ..analyzers.review import program_rules

    return STATIC | {rule.name for rule in all_rules()} - {rule.name for rule in program_rules()}


def combined(
    fast: Sequence[Finding], slow: Iterable[Finding], rules: Collection[str], known: Made[Finding] | None = None
) -> list[Finding]:
    """Fast and slow findings with each problem once. ``rules`` are the fast ones: what they no longer say is over.

    ``known``: what the last call made of fast findings that the slow engines see, too (see :func:`made_of`)."""
    slow = tuple(slow)
    by_line: dict[int, list[Finding]] = {}
    for finding in slow:
        places = (each.range.line for each in finding.related if each.path == finding.path)
        for line in {finding.range.line, *(places if finding.also else ())}:
            by_line.setdefault(line, []).append(finding)
    result: list[Finding] = []
    shown: set[int] = set()
    seconded: dict[int, tuple[Finding, tuple[str, ...]]] = {}
    for finding in fast:
        twin = next(
            (
                each
                for each in by_line.get(finding.range.line, ())
                if each.rule == finding.rule or finding.rule in each.also
            ),
            None,
        )
        if twin is None:
            result.append(finding)
        elif twin.rule == finding.rule:
            shown.add(id(twin))
            if twin.also:
                seconded[id(finding)] = finding, twin.also
            result.append(finding)
        elif id(twin) not in shown:
            shown.add(id(twin))
            result.append(twin)
    listed = [each for each, _ in seconded.values()]
    joined = made_of(listed, {} if known is None else known, lambda each: replace(each, also=seconded[id(each)][1]))
    by_id = dict(zip(seconded, joined, strict=True))
    result = [by_id.get(id(each), each) for each in result]
    result += (each for each in slow if id(each) not in shown and each.rule not in rules)
    result.sort(key=lambda each: each.range)
    return result


class Shown(NamedTuple):
    """What the editor is shown: findings, an identifier for each, and the diagnostics (which may be more). ``key``
    names the state that it was computed from."""

    key: tuple[Any, ...]
    findings: list[Finding]
    names: list[str]
    diagnostics: list[Object]


class TestItem(NamedTuple):
    """A test, or a class of them, on its line; ``name`` as in a test's id (``TestB::test_c``)."""

    __test__ = False

    line: int
    name: str


@dataclass(slots=True)
class Review:
    """The state of one open document."""

    uri: str
    serial: int  # one more for each time that the document is opened: result ids never repeat
    slow: tuple[Finding, ...] = ()
    found: dict[str, Found] = field(default_factory=dict[str, Found])
    verdict: Mapping[str, Any] | None = None  # of the last review; see analyzers.consensus
    verdict_version: int | None = None
    failure: str = ""  # why the last review could not be done
    generation: int = 0  # rises whenever slow or found change without an edit
    trackers: list[Tracker] = field(default_factory=list[list["Change | None"]])  # one for each job that is running
    slices: int = 0  # rises whenever rules that caught up with an edit may have changed the fast findings
    news: bool = False  # rules changed something since the last such rise
    shown: Shown | None = None
    since: Tracker = field(default_factory=list["Change | None"])  # what was edited since that was computed
    #: The version whose diagnostics the client asked for last, and what answers that.
    asked: tuple[int | None, Coroutine[Any, Any, Any] | None] = (None, None)
    merged: Merged = field(default_factory=dict[tuple[int, ...], tuple[tuple[Finding, ...], Finding]])
    joined: Made[Finding] = field(default_factory=dict[int, tuple[Finding, Finding]])
    judged: Made[Finding] = field(default_factory=dict[int, tuple[Finding, Finding]])  # see :func:`made_of`
    drawn: Made[Drawn] = field(default_factory=dict[int, "tuple[Finding, Drawn]"])
    sent: dict[int, tuple[Object, str, Object]] = field(  # by id of a diagnostic: it, its identifier, and both in one
        default_factory=dict[int, "tuple[Object, str, Object]"]
    )
    written: dict[int, tuple[Object, bytes]] = field(default_factory=dict[int, "tuple[Object, bytes]"])
    targets: tuple[int | None, tuple[FuzzTarget, ...]] | None = None  # of which version
    tests: tuple[int | None, tuple[TestItem, ...]] | None = None  # likewise

    def edit(self, changes: Sequence[Change | None]) -> None:
        """Follow the changes of the document."""
        for change in changes:
            for tracker in self.trackers:
                tracker.append(change)
        self.since += changes
        if len(self.since) > MOST_SINCE:
            self.since = [None]
        self.slow = followed(self.slow, changes)
        if self.found:
            for change in changes:
                self.found = {key: each.after(change) for key, each in self.found.items()}

    def renew(self) -> None:
        """What the findings are judged or drawn by has changed."""
        self.generation += 1
        self.drawn.clear()

    def named(self, drawn: Iterable[tuple[str, Object]], client: Client) -> list[Object]:
        """The diagnostics with their identifiers; of those that were there the last time, the very same objects."""
        result: list[Object] = []
        before, self.sent = self.sent, {}
        for name, each in drawn:
            last = before.get(id(each))
            if last is None or last[0] is not each or last[1] != name:
                last = each, name, named(each, name, client)
            self.sent[id(each)] = last
            result.append(last[2])
        return result

    def write(self, diagnostics: Sequence[Object], to_json: Callable[[Object], bytes]) -> bytes:
        """The diagnostics as a JSON list. Those that were written the last time are not written anew."""
        before, self.written = self.written, {}
        parts: list[bytes] = []
        for each in diagnostics:
            last = before.get(id(each))
            if last is None or last[0] is not each:
                last = each, to_json(each)
            self.written[id(each)] = last
            parts.append(last[1])
        return b"[%b]" % b",".join(parts)

    def track(self) -> Tracker:
        """A job on the current text begins: note what is edited until :meth:`leave`."""
        tracker: Tracker = []
        self.trackers.append(tracker)
        return tracker

    def leave(self, tracker: Tracker) -> None:
        """The job is over; :func:`followed` moves its findings along with what was edited meanwhile."""
        self.trackers = [each for each in self.trackers if each is not tracker]

    def take(self, slow: tuple[Finding, ...]) -> bool:
        """The slow engines' findings are these now. Says whether that is new."""
        if slow == self.slow:
            return False
        self.slow = slow
        self.joined.clear()
        self.generation += 1
        return True

    def find(self, ident: str, found: Found) -> None:
        """A counterexample was found, or seen to fail again."""
        self.found[ident] = found
        self.generation += 1

    def drop(self, ident: str) -> bool:
        """A counterexample is not shown any more. Says whether it was."""
        self.generation += 1
        return self.found.pop(ident, None) is not None

    def judge(self, verdict: Mapping[str, Any] | None, version: int | None, failure: str) -> bool:
        """Take the review's verdict, and why it failed if it did. Says whether the diagnostics change."""
        self.verdict, self.verdict_version = verdict, version
        if failure == self.failure:
            return False
        self.failure = failure
        self.generation += 1
        return True


def severity(finding: Finding) -> int:
    """The LSP severity: what does not run is an error, what is likely to hurt a warning, the rest below."""
    return ERROR if finding.rule in STATIC or finding.kind == "failure" else _SEVERITY[finding.severity]


def made_of(findings: Iterable[Finding], known: Made[T], make: Callable[[Finding], T]) -> list[T]:
    """``make`` of each finding. For those that are the very objects of the last time (``known``, which is brought up
    to date), what was made then: a finding is an object of its own as long as its lines are not edited."""
    listed = tuple(findings)
    made: Made[T] = {}
    for each in listed:
        last = made.get(id(each)) or known.get(id(each))
        made[id(each)] = last if last is not None and last[0] is each else (each, make(each))
    known.clear()
    known.update(made)
    return [made[id(each)][1] for each in listed]


class Drawn(NamedTuple):
    """A finding for the editor: an identifier that is stable under moved lines and across restarts, and a diagnostic
    without it."""

    name: str
    diagnostic: Object


def draw(finding: Finding, lines: Positions, client: Client) -> Drawn:
    name = finding.fingerprint(lines.line_text(min(finding.range.line, lines.line_count - 1)))
    return Drawn(name, diagnostic(finding, lines, client))


def identify(drawn: Sequence[Drawn]) -> list[str]:
    """The identifiers, made unique within the file."""
    seen: dict[str, int] = {}
    names: list[str] = []
    for name, _ in drawn:
        count = seen[name] = seen.get(name, 0) + 1
        names.append(name if count == 1 else f"{name}.{count}")
    return names


def diagnostic(finding: Finding, lines: Positions, client: Client) -> Object:
    """One LSP diagnostic as a plain dict, without its identifier (see :func:`named`)."""
    result: Object = {
        "range": lines.lsp_range(finding.range),
        "severity": severity(finding),
        "code": finding.rule,
        "source": "suture",
        "message": finding.message,
    }
    link(result, client, FAILURE if finding.kind == "failure" else finding.rule, finding.cwe)
    if finding.related and client.related_information:
        result["relatedInformation"] = [
            {
                "location": {"uri": Path(each.path).as_uri(), "range": plain_range(each.range)},
                "message": each.message,
            }
            for each in finding.related
            if each.path.startswith("/") or Path(each.path).is_absolute()
        ]
    return result


def link(diagnostic: Object, client: Client, page: str, cwe: Sequence[int] = ()) -> Object:
    """The diagnostic, given a link from its code to what is written about it, if the client shows such."""
    if client.code_description and (address := href(page) or (cwe_url(cwe[0]) if cwe else "")):
        diagnostic["codeDescription"] = {"href": address}
    return diagnostic


def named(diagnostic: Object, ident: str, client: Client) -> Object:
    """The diagnostic with its identifier, where the client keeps that for us. It is not changed afterwards."""
    return {**diagnostic, "data": {"id": ident}} if client.data else dict(diagnostic)


def plain_range(at: tuple[int, int, int, int]) -> Object:
    """A range of a file whose text is not at hand: columns are taken as they are."""
    line, column, end_line, end_column = at
    return {"start": {"line": line, "character": column}, "end": {"line": end_line, "character": end_column}}
