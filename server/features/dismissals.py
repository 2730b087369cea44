"""Findings that a person never wants to see again: remembered by fingerprint, so they survive moved lines and restarts.

Invariant: nothing waits for the store; what was dismissed in earlier sessions is read on a thread when a folder's
first document is opened. A folder in which nothing was ever dismissed costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...analyzers.errors import Stale, SutureError, UserError
from ..arguments import argument_of
from ..current import shown
from ..documents import Document
from ..reviews import STATIC
from ..session import Session, session_of

if TYPE_CHECKING:
    from ..app import SutureServer

log = logging.getLogger(__name__)

Object = dict[str, Any]

DISMISS = "suture.dismiss"


def register(server: SutureServer) -> None:
    session = session_of(server)
    known: set[Path] = set()

    @server.opened.connect
    def recall(document: Document) -> None:  # pyright: ignore[reportUnusedFunction]
        root = server.root_of(session.where(document))
        if root not in known and session.reviewable(document):
            known.add(root)
            server.spawn(_recall(session, root), "dismissals")

    @server.command(DISMISS)
    async def dismiss(*arguments: Any) -> Object:  # pyright: ignore[reportUnusedFunction]
        argument = argument_of(arguments)
        document = server.opened_document(str(argument.get("uri", "")))
        if document is None:
            raise UserError("suture.dismiss needs {uri, id} of an open document")
        return await _dismiss(session, document, str(argument.get("id", "")))


async def _recall(session: Session, root: Path) -> None:
    def read() -> frozenset[str]:
        from ...analyzers.store import open_store, workspace_folder

        if not workspace_folder(root).exists():
            return frozenset()
        with open_store(root) as store:
            return store.dismissed()

    try:
        found = await asyncio.to_thread(read)
    except SutureError as error:
        log.warning("it is not known what was dismissed in %s: %s", root.name, error)
        return
    if found - session.dismissed:
        session.dismissed |= found
        session.server.settings_changed.emit()


async def _dismiss(session: Session, document: Document, ident: str) -> Object:
    now = shown(session, document)
    finding = next((each for name, each in zip(now.names, now.findings, strict=True) if name == ident), None)
    if finding is None:
        raise Stale("the problem is gone or its line was edited")
    if ident in session.counterexamples:
        raise UserError("a counterexample is not dismissed", "call it expected with suture.expect, or heal it")
    if finding.rule in STATIC:
        raise UserError("an error cannot be dismissed", f"silence it with `# suture: ignore[{finding.rule}]`")
    path = session.where(document)
    root = session.server.root_of(path)
    fingerprint = ident.partition(".")[0]
    session.dismissed.add(fingerprint)
    session.server.settings_changed.emit()

    def write() -> None:
        from ...analyzers.store import open_store

        with open_store(root) as store:
            store.dismiss(fingerprint, rule=finding.rule, path=str(path))

    await asyncio.to_thread(write)
    return {"dismissed": fingerprint}
