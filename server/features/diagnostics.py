"""Diagnostics: static faults and fast rules at typing speed, slow engines merged in on idle.

By pull where the client has it, by push otherwise, never both. A change only marks its document; the work is done
once the messages that have already arrived are handled, so a burst of changes costs one computation.

Invariant: a publish carries the version whose text it was computed from, and that is the current one.
Invariant: nothing here waits: findings come from the document's engine, slow ones from a worker process.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ...analyzers.errors import UserError
from ..current import analysed, compute, notice, shown
from ..documents import Document
from ..pauses import Pauses
from ..protocol import Written
from ..reviewing import review_now
from ..reviews import Review, change_of
from ..session import Session, session_of

if TYPE_CHECKING:
    from ..app import SutureServer

log = logging.getLogger(__name__)

Object = dict[str, Any]

#: Seconds without a keystroke before the slow engines look at a document; after opening or saving it; at most.
IDLE_S, SOON_S, LONG_PAUSE_S = 0.4, 0.05, 3.0

#: Seconds of rule work between two turns of the loop; and before it begins, because an editor that has just sent an
#: edit asks for more: actions, lenses, highlights.
SLICE_S, SETTLE_S = 0.004, 0.02


def register(server: SutureServer) -> None:
    diagnostics = Diagnostics(server)
    options = types.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False)

    @server.prompt(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    def pull(  # pyright: ignore[reportUnusedFunction]
        params: types.DocumentDiagnosticParams,
    ) -> Coroutine[Any, Any, Object | Written]:
        answer = diagnostics.answer(params)
        diagnostics.asked(params.text_document.uri, answer)
        return answer


class Diagnostics:
    """Keeps the editor's diagnostics of the open documents current."""

    def __init__(self, server: SutureServer) -> None:
        self.server = server
        self.session: Session = session_of(server)
        self._dirty: dict[str, None] = {}  # in the order of change
        self._reviewing: set[str] = set()  # documents whose pieces are being reviewed in slices
        self._pauses = Pauses(self.idle)
        self._running: set[str] = set()  # documents with a review in a worker
        self._cost = IDLE_S  # seconds that the last review took
        self._refresh: asyncio.TimerHandle | None = None
        # Runs on arrival, like the handler that applies the change; either may come first.
        server.inline(types.TEXT_DOCUMENT_DID_CHANGE)(self.edited)
        server.opened.connect(self.opened)
        server.changed.connect(self.changed)
        server.saved.connect(self.saved)
        server.closed.connect(self.closed)
        server.settings_changed.connect(self.judge_again)
        self.session.news.connect(self.tell)
        server.on_capabilities(self.announce)

    def announce(self, capabilities: types.ServerCapabilities) -> None:
        """A client that cannot pull is not told that it might."""
        if not self.session.client.pull:
            capabilities.diagnostic_provider = None

    # -- what happens to documents

    def opened(self, document: Document) -> None:
        self.session.forget(document.uri)
        self.mark(document.uri)
        self._pauses.begin(document.uri, SOON_S)

    def edited(self, params: types.DidChangeTextDocumentParams) -> None:
        """Move what is known along with the lines."""
        uri = params.text_document.uri
        document = self.server.opened_document(uri)
        if document is None:
            return
        before = document if document.version != params.text_document.version else None
        changes = [
            change_of(each, before if number == 0 else None) for number, each in enumerate(params.content_changes)
        ]
        self.session.review(uri).edit(changes)
        if self.session.failures.by_uri:
            self.session.failures.edit(uri, changes)

    def changed(self, document: Document) -> None:
        self.mark(document.uri)
        # A review that takes long waits for a longer pause, so that it never takes most of a processor's time.
        self._pauses.begin(document.uri, min(max(IDLE_S, self._cost), LONG_PAUSE_S))

    def saved(self, document: Document) -> None:
        self._pauses.begin(document.uri, SOON_S)

    def closed(self, uri: str) -> None:
        self.session.forget(uri)
        self._dirty.pop(uri, None)
        self._pauses.end(uri)
        if not self.session.client.pull:
            self.send(uri, None, [])

    def judge_again(self) -> None:
        """The settings changed."""
        for document in self.server.documents:
            self.session.review(document.uri).renew()
            self.mark(document.uri)
            self._pauses.begin(document.uri, SOON_S)
        self.ask_again()

    # -- computing

    def mark(self, uri: str) -> None:
        """Compute and publish once the messages that are already here have been handled."""
        if self.session.client.pull:
            return
        if not self._dirty:
            # Two turns: the reader thread hands over what it has already read while the loop polls in between.
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self.flush)
        self._dirty[uri] = None

    def flush(self) -> None:
        dirty, self._dirty = self._dirty, {}
        for uri in dirty:
            document = self.server.opened_document(uri)
            if document is not None:
                self.publish(document)

    def publish(self, document: Document) -> None:
        """Push what is known of the document's current text."""
        self.send(document.uri, document.version, shown(self.session, document).diagnostics)
        self.review_pieces(document)

    def send(self, uri: str, version: int | None, diagnostics: list[Object]) -> None:
        protocol = self.server.protocol
        of = b"" if version is None else b',"version":%d' % version
        message = b'{"uri":%b,"diagnostics":%b%b}' % (protocol.to_json(uri), self.write(uri, diagnostics), of)
        self.server.notify_raw(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, message)

    def write(self, uri: str, diagnostics: list[Object]) -> bytes:
        """The diagnostics of a document as JSON; only what is new among them is written."""
        return self.session.review(uri).write(diagnostics, self.server.protocol.to_json) if diagnostics else b"[]"

    def review_pieces(self, document: Document) -> None:
        """Let the rules look at what changed, a slice at a time, and publish again if they see something else."""
        uri = document.uri
        if uri in self._reviewing or not analysed(self.session, document):
            return
        self._reviewing.add(uri)
        asyncio.get_running_loop().call_later(SETTLE_S, self.slice, uri)

    def slice(self, uri: str) -> None:
        document = self.server.opened_document(uri)
        if document is None or not analysed(self.session, document):
            self._reviewing.discard(uri)
            return
        progress = document.analysis.advance(SLICE_S)
        review = self.session.review(uri)
        review.news = review.news or progress.changed
        if progress.pending:
            asyncio.get_running_loop().call_soon(self.slice, uri)
            return
        self._reviewing.discard(uri)
        if not review.news:
            return
        review.news = False
        before = review.shown.diagnostics if review.shown is not None else None
        review.slices += 1
        if shown(self.session, document).diagnostics != before:
            self.tell(document)

    def tell(self, document: Document) -> None:
        """The client should have the document's diagnostics: send them, or ask it to pull."""
        if self.session.client.pull:
            self.ask_again()
        else:
            self.send(document.uri, document.version, shown(self.session, document).diagnostics)

    def ask_again(self) -> None:
        """One refresh for all that happens within a moment: the client then pulls every visible document."""
        if self.session.client.refresh_diagnostics and self._refresh is None:
            self._refresh = asyncio.get_running_loop().call_later(0.1, self._send_refresh)

    def _send_refresh(self) -> None:
        self._refresh = None
        self.server.spawn(self._ask_refresh(), "refresh")

    async def _ask_refresh(self) -> None:
        with contextlib.suppress(JsonRpcException):  # a client that refuses will pull at the next edit
            await self.server.protocol.send_request_async(types.WORKSPACE_DIAGNOSTIC_REFRESH)

    # -- pull

    def asked(self, uri: str, answer: Coroutine[Any, Any, Object | Written]) -> None:
        """The client will be told of the document's present text, and knows until then what it was told before."""
        if (document := self.server.opened_document(uri)) is not None:
            self.session.review(uri).asked = document.version, answer

    async def answer(self, params: types.DocumentDiagnosticParams) -> Object | Written:
        await asyncio.sleep(0)  # what came with the request is read first: it may be a further edit, or ask for less
        if self.server.opened_document(params.text_document.uri) is None:
            return {"kind": "full", "items": await self.unopened(params.text_document.uri)}
        return self.pull(params)

    def pull(self, params: types.DocumentDiagnosticParams) -> Object | Written:
        """``textDocument/diagnostic``: no wait between reading the text and the answer, so it cannot be stale."""
        uri = params.text_document.uri
        document = self.server.document(uri)
        diagnostics = shown(self.session, document).diagnostics
        self.review_pieces(document)
        review = self.session.review(uri)
        result_id = f"{review.serial}.{document.version}.{review.generation}.{review.slices}"
        if params.previous_result_id == result_id:
            return {"kind": "unchanged", "resultId": result_id}
        return Written(
            b'{"kind":"full","resultId":"%b","items":%b}' % (result_id.encode(), self.write(uri, diagnostics))
        )

    async def unopened(self, uri: str) -> list[Object]:
        """Diagnostics of a file on disk; a file that cannot be read says why."""
        try:
            document = self.server.document(uri)
        except UserError as error:
            return [notice(str(error), self.session.client)]
        while analysed(self.session, document) and document.analysis.advance(SLICE_S).pending:
            await asyncio.sleep(0)
        return compute(self.session, document, Review(uri, -1)).diagnostics

    # -- slow engines

    def idle(self, uri: str) -> None:
        """Review the document by the slow engines, after a pause; a new keystroke starts the pause again."""
        document = self.server.opened_document(uri)
        if document is None or not analysed(self.session, document):
            return
        if uri in self._running:
            self._pauses.begin(uri, IDLE_S)
            return
        self.server.spawn(self.review(document), "review")

    async def review(self, document: Document) -> None:
        uri = document.uri
        self._running.add(uri)
        begin = time.monotonic()
        try:
            await review_now(self.session, document)
        finally:
            self._running.discard(uri)
            self._cost = time.monotonic() - begin
