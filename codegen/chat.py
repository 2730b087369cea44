"""One exchange with a model: streamed, cancellable, bounded; errors as :class:`~.provider.Failed` with a hint.

All exchanges of a process run on one thread with one event loop, so that connections stay open between them and a
second request does not pay for a handshake. Cancelling closes the HTTP stream at once (polled every 40 ms), so that the
server stops as well.

Invariant: no retries here, and nothing is sent that the caller has not recorded first.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..analyzers.errors import SutureError
from .prices import Usage, estimated_tokens
from .proposal import CancelCheck, ModelSettings, Progress
from .provider import Failed, Prompt, providers

log = logging.getLogger(__name__)

_POLL_S = 0.04
_MOST_CHARACTERS = 64_000


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, between two pieces of the answer, for all of it."""

    connect: float = 10.0
    silence: float = 60.0
    total: float = 180.0


@dataclass(frozen=True, slots=True)
class Answer:
    """``complete`` is false if the server stopped at the token limit or a filter (``stopped`` says which)."""

    text: str
    usage: Usage
    complete: bool
    stopped: str
    model: str


def complete(
    settings: ModelSettings,
    prompt: Prompt,
    *,
    cancel: CancelCheck,
    on_progress: Progress,
    timeouts: Timeouts = Timeouts(),
) -> Answer:
    """The model's answer. Raises Failed. May be called from any thread but the loop's own."""
    stop = threading.Event()
    call = _Call(settings, prompt, lambda: stop.is_set() or cancel(), on_progress, timeouts)
    future = asyncio.run_coroutine_threadsafe(call.run(), _loop())
    try:
        return future.result()
    finally:
        stop.set()  # on KeyboardInterrupt the exchange ends within a poll


def warm(models: Iterable[ModelSettings]) -> None:
    """Import ahead what the first request would wait for; a missing SDK is no error yet."""
    loop = _loop()
    for each in models:
        provider = providers().get(each.provider)
        if provider is None or provider.client is None:
            continue
        try:
            importlib.import_module(provider.sdk)  # here, and not on the loop's thread
        except ImportError as error:
            log.info("%s cannot be asked: %s", provider.name, error)
            continue
        loop.call_soon_threadsafe(provider.client, each, _Kept())


# --- the loop --------------------------------------------------------------------------------------------------------

_starting = threading.Lock()
_loops: list[asyncio.AbstractEventLoop] = []
_clients: dict[str, Any] = {}  # used on the loop's thread only


def _loop() -> asyncio.AbstractEventLoop:
    with _starting:
        if not _loops:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="suture-models", daemon=True).start()
            _loops.append(loop)
        return _loops[0]


# --- one exchange ----------------------------------------------------------------------------------------------------


class _Kept:
    """The clients of this process."""

    def client(self, key: str, make: Callable[[], Any]) -> Any:
        if key not in _clients:
            _clients[key] = make()
        return _clients[key]


@dataclass
class _Call(_Kept):
    """The :class:`~.provider.Sink` of one exchange, and its patience."""

    settings: ModelSettings
    prompt: Prompt
    stopped: CancelCheck
    on_progress: Progress
    timeouts: Timeouts
    pieces: list[str] = field(default_factory=list[str])
    length: int = 0
    usage: Usage | None = None
    why: str = ""
    model: str = ""
    heard: float = 0.0

    async def run(self) -> Answer:
        provider = providers().get(self.settings.provider)
        if provider is None:
            raise Failed("request", f"there is no provider called {self.settings.provider}", "see suture doctor")
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(provider.stream(self.settings, self.prompt, self))
        self.heard = loop.time()
        deadline = self.heard + self.timeouts.total
        while not task.done():
            await asyncio.wait({task}, timeout=_POLL_S)
            if task.done():
                break
            failed = self._impatience(loop.time(), deadline)
            if failed is not None:
                await _end(task)
                raise failed
        try:
            task.result()
        except Failed as error:
            error.usage = self.so_far() if self.pieces and not error.usage.output else error.usage
            raise
        except ImportError as error:
            extra = provider.sdk
            raise Failed(
                "request", f"{error.name or extra} is not installed", f"pip install 'suture[{extra}]'"
            ) from error
        except (SutureError, asyncio.CancelledError) as error:
            raise Failed("broken", f"the answer broke off: {error}", "try again", self.so_far()) from error
        except ValueError as error:  # JSONDecodeError, a value of the wrong form
            where = self.settings.address
            raise Failed("unreadable", f"the answer of {where} cannot be read", "try again", self.so_far()) from error
        except Exception as error:
            log.debug("a provider failed", exc_info=True)
            raise Failed(
                "broken", f"the answer broke off: {type(error).__name__}", "try again", self.so_far()
            ) from error
        if not self.why:
            raise Failed("broken", "the answer broke off before its end", "try again", self.so_far())
        return Answer(self.text, self.so_far(), self.why == "stop", self.why, self.model or self.settings.model)

    def _impatience(self, now: float, deadline: float) -> Failed | None:
        if self.stopped():
            return Failed("cancelled", "stopped", "", self.so_far())
        if now > deadline:
            return Failed("timeout", f"no whole answer within {self.timeouts.total:.0f} s", "", self.so_far())
        if now > self.heard + self.timeouts.silence:
            hint = "try again, or a faster model"
            return Failed("timeout", f"{self.settings.model} did not answer in time", hint, self.so_far())
        return None

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def so_far(self) -> Usage:
        sent = estimated_tokens(*(each["content"] for each in self.prompt.messages))
        return self.usage or Usage(sent, estimated_tokens(self.text) if self.pieces else 0)

    # what providers call

    def add(self, text: str) -> None:
        if not text:
            return
        if not self.pieces:
            self.on_progress(f"{self.settings.model} is answering")
        self.heard = asyncio.get_running_loop().time()
        self.pieces.append(text)
        self.length += len(text)
        if self.length > _MOST_CHARACTERS:
            raise Failed("unreadable", "the answer is far too long for a function", "", self.so_far())

    def used(self, tokens_in: int, tokens_out: int) -> None:
        self.usage = Usage(tokens_in, tokens_out, True)

    def finish(self, why: str) -> None:
        if self.why != "refusal":  # servers say "stop" after a refusal as well
            self.why = why

    def answered_by(self, model: str) -> None:
        self.model = model


async def _end(task: asyncio.Future[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
