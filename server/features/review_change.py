"""Review the change: what the working tree brings since a commit, as a command and a document.

Invariant: git is asked only in a trusted folder. What is not saved counts as the editor has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...analyzers.errors import UserError
from ..arguments import document_of, handler, inform
from ..evidence import Page, verdict_line, votes_table
from ..session import Session, session_of
from ..working import working
from .evidence import show

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]

COMMAND = "suture.reviewChange"

#: Seconds that the review of a change may take.
REVIEW_S = 600.0


def register(server: SutureServer) -> None:
    server.command(COMMAND)(handler(session_of(server), review_change))


async def review_change(session: Session, argument: Object) -> Object:
    """``suture.reviewChange {uri, revision = "HEAD"}``: the verdict is said, and shown with its reasons."""
    document = document_of(session, argument)
    path = session.where(document)
    asked = argument.get("revision") or "HEAD"
    if not isinstance(asked, str):
        raise UserError("the revision is a text, such as main or HEAD~1")
    session.server.trust.require(path, "asking git what changed")
    root = session.server.root_of(path)
    files = {str(root / name): text for name, text in session.unsaved(root).items() if name.endswith((".py", ".pyw"))}
    params: Object = {"path": str(path), "revision": asked, "files": files}
    async with working(session.server, f"Reviewing the change since {asked}", session.client.progress) as report:
        answer: Object = await session.workers.run(
            "review_change", params, timeout_s=REVIEW_S, on_event=lambda event: report(str(event.get("message", "")))
        )
    session.pages.put("report-change", change_page(answer))
    inform(session, f"the change since {asked}: {verdict_line(answer['verdict'])}")
    if argument.get("show", True):
        await show(session, "report-change")
    return answer


def change_page(answer: Object) -> Page:
    """Everything known about a change, as a document."""
    counts = f"{answer['files']} changed files, {answer['new']} new findings, {answer['mended']} mended"
    title = f"The change since {answer['since']}: {answer['verdict']['label']}"
    parts = [f"# {title}", f"{counts}, compared with `{answer['commit'][:10]}`.", votes_table(answer["verdict"])]
    for each in answer["changes"]:
        lines = [f"- **line {_line(found)}** {found['message']} (`{found['rule']}`)" for found in each["new"]]
        lines += [f"- line {_line(found)}, was there: {found['message']} (`{found['rule']}`)" for found in each["old"]]
        lines += [f"- `{function['name']}`: {verdict_line(function['verdict'])}" for function in each["functions"]]
        if each["error"]:
            lines = [f"- not analysed: {each['error']}"]
        if lines:
            parts += [f"## {each['name']} ({each['status']})", "\n".join(lines)]
    if answer["notes"]:
        parts += ["## Notes", "\n".join(f"- {note}" for note in answer["notes"])]
    return Page(title, "\n\n".join(parts) + "\n")


def _line(found: Object) -> int:
    return int(found["range"][0]) + 1
