"""Hover: the evidence of the findings under the cursor; on a definition, what the reviewers make of it.

Invariant: from what is known already; nothing waits for a worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from ...analyzers.consensus import consensus
from ...analyzers.findings import Finding
from ..counterexamples import counterexample_hover
from ..current import analysed, shown
from ..documents import Document
from ..evidence import edit_hover, finding_hover, verdict_line, votes_table
from ..heals import ready
from ..lenses import extent, targets
from ..session import Session, session_of

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]


def register(server: SutureServer) -> None:
    session = session_of(server)

    @server.prompt(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> Object | None:  # pyright: ignore[reportUnusedFunction]
        document = server.opened_document(params.text_document.uri)
        if document is None or not analysed(session, document):
            return None
        text = hover_text(session, document, *document.position_of(params.position))
        if not text:
            return None
        kind = "markdown" if session.client.markdown_hover else "plaintext"
        return {"contents": {"kind": kind, "value": text if kind == "markdown" else _plain(text)}}


def hover_text(session: Session, document: Document, line: int, column: int) -> str:
    """Markdown for a place; empty if there is nothing to say."""
    now = shown(session, document)
    parts: list[str] = []
    for name, finding in zip(now.names, now.findings, strict=True):
        at = finding.range
        if at[:2] <= (line, column) <= at[2:] and at.end_line - at.line <= 40:
            healed = ready(session, document, name)
            repairs = [edit_hover(edit) for edit in healed.edits] if healed is not None else []
            known, found = session.counterexamples.get(name), session.review(document.uri).found.get(name)
            if known is not None and found is not None:
                parts.append(counterexample_hover(finding, known, found.stale))
                continue
            parts.append("\n".join([finding_hover(finding), *(["", "**Repairs**", *repairs] if repairs else [])]))
    votes = votes_at(session, document, line, now.findings)
    if votes:
        parts.append(votes)
    return "\n\n---\n\n".join(parts)


def votes_at(session: Session, document: Document, line: int, findings: list[Finding]) -> str:
    """The file's verdict on its first line; a function's on the line of its definition, if anything was found in it."""
    if line == 0:
        review = session.review(document.uri)
        return _verdict("this file", review.verdict) if review.verdict is not None else ""
    for target in targets(session, document):
        if target.line == line:
            last = extent(document, line)
            own = [each for each in findings if line <= each.range.line <= last and each.reviewer]
            if own:
                return _verdict(f"`{target.name}`", consensus(own).to_json())
    return ""


def _verdict(what: str, verdict: Mapping[str, Any]) -> str:
    """The verdict in a line, and the votes with their weights and reasons."""
    return f"Suture on {what}: {verdict_line(verdict)}\n\n{votes_table(verdict)}"


def _plain(markdown: str) -> str:
    return markdown.replace("**", "").replace("`", "").replace("\n---\n", "\n")
