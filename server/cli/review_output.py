"""How reviews are shown: text for people, annotations for GitHub workflows. SARIF is in :mod:`.review_sarif`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ...analyzers.consensus import Verdict, consensus
from ...analyzers.findings import SEVERITIES, Finding, Json, Reviewer, Severity, strongest
from .output import console

if TYPE_CHECKING:
    from ...analyzers.review import FileReview

_STYLES: Mapping[Severity, str] = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
LABELS = {"approve": "green", "comment": "yellow", "reject": "bold red"}

Shown = Callable[[Path | str], str]


def text(reviews: Sequence[FileReview], reviewers: Sequence[Reviewer], shown: Shown, *, verdicts: bool = False) -> None:
    """Findings grouped by file with source excerpt and evidence, then a summary and the verdict.

    Copies in several files are told at the first of them, with the places of the others."""
    from rich.text import Text

    from ...analyzers.select import told_once

    out = console()
    once = told_once([finding for review in reviews for finding in review.findings])
    told = iter(once)
    reviews = [
        replace(review, findings=tuple(each for each in islice(told, len(review.findings)) if each is not None))
        for review in reviews
    ]
    for review in reviews:
        if not (review.findings or review.error or review.notes):
            continue
        out.print(Text(shown(review.path), "bold underline"))
        if review.error:
            out.print(Text.assemble("  ", ("not analysed", "bold red"), f": {review.error}"))
        for finding in review.findings:
            out.print(finding_text(finding, review.lines.get(finding.range.line, ""), shown))
        for note in review.notes:
            out.print(Text(f"  note: {note}", "dim"))
        if review.findings:
            out.print(Text.assemble("  verdict ", (review.verdict.summary(), LABELS[review.verdict.label])))
        if review.findings and verdicts:
            votes(review.verdict, "  ")
            for name, line, verdict in function_verdicts(review):
                out.print(Text.assemble(f"  {line + 1}: {name} ", (verdict.summary(), LABELS[verdict.label])))
        out.print()
    _summary(reviews, reviewers, verdicts, once.count(None))


def finding_text(finding: Finding, line: str, shown: Shown = str) -> object:
    """A finding with its line and the strongest evidence; of copies, where the others are."""
    from rich.text import Text

    place = f"{finding.range.line + 1}:{finding.range.column + 1}"
    cwe = "".join(f" CWE-{number}" for number in finding.cwe)
    result = Text.assemble(
        f"  {place:<9}",
        (f"{finding.severity:<8} ", _STYLES[finding.severity]),
        finding.message,
        (f"  {finding.rule}{cwe}, confidence {finding.confidence:.2f}", "dim"),
    )
    if line.strip():
        stripped = line.lstrip()
        start = max(0, finding.range.column - (len(line) - len(stripped)))
        same_line = finding.range.end_line == finding.range.line
        width = finding.range.end_column - finding.range.column if same_line else len(stripped)
        width = max(1, min(width, len(stripped) - start))
        result.append(f"\n           {stripped[:110]}", "bold")
        if start < 110:
            result.append(f"\n           {' ' * start}{'^' * min(width, 110 - start)}", _STYLES[finding.severity])
    best = strongest(finding.evidence)
    if best is not None:
        result.append(f"\n           {best.kind}: {best.summary}", "dim")
    if finding.suggestion:
        result.append(f"\n           try: {finding.suggestion}")
    if finding.kind == "duplicate" and finding.related:
        places = ", ".join(f"{shown(each.path)}:{each.range.line + 1}" for each in finding.related)
        result.append(f"\n           the same at {places}")
    if finding.also:
        result.append(f"\n           also seen by {', '.join(finding.also)}", "dim")
    return result


def votes(verdict: Verdict, indent: str = "") -> None:
    """Each vote with its weight and its reasons."""
    from rich.text import Text

    out = console()
    out.print(Text(f"{indent}{verdict.reason}", "dim"))
    for vote in verdict.votes:
        says = Text.assemble(
            f"{indent}{vote.reviewer:<13}",
            (f"{vote.vote:<8}", LABELS[vote.vote]),
            f"{vote.confidence:>5.0%} sure, weight {vote.weight:.2f}",
        )
        for reason in vote.reasons:
            says.append(f"\n{indent}  {reason}", "dim")
        out.print(says)


def function_verdicts(review: FileReview) -> list[tuple[str, int, Verdict]]:
    """What the reviewers make of each function in which something was found: name, 0-based line, verdict."""
    from ...analyzers.definitions import Definition, definitions, function_at
    from ...analyzers.errors import SutureError
    from ...analyzers.source import read_source
    from ...analyzers.syntax import parse

    if not review.findings:
        return []
    try:
        data = read_source(review.path).text.encode("utf-8", "surrogatepass")
    except SutureError:  # it went since it was reviewed
        return []
    found = definitions(parse(data).root_node, data)
    own: dict[Definition, list[Finding]] = {}
    for finding in review.findings:
        function = function_at(found, finding.range.line)
        if function is not None:
            own.setdefault(function, []).append(finding)
    asked: list[Reviewer] = [vote.reviewer for vote in review.verdict.votes]
    return [(each.name, each.line, consensus(own[each], asked)) for each in sorted(own, key=lambda each: each.line)]


def _summary(reviews: Sequence[FileReview], reviewers: Sequence[Reviewer], verdicts: bool, told: int) -> None:
    from rich.text import Text

    out = console()
    findings = [finding for review in reviews for finding in review.findings]
    errors = sum(bool(review.error) for review in reviews)
    counts = Counter(finding.severity for finding in findings)
    parts = ", ".join(f"{counts[each]} {each}" for each in SEVERITIES if counts[each])
    files = len({each.path for each in reviews})
    line = f"{counted(files, 'file')}, {counted(len(findings), 'finding')}" + (f" ({parts})" if parts else "")
    if told:
        line += f", and {counted(told, 'copy', 'copies')} told with another"
    if errors:
        line += f", {errors} not analysed"
    out.print(Text(line, "bold"))
    if not findings:
        return
    worst = Counter({each.path: each.verdict.label for each in reviews if not each.error}.values())
    out.print(Text("files: " + ", ".join(f"{worst[label]} {label}" for label in LABELS if worst[label])))
    for reviewer in reviewers:
        own = [each for each in findings if each.reviewer == reviewer]
        if own:
            rules = ", ".join(f"{name} {count}" for name, count in Counter(each.rule for each in own).most_common(8))
            out.print(Text.assemble(f"  {reviewer:<13}{len(own):>4}  ", (rules, "dim")))
    if files == 1:
        out.print(Text.assemble("consensus: ", (reviews[0].verdict.summary(), LABELS[reviews[0].verdict.label])))
        if not verdicts:
            votes(reviews[0].verdict, "  ")


# -- GitHub

_GITHUB = {"critical": "error", "high": "error", "medium": "warning", "low": "notice"}


def annotation(value: Json) -> str:
    """A workflow command for one object of the command-line contract."""
    item = cast("Mapping[str, Json]", value)
    path = _escaped(str(item["path"]), property_value=True)
    if "error" in item:
        return f"::warning file={path},title=not analysed::{_escaped(str(item['error']))}"
    fields = f"file={path},line={item['line']},endLine={item['end_line']}"
    if item["line"] == item["end_line"]:
        fields += f",col={item['column']},endColumn={item['end_column']}"
    title = _escaped(f"suture {item['rule']}", property_value=True)
    message = str(item["message"]) + (f"\nTry: {item['suggestion']}" if item["suggestion"] else "")
    return f"::{_GITHUB[str(item['severity'])]} {fields},title={title}::{_escaped(message)}"


def _escaped(message: str, property_value: bool = False) -> str:
    message = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return message.replace(":", "%3A").replace(",", "%2C") if property_value else message


def counted(number: int, noun: str, many: str = "") -> str:
    """A number with its noun: ``1 file``, ``3 files``."""
    return f"{number} {noun}" if number == 1 else f"{number} {many or f'{noun}s'}"
