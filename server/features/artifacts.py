"""Stored proposals from the palette: list, approve, reject, deploy; the audit log, its check, and what was learned.

When a file is saved, what was generated into it is compared with what is there now: kept, edited or gone.

Invariant: whatever is applied here was approved by the person before, in the records; the editor applies it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pygls.uris import to_fs_path

from ...analyzers.errors import UserError
from ..approving import APPLIED, applied, approve, of_documents
from ..arguments import handler, inform, text_of
from ..codec import edit_from_json
from ..documents import Document
from ..evidence import Page
from ..evidence_data import fenced
from ..session import Session, session_of
from .commands import apply_edit
from .evidence import show

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]


def register(server: SutureServer) -> None:
    session = session_of(server)
    for name, work in COMMANDS.items():
        server.command(name)(handler(session, work))

    @server.saved.connect
    def saved(document: Document) -> None:  # pyright: ignore[reportUnusedFunction]
        path = session.where(document)
        root = session.server.root_of(path)
        if root in session.generated_in:
            server.spawn(_look(session, root, path, document.text), "look at what was generated")


async def _look(session: Session, root: Path, path: Path, text: str) -> None:
    params = {"root": str(root), "path": str(path), "text": text}
    await session.workers.run("look_at_generated", params, lane="analysis", priority=3)


def _root(session: Session, argument: Object) -> Path:
    """The folder that is meant: of ``root`` or ``uri``, or the first one."""
    given = argument.get("root") or argument.get("uri")
    if isinstance(given, str) and given:
        path = Path(to_fs_path(given) or given) if given.startswith("file:") else Path(given)
        return path if "root" in argument else session.server.root_of(path)
    if not session.server.roots:
        raise UserError("no folder is open", "open the folder whose proposals you mean")
    return session.server.roots[0]


async def _ask(session: Session, job: str, root: Path, **params: Any) -> Any:
    """A job about the records, when what was done before is in them."""
    if session.noting:
        await asyncio.wait(set(session.noting))
    return await session.workers.run(job, {"root": str(root), **params}, lane="interactive")


async def _ident(session: Session, root: Path, argument: Object, status: str) -> str:
    """The proposal that is meant: by ``id``, or the only one there is with this status. Raises UserError."""
    if argument.get("id"):
        return text_of(argument, "id")
    found: Sequence[Object] = await _ask(session, "list_proposals", root, status=status)
    if len(found) != 1:
        named = ", ".join(f"{each['name']} ({each['id']})" for each in found[:5])
        raise UserError(
            f"{len(found) or 'no'} proposals are {status}" + (f": {named}" if named else ""),
            "the argument needs 'id'" if found else "",
        )
    return found[0]["id"]


# -- what a person does ------------------------------------------------------------------------------------------------


async def approve_one(session: Session, argument: Object) -> Object:
    """Approve a proposal; with ``deploy`` true also apply it."""
    root = _root(session, argument)
    ident = await _ident(session, root, argument, "awaiting approval")
    edit = await approve(session, root, ident)
    if argument.get("deploy") is not True:
        inform(session, f"{edit.title}: approved, not applied yet")
        return {"id": ident, "approved": True, "applied": False}
    done = await apply_edit(session, edit)
    applied(session, root, ident)
    return {"id": ident, "approved": True, **done}


async def reject_one(session: Session, argument: Object) -> Object:
    """Reject a proposal; ``reason`` says why."""
    root = _root(session, argument)
    reason = text_of(argument, "reason")
    ident = await _ident(session, root, argument, "awaiting approval")
    answer = await _ask(session, "reject_proposal", root, id=ident, reason=reason)
    inform(session, f"rejected: {reason}")
    return {**answer, "rejected": True}


async def deploy_one(session: Session, argument: Object) -> Object:
    """Apply an approved proposal."""
    root = _root(session, argument)
    ident = await _ident(session, root, argument, "approved")
    answer = await _ask(session, "approved_proposal", root, id=ident)
    done = await apply_edit(session, of_documents(session, edit_from_json(answer["edit"])))
    applied(session, root, answer["id"])
    return {"id": answer["id"], **done}


async def was_applied(session: Session, argument: Object) -> Object:
    """An action that carried its edit was applied: the person's approval, and its deployment."""
    root = _root(session, argument)
    applied(session, root, text_of(argument, "id"))
    return {}


# -- what is shown -----------------------------------------------------------------------------------------------------


async def proposals(session: Session, argument: Object) -> Any:
    """What awaits somebody, or has the ``status`` asked for; with ``list`` true as a list, else as a document."""
    root = _root(session, argument)
    found: Sequence[Object] = await _ask(session, "list_proposals", root, status=argument.get("status") or "")
    if argument.get("list") is True:
        return [
            {
                "id": each["id"],
                "title": each["name"],
                "status": each["status"],
                "at": each["created"],
                "path": each["path"],
                "verified": each["verified"],
            }
            for each in found
        ]
    parts = [f"# Proposals of {root.name}"]
    for each in found:
        by = each["provenance"].get("model") or each["provenance"].get("drafter", "")
        checked = "tested" if each["verified"] else "not run"
        parts += [
            f"## {each['name']} in {each['path']}: {each['status']}",
            f"`{each['id']}`, by {by}, {checked}, {_when(each['created'])}",
            fenced(each["code"], "python"),
        ]
    if not found:
        parts.append("Nothing awaits you: what is generated here is listed until it is applied or rejected.")
    session.pages.put("proposals", Page("Proposals", "\n\n".join(parts)))
    return await show(session, "proposals")


async def audit(session: Session, argument: Object) -> Object:
    """Who did what to which proposal, the newest first, as a document."""
    root = _root(session, argument)
    entries: Sequence[Object] = await _ask(session, "audit_log", root)
    rows = [
        f"| {each['seq']} | {_when(each['at'])} | {_cell(each['person'])} | {each['action']} | `{each['proposal']}` "
        f"| {_cell(each['detail'].get('reason') or each['detail'].get('why') or '')} |"
        for each in reversed(entries)
    ]
    head = ["| # | when | who | what | proposal | why |", "|---|---|---|---|---|---|"]
    nothing = ["Nothing is recorded yet: proposals, approvals and rejections will be."]
    body = "\n".join([f"# Audit log of {root.name}", "", *([*head, *rows] if rows else nothing)])
    session.pages.put("audit", Page("Audit log", body))
    return await show(session, "audit")


async def verify(session: Session, argument: Object) -> Object:
    """Check the log's chain and every artifact's digests, and say which record was altered."""
    found: Mapping[str, Any] = await _ask(session, "verify_records", _root(session, argument))
    inform(session, verdict(found))
    return dict(found)


def verdict(found: Mapping[str, Any]) -> str:
    """One line on the check of the records."""
    entries, proposals = int(found["entries"]), int(found["proposals"])
    looked = f"{entries} entr{'y' if entries == 1 else 'ies'} and {proposals} proposal{'' if proposals == 1 else 's'}"
    if found["ok"] and not entries and not proposals:
        return "nothing is recorded yet: no proposal, no entry in the log"
    if found["ok"]:
        return f"{looked} are what was recorded"
    altered = "; ".join(f"{each['record']} {each['what']}" for each in found["alterations"][:3])
    more = f" and {len(found['alterations']) - 3} more" if len(found["alterations"]) > 3 else ""
    return f"of {looked}, {altered}{more}"


async def insights(session: Session, argument: Object) -> Object:
    """What was learned from what was generated here, as a document."""
    found: Mapping[str, Any] = await _ask(session, "learned_insights", _root(session, argument))
    parts = [
        "# What generation has taught",
        f"{found['generations']} requests, {found['offered']} offered; what became of it is known of {found['judged']}."
        if found["generations"]
        else "Nothing was generated here yet.",
        *(f"- **{each['sentence']}**" if each["remarkable"] else f"- {each['sentence']}" for each in found["insights"]),
    ]
    if found["too_few"]:
        few = ", ".join(f"{name} ({count})" for name, count in found["too_few"].items())
        parts.append(f"Too few cases to say anything: {few}.")
    session.pages.put("insights", Page("Insights", "\n\n".join(parts)))
    return await show(session, "insights")


def _cell(text: object) -> str:
    """A text in a table of Markdown: one line, no bar."""
    return " ".join(str(text).split()).replace("|", "/")


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


COMMANDS = {
    "suture.approve": approve_one,
    "suture.reject": reject_one,
    "suture.deploy": deploy_one,
    "suture.proposals": proposals,
    "suture.audit": audit,
    "suture.verify": verify,
    "suture.insights": insights,
    APPLIED: was_applied,
}
