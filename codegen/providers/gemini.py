"""Google's Gemini by the endpoint that is compatible with OpenAI's."""

from __future__ import annotations

from collections.abc import Mapping

from ..proposal import ModelSettings
from ..provider import Prompt, Provider, Sink, always
from .openai_chat import openai_client, stream_chat

ADDRESS = "https://generativelanguage.googleapis.com/v1beta/openai/"
MODEL = "gemini-2.5-flash"


def configure(environ: Mapping[str, str]) -> ModelSettings | None:
    key = environ.get("GEMINI_API_KEY", "").strip()
    if not key:
        return None
    url = environ.get("GEMINI_BASE_URL", "").strip() or ADDRESS
    return ModelSettings(url, key, environ.get("GEMINI_MODEL", "").strip() or MODEL, "gemini")


async def stream(settings: ModelSettings, prompt: Prompt, sink: Sink) -> None:
    await stream_chat(settings, prompt, sink, "GEMINI_API_KEY")


PROVIDER = Provider("gemini", 40, configure, stream, "openai", openai_client, always)
