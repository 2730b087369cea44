"""Evidence as read-only documents: ``workspace/textDocumentContent`` where the client has it, a file otherwise.

Invariant: a document holds what was recorded when the finding or the edit was made; showing it runs nothing.
The files lie in the user's private cache folder, never in the workspace.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ...analyzers.errors import Unavailable, UserError
from ..arguments import argument_of
from ..current import shown
from ..evidence import SCHEME, Page, as_text, ident_of, uri_of
from ..session import Session, session_of

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]

CONTENT = "workspace/textDocumentContent"


def register(server: SutureServer) -> None:
    session = session_of(server)

    @server.on_capabilities
    def announce(capabilities: types.ServerCapabilities) -> None:  # pyright: ignore[reportUnusedFunction]
        if session.client.text_document_content:
            capabilities.workspace = capabilities.workspace or types.WorkspaceOptions()
            capabilities.workspace.text_document_content = types.TextDocumentContentOptions(schemes=[SCHEME])

    @server.feature(CONTENT)
    async def content(params: types.TextDocumentContentParams) -> Object:  # pyright: ignore[reportUnusedFunction]
        return {"text": page_of(session, ident_of(params.uri)).body}

    @server.command("suture.showEvidence")
    async def show_evidence(*arguments: Any) -> Object:  # pyright: ignore[reportUnusedFunction]
        ident = argument_of(arguments).get("id")
        if not isinstance(ident, str):
            raise UserError("suture.showEvidence needs {id}")
        return await show(session, ident)


def page_of(session: Session, ident: str) -> Page:
    """A page that is kept, or that of a finding which is shown now. Raises UserError if there is none."""
    page = session.pages.get(ident)
    if page is not None:
        return page
    for document in session.server.documents:
        now = shown(session, document)
        for name, finding in zip(now.names, now.findings, strict=True):
            if name == ident:
                session.remember(ident, finding)
    page = session.pages.get(ident)
    if page is None:
        raise UserError(f"there is no evidence {ident!r} any more", "the problem is gone or its line was edited")
    return page


async def show(session: Session, ident: str) -> Object:
    """Opens the page in the editor; returns where it is and its text, for clients that cannot open documents."""
    page = page_of(session, ident)
    uri = uri_of(ident, page.title) if session.client.text_document_content else write(ident, page).as_uri()
    if session.client.show_document:
        try:
            await session.server.window_show_document_async(types.ShowDocumentParams(uri=uri, take_focus=True))
        except (JsonRpcException, Unavailable) as error:
            session.server.say(f"the editor did not open {uri}: {error}")
    return {"uri": uri, "title": page.title, "text": page.body}


def write(ident: str, page: Page) -> Path:
    """The page as a file, readable by its user only. Raises Unavailable if the cache folder cannot be written."""
    from ...analyzers.store import cache_folder, private_folder

    folder = private_folder(cache_folder() / "evidence")
    path = folder / f"{''.join(char if char.isalnum() or char in '-.' else '-' for char in ident)}.md"
    try:
        if path.exists():
            path.chmod(0o600)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(as_text(page.body))
        path.chmod(0o400)
    except OSError as error:
        raise Unavailable(f"the evidence cannot be written to {folder}: {error.strerror}") from error
    return path
