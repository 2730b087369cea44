"""Quick fixes for static faults while somebody types: computed in a worker of their own right after the diagnostics.

They are there within a tenth of a second, parsed and looked up but not run, and give way to what is run on idle
(:mod:`.heals`).

Invariant: a keystroke costs a timer here; the text is sent only when it has a static fault and nobody typed for
:data:`PAUSE_S`. One job at a time: a newer text waits for the one that runs, and takes its place.
"""

from __future__ import annotations

import asyncio
import logging

from ..analyzers.errors import SutureError
from .codec import edit_from_json, finding_to_json
from .current import analysed
from .documents import Document
from .heals import ready, rebased, sandbox_params, shown_faults
from .pauses import Pauses
from .session import Healed, Session

log = logging.getLogger(__name__)

#: Seconds without a keystroke before repairs are proposed; after opening, before the worker is made ready.
PAUSE_S, OPENED_S = 0.008, 0.4

#: Seconds until a text is looked at again whose faults are still being looked for.
AGAIN_S = 0.02

#: How many faults of a text get quick fixes: those nearest to the end of the text that parses come first.
MOST, LIMIT_S = 4, 10.0


class Quick:
    """Says when quick fixes are computed."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._pauses = Pauses(self.start)
        self._running = False
        self._waiting: str | None = None
        session.server.changed.connect(self.changed)
        session.server.opened.connect(self.opened)
        session.server.closed.connect(self._pauses.end)

    def changed(self, document: Document) -> None:
        self._pauses.begin(document.uri, PAUSE_S)

    def opened(self, document: Document) -> None:
        if self.session.reviewable(document):
            self._pauses.begin(document.uri, OPENED_S)

    def start(self, uri: str) -> None:
        document = self.session.server.opened_document(uri)
        if document is None or not analysed(self.session, document):
            return
        if self._running:
            self._waiting = uri
            return
        self._running = True
        self.session.server.spawn(self.propose(document), "quick fixes")

    async def propose(self, document: Document) -> None:
        try:
            await self._propose(document)
        except SutureError as error:
            log.info("no quick fixes: %s", error)
        finally:
            self._running = False
            waiting, self._waiting = self._waiting, None
            if waiting is not None:
                asyncio.get_running_loop().call_soon(self.start, waiting)

    async def _propose(self, document: Document) -> None:
        session = self.session
        names, findings = shown_faults(session, document)
        known = session.quick.get(document.uri)
        if not findings and document.analysis.pending:
            self._pauses.begin(document.uri, AGAIN_S)  # where a text does not parse is found in slices
            return
        if (not findings and document.uri in session.quick) or (known is not None and known[0] == document.version):
            return  # the worker is ready, and there is nothing to do
        wanted = [
            (name, finding)
            for name, finding in zip(names, findings, strict=True)
            if ready(session, document, name) is None
        ][:MOST]
        snapshot = document.snapshot()
        path = session.where(snapshot)
        params = {
            "root": str(session.server.root_of(path)),
            "path": str(path),
            "text": snapshot.python,
            "findings": [finding_to_json(finding) for _, finding in wanted],
            "python": sandbox_params(session, path)["python"],
        }
        answer = await session.workers.run("quick_heal", params, lane="quick", timeout_s=LIMIT_S)
        healed = {
            name: Healed(snapshot.version, tuple(rebased(edit_from_json(edit), snapshot) for edit in edits))
            for (name, _), edits in zip(wanted, answer, strict=False)
        }
        if session.server.opened_document(snapshot.uri) is document:
            session.quick[snapshot.uri] = (snapshot.version, healed)


def quick_fixes(session: Session, document: Document, ident: str) -> Healed | None:
    """The quick fixes of a fault for the document as it is now; None if they are not known, or there are none."""
    version, healed = session.quick.get(document.uri, (None, {}))
    found = healed.get(ident) if version == document.version else None
    return found if found is not None and found.edits else None
