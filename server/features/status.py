"""How things stand, for an editor's status item and its palette: ``suture.status``, and what other commands of Suture
print, as documents (``suture.doctor``, ``suture.egress``, ``suture.health``).

Invariant: asking changes nothing, runs nothing of the workspace and sends nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pygls.uris import to_fs_path

from ...analyzers.errors import SutureError, Unavailable
from ..arguments import handler
from ..children import child_environment
from ..evidence import Page
from ..generation import model_params
from ..model_jobs import models
from ..session import Session, session_of
from .evidence import show

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]

PAGE_S = 60.0
DAY_S = 86_400.0

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def register(server: SutureServer) -> None:
    session = session_of(server)
    server.command("suture.status")(handler(session, status))
    server.command("suture.doctor")(handler(session, doctor))
    server.command("suture.egress")(handler(session, egress))
    server.command("suture.health")(handler(session, health))


# -- the status ------------------------------------------------------------------------------------------------------


async def status(session: Session, argument: Object) -> Object:
    """State, sandbox, model and costs of a folder (default: the first)."""
    root = _root(session, argument)
    settings = session.server.settings(root / "x.py")
    sandbox, (spent, sent) = await asyncio.gather(asyncio.to_thread(_sandbox), asyncio.to_thread(_costs, root))
    return {
        "version": session.server.version,
        "trusted": session.server.trust.trusted(root),
        "sandbox": sandbox,
        "model": await asyncio.to_thread(_model, model_params(session, root / "x.py")),
        "spent_today_usd": spent,
        "day_usd": settings.budget.day_usd,
        "sent_today": sent,
    }


def _sandbox() -> Object:
    """The sandbox that is used, or why there is none."""
    from ...analyzers.sandbox import describe

    statuses = describe()
    for each in statuses:
        if each.available:
            return {
                "name": each.name if each.contains else f"{each.name} (nothing is contained)",
                "reason": each.reason,
            }
    reasons = [each.reason for each in statuses if each.contains and each.reason]
    return {"name": "", "reason": reasons[0] if reasons else "nothing contains the code here"}


def _model(chosen: Object) -> Object:
    """The model that would be asked first; the editor's own only where there is no other, and only with consent."""
    found = models({"model": chosen})
    if found:
        return {"name": found[0].model, "provider": found[0].provider}
    if chosen["editor"] and chosen["provider"] in ("", "editor"):
        return {"name": "the editor's own, if it has one", "provider": "you are asked first"}
    return {"name": "", "provider": ""}


def _costs(root: Path) -> tuple[float, int]:
    """US dollars spent and requests sent in the last 24 hours; money is counted for all workspaces together."""
    from ...analyzers.history import has_store
    from ...analyzers.store import DATABASE, open_store, user_folder

    spent, sent = 0.0, 0
    with contextlib.suppress(SutureError):
        if (user_folder() / DATABASE).exists():
            with open_store(None) as purse:
                spent = purse.spent(DAY_S)
        if has_store(root):
            with open_store(root) as store:
                sent = len(store.egress(since=time.time() - DAY_S))
    return spent, sent


# -- documents -------------------------------------------------------------------------------------------------------


async def doctor(session: Session, argument: Object) -> Object:
    """What works here and what does not, as a document."""
    return await _document(session, "doctor", "What works here", "doctor", str(_root(session, argument)))


async def egress(session: Session, argument: Object) -> Object:
    """What left the machine for a model, as a document."""
    root = _root(session, argument)
    return await _document(session, "egress", "What left this machine", "egress", str(root))


async def health(session: Session, argument: Object) -> Object:
    """How healing does in this workspace, as a document."""
    root = _root(session, argument)
    return await _document(session, "health", "How healing does here", "health", "--root", str(root))


async def _document(session: Session, ident: str, title: str, *command: str) -> Object:
    text = await _said(session, *command)
    session.pages.put(ident, Page(title, f"# {title}\n\n```\n{text.rstrip()}\n```\n"))
    return await show(session, ident)


async def _said(session: Session, *command: str) -> str:
    """What a command of Suture prints, started outside of every workspace. Raises Unavailable if it does not end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-m", "suture", *command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=os.path.abspath(os.sep),
        env={**child_environment(), "NO_COLOR": "1", "COLUMNS": "100"},
        start_new_session=True,
    )
    session.server.children.add(process.pid)
    try:
        async with asyncio.timeout(PAGE_S):
            out, errors = await process.communicate()
    except TimeoutError:
        raise Unavailable(f"suture {command[0]} did not finish") from None
    finally:
        if process.returncode is None:
            process.kill()
        session.server.children.discard(process.pid)
    return _ESCAPES.sub("", out.decode("utf-8", "replace") or errors.decode("utf-8", "replace"))


def _root(session: Session, argument: Object) -> Path:
    """The folder that is meant: of the argument's ``uri``, else the first of the workspace."""
    named = argument.get("uri")
    if isinstance(named, str) and (path := to_fs_path(named)):
        return session.server.root_of(Path(path))
    return session.server.roots[0] if session.server.roots else Path.home()
