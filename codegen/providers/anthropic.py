"""Anthropic's models by their own interface (the extra ``suture[anthropic]``).

An answer of a given form is asked for as the input of a tool that the model has to use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..proposal import ModelSettings
from ..provider import Failed, Prompt, Provider, Sink
from ..wire_errors import hide_key, readable

ADDRESS = "https://api.anthropic.com"
MODEL = "claude-sonnet-4-5"

_STOPPED = {"end_turn": "stop", "stop_sequence": "stop", "tool_use": "stop", "max_tokens": "length"}


def configure(environ: Mapping[str, str]) -> ModelSettings | None:
    key = environ.get("ANTHROPIC_API_KEY", "").strip()
    if not key:
        return None
    url = environ.get("ANTHROPIC_BASE_URL", "").strip() or ADDRESS
    return ModelSettings(url, key, environ.get("ANTHROPIC_MODEL", "").strip() or MODEL, "anthropic")


async def stream(settings: ModelSettings, prompt: Prompt, sink: Sink) -> None:
    import anthropic

    def make() -> Any:
        limits = anthropic.Timeout(60, connect=10)
        return anthropic.AsyncAnthropic(
            base_url=settings.base_url, api_key=settings.api_key, max_retries=0, timeout=limits
        )

    client = sink.client(f"anthropic {settings.base_url} {settings.api_key}", make)
    options: dict[str, Any] = {"temperature": prompt.temperature, "max_tokens": prompt.max_tokens}
    if prompt.system:
        options["system"] = prompt.system
    if prompt.schema is not None:
        options["tools"] = [{"name": "answer", "description": "Give the answer.", "input_schema": prompt.schema}]
        options["tool_choice"] = {"type": "tool", "name": "answer"}
    heard = _Heard(settings, sink)
    try:
        events = await client.messages.create(model=settings.model, messages=prompt.turns, stream=True, **options)
        async with events:
            async for event in events:
                heard.take(event)
    except anthropic.APIError as error:
        raise readable(anthropic, error, settings, "ANTHROPIC_API_KEY", began=heard.began) from error


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
                self.sink.add(getattr(delta, "text", "") or getattr(delta, "partial_json", "") or "")
            case "message_delta":
                self.sink.used(self.read, int(event.usage.output_tokens))
                if event.delta.stop_reason:
                    self.sink.finish(_STOPPED.get(event.delta.stop_reason, str(event.delta.stop_reason)))
            case "error":
                said = hide_key(str(getattr(event.error, "message", "")), self.settings)[:200]
                raise Failed("server", f"{self.settings.base_url} failed: {said}", "try again later")
            case _:
                pass  # the starts and ends of blocks


PROVIDER = Provider("anthropic", 30, configure, stream, "anthropic")
