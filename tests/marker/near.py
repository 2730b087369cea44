"""Workers without processes, for cases that are about texts: jobs run on a thread of the test's own process.

What passes between the server and a job is JSON all the same. That a child dies, hangs or is killed is tested
elsewhere.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from suture.analyzers.findings import Json
from suture.server.app import SutureServer
from suture.server.jobs import Context, perform
from suture.server.session import session_of
from suture.server.workers import Lane, OnEvent, Workers, error_from_json


class NearWorkers(Workers):
    """One job after the other, whatever its lane."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = ThreadPoolExecutor(1, "suture-job")
        self._listeners: dict[int, OnEvent] = {}
        self._jobs = itertools.count(1)
        self._context = Context(self._emit)

    async def run(
        self,
        job: str,
        params: Mapping[str, Json],
        *,
        lane: Lane = "interactive",
        timeout_s: float = 60.0,
        priority: int = 0,
        on_event: OnEvent | None = None,
    ) -> Any:
        number, loop = next(self._jobs), asyncio.get_running_loop()
        if on_event is not None:
            self._listeners[number] = lambda event: loop.call_soon_threadsafe(on_event, event) and None
        message = json.loads(json.dumps({"id": number, "job": job, "params": params}))
        try:
            answer = await loop.run_in_executor(self._thread, perform, message, self._context)
        except asyncio.CancelledError:
            self._context.cancel(number)
            raise
        finally:
            self._listeners.pop(number, None)
        if "error" in answer:
            raise error_from_json(json.loads(json.dumps(answer["error"])))
        return json.loads(json.dumps(answer["result"]))

    def _emit(self, message: Mapping[str, Any]) -> None:
        listener = self._listeners.get(message["id"])
        if listener is not None:
            listener(json.loads(json.dumps(message["event"])))

    def close(self) -> None:
        super().close()
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._context.close()


def with_near_workers(server: SutureServer) -> SutureServer:
    """The server with its jobs in this process."""
    session = session_of(server)
    session.workers = NearWorkers()
    server.stopping.connect(session.workers.close)
    return server
