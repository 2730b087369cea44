"""Any server that speaks OpenAI's Chat Completions: Ollama, vLLM, llama.cpp, gateways, Azure (by ``base_url``).

``OPENAI_BASE_URL`` names it (Azure: ``https://NAME.openai.azure.com/openai/v1/``); a local one needs no key. Servers
differ in a few options: one that is complained about is left out or renamed, and not sent to that server again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .. import prices
from ..proposal import ModelSettings
from ..provider import Clients, Failed, Prompt, Provider, Sink
from ..wire_errors import readable

MODEL = "gpt-4o-mini"


def configure(environ: Mapping[str, str]) -> ModelSettings | None:
    url = environ.get("OPENAI_BASE_URL", "").strip()
    if not url or is_openai(url):
        return None
    key = environ.get("OPENAI_API_KEY", "").strip()
    return ModelSettings(url, key or "none", chosen_model(environ, MODEL), "openai-compatible")


def is_openai(url: str) -> bool:
    return (urlsplit(url).hostname or "") == "api.openai.com"


def chosen_model(environ: Mapping[str, str], default: str) -> str:
    return environ.get("SUTURE_MODEL", "").strip() or environ.get("OPENAI_MODEL", "").strip() or default


async def stream(settings: ModelSettings, prompt: Prompt, sink: Sink) -> None:
    await stream_chat(settings, prompt, sink, "OPENAI_API_KEY")


async def stream_chat(settings: ModelSettings, prompt: Prompt, sink: Sink, key_name: str) -> None:
    """The exchange itself, for every provider with this interface. ``key_name`` is named in errors."""
    import openai

    client = openai_client(settings, sink)
    options: dict[str, Any] = {
        "temperature": prompt.temperature,
        "max_tokens": prompt.max_tokens,
        "stream_options": {"include_usage": True},
    }
    if prompt.schema is not None:
        form = {"name": "answer", "schema": prompt.schema, "strict": True}
        options["response_format"] = {"type": "json_schema", "json_schema": form}
    messages = [dict(each) for each in prompt.messages]
    began = False
    try:
        pieces: Any = await adapted(
            client.chat.completions.create,
            {"model": settings.model, "messages": messages, "stream": True},
            options,
            (settings.base_url, settings.model),
            {"max_tokens": "max_completion_tokens"},
            (openai.BadRequestError, openai.UnprocessableEntityError),
        )
        async with pieces:
            async for chunk in pieces:
                began = True
                _take(chunk, sink)
    except openai.APIError as error:
        raise readable(openai, error, settings, key_name, began=began) from error


def _take(chunk: Any, sink: Sink) -> None:
    if chunk.usage is not None:
        sink.used(int(chunk.usage.prompt_tokens), int(chunk.usage.completion_tokens))
    choices: list[Any] = chunk.choices or []
    for choice in choices[:1]:
        sink.add(choice.delta.content or "")
        if getattr(choice.delta, "refusal", None):
            sink.add(str(choice.delta.refusal))
            sink.finish("refusal")
        elif choice.finish_reason:
            sink.finish(str(choice.finish_reason))


def openai_client(settings: ModelSettings, clients: Clients) -> Any:
    import openai

    def make() -> Any:
        made = openai.AsyncOpenAI(
            base_url=settings.base_url, api_key=settings.api_key, max_retries=0, timeout=openai.Timeout(60, connect=10)
        )
        _ = (made.chat.completions, made.responses)  # imported on first use
        return made

    return clients.client(f"openai {settings.base_url} {settings.api_key}", make)


#: What a server has complained about: (address, model) → the options that it is not sent any more, or by what name.
_refused: dict[tuple[str, str], dict[str, str]] = {}


#: The options that hold an answer to a schema, by provider, and what a complaint says that does not name them.
_SCHEMAS = ("response_format", "text", "output_config")
_ABOUT_SCHEMA = re.compile(r"schema|grammar|structured|\bjson\b", re.IGNORECASE)

#: The most tokens of an answer, by the names that servers have for it.
_LIMITS = frozenset({"max_tokens", "max_completion_tokens", "max_output_tokens"})


async def adapted(
    create: Any,
    fixed: Mapping[str, Any],
    options: dict[str, Any],
    server: tuple[str, str],
    renamed: Mapping[str, str],
    complaint_type: type[Exception] | tuple[type[Exception], ...],
) -> Any:
    """``create(**fixed, **options)``, with the options left out or renamed that the server complains about.

    The limit of an answer is never left out: what a call may cost was set aside by it. Raises Failed."""
    known = _refused.setdefault(server, {})
    for name, other in known.items():
        _change(options, name, other)
    for _ in range(len(options) + 1):
        try:
            return await create(**fixed, **options)
        except complaint_type as error:
            complaint = str(error)
            name = next((each for each in options if re.search(rf"\b{each}\b", complaint)), "")
            if not name and _ABOUT_SCHEMA.search(complaint):
                name = next((each for each in _SCHEMAS if each in options), "")
            if not name or (name in _LIMITS and name not in renamed):
                raise
            known[name] = renamed.get(name, "")
            _change(options, name, known[name])
    raise Failed("request", "the model refuses the request's options", "choose another model")


def _change(options: dict[str, Any], name: str, other: str) -> None:
    if name in options:
        value = options.pop(name)
        if other:
            options[other] = value


def _elsewhere(settings: ModelSettings) -> bool:
    """Not on this machine or its network: models that run there write worse code in JSON, and slower."""
    return not prices.is_local(settings.base_url)


PROVIDER = Provider("openai-compatible", 10, configure, stream, "openai", openai_client, _elsewhere)
