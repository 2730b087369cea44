"""Work-done progress whose tokens are freed at the end; pygls keeps every token for ever."""

from __future__ import annotations

from concurrent.futures import Future

from lsprotocol import types
from pygls.progress import Progress


class FreedProgress(Progress):
    """pygls' progress, without its leak."""

    tokens: dict[types.ProgressToken, Future[None]]

    def end(self, token: types.ProgressToken, value: types.WorkDoneProgressEnd) -> None:
        super().end(token, value)
        self.tokens.pop(token, None)
