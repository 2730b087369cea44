"""Comments by which a person says: I know, leave it.

``# suture: ignore[rule, …]`` (or without brackets: everything) on the finding's line, or alone on the line above; ``#
suture: ignore-file[rule, …]`` anywhere; ``# noqa``, ``# noqa: CODE, …``, ``# ruff: noqa[: CODE, …]``; ``# nosec``, ``#
nosec CODE …`` for the security reviewer, on any line of a call. A code of bandit or ruff also silences the rule of ours
that finds the same problem. Names are rules, kinds, or codes; what follows the brackets is the reason.

A name in a comment of Suture's own that silences nothing, or that nothing has, is a hint of its own
(:func:`idle_comments`): comments outlive what they were written for. Those of other tools are theirs to judge.

Invariant: only real comments count, not strings that look like one. Syntax errors cannot be silenced.
Invariant: a comment is called unused only where whoever could have found something was asked.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from tree_sitter import Node

from .engines.checks import CHECKS
from .findings import Finding, Range
from .source import LINE_END
from .syntax import parse

_MARK = re.compile(
    r"#[ \t]*(?:"
    r"suture:[ \t]*(?P<own>ignore(?:-file)?)(?![\w-])[ \t]*(?:\[(?P<rules>[^\]\n]*)\])?(?P<reason>[^\n\r#]*)"
    r"|(?P<file>(?:ruff|flake8)[ \t]*:[ \t]*)?(?P<noqa>noqa)(?![\w-])"
    r"(?:[ \t]*:[ \t]*(?P<codes>[A-Za-z]+\d+(?:[, \t]+[A-Za-z]+\d+)*))?"
    r"|(?P<nosec>nosec)(?![\w-])[ \t]*:?[ \t]*(?P<tests>B\d+(?:[, \t]+B\d+)*)?"
    r")",
    re.IGNORECASE,
)

#: A text without one of these holds no comment that silences a finding.
_WORD = re.compile(rb"suture:|noqa|nosec", re.IGNORECASE)

#: How far behind a comment on a line of its own the code is looked for that it speaks of (bytes).
_NEAR = 16 * 1024

#: Codes of ruff, flake8 and pylint for problems that our rules find under another name.
_CODES: dict[str, str] = {
    "C901": "complexity",
    "PLR0911": "complexity",
    "PLR0912": "complexity",
    "PLR1702": "deep_nesting",
    "PLR0915": "long_function",
    "PLR0913": "too_many_params",
    "PLR0917": "too_many_params",
    "PLR0904": "god_class",
    "PLW0603": "mutable_global",
    "PLW0602": "mutable_global",
    "F821": "undefined_name",
    "F823": "undefined_name",
    "ASYNC210": "blocking_async",
    "ASYNC220": "blocking_async",
    "ASYNC221": "blocking_async",
    "ASYNC222": "blocking_async",
    "ASYNC251": "blocking_async",
    "RUF017": "list_concat",
    "PERF101": "copy",
}


_TOO_MUCH = frozenset({"complexity", "deep_nesting", "long_function"})


#: Rules of this module.
UNUSED, UNKNOWN = "unused-suppression", "unknown-suppression"


@dataclass(frozen=True, slots=True)
class Silenced:
    """A finding that a comment silences, with the reason that it gives (may be empty)."""

    finding: Finding
    reason: str


@dataclass(eq=False, slots=True)
class _Comment:
    names: frozenset[str]  # empty: everything
    security_only: bool
    own: str = ""  # ``ignore`` or ``ignore-file`` if it is Suture's
    reason: str = ""
    place: Range | None = None
    target: str = ""  # the line of code that it speaks of
    used: set[str] = field(default_factory=set[str])  # names that silenced something; "" for a comment without names

    def covers(self, finding: Finding) -> bool:
        if finding.kind == "syntax" or (self.security_only and finding.reviewer != "security"):
            return False
        hit = self.names & _names_of(finding) if self.names else {""}
        self.used |= hit
        return bool(hit)


def _names_of(finding: Finding) -> frozenset[str]:
    """Every name under which a finding can be silenced, in lower case."""
    names = {finding.rule, finding.kind, finding.reviewer, *finding.also}
    names |= {name.rpartition(":")[2] for name in names}
    # Whoever accepts that a function is too complex does not want to hear that it is too long.
    kinds = _TOO_MUCH if finding.kind in _TOO_MUCH else {finding.kind}
    names |= {code for code, kind in _CODES.items() if kind in kinds}
    if finding.reviewer == "security":
        numbers = [number for number, check in CHECKS.items() if check.kind == finding.kind]
        names |= {f"{tool}{number}" for number in numbers for tool in "BS"}
    return frozenset(name.casefold() for name in names if name)


def suppress(findings: Iterable[Finding], text: str, root: Node | None = None) -> tuple[Finding, ...]:
    """The findings of one text that no comment of it silences. ``root`` is its tree, where the caller has it."""
    listed = tuple(findings)
    return silence(listed, text, root)[0] if listed else listed


class Mark(NamedTuple):
    """A place where a silencing comment may stand: byte and row. ``wide``: it may speak of other lines than its own."""

    byte: int
    row: int
    wide: bool

    def moved(self, bytes_: int, rows: int) -> Mark:
        return Mark(self.byte + bytes_, self.row + rows, self.wide)


def marks_in(data: bytes, start: int, end: int, row: int) -> list[Mark]:
    """The marks between two bytes of a text, of which the first is on ``row``."""
    found: list[Mark] = []
    at = start
    for match in _WORD.finditer(data, start, end):
        row += data.count(b"\n", at, match.start())
        at = match.start()
        begin, stop = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at)
        line = data[begin : stop if stop >= 0 else len(data)].lower()
        found.append(Mark(at, row, any(word in line for word in (b"suture:", b"ruff", b"flake8"))))
    return found


def loud(
    findings: Sequence[Finding], data: bytes, in_comment: Callable[[int], bool], marks: Sequence[Mark]
) -> tuple[Finding, ...]:
    """:func:`suppress` for a text that is being typed in: only the lines of findings are looked at, and what the known
    ``marks`` of the text say of others. ``in_comment``: whether a byte lies in a comment."""
    rows = {row for each in findings for row in (each.range.line, *_within(each), each.range.end_line)}
    rows |= {step.range.line for each in findings for step in each.related}
    by_line: dict[int, list[_Comment]] = {}
    whole: list[_Comment] = []
    looked = -1
    for mark in marks:
        if mark.row == looked or not (mark.wide or mark.row in rows):
            continue
        looked = mark.row
        begin, end = data.rfind(b"\n", 0, mark.byte) + 1, data.find(b"\n", mark.byte)
        text = data[begin : end if end >= 0 else len(data)].decode("utf-8", "surrogatepass")
        following = data[end : end + _NEAR].decode("utf-8", "ignore") if mark.wide and end >= 0 else ""
        for match in _MARK.finditer(text):
            if in_comment(begin + _bytes_before(match)):
                _note(match, text + following, mark.row, by_line, whole)
    if not by_line and not whole:
        return tuple(findings)
    told = _places(findings)
    return tuple(each for each in findings if _silencing(each, by_line, whole, told) is None)


def silence(
    findings: Sequence[Finding], text: str, root: Node | None = None, judged: Judged | None = None
) -> tuple[tuple[Finding, ...], tuple[Silenced, ...]]:
    """The findings that no comment silences, and those that one does. With ``judged``, hints about comments of
    Suture's own that do nothing are among the former."""
    if not ("noqa" in text or "nosec" in text or "suture:" in text or _MARK.search(text)):
        return tuple(findings), ()
    by_line, whole = _comments(text, root)
    if not by_line and not whole:
        return tuple(findings), ()
    kept: list[Finding] = []
    silenced: list[Silenced] = []
    told = _places(findings)
    for finding in findings:
        comment = _silencing(finding, by_line, whole, told)
        if comment is None:
            kept.append(finding)
        else:
            silenced.append(Silenced(finding, comment.reason))
    if judged is not None:
        own = {id(each): each for listed in (whole, *by_line.values()) for each in listed if each.own}
        hints = [(hint, each) for each in own.values() for hint in _idle(each, judged)]
        # A comment without names does not silence what is said of itself.
        for hint, about in hints:
            by = _silencing(hint, by_line, whole, told)
            if by is None or (by is about and not about.names):
                kept.append(hint)
    return tuple(kept), tuple(silenced)


def _places(findings: Sequence[Finding]) -> frozenset[tuple[str, int]]:
    """Where findings are, by rule and line."""
    return frozenset((each.rule, each.range.line) for each in findings)


def _silencing(
    finding: Finding,
    by_line: Mapping[int, list[_Comment]],
    whole: Sequence[_Comment],
    told: AbstractSet[tuple[str, int]],
) -> _Comment | None:
    """The comment that silences a finding; all that do are noted as used. ``told`` are the places of all findings."""
    place = finding.range
    last = place.end_line - (place.end_column == 0 and place.end_line > place.line)
    comments = [*whole, *by_line.get(place.line, ()), *(by_line.get(last, ()) if last != place.line else ())]
    for row in _within(finding):
        if row != last and (finding.rule, row) not in told:
            comments += [each for each in by_line.get(row, ()) if each.security_only]
    # A comment where the text was built speaks of the place that uses it, if it says so and has no finding of its own.
    for step in finding.related:
        if step.path == finding.path and (finding.rule, step.range.line) not in told:
            comments += [each for each in by_line.get(step.range.line, ()) if each.names or each.security_only]
    covering = [each for each in comments if each.covers(finding)]
    return max(covering, key=lambda each: bool(each.reason), default=None)


def _within(finding: Finding) -> range:
    """The lines inside of a call that is a finding of security: bandit looks for its comments there, too."""
    place = finding.range
    inside = finding.reviewer == "security" and place.end_line - place.line <= _CALL
    return range(place.line + 1, place.end_line) if inside else range(0)


#: A call has hardly more lines than this; what is longer is a definition.
_CALL = 60


@dataclass(frozen=True, slots=True)
class Judged:
    """Who looked at a text, so that a comment that silences nothing can be called unused. ``known``: every name of a
    rule or kind; ``asked``: those that had the chance to find something; ``everybody``: all did."""

    path: str
    known: Callable[[], Collection[str]]
    asked: Callable[[], Collection[str]]
    everybody: bool


def _idle(comment: _Comment, judged: Judged) -> Iterable[Finding]:
    """Hints about what a comment of ours names to no effect."""
    if not comment.names:
        # A definition or an import may be silenced for what only a look at all files finds.
        if judged.everybody and not comment.used and not _WHOLE_PROGRAM.match(comment.target):
            yield _hint(judged.path, comment, UNUSED, "this comment silences nothing any more")
        return
    for name in sorted(comment.names - comment.used):
        if name in judged.asked():
            yield _hint(judged.path, comment, UNUSED, f"there is nothing to silence for `{name}` here any more")
        elif name not in judged.known() and not _CODE.fullmatch(name):
            near = difflib.get_close_matches(name, judged.known(), n=1)
            message = f"there is no rule or kind `{name}`" + (f"; did you mean `{near[0]}`?" if near else "")
            yield _hint(judged.path, comment, UNKNOWN, message)


_WHOLE_PROGRAM = re.compile(r"\s*(?:async\s+def|def|class|import|from|@)")

#: Codes of other tools: which of them exist is not for us to say.
_CODE = re.compile(r"(?:(?:bandit|ruff):)?[a-z]+\d+")


def _hint(path: str, comment: _Comment, rule: str, message: str) -> Finding:
    place = comment.place or Range(0, 0, 0, 0)
    return Finding(path, place, rule, "suppression", message, "low", 1.0, suggestion="take it out")


def _comments(text: str, root: Node | None) -> tuple[dict[int, list[_Comment]], list[_Comment]]:
    """Comments by the line that they speak of, and those for the whole file."""
    candidates = list(_MARK.finditer(text))
    if not candidates:
        return {}, []
    if root is None:
        root = parse(text.encode("utf-8", "surrogatepass")).root_node
    by_line: dict[int, list[_Comment]] = {}
    whole: list[_Comment] = []
    for match in candidates:
        at = _bytes_before(match)
        node = root.descendant_for_byte_range(at, at + 1)
        if node is not None and node.type == "comment":
            _note(match, text, node.start_point[0], by_line, whole)
    return by_line, whole


def _bytes_before(match: re.Match[str]) -> int:
    text, start = match.string, match.start()
    return start if text.isascii() else len(text[:start].encode("utf-8", "surrogatepass"))


def _note(
    match: re.Match[str], text: str, line: int, by_line: dict[int, list[_Comment]], whole: list[_Comment]
) -> None:
    """Notes a comment on a line; ``text`` is the one that ``match`` was found in, or begins with it."""
    names = match["rules"] or match["codes"] or match["tests"] or ""
    if match["rules"] is not None and not names.strip():
        return  # ``ignore[]`` names nothing and silences nothing
    split = frozenset(each.casefold() for each in re.split(r"[,\s]+", names) if each)
    own = (match["own"] or "").casefold()
    comment = _Comment(split, bool(match["nosec"]), own, (match["reason"] or "").strip(" \t:-,;"))
    if own:
        begin = max(text.rfind("\n", 0, match.start()), text.rfind("\r", 0, match.start())) + 1
        comment.place = Range(line, match.start() - begin, line, match.start() - begin + len(match[0].rstrip()))
        comment.target = text[begin : match.start()]
    if own == "ignore-file" or match["file"]:
        whole.append(comment)
        return
    by_line.setdefault(line, []).append(comment)
    if own and not comment.target.strip():
        at = _next_code_line(text, match.end(), line)
        by_line.setdefault(at, []).append(comment)
        comment.target = LINE_END.split(text[match.end() :], at - line + 1)[at - line] if at > line else ""


def _next_code_line(text: str, offset: int, line: int) -> int:
    """The first line after ``line``, in which ``offset`` lies, that is neither empty nor only a comment (a decorator
    is code)."""
    start = -1
    for number, match in enumerate(LINE_END.finditer(text, offset), line):
        if start >= 0 and _is_code(text[start : match.start()]):
            return number
        start = match.end()
        last = number + 1
        if not LINE_END.search(text, start):
            return last if _is_code(text[start:]) else line
    return line


def _is_code(content: str) -> bool:
    content = content.strip()
    return bool(content) and not content.startswith("#")
