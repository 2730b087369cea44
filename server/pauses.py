"""Work that waits for a pause in the typing: one timer a document, begun again by each call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Pauses:
    """Calls ``then(uri)`` once a document's pause is over."""

    def __init__(self, then: Callable[[str], None]) -> None:
        self._then = then
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def begin(self, uri: str, seconds: float) -> None:
        """Wait from now on; a pause that was running for the document is given up."""
        self.end(uri)
        self._timers[uri] = asyncio.get_running_loop().call_later(seconds, self._over, uri)

    def end(self, uri: str) -> None:
        """Give the document's pause up, if one is running."""
        if (timer := self._timers.pop(uri, None)) is not None:
            timer.cancel()

    def _over(self, uri: str) -> None:
        self._timers.pop(uri, None)
        self._then(uri)
