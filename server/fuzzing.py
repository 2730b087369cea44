"""Fuzzing for the editor: one search in a worker whose findings are shown while it runs, and what is stale tried again.

Invariant: a counterexample is shown the moment its search has confirmed it, on the line where it is by then.
Invariant: nothing here runs anything by itself in a folder that is not trusted; whoever starts a search asks before.
It keeps no clock: :mod:`.features.rechecks` says when.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lsprotocol import types

from ..analyzers.errors import SutureError
from ..analyzers.fuzzing.plots import number
from .codec import finding_from_json
from .counterexamples import Counterexample, run_page
from .documents import Document
from .heals import sandbox_params
from .lenses import definition_lines
from .reviews import Found, Tracker
from .session import Session

log = logging.getLogger(__name__)

Object = dict[str, Any]

#: The longest that a job may take beyond its own budget, in seconds.
MARGIN_S = 60.0

#: How many counterexamples that no longer fail are still tried in an open document.
MENDED = 12

#: The longest that one recheck of a file may take, in seconds.
RECHECK_S = 120.0


def progress_text(event: Mapping[str, Any]) -> str:
    """``12,400 executions, 5,100/s, 31 branches, boundary``; what is not known is left out."""
    parts = [f"{number(event.get('executions') or 0)} executions"]
    if (event.get("per_second") or 0) >= 1:
        parts.append(f"{round(event['per_second']):,}/s")
    if event.get("branches"):
        parts.append(f"{event['branches']:,} branch{'es' if event['branches'] > 1 else ''}")
    if event.get("stage"):
        parts.append(str(event["stage"]))
    return ", ".join(parts)


async def search(
    session: Session,
    uri: str,
    path: Path,
    name: str,
    budget_s: float,
    report: Callable[[str], None],
    base: str | None = None,
) -> Object:
    """Fuzz one target of a document, or of a file that is not open. Returns how the search ended, with its findings."""
    document = session.server.opened_document(uri)
    root = session.server.root_of(path)
    review = session.review(uri) if document is not None else None
    tracker = review.track() if review is not None else []
    before = _of(session, uri, name) if base is None else []
    seen: list[str] = []

    def heard(event: Mapping[str, Any]) -> None:
        if event.get("event") == "progress":
            report(progress_text(event) + (f", {len(seen)} found" if seen else ""))
        elif event.get("event") == "found":
            told = event["found"]
            seen.append(told["id"])
            report(f"found: {told['event'].get('exception') or told['event'].get('kind')}")
            keep(session, uri, root, told, tracker)

    params: Object = {
        "root": str(root),
        "path": str(path),
        "name": name,
        "text": document.text if document is not None else None,
        "budget_s": budget_s,
        "base": base,
        "version": document.version if document is not None else None,
        **sandbox_params(session, path),
    }
    try:
        result = await session.workers.run("fuzz", params, timeout_s=budget_s + MARGIN_S, on_event=heard)
    finally:
        if review is not None:
            review.leave(tracker)
    done: Object = dict(result["done"] or {})
    findings = [each["event"] for each in result["findings"]]
    session.runs[uri, name] = {**done, "version": params["version"], "found": len(findings)}
    session.pages.put(run_ident(uri, name), run_page(name, str(path), done, findings))
    session.fuzzed.emit(uri)
    if review is not None and done.get("status") == "ok":
        for ident in before:
            found = review.found.get(ident)
            if found is not None and ident not in seen:  # whether it is fixed is for a recheck to say
                review.find(ident, replace(found, stale=True))
        tell(session, uri)
    return {**done, "findings": findings, "evidence": run_ident(uri, name)}


def run_ident(uri: str, name: str) -> str:
    """The evidence document of a target's last run."""
    return f"fuzz-run-{name}-{uri.rpartition('/')[2]}"


def _of(session: Session, uri: str, name: str) -> list[str]:
    """The counterexamples of a target that are shown."""
    if session.server.opened_document(uri) is None:
        return []
    return [
        ident
        for ident in session.review(uri).found
        if (known := session.counterexamples.get(ident)) is not None and known.name == name
    ]


def keep(session: Session, uri: str, root: Path, told: Mapping[str, Any], tracker: Tracker) -> None:
    """Show a counterexample of a text to which ``tracker`` happened since; of a file that is not open, list it."""
    finding = finding_from_json(told["finding"])
    ident, event = str(told["id"]), told["event"]
    old = session.counterexamples.get(ident)
    if old is not None and event.get("stage") == "replay":  # what found it first still tells more
        event = {**event, **{key: old.event[key] for key in ("seed", "stage", "shrunk") if key in old.event}}
    known = Counterexample(
        ident=ident,
        uri=uri,
        root=str(root),
        path=finding.path,
        name=str(event["target"]),
        event=event,
        test=told["test"],
        test_path=told["test_path"],
        base=told["base"],
    )
    session.counterexamples[ident] = known
    session.remember(ident, finding)
    document = session.server.opened_document(uri)
    if document is None:
        session.closed_findings.setdefault(uri, {})[ident] = finding
        session.news_of_closed.emit(uri)
        return
    review = session.review(uri)
    first, last = told["lines"] or (finding.range.line, finding.range.line)
    found = Found(finding, first, last)
    for change in tracker:
        found = found.after(change)
    review.find(ident, found)
    for old in [each for each, known in review.found.items() if known.mended][:-MENDED]:
        review.drop(old)
    tell(session, uri)


def tell(session: Session, uri: str) -> None:
    """The document's diagnostics changed."""
    document = session.server.opened_document(uri)
    if document is not None:
        session.news.emit(document)


# -- trying again ----------------------------------------------------------------------------------------------------


def settle(session: Session, document: Document) -> list[str]:
    """Bring the counterexamples of a document up to date with its tree; the identifiers of those to be tried again.

    Catches what lines alone cannot tell: a definition that grew at its end, one that is where it was before in a text
    that was replaced as a whole."""
    review = session.review(document.uri)
    again: list[str] = []
    changed = False
    for ident, found in list(review.found.items()):
        known = session.counterexamples.get(ident)
        lines = definition_lines(document, known.name) if known is not None else None
        fresh = found
        if lines is not None and (found.lost or lines != (found.first, found.last)):
            line = min(lines[0] + max(found.finding.range.line - found.first, 0), lines[1])
            at = found.finding.range if not found.lost else found.finding.range._replace(line=line, end_line=line)
            moved = found.finding.at(at, at.line - found.finding.range.line)
            edited = found.stale or lines[1] - lines[0] != found.last - found.first
            fresh = replace(found, finding=moved, first=lines[0], last=lines[1], stale=edited, lost=False)
        if fresh != found:
            review.find(ident, fresh)
            changed = True
        if fresh.stale:
            again.append(ident)
    if changed:
        tell(session, document.uri)
    return again


async def recheck(session: Session, document: Document, idents: Sequence[str], *, even_unchanged: bool = False) -> None:
    """Try counterexamples on the document's text of now: what is fixed goes, what fails is fresh again.

    One whose definition reads as it did when it failed is fresh without a run, but for ``even_unchanged``."""
    items: list[Object] = []
    for ident in idents:
        known = session.counterexamples.get(ident)
        if known is not None:
            failed_at = "" if even_unchanged else known.source_hash
            item = {"id": ident, "name": known.name, "base": known.base, "source_hash": failed_at}
            items.append({**item, **_input(known.event)})
    await _try(session, document, items)


async def recall(session: Session, document: Document) -> None:
    """Try the counterexamples that earlier sessions (or the command line) left for a file that was opened."""
    path = session.where(document)
    params = {"root": str(session.server.root_of(path)), "path": str(path), "text": document.text}
    items: list[Object] = await session.workers.run("fuzz_recall", params, lane="analysis", priority=1)
    shown = session.review(document.uri).found
    known = {tuple(sorted(_input(session.counterexamples[each].event).items())) for each in shown}
    items = [each for each in items if tuple(sorted(_input(each).items())) not in known]
    if items and session.server.opened_document(document.uri) is document:
        await _try(session, document, items)


def _input(event: Mapping[str, Any]) -> dict[str, str]:
    return {"args": str(event.get("args", "")), "kwargs": str(event.get("kwargs", "{}"))}


async def _try(session: Session, document: Document, items: list[Object]) -> None:
    uri, path = document.uri, session.where(document)
    if not items or not session.server.trust.trusted(path):
        return
    review, root = session.review(uri), session.server.root_of(path)
    tracker = review.track()
    begin = {ident: replace(each, stale=False, mended=False) for ident, each in review.found.items()}

    def heard(event: Mapping[str, Any]) -> None:
        if event.get("event") == "rechecked" and session.server.opened_document(uri) is document:
            was = begin.get(str(event.get("id") or ""))
            for change in tracker:
                was = was.after(change) if was is not None else None
            rechecked(session, document, root, event, was, tracker)

    params: Object = {
        "root": str(root),
        "path": str(path),
        "text": document.text,
        "items": items,
        **sandbox_params(session, path),
    }
    try:
        await session.workers.run("fuzz_recheck", params, priority=1, timeout_s=RECHECK_S, on_event=heard)
    except SutureError as error:
        log.info("not tried again in %s: %s", path.name, error)
    finally:
        review.leave(tracker)


def rechecked(
    session: Session, document: Document, root: Path, event: Mapping[str, Any], now: Found | None, tracker: Tracker
) -> None:
    """Take what trying again has shown. ``now`` is where the counterexample would be, fresh, had nobody edited its
    definition meanwhile; if somebody has, only a failure counts: the rest is asked again."""
    review, ident, state = session.review(document.uri), str(event.get("id") or ""), event.get("state")
    known = session.counterexamples.get(ident)
    if state == "fails":
        if ident in review.found and event["found"]["id"] != ident:
            # It fails in another way now, or on a line that reads otherwise: that is another bug's name.
            review.find(ident, replace(review.found[ident], mended=True))
        keep(session, document.uri, root, event["found"], tracker)
    elif now is None or now.stale or ident not in review.found or known is None:
        return
    elif state == "same":
        review.find(ident, now)
        tell(session, document.uri)
    elif state in ("fixed", "gone"):
        if review.found[ident].mended:
            review.find(ident, replace(now, mended=True))  # as before, for this text too
            return
        review.find(ident, replace(now, mended=True))
        what = "no longer fails" if state == "fixed" else "is gone with its function"
        session.server.say(f"Suture: {known.summary}: {what}", types.MessageType.Info)
        tell(session, document.uri)
