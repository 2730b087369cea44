"""``suture review --fix`` and ``--show-fixes``: improvements that were proven in the sandbox, with their evidence.

One finding after the other: prove, apply to the text, review the new text, go on; a place is tried once. Speed-ups of
the performance reviewer are the default; refactorings of the architecture reviewer only where it is asked for by name.

Invariant: a file is written only with ``--fix``, once, with its encoding and line endings, and only if it is still what
was reviewed.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ...analyzers.errors import Stale, SutureError, UserError
from ...analyzers.findings import Edit, Finding, Json, Reviewer
from ...analyzers.source import LineIndex, read_source
from .output import print_all

if TYPE_CHECKING:
    from ...analyzers.review import FileReview
    from ...analyzers.sandbox.interface import Sandbox
    from .review import Progress, Shown


@dataclass(frozen=True, slots=True)
class Fix:
    """A proven improvement of one finding, and the text before and after it."""

    finding: Finding
    edit: Edit
    before: str
    after: str

    def diff(self, name: str) -> str:
        old, new = self.before.splitlines(keepends=True), self.after.splitlines(keepends=True)
        return "".join(difflib.unified_diff(old, new, name, name))


@dataclass
class Outcome:
    """What became of one file."""

    path: Path
    fixes: list[Fix] = field(default_factory=list[Fix])
    refused: list[tuple[Finding, str, str]] = field(default_factory=list[tuple[Finding, str, str]])
    left: int = 0


def run_fixes(
    reviews: Iterable[FileReview],
    options: argparse.Namespace,
    asked: Sequence[Reviewer] | None,
    progress: Progress,
    shown: Shown,
) -> int:
    """0 if no finding that an improvement is about is left, 1 if some are."""
    from ...analyzers.sandbox import open_sandbox

    if options.output_format in ("sarif", "github"):
        raise UserError(f"--fix does not print {options.output_format}", "use text, json or json-lines")
    reviewers: tuple[Reviewer, ...] = tuple(asked) if asked else ("performance",)
    sandbox = open_sandbox()
    outcomes: list[Outcome] = []
    try:
        for review in reviews:
            outcome = _file(review, reviewers, sandbox, progress)
            if outcome is None:
                continue
            outcomes.append(outcome)
            progress.clear()
            _print(outcome, options, shown)
    finally:
        sandbox.close()
    progress.clear()
    done = sum(len(each.fixes) for each in outcomes)
    left = sum(each.left for each in outcomes)
    verb = "applied" if options.fix else "proven"
    print(f"suture: {done} fix{'' if done == 1 else 'es'} {verb}, {left} without a proven fix", file=sys.stderr)
    return 1 if left else 0


def _file(review: FileReview, reviewers: Sequence[Reviewer], sandbox: Sandbox, progress: Progress) -> Outcome | None:
    """All fixes of one file; None if there is nothing to improve in it."""
    from ...analyzers.fuzzing.api import find_root
    from ...healing.improvements import improvable, improve

    wanted = [each for each in review.findings if each.reviewer in reviewers and improvable(each)]
    if review.error or not wanted:
        return None
    path = Path(review.path).absolute()
    text = read_source(path).text
    outcome = Outcome(path)
    root = find_root(path)
    tried: set[tuple[str, str]] = set()
    findings = wanted
    while findings:
        finding = findings[0]
        tried.add(_key(finding, text))
        progress.aside(f"{path.name}:{finding.range.line + 1}: trying what could be done about {finding.rule}")

        def refused(title: str, reason: str, finding: Finding = finding) -> None:
            outcome.refused.append((finding, title, reason))

        edit = next(iter(improve(root, path, text, finding, sandbox=sandbox, on_refused=refused)), None)
        if edit is not None and len(edit.files) == 1:
            after = edit.files[0].apply(text)
            outcome.fixes.append(Fix(finding, edit, text, after))
            text = after
            findings = _again(path, text, reviewers)
        elif edit is None:
            outcome.left += 1
        findings = [each for each in findings if _key(each, text) not in tried]
    return outcome


def _again(path: Path, text: str, reviewers: Sequence[Reviewer]) -> list[Finding]:
    """What is found in the new text."""
    from ...analyzers.review import review_file
    from ...healing.improvements import improvable

    review = review_file(path, reviewers=reviewers, text=text, engines=False)
    return [each for each in review.findings if improvable(each)]


def _key(finding: Finding, text: str) -> tuple[str, str]:
    """A place that is tried once: the rule, and the text of its line with its neighbours'."""
    index = LineIndex(text)
    line = finding.range.line
    return finding.rule, "\n".join(
        index.line(each).strip() for each in range(max(0, line - 2), min(line + 3, len(index.starts)))
    )


def _print(outcome: Outcome, options: argparse.Namespace, shown: Shown) -> None:
    from ...healing.improvements.titles import proof_of

    name = shown(outcome.path)
    if options.fix and outcome.fixes:
        _write(outcome)
    if options.output_format != "text":
        print_all(list(_values(outcome, name, applied=options.fix)), options.output_format)
        return
    for fix in outcome.fixes:
        place = f"{name}:{fix.finding.range.line + 1}"
        print(f"{place}: {fix.edit.title}: {proof_of(fix.edit)}")
        for each in fix.edit.evidence:
            print(f"    {each.kind}: {each.summary}")
        if options.show_fixes:
            print(fix.diff(name))
    for finding, title, reason in outcome.refused:
        print(f"{name}:{finding.range.line + 1}: not offered: {title}: {reason}", file=sys.stderr)


def _values(outcome: Outcome, name: str, *, applied: bool) -> Iterator[Json]:
    for fix in outcome.fixes:
        yield {
            "path": name,
            "line": fix.finding.range.line + 1,
            "rule": fix.finding.rule,
            "kind": fix.finding.kind,
            "title": fix.edit.title,
            "improvement": fix.edit.source,
            "applied": applied,
            "evidence": [each.to_json() for each in fix.edit.evidence],
            "diff": fix.diff(name),
        }
    for finding, title, reason in outcome.refused:
        yield {
            "path": name,
            "line": finding.range.line + 1,
            "rule": finding.rule,
            "kind": finding.kind,
            "title": title,
            "refused": reason,
        }


def _write(outcome: Outcome) -> None:
    """The last text, in the file's own encoding. Raises Stale if somebody else wrote it meanwhile."""
    from dataclasses import replace

    source = read_source(outcome.path)
    if source.text != outcome.fixes[0].before:
        raise Stale(f"{outcome.path} changed while its fixes were proven")
    try:
        outcome.path.write_bytes(replace(source, text=outcome.fixes[-1].after).encode())
    except OSError as error:
        raise SutureError(f"{outcome.path} cannot be written: {error}") from error
