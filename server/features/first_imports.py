"""Import first what a cycle is said to break: the command, and by itself in a pause after a review.

Invariant: a command that executes code asks for trust first; by itself nothing runs in a folder that is not trusted.
Invariant: an edit ends what runs by itself, and drops what is known of the text as it was. A keystroke costs a look at
the answers that there are, and in a document with a cycle that is said to fail a timer.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from ...analyzers.errors import SutureError, UserError
from ..arguments import document_of, handler, ident_of, inform
from ..current import analysed, shown
from ..documents import Document
from ..first_imports import claimed, measure, summary
from ..pauses import Pauses
from ..session import Session, session_of
from ..working import working

if TYPE_CHECKING:
    from ..app import SutureServer

log = logging.getLogger(__name__)

Object = dict[str, Any]

#: Seconds without a keystroke before anything is imported by itself.
IDLE_S = 2.0


def register(server: SutureServer) -> None:
    Importing(server)


class Importing:
    """Says when modules are imported first."""

    def __init__(self, server: SutureServer) -> None:
        self.server = server
        self.session: Session = session_of(server)
        self._pauses = Pauses(self._idle)
        self._running: dict[str, asyncio.Task[Any]] = {}
        server.changed.connect(self._changed)
        server.closed.connect(self._stop)
        server.trust_changed.connect(self._trusted)
        self.session.reviewed.connect(self._reviewed)
        server.command("suture.measure.imports")(handler(self.session, self.asked))

    async def asked(self, session: Session, argument: Object) -> Object:
        """``suture.measure.imports {uri, id}``: the modules that a cycle's finding says cannot be first, imported."""
        document, ident = document_of(session, argument), ident_of(argument)
        now = shown(session, document)
        findings = claimed(
            each for name, each in zip(now.names, now.findings, strict=False) if name == ident and each.reviewer
        )
        if not findings:
            raise UserError("this finding says of no module that it fails as the first import")
        session.server.trust.require(session.where(document), "importing modules")
        async with working(session.server, "Importing modules first", session.client.progress) as report:
            report("each in a fresh process, in the sandbox")
            results = await measure(session, document, findings, lane="interactive", priority=0)
        inform(session, summary(results))
        return {"summary": summary(results), "results": [each.to_json() for each in results]}

    # -- by itself

    def _changed(self, document: Document) -> None:
        self._stop(document.uri)
        if self.session.imported.forget(str(self.session.where(document))):
            for each in self.server.documents:
                review = self.session.review(each.uri)
                review.generation += 1
                if claimed(review.slow):
                    self._pauses.begin(each.uri, IDLE_S)
                    if each is not document:
                        self.session.news.emit(each)

    def _reviewed(self, document: Document) -> None:
        if claimed(self.session.review(document.uri).slow):
            self._pauses.begin(document.uri, IDLE_S)

    def _trusted(self) -> None:
        for document in self.server.documents:
            self._reviewed(document)

    def _stop(self, uri: str) -> None:
        self._pauses.end(uri)
        running = self._running.pop(uri, None)
        if running is not None:
            running.cancel()

    def _idle(self, uri: str) -> None:
        document = self.server.opened_document(uri)
        if document is None or uri in self._running or not analysed(self.session, document):
            return
        if not self.server.trust.trusted(self.session.where(document)):
            return
        findings = claimed(self.session.review(uri).slow)
        if findings:
            task = self.server.spawn(self._measure(document, findings), "import first")
            self._running[uri] = task
            task.add_done_callback(lambda done: self._ended(uri, done))

    def _ended(self, uri: str, task: asyncio.Task[Any]) -> None:
        if self._running.get(uri) is task:
            del self._running[uri]

    async def _measure(self, document: Document, findings: list[Any]) -> None:
        try:
            results = await measure(self.session, document, findings, lane="analysis", priority=2)
            log.info("%s", summary(results))
        except SutureError as error:
            log.info("cycles of %s were not tried: %s", document.path, error)
