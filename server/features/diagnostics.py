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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ...analyzers.errors import SutureError, UserError
from ...analyzers.findings import Finding
from ...analyzers.source import MAX_BYTES
from ..codec import finding_from_json
from ..documents import Document
from ..reviews import STATIC, WARNING, Review, allowed, change_of, combined, diagnostic, fast_rules, followed, identify
from ..session import Session, session_of

if TYPE_CHECKING:
    from ..app import SutureServer

log = logging.getLogger(__name__)

Object = dict[str, Any]

#: Seconds without a keystroke before the slow engines look at a document; after opening or saving it.
IDLE_S, SOON_S = 0.4, 0.05

#: Seconds of rule work between two turns of the loop.
SLICE_S = 0.004

#: The longest that a review may take.
REVIEW_S = 60.0


def register(server: SutureServer) -> None:
    diagnostics = Diagnostics(server)
    options = types.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False)

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    async def pull(params: types.DocumentDiagnosticParams) -> Object:  # pyright: ignore[reportUnusedFunction]
        return diagnostics.pull(params)


class Diagnostics:
    """Keeps the editor's diagnostics of the open documents current."""

    def __init__(self, server: SutureServer) -> None:
        self.server = server
        self.session: Session = session_of(server)
        self._dirty: dict[str, None] = {}  # in the order of change
        self._reviewing: set[str] = set()  # documents whose pieces are being reviewed in slices
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._running: set[str] = set()  # documents with a review in a worker
        self._refresh: asyncio.TimerHandle | None = None
        # Runs on arrival, like the handler that applies the change; either may come first.
        server.inline(types.TEXT_DOCUMENT_DID_CHANGE)(self.edited)
        server.opened.connect(self.opened)
        server.changed.connect(self.changed)
        server.saved.connect(self.saved)
        server.closed.connect(self.closed)
        server.settings_changed.connect(self.judge_again)
        server.on_capabilities(self.announce)

    def announce(self, capabilities: types.ServerCapabilities) -> None:
        """A client that cannot pull is not told that it might."""
        if not self.session.client.pull:
            capabilities.diagnostic_provider = None

    # -- what happens to documents

    def opened(self, document: Document) -> None:
        self.session.forget(document.uri)
        self.mark(document.uri)
        self.later(document.uri, SOON_S)

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

    def changed(self, document: Document) -> None:
        self.mark(document.uri)
        self.later(document.uri, IDLE_S)

    def saved(self, document: Document) -> None:
        self.later(document.uri, SOON_S)

    def closed(self, uri: str) -> None:
        self.session.forget(uri)
        self._dirty.pop(uri, None)
        if (timer := self._timers.pop(uri, None)) is not None:
            timer.cancel()
        if not self.session.client.pull:
            self.send(uri, None, [])

    def judge_again(self) -> None:
        """The settings changed."""
        for document in self.server.documents:
            self.session.review(document.uri).generation += 1
            self.mark(document.uri)
            self.later(document.uri, SOON_S)
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
        found = self.current(document)
        self.send(document.uri, document.version, found[1])
        self.review_pieces(document)

    def send(self, uri: str, version: int | None, diagnostics: list[Object]) -> None:
        message: Object = {"uri": uri, "diagnostics": diagnostics}
        if version is not None:
            message["version"] = version
        self.server.notify_raw(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, message)

    def current(self, document: Document) -> tuple[list[Finding], list[Object]]:
        """The findings and diagnostics of the document's text as it is now, computed at most once."""
        review = self.session.review(document.uri)
        key = (document.version, review.generation, review.slices)
        if review.shown is None or review.shown[0] != key:
            findings, diagnostics = self.compute(document, review)
            review.shown = (key, findings, diagnostics)
        return review.shown[1], review.shown[2]

    def compute(self, document: Document, review: Review) -> tuple[list[Finding], list[Object]]:
        if is_settings(document.uri):
            return [], self.settings_warnings(document)
        if not self.session.reviewable(document):
            return [], []
        settings = self.server.settings(Path(document.path)).review
        if not settings.enabled:
            return [], []
        reason = unreadable(document)
        if reason:
            return [], [notice(reason)]
        try:
            fast = document.analysis.findings()
            findings = combined(fast, review.slow, fast_rules())
        except Exception as error:  # an engine that fails must be seen, not silently leave a file unreviewed
            log.exception("the keystroke engine failed on %s", document.path)
            return [], [notice(f"Suture could not analyse this file: internal error ({type(error).__name__})")]
        if review.found:
            findings = sorted([*findings, *review.found.values()], key=lambda each: each.range)
        findings = allowed(
            findings,
            reviewers=settings.reviewers,
            select=settings.select,
            ignore=settings.ignore,
            least=settings.severity,
            limit=settings.max_findings_per_file,
        )
        names = identify(findings, document)
        client = self.session.client
        diagnostics = [diagnostic(each, name, document, client) for each, name in zip(findings, names, strict=True)]
        if review.failure:
            diagnostics.append(notice(review.failure))
        return findings, diagnostics

    def settings_warnings(self, document: Document) -> list[Object]:
        project = self.server.project_settings(Path(document.path))
        return [
            {
                "range": document.lsp_range(each.range),
                "severity": WARNING,
                "code": each.rule,
                "source": "suture",
                "message": each.message,
            }
            for each in (project.warnings if project is not None else ())
        ]

    def review_pieces(self, document: Document) -> None:
        """Let the rules look at what changed, a slice at a time, and publish again if they see something else."""
        uri = document.uri
        if uri in self._reviewing or not self.analysed(document):
            return
        self._reviewing.add(uri)
        asyncio.get_running_loop().call_soon(self.slice, uri)

    def slice(self, uri: str) -> None:
        document = self.server.opened_document(uri)
        if document is None or not self.analysed(document):
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
        before = review.shown[2] if review.shown is not None else None
        review.slices += 1
        _, diagnostics = self.current(document)
        if diagnostics != before:
            self.tell(document)

    def analysed(self, document: Document) -> bool:
        """Has the engine something to do for this document?"""
        return (
            self.session.reviewable(document)
            and self.server.settings(Path(document.path)).review.enabled
            and not unreadable(document)
        )

    def tell(self, document: Document) -> None:
        """The client should have the document's diagnostics: send them, or ask it to pull."""
        if self.session.client.pull:
            self.ask_again()
        else:
            self.send(document.uri, document.version, self.current(document)[1])

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

    def pull(self, params: types.DocumentDiagnosticParams) -> Object:
        """``textDocument/diagnostic``: no wait between reading the text and the answer, so it cannot be stale."""
        uri = params.text_document.uri
        document = self.server.opened_document(uri)
        if document is None:
            return {"kind": "full", "items": self.unopened(uri)}
        _, diagnostics = self.current(document)
        self.review_pieces(document)
        review = self.session.review(uri)
        result_id = f"{review.serial}.{document.version}.{review.generation}.{review.slices}"
        if params.previous_result_id == result_id:
            return {"kind": "unchanged", "resultId": result_id}
        return {"kind": "full", "resultId": result_id, "items": diagnostics}

    def unopened(self, uri: str) -> list[Object]:
        """Diagnostics of a file on disk; a file that cannot be read says why."""
        try:
            document = self.server.document(uri)
        except UserError as error:
            return [notice(str(error))]
        while self.analysed(document) and document.analysis.advance(1.0).pending:
            continue
        return self.compute(document, Review(uri, -1))[1]

    # -- slow engines

    def later(self, uri: str, seconds: float) -> None:
        """Review the document by the slow engines after a pause; a new keystroke starts the pause again."""
        if (timer := self._timers.pop(uri, None)) is not None:
            timer.cancel()
        self._timers[uri] = asyncio.get_running_loop().call_later(seconds, self.idle, uri)

    def idle(self, uri: str) -> None:
        self._timers.pop(uri, None)
        document = self.server.opened_document(uri)
        if document is None or not self.analysed(document):
            return
        if uri in self._running:
            self.later(uri, IDLE_S)
            return
        self.server.spawn(self.review(document), "review")

    async def review(self, document: Document) -> None:
        """One review by the worker; its findings are moved along with what is typed meanwhile."""
        uri = document.uri
        snapshot = document.snapshot()
        review = self.session.review(uri)
        tracker = review.track()
        self._running.add(uri)
        settings = self.server.settings(Path(snapshot.path)).review
        params = {"path": snapshot.path, "text": snapshot.text, "reviewers": list(settings.reviewers)}
        try:
            result = await self.session.workers.run("review", params, lane="analysis", timeout_s=REVIEW_S)
        except SutureError as error:
            log.warning("no review of %s: %s", Path(snapshot.path).name, error)
            result = None
        finally:
            self._running.discard(uri)
            review.leave(tracker)
        current = self.server.opened_document(uri)
        if current is None or self.session.review(uri) is not review:
            return  # closed, or closed and opened again, meanwhile
        if result is not None:
            found = (finding_from_json(each) for each in result["findings"])
            news = review.take(followed((each for each in found if each.rule not in STATIC), tracker))
            if review.judge(result["verdict"], snapshot.version, result["error"]) or news:
                self.tell(current)
        self.session.reviewed.emit(current)


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


def notice(message: str) -> Object:
    """One diagnostic for a file as a whole."""
    zero = {"line": 0, "character": 0}
    return {
        "range": {"start": zero, "end": zero},
        "severity": WARNING,
        "code": "not-analysed",
        "source": "suture",
        "message": message,
    }
