"""Evidence for people: a finding, an edit or a verdict as Markdown, and where the server keeps what it can show.

Invariant: everything shown was recorded when the finding or edit was made; nothing is run or looked up to show it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..analyzers.findings import Edit, Evidence, Finding, strongest
from .evidence_data import rendered

#: How many documents are kept; the oldest go first.
KEPT = 512

#: An image by reference, and what it refers to, with the empty line above.
_IMAGE = re.compile(r"^(?:!\[[^\]]*\]\[\w+\]|\[\w+\]: data:image/\S*)\n*", re.MULTILINE)

#: What no file name should hold.
_UNFIT = re.compile(r"[^\w \-.,()\[\]'=+]")

#: The scheme of the read-only documents.
SCHEME = "suture-evidence"


@dataclass(frozen=True, slots=True)
class Page:
    """One read-only document."""

    title: str
    body: str


class Pages:
    """The documents that can be shown, by identifier; a bounded memory of the latest."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, Page | Callable[[], Page]] = OrderedDict()

    def put(self, ident: str, page: Page | Callable[[], Page]) -> str:
        """Keep a page, or what makes it of frozen values when it is first looked at; returns its identifier."""
        self._pages[ident] = page
        self._pages.move_to_end(ident)
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)
        return ident

    def get(self, ident: str) -> Page | None:
        page = self._pages.get(ident)
        if callable(page):
            page = self._pages[ident] = page()
        return page


def uri_of(ident: str, title: str = "") -> str:
    """The URI of an evidence document. ``title`` becomes its name, which is what an editor writes on the tab."""
    name = " ".join(_UNFIT.sub(" ", title).split())[:60].rstrip(" .")
    return f"{SCHEME}:/{ident}/{quote(name)}.md" if name else f"{SCHEME}:/{ident}.md"


def ident_of(uri: str) -> str:
    """The identifier in a URI made by :func:`uri_of`; also with an empty authority (``suture-evidence:///…``)."""
    return uri.partition(":")[2].strip("/").partition("/")[0].removesuffix(".md")


def as_text(body: str) -> str:
    """A page for an editor that shows it as text: without its images, which are there as tables too."""
    return _IMAGE.sub("", body).rstrip() + "\n"


def finding_page(finding: Finding, roots: Sequence[Path] = ()) -> Page:
    """Everything known about a finding; its path is shown from the one of ``roots`` that it lies in."""
    path = Path(finding.path)
    shown = next((path.relative_to(root) for root in roots if path.is_relative_to(root)), path)
    where = f"{shown}:{finding.range.line + 1}:{finding.range.column + 1}"
    facts = [
        f"- where: `{where}`",
        f"- rule: `{finding.rule}`" + (f" (also: {', '.join(finding.also)})" if finding.also else ""),
        f"- severity: {finding.severity}, confidence {finding.confidence:.0%}",
    ]
    if finding.reviewer:
        facts.append(f"- reviewer: {finding.reviewer}")
    if finding.cwe:
        facts.append("- " + ", ".join(f"[CWE-{each}]({cwe_url(each)})" for each in finding.cwe))
    parts = [f"# {finding.message}", "\n".join(facts)]
    if finding.suggestion:
        parts.append(f"**What to do.** {finding.suggestion}")
    parts += evidence_parts(finding.evidence)
    if finding.related:
        steps = "\n".join(f"- `{each.path}:{each.range.line + 1}` {each.message}" for each in finding.related)
        parts.append(f"## Related places\n\n{steps}")
    return Page(finding.message, "\n\n".join(parts) + "\n")


def edit_page(edit: Edit) -> Page:
    """Everything known about an edit."""
    where = "without a sandbox (bare-host)" if _uncontained(edit.evidence) else "in the sandbox"
    state = f"verified: it was run {where}" if edit.verified else "**not verified by a run**"
    author = "a language model" if edit.by_model else edit.source or "Suture"
    facts = [f"- {state}", f"- made by: {author}", f"- confidence {edit.confidence:.0%}"]
    facts += [f"- changes `{file.path}` in {len(file.replacements)} place(s)" for file in edit.files]
    parts = [f"# {edit.title}", "\n".join(facts), *evidence_parts(edit.evidence)]
    return Page(edit.title, "\n\n".join(parts) + "\n")


def _uncontained(evidence: Sequence[Evidence]) -> bool:
    """Whether a run of this evidence was on the bare host, by the person's remembered choice."""
    return any(each.data.get("sandbox") == "bare-host" for each in evidence)


def verdict_page(path: str, verdict: Mapping[str, Any]) -> Page:
    """The consensus of the three reviewers on a file."""
    title = f"{Path(path).name}: {verdict_line(verdict)}"
    return Page(title, f"# {title}\n\n{votes_table(verdict)}\n")


def votes_table(verdict: Mapping[str, Any]) -> str:
    """Why the verdict is what it is: every vote with its confidence and weight, and the findings behind it."""
    rows = ["| reviewer | vote | confidence | weight | findings |", "|---|---|---|---|---|"]
    for vote in verdict["votes"]:
        sure, weight = f"{vote['confidence']:.0%}", f"{vote['weight']:.2f}"
        rows.append(f"| {vote['reviewer']} | {vote['vote']} | {sure} | {weight} | {vote['findings']} |")
    reasons = [f"- {vote['reviewer']}: {reason}" for vote in verdict["votes"] for reason in vote["reasons"]]
    return "\n".join([f"{verdict['reason']}.", "", *rows, "", *reasons])


def report_page(title: str, report: Mapping[str, Any]) -> Page:
    """The report of a command (healing, generation, fuzzing): what the command line prints as JSON, for people."""
    return Page(title, f"# {title}\n\n{rendered(report)}\n")


def evidence_parts(evidence: Sequence[Evidence]) -> list[str]:
    """One section for each piece of evidence, with what is needed to replay it."""
    if not evidence:
        return ["No evidence was recorded."]
    parts = ["## Evidence"]
    for each in evidence:
        data = rendered(each.data)
        parts.append(f"**{each.kind}**: {each.summary}" + (f"\n\n{data}" if data else ""))
    return parts


def finding_hover(finding: Finding) -> str:
    """A few lines of Markdown: what, how sure, why, what to do."""
    head = f"**{finding.message}** (`{finding.rule}`, {finding.severity}, {finding.confidence:.0%})"
    lines = [head]
    lines += [f"- {each.kind}: {each.summary}" for each in finding.evidence]
    if finding.also:
        lines.append(f"- also reported by: {', '.join(finding.also)}")
    if finding.cwe:
        lines.append("- " + ", ".join(f"[CWE-{each}]({cwe_url(each)})" for each in finding.cwe))
    if finding.suggestion:
        lines.append(f"\n{finding.suggestion}")
    return "\n".join(lines)


def edit_hover(edit: Edit) -> str:
    """One line on a repair that is ready."""
    proof = strongest(edit.evidence)
    state = proof.summary if edit.verified and proof is not None else "not run"
    return f"- {edit.title} ({state})"


def verdict_line(verdict: Mapping[str, Any]) -> str:
    """``comment 0.81: security approve · performance comment (2) · architecture approve``."""
    votes = " · ".join(
        f"{vote['reviewer']} {vote['vote']}" + (f" ({vote['findings']})" if vote["findings"] else "")
        for vote in verdict["votes"]
    )
    return f"{verdict['label']} {verdict['score']:.2f}: {votes}"


def cwe_url(number: int) -> str:
    return f"https://cwe.mitre.org/data/definitions/{number}.html"
