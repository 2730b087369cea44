"""Proven improvements of findings: computed in the background once a finding is shown, offered from memory.

After a pause, in a trusted folder, a worker of their own tries what could be done about the findings of a document,
one at a time; what is proven is offered while the next one is tried. What takes long is left, and tried again once the
others had their turn. An edit ends it, and only what it touched is tried again.

Invariant: a code action request waits for nothing: what is not proven yet is not offered.
Invariant: no review, repair or measurement waits for a proof.
Invariant: in a folder that is not trusted nothing is tried.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...analyzers.errors import SutureError
from ...analyzers.findings import Finding
from ..current import analysed, shown
from ..documents import Document, Snapshot
from ..edits import workspace_edit
from ..heals import finding_params
from ..pauses import Pauses
from ..proven import offers, read_answer, titled
from ..reviews import STATIC
from ..session import Session, session_of

if TYPE_CHECKING:
    from ..app import SutureServer

log = logging.getLogger(__name__)

Object = dict[str, Any]

#: Whose findings there are improvements for.
REVIEWERS = ("performance", "architecture")
#: Seconds without a keystroke before the first proof is tried: it costs seconds of a processor.
PAUSE_S = 1.5
#: Findings of a document that are tried after one pause.
AHEAD = 12
#: The longest that one proof may take, in seconds, at first and when it is tried again; its tests are the longest part.
PROVE_S = (20.0, 90.0)


def register(server: SutureServer) -> None:
    Improvements(server)


class Improvements:
    """Says when improvements are proven."""

    def __init__(self, server: SutureServer) -> None:
        self.server = server
        self.session: Session = session_of(server)
        self.proofs = self.session.proofs
        self._pauses = Pauses(self.idle)
        self._running: asyncio.Task[Any] | None = None
        self._waiting: dict[str, None] = {}  # documents whose pause ended while another one had its turn
        server.changed.connect(self.changed)
        server.opened.connect(self.changed)
        server.closed.connect(self.closed)
        server.trust_changed.connect(self.trusted)
        self.session.reviewed.connect(self.reviewed)

    def changed(self, document: Document) -> None:
        """Whoever types, or opens a file, has the worker for what they look at."""
        if self._running is not None:
            self._running.cancel()
            self._running = None
            self._waiting.update(dict.fromkeys(each.uri for each in self.server.documents))
        if self.session.reviewable(document):
            self._pauses.begin(document.uri, PAUSE_S)

    def reviewed(self, document: Document) -> None:
        self._pauses.begin(document.uri, PAUSE_S)

    def closed(self, uri: str) -> None:
        self._pauses.end(uri)
        self._waiting.pop(uri, None)
        self.proofs.forget(uri)

    def trusted(self) -> None:
        self.proofs.forget()
        for document in self.server.documents:
            self.changed(document)

    def idle(self, uri: str) -> None:
        document = self.server.opened_document(uri)
        if document is None or not analysed(self.session, document):
            return
        if self._running is not None:
            self._waiting[uri] = None
            return
        if self.server.trust.trusted(self.session.where(document)) and next(self._missing(document), None) is not None:
            self._running = self.server.spawn(self._prove(document), "prove improvements")
            self._running.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        if self._running is task:
            self._running = None
            while self._waiting and self._running is None:
                uri = next(iter(self._waiting))
                del self._waiting[uri]
                self.idle(uri)

    def _missing(self, document: Document) -> Iterator[tuple[str, Finding]]:
        """Findings that nothing is known of yet."""
        now = shown(self.session, document)
        for name, finding in zip(now.names, now.findings, strict=False):
            reviewed = finding.reviewer in REVIEWERS and finding.rule not in STATIC
            if reviewed and name not in self.session.counterexamples and self.proofs.get(document, name) is None:
                yield name, finding

    async def _prove(self, document: Document) -> None:
        tried = list(self._missing(document))[:AHEAD]
        for limit_s in PROVE_S:
            for name, finding in tried:
                if self.server.opened_document(document.uri) is not document:
                    return
                if self.proofs.get(document, name) is None:
                    await self._try(document.snapshot(), name, finding, limit_s)

    async def _try(self, snapshot: Snapshot, name: str, finding: Finding, limit_s: float) -> None:
        params = finding_params(self.session, snapshot, finding)
        try:
            answer = await self.session.workers.run("improve", params, lane="proofs", timeout_s=limit_s)
        except SutureError as error:
            log.info("no improvement of %s within %.0f s: %s", finding.rule, limit_s, error)
            return
        proven = read_answer(answer, snapshot.text, snapshot.version)
        for reason in proven.refused:
            log.info("not offered for %s: %s", finding.rule, reason)
        self.proofs.put(snapshot.uri, name, proven)


def improving(
    session: Session, document: Document, name: str, finding: Finding, diagnostic: Object
) -> Iterator[Object]:
    """Code actions for the proven improvements of a finding; the first one is preferred."""
    if finding.rule in STATIC or finding.reviewer not in REVIEWERS:
        return
    kind = "quickfix" if finding.reviewer == "performance" else "refactor.rewrite"
    preferred = session.client.preferred and kind == "quickfix"
    for edit in offers(session.proofs.get(document, name)):
        try:
            change = workspace_edit(edit, session.lookup, session.client, session.server.roots)
        except SutureError:
            continue  # a further file of it moved: it is tried again after the next pause
        offer: Object = {"title": titled(edit), "kind": kind, "edit": change, "diagnostics": [diagnostic]}
        if preferred:
            offer["isPreferred"] = True
            preferred = False
        yield offer
