"""What the editor should be shown for a document right now: findings, their identifiers, diagnostics.

Invariant: computed from the document's current text in one go, without waiting; kept until something changes.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from ..analyzers.confidence.table import calibrated
from ..analyzers.findings import Finding
from ..analyzers.merge import merge
from ..analyzers.select import allowed, capped, hidden
from ..analyzers.source import MAX_BYTES
from .client import Client
from .documents import Document, Positions
from .first_imports import imported
from .growth import judged
from .known import recognised
from .reviews import (
    HINT,
    STATIC,
    WARNING,
    Review,
    Shown,
    combined,
    diagnostic,
    draw,
    fast_rules,
    identify,
    link,
    made_of,
    named,
)
from .session import Session

log = logging.getLogger(__name__)

Object = dict[str, Any]


def shown(session: Session, document: Document) -> Shown:
    """The document's findings and diagnostics, computed at most once for each state."""
    review = session.review(document.uri)
    key = (document.version, review.generation, review.slices)
    if review.shown is None or review.shown.key != key:
        review.shown, review.since = compute(session, document, review, key), []
    return review.shown


def compute(session: Session, document: Document, review: Review, key: tuple[Any, ...] = ()) -> Shown:
    """See :func:`shown`; always computes."""
    found = reviewed(session, document, review, key)
    return with_failures(session, document, found) if session.failures.by_uri else found


def with_failures(session: Session, document: Document, found: Shown) -> Shown:
    """What the last runs failed by is shown beside the findings, if no static fault on its line says the same."""
    said = {each.range.line for each in found.findings if each.rule in STATIC}
    count, client = len(found.findings), session.client
    failures = [
        each
        for each in session.failures.of(document.uri)
        if each.finding.range.line not in said or each.fault["category"] not in ("name", "syntax")
    ]
    if not failures:
        return found
    drawn = [named(diagnostic(each.finding, document, client), each.ident, client) for each in failures]
    return Shown(
        found.key,
        [*found.findings, *(each.finding for each in failures)],
        [*found.names, *(each.ident for each in failures)],
        [*found.diagnostics[:count], *drawn, *found.diagnostics[count:]],
    )


def reviewed(session: Session, document: Document, review: Review, key: tuple[Any, ...]) -> Shown:
    """What the engines and the reviewers say."""
    if is_settings(document.uri):
        return Shown(key, [], [], settings_warnings(session, document))
    if not session.reviewable(document):
        return Shown(key, [], [], [])
    settings = session.server.settings(session.where(document)).review
    if not settings.enabled:
        return Shown(key, [], [], [])
    reason = unreadable(document)
    if reason:
        return Shown(key, [], [], [notice(reason, session.client)])
    try:
        fast = merge(document.analysis.findings(), review.merged)
        # What the fast rules do not say is over once they have been through the text.
        said = fast_rules() if document.analysis.complete else STATIC
        findings = combined(fast, review.slow, said, review.joined)
    except Exception as error:  # an engine that fails must be seen, not leave a file unreviewed in silence
        log.exception("the keystroke engine failed on %s", document.path)
        return Shown(key, [], [], [notice(f"not analysed: internal error ({type(error).__name__})", session.client)])
    if beside := session.server.workspace.cells_beside(document.uri):
        findings = known_beside(findings, beside)
    measured = judged(session, document, made_of(findings, review.judged, _calibrated))
    findings = list(imported(session, measured))
    findings = allowed(
        findings,
        reviewers=settings.reviewers,
        select=settings.select,
        ignore=settings.ignore,
        least=settings.severity,
        severities=settings.severities,
    )
    findings, old = recognised(session, document, findings, settings)
    count = len(findings)
    findings = capped(findings, settings.max_findings_per_file)
    client = session.client
    drawn = made_of(findings, review.drawn, lambda each: draw(each, document, client))
    rows = list(zip(identify(drawn), findings, (each.diagnostic for each in drawn), strict=True))
    if review.found:
        placed = ((name, each.shown(document)) for name, each in review.found.items() if each.visible)
        rows += ((name, each, diagnostic(each, document, client)) for name, each in placed)
        rows.sort(key=lambda row: row[1].range)
    names, findings = [row[0] for row in rows], [row[1] for row in rows]
    diagnostics = review.named(((name, sent) for name, _, sent in rows), client)
    if old:
        diagnostics = [
            {**sent, "severity": HINT} if id(each) in old else sent
            for each, sent in zip(findings, diagnostics, strict=True)
        ]
    more = hidden(count, settings.max_findings_per_file)
    if more:
        diagnostics.append({**notice(more, client, "more-findings"), "severity": HINT})
    if review.failure:
        diagnostics.append(notice(review.failure, client))
    return Shown(key, findings, names, diagnostics)


def known_beside(findings: Sequence[Finding], cells: Sequence[Document]) -> list[Finding]:
    """Without the undefined names that another cell of the notebook binds."""
    if all(each.rule != "undefined-name" for each in findings):
        return [*findings]
    bound = [each.analysis.bound() for each in cells]
    if None in bound:  # a star import: whatever it binds
        return [each for each in findings if each.rule != "undefined-name"]
    names = frozenset[str]().union(*(each for each in bound if each is not None))
    return [
        each for each in findings if each.rule != "undefined-name" or str(each.evidence[0].data["name"]) not in names
    ]


def _calibrated(finding: Finding) -> Finding:
    return calibrated((finding,))[0]


def settings_warnings(session: Session, document: Document) -> list[Object]:
    """What is wrong with the settings in an open ``pyproject.toml``."""
    project = session.server.project_settings(session.where(document))
    return [warning(each, document, session.client) for each in (project.warnings if project is not None else ())]


def warning(finding: Finding, lines: Positions, client: Client) -> Object:
    """One diagnostic for a setting that does not count."""
    return link(
        {
            "range": lines.lsp_range(finding.range),
            "severity": WARNING,
            "code": finding.rule,
            "source": "suture",
            "message": finding.message,
        },
        client,
        finding.rule,
    )


def analysed(session: Session, document: Document) -> bool:
    """Do the reviewers look at this document?"""
    return (
        session.reviewable(document)
        and session.server.settings(session.where(document)).review.enabled
        and not unreadable(document)
    )


def is_settings(uri: str) -> bool:
    return uri.endswith("/pyproject.toml")


def unreadable(document: Document) -> str:
    """Why a document is not analysed; empty if it is."""
    size = len(document.data)
    if size > MAX_BYTES:
        return f"not analysed: {size // 1024} KiB; files over {MAX_BYTES // 1024} KiB are left alone"
    if b"\0" in document.data[:8192]:
        return "not analysed: the file is binary (it contains null bytes), not Python source"
    return ""


def notice(message: str, client: Client, code: str = "not-analysed") -> Object:
    """One diagnostic for a file as a whole."""
    zero = {"line": 0, "character": 0}
    return link(
        {
            "range": {"start": zero, "end": zero},
            "severity": WARNING,
            "code": code,
            "source": "suture",
            "message": message,
        },
        client,
        code,
    )
