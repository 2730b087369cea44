"""Code lenses: the reviewers' verdict on the file, "Fuzz" on what can be fuzzed, and what the last search came to.

Invariant: from what is known already; a verdict that is older than the text says so, a search that is older is gone.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ..counterexamples import run_summary
from ..current import analysed
from ..documents import Document
from ..evidence import verdict_line, verdict_page
from ..fuzzing import run_ident
from ..lenses import targets
from ..session import Session, session_of

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]


def register(server: SutureServer) -> None:
    session = session_of(server)

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
    async def code_lens(params: types.CodeLensParams) -> list[Object]:  # pyright: ignore[reportUnusedFunction]
        document = server.opened_document(params.text_document.uri)
        if document is None or not analysed(session, document):
            return []
        return lenses(session, document)

    shown_verdicts: dict[str, str] = {}

    @session.reviewed.connect
    def refresh(document: Document) -> None:  # pyright: ignore[reportUnusedFunction]
        verdict = session.review(document.uri).verdict
        line = verdict_line(verdict) if verdict is not None else ""
        if session.client.refresh_lenses and shown_verdicts.get(document.uri) != line:
            shown_verdicts[document.uri] = line
            server.spawn(ask(), "refresh lenses")

    @session.fuzzed.connect
    def refresh_runs(uri: str) -> None:  # pyright: ignore[reportUnusedFunction]
        if session.client.refresh_lenses and server.opened_document(uri) is not None:
            server.spawn(ask(), "refresh lenses")

    async def ask() -> None:
        with contextlib.suppress(JsonRpcException):
            await server.protocol.send_request_async(types.WORKSPACE_CODE_LENS_REFRESH)

    @server.closed.connect
    def forget(uri: str) -> None:  # pyright: ignore[reportUnusedFunction]
        shown_verdicts.pop(uri, None)


def lenses(session: Session, document: Document) -> list[Object]:
    """The verdict first, then one lens for each target, and one more for a search of this very text."""
    found: list[Object] = []
    review = session.review(document.uri)
    if review.verdict is not None:
        ident = f"verdict-{review.serial}"
        session.pages.put(ident, verdict_page(str(session.where(document)), review.verdict))
        title = f"Suture: {verdict_line(review.verdict)}"
        found.append(_lens(0, title, "suture.showEvidence", {"id": ident}))
    for target in targets(session, document):
        argument = {"uri": document.uri, "name": target.name}
        found.append(_lens(target.line, f"Fuzz {target.name}", "suture.fuzz", argument))
        run = session.runs.get((document.uri, target.name))
        if run is not None and run["version"] == document.version:
            ident = {"id": run_ident(document.uri, target.name)}
            found.append(_lens(target.line, run_summary(run, run["found"]), "suture.showEvidence", ident))
    return found


def _lens(line: int, title: str, command: str, argument: Object) -> Object:
    place = {"line": line, "character": 0}
    return {
        "range": {"start": place, "end": place},
        "command": {"title": title, "command": command, "arguments": [argument]},
    }
