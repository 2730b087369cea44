"""``suture.dashboard``: the dashboard of a workspace folder, shown by the editor or by the browser that it opens.

A process of its own serves the page until the language server ends, so that nothing of it is done here.

Invariant: one process a folder; a second call shows the page that is there.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from ...analyzers.errors import Unavailable, UserError
from ..arguments import handler
from ..children import child_environment
from ..session import Session, session_of

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]

START_S = 20.0


def register(server: SutureServer) -> None:
    session = session_of(server)
    running: dict[Path, tuple[asyncio.subprocess.Process, str]] = {}
    starting = asyncio.Lock()

    async def dashboard(session: Session, argument: Object) -> Object:
        """Show the dashboard of a folder (default: the first). Answers its address; it holds a token: keep it."""
        root = _root(session, argument)
        async with starting:
            process, url = running.get(root, (None, ""))
            if process is None or process.returncode is not None:
                if process is not None:
                    session.server.children.discard(process.pid)
                process, url = running[root] = await _start(session, root)
        if session.client.show_document and not argument.get("quiet"):
            try:
                await session.server.window_show_document_async(types.ShowDocumentParams(uri=url, external=True))
            except (JsonRpcException, Unavailable) as error:
                session.server.say(f"the editor did not open the dashboard: {error}")
        return {"url": url, "root": str(root)}

    server.command("suture.dashboard")(handler(session, dashboard))


def _root(session: Session, argument: Object) -> Path:
    named = argument.get("uri") or argument.get("root")
    if named:
        return session.server.root_of(Path(to_fs_path(named) or named))
    if not session.server.roots:
        raise UserError("no folder is open", "open one: the dashboard is of a folder")
    return session.server.roots[0]


async def _start(session: Session, root: Path) -> tuple[asyncio.subprocess.Process, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-m", "suture", "dashboard", str(root), "--no-open", "--until-input-ends"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=child_environment(),
        start_new_session=True,
    )
    session.server.children.add(process.pid)
    assert process.stdout is not None
    url = ""
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                url = (await process.stdout.readline()).decode().strip()
    finally:  # the person may have cancelled it
        if not url:
            if process.returncode is None:
                process.kill()
            session.server.children.discard(process.pid)
    if not url:
        raise Unavailable("the dashboard did not start", "`suture dashboard` says why")
    return process, url
