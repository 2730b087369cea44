"""One chat completion over the wire: streamed, cancellable, bounded; errors as :class:`Unavailable` with a hint.

Works with any server that speaks OpenAI's Chat Completions. Cancelling closes the HTTP stream at once (polled every
40 ms), so that the server stops as well.

Invariant: no retries here, and nothing is sent that the caller has not recorded first.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ..analyzers.errors import Cancelled, Unavailable, UserError
from .prices import Usage, estimated_tokens
from .proposal import CancelCheck, ModelSettings, Progress

if TYPE_CHECKING:
    from openai import APIError, AsyncOpenAI, AsyncStream
    from openai.types.chat import ChatCompletionChunk

Message = Mapping[str, str]  # role, content

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


class Interrupted(Unavailable):
    """The stream ended early: cancelled, too slow or broken off. ``usage`` is what was used until then."""

    def __init__(self, message: str, hint: str, usage: Usage, cancelled: bool = False) -> None:
        super().__init__(message, hint)
        self.usage = usage
        self.cancelled = cancelled


def complete(
    settings: ModelSettings,
    messages: Sequence[Message],
    *,
    temperature: float,
    max_tokens: int,
    cancel: CancelCheck,
    on_progress: Progress,
    timeouts: Timeouts = Timeouts(),
) -> Answer:
    """The model's answer. Raises Interrupted, Unavailable, or UserError for wrong settings.

    May be called with or without a running event loop: the exchange has a thread and a loop of its own."""
    stop = threading.Event()

    def stopped() -> bool:
        return stop.is_set() or cancel()

    call = _Call(settings, messages, temperature, max_tokens, stopped, on_progress, timeouts)
    with concurrent.futures.ThreadPoolExecutor(1, "suture-chat") as pool:
        future = pool.submit(asyncio.run, call.run())
        try:
            return future.result()
        finally:
            stop.set()  # on KeyboardInterrupt the pool waits for the thread: it ends within a poll


@dataclass
class _Call:
    settings: ModelSettings
    messages: Sequence[Message]
    temperature: float
    max_tokens: int
    stopped: CancelCheck
    on_progress: Progress
    timeouts: Timeouts
    text: str = ""
    usage: Usage | None = None
    finish: str = ""

    async def run(self) -> Answer:
        import openai

        limits = openai.Timeout(self.timeouts.silence, connect=self.timeouts.connect)
        client = openai.AsyncOpenAI(
            base_url=self.settings.base_url, api_key=self.settings.api_key, max_retries=0, timeout=limits
        )
        task = asyncio.create_task(self._stream(client))
        deadline = asyncio.get_running_loop().time() + self.timeouts.total
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=_POLL_S)
                if task.done():
                    break
                if self.stopped():
                    await _end(task)
                    raise Interrupted("stopped", "", self.used(), cancelled=True)
                if asyncio.get_running_loop().time() > deadline:
                    await _end(task)
                    raise Interrupted(f"no whole answer within {self.timeouts.total:.0f} s", "", self.used())
            task.result()
        except openai.APIError as error:
            raise self._readable(error) from error
        except (Unavailable, UserError, Cancelled):
            raise
        except Exception as error:
            raise Interrupted(f"the answer broke off: {type(error).__name__}", "try again", self.used()) from error
        finally:
            await client.close()
        if not self.finish:
            raise Interrupted("the answer broke off before its end", "try again", self.used())
        return Answer(self.text, self.used(), self.finish == "stop", self.finish)

    def used(self) -> Usage:
        sent = estimated_tokens(*(each["content"] for each in self.messages))
        return self.usage or Usage(sent, estimated_tokens(self.text) if self.text else 0)

    async def _stream(self, client: AsyncOpenAI) -> None:
        import openai

        options: dict[str, Any] = {
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "stream_options": {"include_usage": True},
        }
        for _ in range(4):
            try:
                create = cast(
                    "Callable[..., Awaitable[AsyncStream[ChatCompletionChunk]]]", client.chat.completions.create
                )
                messages = [dict(each) for each in self.messages]
                stream = await create(model=self.settings.model, messages=messages, stream=True, **options)
                break
            except openai.BadRequestError as error:
                if not _adapt(options, str(error)):
                    raise
        else:
            raise Unavailable("the model refuses the request's options", "choose another model")
        async with stream:
            async for chunk in stream:
                self._take(chunk)

    def _take(self, chunk: ChatCompletionChunk) -> None:
        if chunk.usage is not None:
            self.usage = Usage(int(chunk.usage.prompt_tokens), int(chunk.usage.completion_tokens), True)
        for choice in (chunk.choices or [])[:1]:
            piece = choice.delta.content
            if piece:
                if not self.text:
                    self.on_progress(f"{self.settings.model} is answering")
                self.text += piece
            if choice.finish_reason:
                self.finish = str(choice.finish_reason)
        if len(self.text) > _MOST_CHARACTERS:
            raise Interrupted("the answer is far too long for a function", "", self.used())

    def _readable(self, error: APIError) -> Exception:
        """An error of the client in words that say what to do; the key never appears."""
        import openai

        where, model = self.settings.base_url, self.settings.model
        said = str(error.message).replace(self.settings.api_key, "<key>")[:200]
        match error:
            case openai.APITimeoutError():
                return Interrupted(f"{where} did not answer in time", "try again, or a faster model", self.used())
            case openai.APIConnectionError() if self.text:
                return Interrupted("the answer broke off before its end", "try again", self.used())
            case openai.APIConnectionError():
                cause = f": {error.__cause__}" if error.__cause__ is not None else ""
                return Unavailable(f"{where} cannot be reached{cause}", "check OPENAI_BASE_URL and the network")
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return Unavailable(f"{where} refuses the key", "check OPENAI_API_KEY")
            case openai.NotFoundError():
                return Unavailable(f"{where} does not know the model {model}", "set SUTURE_MODEL to one that it serves")
            case openai.RateLimitError():
                wait = _retry_after(error.response.headers.get("retry-after"))
                hint = f"try again in {wait:.0f} s" if wait is not None else "try again later"
                return Unavailable(f"{where} limits the rate of requests: {said}", hint, retry_after=wait)
            case openai.InternalServerError():
                return Unavailable(f"{where} failed (status {error.status_code})", "try again later")
            case openai.APIStatusError():
                return Unavailable(f"{where} refuses the request: {said}", "check the model's name and its limits")
            case _:
                return Interrupted(f"the answer of {where} cannot be read: {said}", "try again", self.used())


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _retry_after(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value is not None else None
    except ValueError:
        return None


def _adapt(options: dict[str, Any], complaint: str) -> bool:
    """Servers differ in three options; drop or rename the one that is complained about. False if it is none."""
    if "stream_options" in complaint and "stream_options" in options:
        del options["stream_options"]
    elif "max_tokens" in complaint and "max_tokens" in options:
        options["max_completion_tokens"] = options.pop("max_tokens")
    elif "temperature" in complaint and "temperature" in options:
        del options["temperature"]
    else:
        return False
    return True
