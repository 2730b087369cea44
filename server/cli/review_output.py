"""How reviews are shown: text for people, SARIF 2.1.0 for code scanning, annotations for GitHub workflows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ...analyzers.consensus import consensus
from ...analyzers.findings import SEVERITIES, Finding, Json, Reviewer, Severity, strongest
from .output import console

if TYPE_CHECKING:
    from ...analyzers.review import FileReview

_STYLES: Mapping[Severity, str] = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_LABELS = {"approve": "green", "comment": "yellow", "reject": "bold red"}

Shown = Callable[[Path | str], str]


def text(reviews: Sequence[FileReview], reviewers: Sequence[Reviewer], shown: Shown) -> None:
    """Findings grouped by file with source excerpt and evidence, then a summary and the verdict."""
    from rich.text import Text

    out = console()
    for review in reviews:
        if not (review.findings or review.error or review.notes):
            continue
        out.print(Text(shown(review.path), "bold underline"))
        if review.error:
            out.print(Text.assemble("  ", ("not analysed", "bold red"), f": {review.error}"))
        for finding in review.findings:
            out.print(_finding(finding, review.lines.get(finding.range.line, "")))
        for note in review.notes:
            out.print(Text(f"  note: {note}", "dim"))
        if review.findings:
            out.print(Text.assemble("  verdict ", (review.verdict.summary(), _LABELS[review.verdict.label])))
        out.print()
    _summary(reviews, reviewers)


def _finding(finding: Finding, line: str) -> object:
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
    if finding.also:
        result.append(f"\n           also seen by {', '.join(finding.also)}", "dim")
    return result


def _summary(reviews: Sequence[FileReview], reviewers: Sequence[Reviewer]) -> None:
    from rich.text import Text

    out = console()
    findings = [finding for review in reviews for finding in review.findings]
    errors = sum(bool(review.error) for review in reviews)
    counts = Counter(finding.severity for finding in findings)
    parts = ", ".join(f"{counts[each]} {each}" for each in SEVERITIES if counts[each])
    line = f"{_counted(len(reviews), 'file')}, {_counted(len(findings), 'finding')}" + (f" ({parts})" if parts else "")
    if errors:
        line += f", {errors} not analysed"
    out.print(Text(line, "bold"))
    if not findings:
        return
    worst = Counter(review.verdict.label for review in reviews if not review.error)
    out.print(Text("files: " + ", ".join(f"{worst[label]} {label}" for label in _LABELS if worst[label])))
    for reviewer in reviewers:
        own = [each for each in findings if each.reviewer == reviewer]
        if own:
            rules = ", ".join(f"{name} {count}" for name, count in Counter(each.rule for each in own).most_common(8))
            out.print(Text.assemble(f"  {reviewer:<13}{len(own):>4}  ", (rules, "dim")))
    if len(reviews) == 1:
        verdict = consensus(findings, reviewers)
        out.print(Text.assemble("consensus: ", (verdict.summary(), _LABELS[verdict.label])))


# -- SARIF

_LEVELS: Mapping[Severity, str] = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SCORES: Mapping[Severity, str] = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.5"}


def sarif(reviews: Sequence[FileReview], shown: Shown) -> Json:
    """A SARIF 2.1.0 log; files that could not be analysed are tool notifications."""
    from ...analyzers.engine import all_rules
    from ...analyzers.review import program_rules

    findings = [finding for review in reviews for finding in review.findings]
    summaries = {rule.name: rule.summary for rule in (*all_rules(), *program_rules())}
    first = {finding.rule: finding for finding in reversed(findings)}
    names = sorted(first)
    rules: list[Json] = [_sarif_rule(first[name], summaries.get(name, "")) for name in names]
    notices: list[Json] = []
    for review in reviews:
        texts = [(review.error, "error")] if review.error else [(note, "note") for note in review.notes]
        for message, level in texts:
            notices.append(
                {
                    "level": level,
                    "message": {"text": message},
                    "locations": [{"physicalLocation": {"artifactLocation": _artifact(shown(review.path))}}],
                }
            )
    results: list[Json] = [
        _sarif_result(finding, names.index(finding.rule), review.lines.get(finding.range.line, ""), shown)
        for review in reviews
        for finding in review.findings
    ]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "Suture", "version": version("suture"), "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": not any(review.error for review in reviews),
                        "toolExecutionNotifications": notices,
                    }
                ],
                "results": results,
            }
        ],
    }


def _sarif_rule(finding: Finding, summary: str) -> Json:
    tags = [finding.reviewer or "correctness", *(f"external/cwe/cwe-{number:03}" for number in finding.cwe)]
    properties: dict[str, Json] = {"tags": tags, "kind": finding.kind}
    if finding.reviewer == "security":
        properties["security-severity"] = _SCORES[finding.severity]
    return {
        "id": finding.rule,
        "shortDescription": {"text": summary or finding.message},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": properties,
    }


def _artifact(path: str) -> dict[str, Json]:
    return {"uri": Path(path).as_uri() if Path(path).is_absolute() else path.replace(" ", "%20")}


def _sarif_result(finding: Finding, rule_index: int, line: str, shown: Shown) -> Json:
    value: dict[str, Json] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message + (f". {finding.suggestion.capitalize()}" if finding.suggestion else "")},
        "locations": [_location(shown(finding.path), finding.range)],
        "partialFingerprints": {"suture/v1": finding.fingerprint(line)},
        "properties": {
            "confidence": round(finding.confidence, 3),
            "kind": finding.kind,
            "evidence": [each.to_json() for each in finding.evidence],
            "also": list(finding.also),
        },
    }
    if finding.related:
        steps: list[Json] = [
            {"location": {**_location(shown(each.path), each.range), "message": {"text": each.message}}}
            for each in finding.related
        ]
        value["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return value


def _location(path: str, place: Sequence[int]) -> dict[str, Json]:
    line, column, end_line, end_column = place
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(path),
            "region": {
                "startLine": line + 1,
                "startColumn": column + 1,
                "endLine": end_line + 1,
                "endColumn": end_column + 1,
            },
        }
    }


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


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
