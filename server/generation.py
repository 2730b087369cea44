"""Generation for one document: what is asked for, what came of it, and whether it still fits.

A result belongs to the text that it was made for. If the document moved meanwhile, the same code is placed and checked
again where its comment, stub or selection is now; if what was asked for changed, it is dropped.

Invariant: an answer that is handed out was checked on the very texts that the editor has now.
Invariant: what nobody asked for is computed in a trusted folder only, and asks no model.
"""

from __future__ import annotations

import asyncio
import difflib
import logging
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..analyzers.errors import Stale, SutureError
from ..analyzers.findings import Edit, text_hash
from ..analyzers.source import same_ends
from ..codegen.proposal import GenerationRequest
from ..codegen.triggers.locate import located
from ..codegen.triggers.target import Target
from .answers import Answer, Wish
from .codec import edit_from_json
from .documents import Document, Snapshot
from .heals import rebased, sandbox_params
from .session import Session
from .workers import Lane
from .working import working

log = logging.getLogger(__name__)

Object = dict[str, Any]

GENERATE_S = 300.0

#: How often a result is placed and checked again because someone typed meanwhile.
FOLLOWED = 3

#: Seconds without a further request for inline completions before anything is computed.
PAUSE_S = 0.5

#: What ends a line in an editor; a form feed does not.
_LINE_END = re.compile(r"\r\n|\n|\r")

# --- what is asked for ------------------------------------------------------------------------------------------------


def request_of(session: Session, document: Document | Snapshot, wish: Wish) -> GenerationRequest:
    """The request as far as it concerns what is asked for."""
    path = session.where(document)
    root = session.server.root_of(path)
    return GenerationRequest(
        root=root,
        path=path,
        text=document.python,
        line=wish.line,
        change=wish.change,
        end_line=wish.end_line,
        files=files_of(session),
    )


def files_of(session: Session) -> dict[str, str]:
    """The texts of all open documents by absolute path."""
    return {str(session.where(document)): document.python for document in session.server.documents}


def known_to(session: Session, uri: str) -> list[str]:
    """Names that the other cells of a cell's notebook bind, and ``*`` if one of them imports all of a module."""
    bound = [each.analysis.bound() for each in session.server.workspace.cells_beside(uri)]
    return sorted({"*" for each in bound if each is None} | {name for each in bound for name in each or ()})


def target_of(session: Session, document: Document | Snapshot, wish: Wish) -> Target | None:
    """What is asked for at a place; None if nothing is."""
    found = located(request_of(session, document, wish))
    return None if isinstance(found, str) else found[1]


def same(a: Target, b: Target) -> bool:
    """Whether two targets ask for the same, wherever they are by now."""
    return replace(a, first=0, last=0) == replace(b, first=0, last=0)


def moved(before: str, after: str, wish: Wish) -> Wish | None:
    """The same place in a text that changed; None if its lines are gone."""
    lines = _followed_lines(_LINE_END.split(before), _LINE_END.split(after))
    line = lines(wish.line)
    end = None if wish.end_line is None else lines(wish.end_line)
    if line is None or (wish.end_line is not None and end is None):
        return None
    return replace(wish, line=line, end_line=end)


def _followed_lines(old: list[str], new: list[str]) -> Callable[[int], int | None]:
    """Where a line is by now. Only what lies between the first and the last change is compared: the server waits."""
    head, tail = same_ends(old, new)
    matcher = difflib.SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    between: dict[int, int] = {}
    for a, b, size in matcher.get_matching_blocks():
        between.update(zip(range(head + a, head + a + size), range(head + b, head + b + size), strict=True))

    def where(line: int) -> int | None:
        if line < head:
            return line
        if line >= len(old):
            return None
        return line + len(new) - len(old) if line >= len(old) - tail else between.get(line)

    return where


# --- asking -----------------------------------------------------------------------------------------------------------


async def generated(
    session: Session,
    document: Document,
    wish: Wish,
    *,
    lane: Lane = "interactive",
    models: bool = True,
    on_progress: Callable[[str], None] | None = None,
    given: Answer | None = None,
    asked: Snapshot | None = None,
) -> Answer:
    """What is generated for a place of a document, for the text that it has in the end.

    ``asked`` is the text that ``wish`` was said of, if the document may have changed since. ``given`` is an answer for
    an earlier text, to be checked again. Raises Stale if what was asked for changed, and
    whatever the worker raises."""
    report = on_progress or _nothing
    uri = document.uri
    report("looking at what is asked for")
    for _ in range(FOLLOWED):
        snapshot, asked = asked or document.snapshot(), None
        params = _params(session, snapshot, wish, models, given)
        answered = await session.workers.run(
            "generate",
            params,
            lane=lane,
            timeout_s=GENERATE_S,
            on_event=lambda event: report(str(event.get("message", ""))),
        )
        edit = edit_from_json(answered["edit"]) if answered["edit"] is not None else None
        if edit is not None:
            edit = rebased(edit, snapshot)
        answer = Answer(answered["proposal"], edit, snapshot, wish)
        if edit is None or fresh(session, edit):
            return answer
        document, wish = followed(session, answer, uri)
        given = answer
        report("the text changed meanwhile: checking it again")
    raise Stale("the document kept changing while it was generated")


def _nothing(text: str) -> None:
    """Nobody wants to know."""


def fresh(session: Session, edit: Edit) -> bool:
    """Whether every file of an edit is still what it was made for."""
    for file in edit.files:
        text = session.lookup(file.path).text
        if (text_hash(text) if text is not None else "") != file.base:
            return False
    return True


def followed(session: Session, answer: Answer, uri: str) -> tuple[Document, Wish]:
    """Where the same is asked for now. Raises Stale if it is not."""
    document = session.server.opened_document(uri)
    if document is None:
        raise Stale("the document was closed")
    wish = moved(answer.snapshot.text, document.text, answer.wish)
    before = target_of(session, answer.snapshot, answer.wish)
    after = target_of(session, document, wish) if wish is not None else None
    if wish is None or before is None or after is None or not same(before, after):
        raise Stale("what was asked for changed while it was generated")
    return document, wish


def _params(session: Session, snapshot: Snapshot, wish: Wish, models: bool, given: Answer | None) -> Object:
    path = session.where(snapshot)
    settings = session.server.settings(path)
    root = session.server.root_of(path)
    in_notebook = bool(session.server.workspace.notebook_of(snapshot.uri))  # no test can import a cell
    params: Object = {
        "root": str(root),
        "path": str(path),
        "text": snapshot.python,
        "known": known_to(session, snapshot.uri),
        "line": wish.line,
        "end_line": wish.end_line,
        "change": wish.change,
        "code_type": wish.code_type,
        "files": files_of(session),
        "include_tests": session.client.create_files and session.client.document_changes and not in_notebook,
        "model": model_params(session, path) if models else None,
        "budget": {
            "request_usd": settings.budget.request_usd,
            "day_usd": settings.budget.day_usd,
            "month_usd": settings.budget.month_usd,
        },
        "limits": asdict(settings.generate),
        "given": None,
        **sandbox_params(session, path),
    }
    if given is not None:
        names = ("code", "tests", "imports", "confidence", "provider")
        params["given"] = {name: given.proposal[name] for name in names}
        params["given"]["by_model"] = given.edit is not None and given.edit.by_model
    return params


def model_params(session: Session, path: Path) -> Object:
    """Which model is asked, and where, as the editor's settings have it."""
    settings = session.server.settings(path).model
    names = ("provider", "model", "base_url", "api_key", "key_provider")
    return {**{name: getattr(settings, name) for name in names}, "editor": session.server.editor_model}


# --- ahead of being asked ---------------------------------------------------------------------------------------------


def ready(session: Session, document: Document, target: Target) -> Answer | None:
    """The answer for a target, if there is one for the text as it is now."""
    answer = session.ahead.ready.get((document.uri, target))
    if answer is None or answer.edit is None or answer.snapshot.text != document.text:
        return None
    return answer if fresh(session, answer.edit) else None


async def joined(session: Session, document: Document, target: Target) -> Answer | None:
    """What comes of the search for the same that is under way, if it has begun: it is not done twice."""
    ahead = session.ahead
    if ahead.wanted != (document.uri, target) or not ahead.begun or ahead.task is None:
        return None
    async with working(session.server, "Generating a function", session.client.progress):
        await asyncio.wait({ahead.task})  # which goes on if this wait is cancelled
    return ready(session, document, target)


def think_ahead(session: Session, document: Document, wish: Wish, target: Target) -> None:
    """Begin to compute what is asked for at a place, unless that is known, under way or not allowed."""
    ahead = session.ahead
    key = (document.uri, target)
    trusted = session.server.trust.trusted(session.where(document))
    if not trusted or ahead.wanted == key:
        return
    known = ahead.ready.get(key)
    if known is not None and known.snapshot.text == document.text:
        return
    if ahead.task is not None and not ahead.task.done():
        ahead.task.cancel()
    ahead.wanted, ahead.begun = key, False
    ahead.task = session.server.spawn(_think(session, document.uri, wish, target, known), "generate ahead")


async def _think(session: Session, uri: str, wish: Wish, target: Target, known: Answer | None) -> None:
    ahead = session.ahead
    try:
        await asyncio.sleep(PAUSE_S)
        document = session.server.opened_document(uri)
        if document is None or target_of(session, document, wish) != target:
            return
        ahead.begun = True
        given = known if known is not None and known.edit is not None else None
        answer = await generated(session, document, wish, models=False, given=given)
        ahead.keep(uri, target_of(session, answer.snapshot, answer.wish) or target, answer)
    except SutureError as error:
        log.info("nothing was generated ahead: %s", error)
    finally:
        if ahead.wanted == (uri, target):
            ahead.wanted = None
