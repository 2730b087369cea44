"""Anthropic's models by their own interface (the extra ``suture[anthropic]``).

Options that a model does not take (newer ones no temperature) are left out once it has complained.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..proposal import ModelSettings
from ..provider import Clients, Failed, Prompt, Provider, Sink, always
from ..wire_errors import hide_key, readable
from .openai_chat import adapted

ADDRESS = "https://api.anthropic.com"
MODEL = "claude-sonnet-5"

_STOPPED = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length"}


def configure(environ: Mapping[str, str]) -> ModelSettings | None:
    key = environ.get("ANTHROPIC_API_KEY", "").strip()
    if not key:
        return None
    url = environ.get("ANTHROPIC_BASE_URL", "").strip() or ADDRESS
    return ModelSettings(url, key, environ.get("ANTHROPIC_MODEL", "").strip() or MODEL, "anthropic")


async def stream(settings: ModelSettings, prompt: Prompt, sink: Sink) -> None:
    import anthropic

    client = anthropic_client(settings, sink)

    async def create(**options: Any) -> Any:
        if "temperature" in options:  # no argument of the client's any more, still one of older models
            options["extra_body"] = {"temperature": options.pop("temperature")}
        return await client.messages.create(**options)

    fixed = {"model": settings.model, "messages": prompt.turns, "stream": True, "max_tokens": prompt.max_tokens}
    if prompt.system:
        fixed["system"] = prompt.system
    options: dict[str, Any] = {"temperature": prompt.temperature}
    if prompt.schema is not None:
        options["output_config"] = {"format": {"type": "json_schema", "schema": prompt.schema}}
    heard = _Heard(settings, sink)
    try:
        server = (settings.base_url, settings.model)
        events = await adapted(create, fixed, options, server, {}, anthropic.BadRequestError)
        async with events:
            async for event in events:
                heard.take(event)
    except anthropic.APIError as error:
        raise readable(anthropic, error, settings, "ANTHROPIC_API_KEY", began=heard.began) from error


def anthropic_client(settings: ModelSettings, clients: Clients) -> Any:
    import anthropic

    def make() -> Any:
        limits = anthropic.Timeout(60, connect=10)
        made = anthropic.AsyncAnthropic(
            base_url=settings.base_url, api_key=settings.api_key, max_retries=0, timeout=limits
        )
        _ = made.messages  # imported on first use
        return made

    return clients.client(f"anthropic {settings.base_url} {settings.api_key}", make)


class _Heard:
    """Tokens come in two events: those read with the first, those written with the last."""

    def __init__(self, settings: ModelSettings, sink: Sink) -> None:
        self.settings = settings
        self.sink = sink
        self.read = 0
        self.began = False

    def take(self, event: Any) -> None:
        self.began = True
        match event.type:
            case "message_start":
                usage = event.message.usage
                cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
                self.read = int(usage.input_tokens) + int(cached)
            case "content_block_delta":
                delta = event.delta
                self.sink.add(getattr(delta, "text", "") or "")
            case "message_delta":
                self.sink.used(self.read, int(event.usage.output_tokens))
                if event.delta.stop_reason:
                    self.sink.finish(_STOPPED.get(event.delta.stop_reason, str(event.delta.stop_reason)))
            case "error":
                said = hide_key(str(getattr(event.error, "message", "")), self.settings)[:200]
                raise Failed("server", f"{self.settings.address} failed: {said}", "try again later")
            case _:
                pass  # the starts and ends of blocks


PROVIDER = Provider("anthropic", 30, configure, stream, "anthropic", anthropic_client, always)
