"""Work-done progress for a command: shown where the client can, cancellable from there.

Invariant: the progress ends however the work ends; cancelling it in the editor cancels the task that does the work.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, Callable

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from .app import SutureServer

#: Seconds that a client has to create a progress token before the work goes on without one.
CREATE_S = 1.0

Report = Callable[[str], None]

_NUMBERS = itertools.count(1)


@contextlib.asynccontextmanager
async def working(server: SutureServer, title: str, supported: bool) -> AsyncGenerator[Report]:
    """Shows ``title`` while the body runs; the body is given a function that shows what happens now."""
    if not supported or not (token := await _token(server)):
        yield lambda message: None
        return
    progress = server.protocol.progress
    progress.begin(token, types.WorkDoneProgressBegin(title=title, cancellable=True))
    task = asyncio.current_task()
    if task is not None:
        progress.tokens[token].add_done_callback(lambda done: task.cancel() if done.cancelled() else None)
    last = ""

    def report(message: str) -> None:
        nonlocal last
        if message != last:
            last = message
            progress.report(token, types.WorkDoneProgressReport(message=message, cancellable=True))

    try:
        yield report
    finally:
        progress.end(token, types.WorkDoneProgressEnd())


async def _token(server: SutureServer) -> str:
    """A token that the client knows; empty if it refuses or does not answer."""
    token = f"suture-work-{next(_NUMBERS)}"
    try:
        async with asyncio.timeout(CREATE_S):
            await server.protocol.send_request_async(types.WINDOW_WORK_DONE_PROGRESS_CREATE, {"token": token})
    except (JsonRpcException, TimeoutError):
        return ""
    return token
