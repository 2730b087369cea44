"""The pages that the codes of diagnostics link to: one a rule, written when the first document is opened.

Invariant: written on a thread, in the user's cache folder; until then, and where that folder cannot be used, a code
has no link of its own.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..documents import Document
from ..rule_docs import write_pages
from ..session import session_of

if TYPE_CHECKING:
    from ..app import SutureServer

#: Seconds after the first document was opened: there is more urgent work.
LATER_S = 1.0


def register(server: SutureServer) -> None:
    session = session_of(server)
    begun = False

    @server.opened.connect
    def write(document: Document) -> None:  # pyright: ignore[reportUnusedFunction]
        nonlocal begun
        if not begun and session.client.code_description and session.reviewable(document):
            begun = True
            server.spawn(pages(), "rule pages")

    async def pages() -> None:
        await asyncio.sleep(LATER_S)
        await asyncio.to_thread(write_pages)
        server.settings_changed.emit()
