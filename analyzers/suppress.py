"""Comments by which a person says: I know, leave it.

``# suture: ignore[rule, …]`` (or without brackets: everything) on the finding's line, or alone on the line above;
``# suture: ignore-file[rule, …]`` anywhere; ``# noqa``, ``# noqa: CODE, …``, ``# ruff: noqa[: CODE, …]``;
``# nosec``, ``# nosec CODE …`` for the security reviewer. A code of bandit or ruff also silences the rule of ours that
finds the same problem. Names are rules, kinds, or codes.

Invariant: only real comments count, not strings that look like one. Syntax errors cannot be silenced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tree_sitter import Node

from .engines.checks import CHECKS
from .findings import Finding
from .source import LINE_END
from .syntax import parse

_MARK = re.compile(
    r"#\s*(?:"
    r"suture:\s*(?P<own>ignore(?:-file)?)(?![\w-])\s*(?:\[(?P<rules>[^\]\n]*)\])?"
    r"|(?P<file>(?:ruff|flake8)\s*:\s*)?(?P<noqa>noqa)(?![\w-])(?:\s*:\s*(?P<codes>[A-Za-z]+\d+(?:[,\s]+[A-Za-z]+\d+)*))?"
    r"|(?P<nosec>nosec)(?![\w-])\s*:?\s*(?P<tests>B\d+(?:[,\s]+B\d+)*)?"
    r")",
    re.IGNORECASE,
)

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


@dataclass(frozen=True, slots=True)
class _Comment:
    names: frozenset[str]  # empty: everything
    security_only: bool

    def covers(self, finding: Finding) -> bool:
        if finding.kind == "syntax" or (self.security_only and finding.reviewer != "security"):
            return False
        return not self.names or bool(self.names & _names_of(finding))


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
    if not listed or not ("noqa" in text or "nosec" in text or "suture:" in text or _MARK.search(text)):
        return listed
    by_line, whole = _comments(text, root)
    if not by_line and not whole:
        return listed
    return tuple(each for each in listed if not _silenced(each, by_line, whole))


def _silenced(finding: Finding, by_line: dict[int, list[_Comment]], whole: list[_Comment]) -> bool:
    place = finding.range
    last = place.end_line - (place.end_column == 0 and place.end_line > place.line)
    comments = [*whole, *by_line.get(place.line, ()), *(by_line.get(last, ()) if last != place.line else ())]
    for step in finding.related:  # a comment where the text was built speaks of the place that uses it, if it says so
        if step.path == finding.path:
            comments += [each for each in by_line.get(step.range.line, ()) if each.names or each.security_only]
    return any(each.covers(finding) for each in comments)


def _comments(text: str, root: Node | None) -> tuple[dict[int, list[_Comment]], list[_Comment]]:
    """Comments by the line that they speak of, and those for the whole file."""
    candidates = list(_MARK.finditer(text))
    if not candidates:
        return {}, []
    if root is None:
        root = parse(text.encode("utf-8", "surrogatepass")).root_node
    plain = text.isascii()
    by_line: dict[int, list[_Comment]] = {}
    whole: list[_Comment] = []
    for match in candidates:
        byte = match.start() if plain else len(text[: match.start()].encode("utf-8", "surrogatepass"))
        node = root.descendant_for_byte_range(byte, byte + 1)
        if node is None or node.type != "comment":
            continue
        names = match["rules"] or match["codes"] or match["tests"] or ""
        if match["rules"] is not None and not names.strip():
            continue  # ``ignore[]`` names nothing and silences nothing
        split = frozenset(each.casefold() for each in re.split(r"[,\s]+", names) if each)
        comment = _Comment(split, security_only=bool(match["nosec"]))
        line = node.start_point[0]
        if (match["own"] or "").casefold() == "ignore-file" or match["file"]:
            whole.append(comment)
            continue
        by_line.setdefault(line, []).append(comment)
        if match["own"]:
            begin = max(text.rfind("\n", 0, match.start()), text.rfind("\r", 0, match.start())) + 1
            if not text[begin : node.start_byte if plain else match.start()].strip():
                by_line.setdefault(_next_code_line(text, match.end(), line), []).append(comment)
    return by_line, whole


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
