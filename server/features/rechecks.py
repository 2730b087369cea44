"""Counterexamples whose function was edited are tried again by themselves; those of earlier sessions when a file is
opened.

After a pause in typing what is stale is tried, after saving everything that is shown in the file: a helper may have
been mended. In a worker, one file at a time, behind whatever a person asked for.

Invariant: in a folder that is not trusted nothing is tried, and nothing from earlier sessions is shown.
Invariant: a keystroke costs a timer here, in a document with counterexamples, and nothing in any other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from ...analyzers.errors import SutureError, UserError
from ..arguments import document_of, handler, ident_of
from ..current import analysed
from ..documents import Document, Snapshot
from ..fuzzing import recall, recheck, settle
from ..pauses import Pauses
from ..reviews import diagnostic, link, named
from ..session import Session, session_of

if TYPE_CHECKING:
    from ..app import SutureServer

log = logging.getLogger(__name__)

Object = dict[str, Any]

#: Seconds without a keystroke before stale counterexamples are tried; after saving or a search; after opening.
IDLE_S, SOON_S, OPENED_S = 0.8, 0.05, 0.5


def register(server: SutureServer) -> None:
    Rechecks(server)


class Rechecks:
    """Says when counterexamples are tried again."""

    def __init__(self, server: SutureServer) -> None:
        self.server = server
        self.session: Session = session_of(server)
        self._pauses = Pauses(self.idle)
        self._all: set[str] = set()  # documents of which everything is to be tried, not only what is stale
        self._turn = asyncio.Lock()
        self._published: set[str] = set()  # files that are not open, with diagnostics of ours
        server.changed.connect(self.changed)
        server.saved.connect(self.saved)
        server.opened.connect(self.opened)
        server.closed.connect(self.closed)
        server.trust_changed.connect(self.trusted)
        self.session.news_of_closed.connect(self.publish)
        server.command("suture.recheck")(handler(self.session, self.asked))

    # -- when

    def changed(self, document: Document) -> None:
        if self.session.review(document.uri).found:
            self._pauses.begin(document.uri, IDLE_S)

    def saved(self, document: Document) -> None:
        if self.session.review(document.uri).found:
            self._all.add(document.uri)
            self._pauses.begin(document.uri, SOON_S)

    def opened(self, document: Document) -> None:
        if self.session.closed_findings.pop(document.uri, None) is not None or document.uri in self._published:
            self.publish(document.uri)
        if self.session.reviewable(document):
            self.spawn(self._recall(document), "recall")

    def closed(self, uri: str) -> None:
        self._all.discard(uri)
        self._pauses.end(uri)
        if self.session.failures.of(uri):
            self.publish(uri)

    def trusted(self) -> None:
        for document in self.server.documents:
            self.opened(document)

    def idle(self, uri: str) -> None:
        document = self.server.opened_document(uri)
        if document is None or not analysed(self.session, document):
            return
        stale = settle(self.session, document)
        everything = uri in self._all
        self._all.discard(uri)
        idents = list(self.session.review(uri).found) if everything else stale
        if idents and self.server.trust.trusted(self.session.where(document)):
            self.spawn(self._recheck(document, idents, everything), "recheck")

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self.server.spawn(work, name)

    # -- what

    async def _recheck(self, document: Document, idents: list[str], even_unchanged: bool) -> None:
        async with self._turn:
            if self.server.opened_document(document.uri) is document:
                await recheck(self.session, document, idents, even_unchanged=even_unchanged)

    async def _recall(self, document: Document) -> None:
        """Most workspaces have no corpus: for them this is one look at a folder, on a thread."""
        await asyncio.sleep(OPENED_S)
        path = self.session.where(document)
        if not self.server.trust.trusted(path) or not analysed(self.session, document):
            return
        root = self.server.root_of(path)
        if not await asyncio.to_thread(_has_corpus, root):
            return
        async with self._turn:
            if self.server.opened_document(document.uri) is document:
                try:
                    await recall(self.session, document)
                except SutureError as error:
                    log.info("what earlier sessions found in %s is not known: %s", path.name, error)

    async def asked(self, session: Session, argument: Object) -> Object:
        """``suture.recheck``: try one counterexample of a document, or all, now."""
        document = document_of(session, argument)
        session.server.trust.require(session.where(document), "trying a counterexample again")
        settle(session, document)
        shown = session.review(document.uri).found
        idents = [ident_of(argument)] if "id" in argument or "diagnostic" in argument else list(shown)
        if any(each not in shown for each in idents):
            raise UserError("this counterexample is not known any more", "fuzz the function again")
        async with self._turn:
            await recheck(session, document, idents, even_unchanged=True)
        left = session.review(document.uri).found
        failing = sum(each in left and left[each].visible and not left[each].stale for each in idents)
        return {"tried": len(idents), "failing": failing}

    # -- files that are not open

    def publish(self, uri: str) -> None:
        """Show what was found in a file that is not open, and what failed there; opening it shows the same as
        everything else in it."""
        is_open = self.server.opened_document(uri) is not None
        diagnostics = [] if is_open else closed_diagnostics(self.session, uri)
        if not diagnostics and uri not in self._published:
            return
        self._published.add(uri) if diagnostics else self._published.discard(uri)
        self.server.notify_raw(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, {"uri": uri, "diagnostics": diagnostics})


def closed_diagnostics(session: Session, uri: str) -> list[Object]:
    """The diagnostics of a file that is not open."""
    findings = session.closed_findings.get(uri, {})
    shown = [
        link(
            {
                "range": {
                    "start": {"line": each.range.line, "character": 0},
                    "end": {"line": each.range.end_line, "character": 1000},
                },
                "severity": int(types.DiagnosticSeverity.Warning),
                "code": each.rule,
                "source": "suture",
                "message": each.message,
            },
            session.client,
            each.rule,
        )
        for each in findings.values()
    ]
    if failures := session.failures.of(uri):
        path = failures[0].finding.path
        try:
            text = session.lookup(path).text or ""
        except UserError:
            text = ""
        lines = Snapshot(uri, path, None, text, session.client.encoding)
        client = session.client
        shown += [named(diagnostic(each.finding, lines, client), each.ident, client) for each in failures]
    return shown


def _has_corpus(root: Path) -> bool:
    from ...analyzers.store import workspace_folder

    return (workspace_folder(root) / "corpus").exists()
