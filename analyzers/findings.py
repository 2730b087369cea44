"""The frozen values that pass between the parts: Finding, Evidence, Edit.

Everything is in editor words: a path, a range of lines and columns, offsets, text. Nothing here knows LSP.
Lines and columns are 0-based and count Unicode code points; a line ends at ``\\n``, ``\\r\\n`` or ``\\r`` only.
Offsets are code points into the decoded text of the file (a byte order mark is not part of the text).
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal, NamedTuple

from .source import line_starts, same_ends

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")

Reviewer = Literal["security", "performance", "architecture"]
REVIEWERS: tuple[Reviewer, ...] = ("security", "performance", "architecture")

EvidenceKind = Literal[
    "parsed",  # the text parses: {"parser"}
    "linted",  # a linter's view: {"tool", "version", "before", "after"}
    "reviewed",  # three votes with weights: {"votes": {reviewer: {"vote", "weight", "findings"}}}
    "traced",  # a path of locations: {"path": [{"path", "line", "column", "text"}]}
    "measured",  # {"table": [[n, cost]], "exponent"} or {"before_s", "after_s"}
    "counted",  # {"metric", "value", "threshold"}
    "ran",  # {"command", "before", "after", "seconds", "sandbox"}
    "tested",  # {"failed_before", "failed_after", "passed_after", "tests"}
    "reproduced",  # {"input", "exception", "seed", "times"}
    "equivalent",  # {"inputs", "same"}
    "compiled",  # {"tool", "version"}
    "calibrated",  # {"probability", "sample", "raw", "severity": of the rule, where it was lowered}
]

#: How much a kind of evidence says, strongest first: the editor shows the first that is present in a title.
STRENGTH: tuple[EvidenceKind, ...] = (
    "tested",
    "ran",
    "reproduced",
    "equivalent",
    "measured",
    "traced",
    "compiled",
    "counted",
    "reviewed",
    "linted",
    "parsed",
    "calibrated",
)


class Range(NamedTuple):
    """0-based lines and code-point columns; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    def shifted(self, lines: int) -> Range:
        return Range(self.line + lines, self.column, self.end_line + lines, self.end_column)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One checkable fact. ``summary`` is a short sentence for people, ``data`` what is needed to replay it."""

    kind: EvidenceKind
    summary: str
    data: Mapping[str, Json] = field(default_factory=dict[str, Json])

    def to_json(self) -> dict[str, Json]:
        return {"kind": self.kind, "summary": self.summary, **self.data}


def strongest(evidence: Sequence[Evidence]) -> Evidence | None:
    """The piece of evidence that says most, by :data:`STRENGTH`."""
    return min(evidence, key=lambda item: STRENGTH.index(item.kind), default=None)


def _moved(evidence: Evidence, path: str, lines: int) -> Evidence:
    """A traced path whose steps in one file lie ``lines`` further down."""
    steps = evidence.data.get("path")
    if not isinstance(steps, Sequence):
        return evidence
    moved: list[Json] = []
    for step in steps:
        line = step.get("line") if isinstance(step, Mapping) and step.get("path") == path else None
        moved.append({**step, "line": line + lines} if isinstance(step, Mapping) and isinstance(line, int) else step)
    return replace(evidence, data={**evidence.data, "path": moved})


@dataclass(frozen=True, slots=True)
class Related:
    """A further place that explains a finding, for instance a step on the way from source to sink."""

    path: str
    range: Range
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem at a place, and why we believe it.

    ``kind`` names the problem independently of the rule (the list is in the command-line contract);
    ``confidence`` is a probability from 0 to 1; ``reviewer`` is empty for static faults (syntax, undefined names).
    """

    path: str
    range: Range
    rule: str
    kind: str
    message: str
    severity: Severity
    confidence: float
    reviewer: Reviewer | Literal[""] = ""
    cwe: tuple[int, ...] = ()
    suggestion: str = ""
    evidence: tuple[Evidence, ...] = ()
    related: tuple[Related, ...] = ()
    #: Other rules or tools that reported the same problem and were merged into this finding.
    also: tuple[str, ...] = ()

    def shifted(self, lines: int) -> Finding:
        return self.at(self.range.shifted(lines), lines) if lines else self

    def at(self, place: Range, lines: int) -> Finding:
        """This finding at another place of its file; what it refers to in the file moves by as many ``lines``."""
        if not lines or not (self.related or any(each.kind == "traced" for each in self.evidence)):
            return replace(self, range=place)
        related = tuple(
            replace(each, range=each.range.shifted(lines)) if each.path == self.path else each for each in self.related
        )
        evidence = tuple(_moved(each, self.path, lines) if each.kind == "traced" else each for each in self.evidence)
        return replace(self, range=place, related=related, evidence=evidence)

    def fingerprint(self, line_text: str) -> str:
        """Stable under moved lines: rule, path and the normalised text of the line, not its number."""
        basis = "\0".join((self.rule, self.path, " ".join(line_text.split())))
        return hashlib.sha256(basis.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def to_json(self) -> dict[str, Json]:
        """The object of the command-line contract; lines and columns are 1-based there."""
        return {
            "path": self.path,
            "line": self.range.line + 1,
            "column": self.range.column + 1,
            "end_line": self.range.end_line + 1,
            "end_column": self.range.end_column + 1,
            "reviewer": self.reviewer,
            "rule": self.rule,
            "kind": self.kind,
            "cwe": list(self.cwe),
            "severity": self.severity,
            "confidence": round(self.confidence, 3),
            "message": self.message,
            "suggestion": self.suggestion,
            "evidence": [item.to_json() for item in self.evidence],
            "related": [
                {"path": item.path, "line": item.range.line + 1, "column": item.range.column + 1, "text": item.message}
                for item in self.related
            ],
            "also": list(self.also),
        }


def text_hash(text: str) -> str:
    """The name of a text: what an edit was computed against. Hex SHA-256 of its UTF-8 form."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Replacement:
    """Replace the code points ``start:end`` by ``text``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class FileEdit:
    """Replacements in one file, sorted and disjoint. ``base`` is :func:`text_hash` of the text they apply to;
    an empty ``base`` means that the file does not exist yet and is created with the replacements' text."""

    path: str
    base: str
    replacements: tuple[Replacement, ...]

    def apply(self, text: str) -> str:
        """The new text. Raises ValueError if ``text`` is not the text this was computed against."""
        if self.base and text_hash(text) != self.base:
            raise ValueError(f"{self.path} changed since the edit was computed")
        parts: list[str] = []
        position = 0
        for item in sorted(self.replacements, key=lambda each: (each.start, each.end)):
            if item.start < position:
                raise ValueError("overlapping replacements")
            parts += (text[position : item.start], item.text)
            position = item.end
        return "".join((*parts, text[position:]))


@dataclass(frozen=True, slots=True)
class Edit:
    """A titled change that can be offered: what it does, whether it was run, and the evidence for it.

    ``verified`` is true only if the evidence holds a run (``ran``, ``tested``, ``reproduced``, ``equivalent``) that
    ended well after the edit. ``by_model`` marks text that a language model wrote.
    """

    title: str
    files: tuple[FileEdit, ...]
    confidence: float
    verified: bool = False
    by_model: bool = False
    evidence: tuple[Evidence, ...] = ()
    source: str = ""  # the repair or generator that made it


def minimal_edit(path: str, before: str, after: str) -> FileEdit:
    """The smallest line-wise edit from one text to another, trimmed to the characters that differ.

    Keeps every untouched byte, including line endings, out of the edit. Uses :mod:`difflib` on lines."""
    starts = [*line_starts(before), len(before)]
    old = [before[a:b] for a, b in pairwise(starts)]
    new = [after[a:b] for a, b in pairwise([*line_starts(after), len(after)])]
    replacements: list[Replacement] = []
    # Lines that both begin and end with are not for difflib, which takes its time on long texts.
    head, tail = same_ends(old, new)
    matcher = difflib.SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    for tag, *inner in matcher.get_opcodes():
        if tag == "equal":
            continue
        i1, i2, j1, j2 = (each + head for each in inner)
        a, b = "".join(old[i1:i2]), "".join(new[j1:j2])
        prefix, suffix = same_ends(a, b)
        # An edit that starts inside \r\n would be seen as two line ends by some editors.
        if prefix and starts[i1] + prefix < len(before) and before[starts[i1] + prefix - 1] == "\r":
            prefix -= 1
        start = starts[i1] + prefix
        replacements.append(Replacement(start, starts[i2] - suffix, b[prefix : len(b) - suffix]))
    return FileEdit(path, text_hash(before), tuple(replacements))
