"""Code generation as an editor asks for it: the actions of the lightbulb and the command behind them.

An action on a comment, a stub or a failing test starts ``suture.generate``; if the result is known and was checked on
this very text, the action carries it. A selection is changed by an instruction, which the command is given or for
which the editor is asked (``suture/input``).

Invariant: an edit is applied by the editor (``workspace/applyEdit``), so that it is one undo step, and only to the
texts that it was checked on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from pygls.exceptions import JsonRpcException

from ...analyzers.errors import Stale, SutureError, UserError
from ...analyzers.findings import Range
from ...codegen.triggers.comment import comment_at
from ...codegen.triggers.definitions import Parsed, TextLines
from ...codegen.triggers.failing_test import failing_test_in, is_test_file
from ...codegen.triggers.locate import reader
from ...codegen.triggers.selection import selection_at
from ...codegen.triggers.stub import stub_in, unwritten_at
from ...codegen.triggers.target import Target
from ..answers import Wish
from ..approving import APPLIED, applied, approve
from ..arguments import document_of, handler, inform
from ..documents import Document
from ..edits import action, workspace_edit
from ..evidence import report_page
from ..generation import FOLLOWED, followed, fresh, generated, joined, ready, request_of, target_of
from ..session import Session, session_of
from ..working import working
from .commands import apply_edit

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]

REWRITE = "refactor.rewrite"

INPUT = "suture/input"

_TITLES = {
    "comment": "Generate function from this comment",
    "stub": "Write the body of {name}",
    "failing_test": "Generate {name}, which this test is for",
    "selection": "Change {name} so that …",
}

#: What a line must hold for a failing test to be looked for.
_CALLS = re.compile(r"\w\(|\bimport\b")


def register(server: SutureServer) -> None:
    session = session_of(server)
    server.command("suture.generate")(handler(session, generate))


# -- the lightbulb -----------------------------------------------------------------------------------------------------


def generation(session: Session, document: Document, at: Range) -> Iterator[Object]:
    """What can be written at a range."""
    line = at.line
    if line >= document.line_count:
        return
    target = asked_for(session, document, line)
    if target is not None:
        argument = {"uri": document.uri, "line": line}
        title = _TITLES[target.kind].format(name=target.name)
        known = _known(session, document, target, argument)
        yield known or _command(title, argument)
    if session.client.input and at[:2] != at[2:]:
        last = at.end_line - (at.end_column == 0 and at.end_line > line)
        chosen = selection_at(document.text, line, last, "…")
        if chosen is not None:
            argument = {"uri": document.uri, "line": line, "end_line": last}
            yield _command(_TITLES["selection"].format(name=chosen.name), argument)


def asked_for(session: Session, document: Document, line: int) -> Target | None:
    """What the text asks for at a line; only what can be seen at a glance."""
    written = document.line_text(line)
    if not written.strip():
        return None

    start = document.line_start(line) + len(written[: len(written) - len(written.lstrip())].encode())
    near = document.analysis.around(start)
    alone = Parsed(near.text, near.root, TextLines(near.text.decode("utf-8", "surrogatepass"))) if near.rows else None
    target = None
    if alone is None or unwritten_at(alone, line + near.rows) is not None:
        target = stub_in(_whole(document), line)
    if target is None and written.lstrip().startswith("#"):
        target = comment_at(document.text, line)
    path = session.where(document)
    if target is None and is_test_file(path) and _CALLS.search(written):
        request = request_of(session, document, Wish(line))
        target = failing_test_in(_whole(document), line, path, request.root, reader(request))
    return target


def _whole(document: Document) -> Parsed:
    return Parsed(document.data, document.analysis.tree.root_node, document)  # kept while one types


def _known(session: Session, document: Document, target: Target, argument: Object) -> Object | None:
    """The action that carries what was computed ahead; the command instead where the editor shows it first."""
    answer = ready(session, document, target)
    if answer is None or answer.edit is None or not answer.edit.verified:
        return None
    try:
        change = workspace_edit(answer.edit, session.lookup, session.client, session.server.roots)
    except SutureError:
        return None  # a file of it moved
    offer = action(answer.edit, change, session.client, kind=REWRITE, diagnostics=[], preferred=False)
    if session.client.preview:
        return _command(offer["title"], argument)
    root = str(session.server.root_of(session.where(document)))
    known = {"id": answer.proposal.get("id"), "root": root, "uri": document.uri}
    offer["command"] = {"title": offer["title"], "command": APPLIED, "arguments": [known]}
    return offer


def _command(title: str, argument: Object) -> Object:
    command = {"title": title, "command": "suture.generate", "arguments": [argument]}
    return {"title": title, "kind": REWRITE, "command": command}


# -- the command -------------------------------------------------------------------------------------------------------


async def generate(session: Session, argument: Object) -> Object:
    """Write what a comment, a stub or a test asks for, or change a selection; apply it if it is offered.

    ``uri``, ``line``; for a selection ``end_line`` and ``instruction`` as well (without it the editor is asked);
    ``code_type`` (api, database, security, performance, general) if the words are not to decide it."""
    document = document_of(session, argument)
    asked = document.snapshot()  # the lines of the wish are those of this text
    wish = await _wish(session, argument)
    if wish is None:
        return {"applied": False, "reason": "no instruction was given"}
    root = session.server.root_of(session.where(document))
    title = "Changing the selection" if wish.change else "Generating a function"
    target = target_of(session, asked, wish)
    answer = None
    if target is not None and not wish.code_type:  # found while nobody waited, or about to be
        answer = ready(session, document, target) or await joined(session, document, target)
    for _ in range(FOLLOWED):
        if answer is None or (answer.edit is not None and not fresh(session, answer.edit)):
            async with working(session.server, title, session.client.progress) as report:
                answer = await generated(session, document, wish, on_progress=report, given=answer, asked=asked)
            asked = None  # from here on, of the text as it is
        proposal = answer.proposal
        session.pages.put("report-generate", report_page("Generation", proposal))
        if proposal["status"] != "offered" or answer.edit is None:
            inform(session, f"nothing is offered: {proposal.get('reason') or 'no reason given'}")
            return {"applied": False, "proposal": proposal}
        about: Object = {"kind": "generated", "evidence": "report-generate"}
        ident = str(proposal.get("id") or "")
        await approve(session, root, ident, decided=False)  # the editor may show it first, and be told no
        try:
            done = await apply_edit(session, answer.edit, about)
        except Stale:
            if fresh(session, answer.edit):
                raise  # the editor had another reason
            document, wish = followed(session, answer, document.uri)  # someone typed while the edit was on its way
            continue
        if done.get("applied"):
            applied(session, root, ident)
        return {**done, "proposal": proposal}
    raise Stale("the document kept changing while it was generated")


async def _wish(session: Session, argument: Object) -> Wish | None:
    line, end = _number(argument, "line"), _number(argument, "end_line") if "end_line" in argument else None
    change = argument.get("instruction") or ""
    if not isinstance(change, str):
        raise UserError("'instruction' is a text")
    if end is not None and not change.strip():
        change = await _ask(session)
        if not change.strip():
            return None
    kind = argument.get("code_type") or ""
    if not isinstance(kind, str):
        raise UserError("'code_type' is a text")
    return Wish(line, end, change.strip(), kind)


def _number(argument: Object, name: str) -> int:
    value = argument.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UserError(f"the argument needs {name!r}, a number from 0")
    return value


async def _ask(session: Session) -> str:
    """What the person types; empty if nothing was typed. Raises UserError if this editor cannot be asked."""
    if not session.client.input:
        raise UserError("the argument needs 'instruction'", "say what is to change")
    params = {
        "title": "Change the selection",
        "prompt": "Change this so that …",
        "placeholder": "it also accepts None",
    }
    try:
        answer: Any = await session.server.protocol.send_request_async(INPUT, params)
    except JsonRpcException as error:
        raise UserError(f"the editor did not ask: {error.message}") from error
    value: Any = cast("Object", answer).get("value") if isinstance(answer, dict) else getattr(answer, "value", None)
    return value if isinstance(value, str) else ""
