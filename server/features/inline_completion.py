"""Inline completion (LSP 3.18): a verified result, where it is what comes next at the cursor.

On the lines of a comment or a stub, or on the empty line below, the editor is given what is ready. If nothing is, it
is computed while nobody waits (without a model, in a trusted folder), for the next time the editor asks. What needs
changes elsewhere in the document too, such as an import, is left to the lightbulb: an accepted completion is one undo
step, and so is what Suture writes.

Invariant: it answers at once, from what is known; only an edit that was run on this very text is given.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from ...analyzers.findings import FileEdit, Replacement
from ..answers import Answer, Wish
from ..approving import applied
from ..arguments import handler, text_of
from ..current import analysed
from ..documents import Document
from ..generation import ready, think_ahead
from ..session import Session, session_of
from .commands import apply_edit
from .generation import asked_for

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]

ACCEPTED = "suture.inlineAccepted"


def register(server: SutureServer) -> None:
    session = session_of(server)

    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
    async def inline_completion(params: types.InlineCompletionParams) -> list[Object]:  # pyright: ignore[reportUnusedFunction]
        document = server.opened_document(params.text_document.uri)
        if document is None or not analysed(session, document):
            return []
        line, column = document.position_of(params.position)
        return items(session, document, line, column)

    server.command(ACCEPTED)(handler(session, accepted))


def items(session: Session, document: Document, line: int, column: int) -> list[Object]:
    """What can be given at a place; begins to compute it if nothing is known."""
    at = line if document.line_text(line).strip() else line - 1
    if at < 0:
        return []
    target = asked_for(session, document, at)
    if target is None:
        return []
    answer = ready(session, document, target)
    if answer is None:
        think_ahead(session, document, Wish(at), target)
        return []
    if answer.edit is None or not answer.edit.verified:
        return []
    own = [file for file in answer.edit.files if file.path == str(session.where(document))]
    found = _at(document, own[0], line, column) if len(own) == 1 else None
    if found is None:
        return []
    argument = {"uri": document.uri, "id": str(answer.proposal.get("id") or "")}
    return [
        {
            "insertText": found.text,
            "range": {
                "start": document.lsp_position(*document.position(found.start)),
                "end": document.lsp_position(*document.position(found.end)),
            },
            "command": {"title": answer.edit.title, "command": ACCEPTED, "arguments": [argument]},
        }
    ]


def _at(document: Document, edit: FileEdit, line: int, column: int) -> Replacement | None:
    """The edit as one replacement on the cursor's line; None if it is more, or elsewhere.

    An insertion may begin earlier if what it ends with stands there already: the result is the same."""
    if len(edit.replacements) != 1:
        return None
    text, only = document.text, edit.replacements[0]
    cursor = document.offset(line, column)
    start, end, new = only.start, only.end, only.text
    while start == end and start > cursor and new and new[-1] == text[start - 1]:
        start, end, new = start - 1, end - 1, new[-1] + new[:-1]
    if document.position(start)[0] != line or document.position(end)[0] != line or not start <= cursor <= end:
        return None
    return Replacement(start, end, new)


async def accepted(session: Session, argument: Object) -> Object:
    """The person took a completion: add its tests, and note it in the records."""
    uri, ident = text_of(argument, "uri"), text_of(argument, "id")
    answer = _answer(session, ident)
    if answer is None or answer.edit is None:
        return {"applied": False, "reason": "it is not known any more"}
    document = session.server.opened_document(uri)
    own = str(session.where(document)) if document is not None else ""
    root = session.server.root_of(session.where(answer.snapshot))
    applied(session, root, ident)  # the code is in its file, whatever becomes of its tests
    rest = tuple(file for file in answer.edit.files if file.path != own)
    if rest:
        await apply_edit(session, replace(answer.edit, files=rest))
    return {"applied": True}


def _answer(session: Session, ident: str) -> Answer | None:
    return next((each for each in session.ahead.ready.values() if each.proposal.get("id") == ident), None)
