"""OpenAI's own models by the Responses interface. Nothing is stored at OpenAI (``store`` is false)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..proposal import ModelSettings
from ..provider import Failed, Prompt, Provider, Sink, always
from ..wire_errors import hide_key, readable
from .openai_chat import MODEL, adapted, chosen_model, is_openai, openai_client

ADDRESS = "https://api.openai.com/v1"


def configure(environ: Mapping[str, str]) -> ModelSettings | None:
    key = environ.get("OPENAI_API_KEY", "").strip()
    url = environ.get("OPENAI_BASE_URL", "").strip()
    if not key or (url and not is_openai(url)):
        return None
    return ModelSettings(url or ADDRESS, key, chosen_model(environ, MODEL), "openai")


async def stream(settings: ModelSettings, prompt: Prompt, sink: Sink) -> None:
    import openai

    client = openai_client(settings, sink)
    options: dict[str, Any] = {"temperature": prompt.temperature, "max_output_tokens": prompt.max_tokens}
    if prompt.schema is not None:
        form = {"type": "json_schema", "name": "answer", "schema": prompt.schema, "strict": True}
        options["text"] = {"format": form}
    fixed = {"model": settings.model, "input": prompt.turns, "stream": True, "store": False}
    if prompt.system:
        fixed["instructions"] = prompt.system
    began = False
    try:
        server = (settings.base_url, f"{settings.model} responses")
        events: Any = await adapted(
            client.responses.create,
            fixed,
            options,
            server,
            {},
            (openai.BadRequestError, openai.UnprocessableEntityError),
        )
        async with events:
            async for event in events:
                began = True
                _take(event, settings, sink)
    except openai.APIError as error:
        raise readable(openai, error, settings, "OPENAI_API_KEY", began=began) from error


def _take(event: Any, settings: ModelSettings, sink: Sink) -> None:
    match event.type:
        case "response.output_text.delta":
            sink.add(event.delta)
        case "response.refusal.delta":
            sink.add(event.delta)
            sink.finish("refusal")
        case "response.completed" | "response.incomplete":
            response = event.response
            if response.usage is not None:
                sink.used(int(response.usage.input_tokens), int(response.usage.output_tokens))
            if event.type == "response.completed":
                refused = any(
                    getattr(part, "type", "") == "refusal"
                    for item in response.output or ()
                    for part in getattr(item, "content", None) or ()
                )
                sink.finish("refusal" if refused else "stop")
            else:
                reason = getattr(response.incomplete_details, "reason", None) or "incomplete"
                sink.finish("length" if reason == "max_output_tokens" else str(reason))
        case "response.failed" | "error":
            error = getattr(getattr(event, "response", None), "error", None) or event
            said = hide_key(str(getattr(error, "message", "") or "no reason given"), settings)[:200]
            raise Failed("server", f"{settings.address} failed: {said}", "try again later")
        case _:
            pass  # the many events that say what is being done


PROVIDER = Provider("openai", 20, configure, stream, "openai", openai_client, always)
