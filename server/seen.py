"""What a client that pulls has seen of a document whose diagnostics it has asked for again, and not had yet.

An editor that sends an edit, asks for the diagnostics of the new text and then for code actions, all in one go, asks
about what it shows: the diagnostics of before, which it moves along with the edit. These are known without a look at
the new text, so the answer need not stand behind that look. The next one, after the diagnostics, is complete again; so
is that to a person who asks.

Invariant: a finding whose lines were edited since it was shown is not given; the others are where they are now.
Invariant: whoever did not ask for diagnostics of this very text is not answered from here; nor is anyone if more than
the text changed since (a review, a setting, a dismissal), or if the whole text was replaced.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable
from typing import Any

from ..analyzers.findings import Finding, Range
from .documents import Document
from .reviews import Change, diagnostic, named
from .session import Session

Object = dict[str, Any]

#: A finding with its identifier and its diagnostic.
Place = tuple[str, Finding, Object]


def awaited(session: Session, document: Document) -> bool:
    """Does the client wait for the diagnostics of this very text, and is it known what it had before?"""
    review = session.review(document.uri)
    before, (version, answer) = review.shown, review.asked
    return (
        answer is not None
        and version == document.version
        and inspect.getcoroutinestate(answer) != inspect.CORO_CLOSED  # answered, or cancelled
        and before is not None
        and before.key[0] != document.version
        and before.key[1:] == (review.generation, review.slices)
        and None not in review.since
    )


def seen(
    session: Session, document: Document, asked: Collection[str], wanted: Callable[[Range], bool]
) -> list[Place] | None:
    """Of the findings that the client has seen, those that are ``asked`` for by name or lie where they are ``wanted``.
    None if another line may be named as one of them by now. Only while they are :func:`awaited`."""
    review, client = session.review(document.uri), session.client
    before, changes = review.shown, review.since
    places: list[Place] = []
    rows = zip(before.names, before.findings, before.diagnostics, strict=False) if before is not None else ()
    for name, finding, sent in rows:
        if (found := review.found.get(name)) is not None:  # it follows its definition, edited or not
            finding, by = found.shown(document), 0 if found.visible else None
        else:
            by = shift_of(finding.range, changes)
        if by is None or not (name in asked or wanted(finding.range.shifted(by) if by else finding.range)):
            continue
        now = finding.shifted(by)
        text = document.line_text(min(now.range.line, document.line_count - 1)).strip()
        if "." in name or document.data.count(text.encode("utf-8")) > 1:  # of several alike, it may be another by now
            return None
        drawn = {**diagnostic(now, document, client), "severity": sent["severity"]}  # less of what a baseline knows
        places.append((name, now, named(drawn, name, client)))
    return places


def shift_of(at: Range, changes: Iterable[Change | None]) -> int | None:
    """By how many lines a place moved; None if a change touched its lines."""
    by = 0
    for each in changes:
        if each is None:
            return None
        if at.end_line + by < each.first:
            continue
        if at.line + by <= each.last:
            return None
        by += each.delta
    return by
