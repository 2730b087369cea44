"""Measure growth: the command, and by itself in a pause, for functions of which a performance finding is shown.

Invariant: a command that executes code asks for trust first; by itself nothing runs in a folder that is not trusted.
Invariant: cancelling the command ends its job and what that runs in the sandbox; an edit ends what runs by itself.
One function at a time, each text of a function once; a keystroke costs a timer here, and only in a document with
performance findings about growth.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from ...analyzers.errors import SutureError
from ...analyzers.fuzzing.targets import definition_lines
from ...analyzers.growth.kinds import MEASURABLE
from ..arguments import document_of, handler, inform, seconds_of, text_of
from ..current import analysed, shown
from ..documents import Document
from ..growth import digest_of, known, measure, page_ident, summary
from ..lenses import targets
from ..pauses import Pauses
from ..session import Session, session_of
from ..working import working

if TYPE_CHECKING:
    from ..app import SutureServer

log = logging.getLogger(__name__)

Object = dict[str, Any]

#: Seconds that measuring a function may take: asked for, and by itself.
ASKED_S, IDLE_BUDGET_S = 5.0, 3.0
#: Seconds without a keystroke before anything is measured by itself.
IDLE_S = 2.0


def register(server: SutureServer) -> None:
    Measuring(server)


class Measuring:
    """Says when growth is measured."""

    def __init__(self, server: SutureServer) -> None:
        self.server = server
        self.session: Session = session_of(server)
        self._pauses = Pauses(self._idle)
        self._turn = asyncio.Lock()
        self._running: dict[str, asyncio.Task[Any]] = {}
        server.changed.connect(self._changed)
        server.closed.connect(self._stop)
        server.trust_changed.connect(self._trusted)
        self.session.reviewed.connect(self._reviewed)
        server.command("suture.measure.growth")(handler(self.session, self.asked))

    async def asked(self, session: Session, argument: Object) -> Object:
        """``suture.measure.growth {uri, name}``: what is measured becomes a diagnostic, and a document."""
        document, name = document_of(session, argument), text_of(argument, "name")
        session.server.trust.require(session.where(document), f"measuring {name}")
        budget = seconds_of(argument, ASKED_S)
        async with working(session.server, f"Measuring the growth of {name}", session.client.progress) as report:
            report("running it on growing inputs")
            growth = await measure(session, document, name, budget)
        inform(session, f"{name}: {summary(growth)}")
        return {
            **growth.to_json(),
            "summary": summary(growth),
            "evidence": page_ident(document.uri, name),
        }

    # -- by itself

    def _changed(self, document: Document) -> None:
        self._stop(document.uri)
        if self.session.review(document.uri).slow:
            self._pauses.begin(document.uri, IDLE_S)

    def _reviewed(self, document: Document) -> None:
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
        names = doubted(self.session, document)
        if names:
            task = self.server.spawn(self._measure(document, names), "measure growth")
            self._running[uri] = task
            task.add_done_callback(lambda done: self._ended(uri, done))

    def _ended(self, uri: str, task: asyncio.Task[Any]) -> None:
        if self._running.get(uri) is task:
            del self._running[uri]

    async def _measure(self, document: Document, names: list[str]) -> None:
        async with self._turn:
            for name in names:
                if self.server.opened_document(document.uri) is not document:
                    return
                try:
                    growth = await measure(self.session, document, name, IDLE_BUDGET_S, lane="analysis", priority=2)
                    log.info("%s %s", name, summary(growth))
                except SutureError as error:
                    log.info("%s was not measured: %s", name, error)
                    return


def doubted(session: Session, document: Document) -> list[str]:
    """The functions with a shown finding about growth whose text of now was not measured yet."""
    lines = [each.range.line for each in shown(session, document).findings if each.kind in MEASURABLE]
    kept, path = session.measurements, str(session.where(document))
    found: list[str] = []
    for target in targets(session, document) if lines else ():
        if target.kind == "class":
            continue
        place = definition_lines(document.analysis.tree.root_node, target.name)
        if place is None or not any(place[0] <= line <= place[1] for line in lines):
            continue
        now = digest_of(document, target.name)
        if now is not None and (path, target.name, now[0]) not in kept.growths:
            found.append(target.name)
    return found


__all__ = ["doubted", "known", "register"]
