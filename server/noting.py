"""Tells the workspace's records what a person did with an offer: applied it, or took it back.

An offer of a code action carries a command that says it was applied (VS Code and Neovim apply the edit, then run the
command); an edit that the server had the editor apply is known anyway. It was taken back if the document's text is,
within some minutes, the very text that the edit was made for.

Invariant: a keystroke costs a look into a dictionary, and nothing is written in this process: a worker does that.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import Any, Literal

from ..analyzers.errors import SutureError
from ..analyzers.findings import text_hash
from .codec import edit_to_json
from .failures import APPLIED, Offer, uri_of
from .session import Session

log = logging.getLogger(__name__)

#: Seconds in which an undo counts as taking an offer back.
TAKEN_BACK_S = 600.0


def offered(session: Session, offer: Offer, action: dict[str, Any]) -> dict[str, Any]:
    """The action with the command that tells us when its edit was applied."""
    texts = {file.path: session.lookup(file.path).text or "" for file in offer.edit.files}
    argument = {"id": session.failures.offer(replace(offer, texts=texts))}
    return {**action, "command": {"title": action["title"], "command": APPLIED, "arguments": [argument]}}


def applied(session: Session, offer: Offer) -> None:
    """The person has the edit."""
    note(session, offer, "applied")
    for file in offer.edit.files:
        if file.base:
            session.applied[uri_of(file.path)] = (time.monotonic(), file.base, offer)


def look_back(session: Session, uri: str) -> None:
    """After a pause in typing: is the text again what it was before an edit was applied?"""
    known = session.applied.get(uri)
    if known is None:
        return
    since, base, offer = known
    document = session.server.opened_document(uri)
    if document is None or time.monotonic() - since > TAKEN_BACK_S:
        del session.applied[uri]
    elif text_hash(document.text) == base:
        del session.applied[uri]
        note(session, offer, "taken_back")


def note(session: Session, offer: Offer, event: Literal["applied", "taken_back"]) -> None:
    session.server.spawn(_note(session, offer, event), "note a heal")


async def _note(session: Session, offer: Offer, event: str) -> None:
    params: dict[str, Any] = {
        "root": offer.root,
        "edit": edit_to_json(offer.edit),
        "event": event,
        "source": offer.source,
        "fault": dict(offer.fault) if offer.fault is not None else None,
        "texts": dict(offer.texts),
    }
    try:
        await session.workers.run("note_heal", params, lane="analysis", priority=3)
    except SutureError as error:
        log.info("the heal is not recorded: %s", error)
