"""The editor's own model (VS Code's ``vscode.lm``): asked over the editor's connection, with no key of ours.

The request goes through a channel that the server gives; it answers ``text``, ``model``, ``complete`` and ``usage``, or
``error`` and ``reason`` (``none``, ``consent``, ``blocked``, ``quota``, ``failed``). The person is asked for consent by
the editor, once a workspace, which is why the request says what it is for and what it shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ...analyzers.findings import Json
from ..proposal import ModelSettings
from ..provider import Failed, Kind, Prompt, Provider, Sink

#: What the editor says of a request that it did not answer. What a person decided is not tried again.
_KINDS: Mapping[str, Kind] = {
    "none": "refused",
    "consent": "refused",
    "blocked": "refused",
    "quota": "rate",
    "failed": "server",
    "cancelled": "cancelled",
}


def configure(environ: Mapping[str, str]) -> ModelSettings | None:
    """There if the editor offers it: the caller gives the channel, or leaves this provider out."""
    return ModelSettings("editor:", "", environ.get("SUTURE_EDITOR_MODEL", "").strip() or "editor", "editor")


async def stream(settings: ModelSettings, prompt: Prompt, sink: Sink) -> None:
    if settings.channel is None:
        raise Failed("refused", "the editor offers no model of its own")
    loop = asyncio.get_running_loop()
    heard = False
    refused: list[Failed] = []

    def put(text: str) -> None:
        try:
            sink.add(text)
        except Failed as error:  # too long: nothing more is wanted
            refused.append(error)

    def hear(text: str) -> None:
        nonlocal heard
        heard = True
        if not refused:
            loop.call_soon_threadsafe(put, text)

    request: dict[str, Json] = {
        "messages": [dict(each) for each in prompt.messages],
        "maxTokens": prompt.max_tokens,
        "model": "" if settings.model == "editor" else settings.model,
        **prompt.about,
    }
    given_up = False
    try:
        answer: Mapping[str, Any] = await asyncio.to_thread(
            settings.channel, request, hear, lambda: given_up or bool(refused) or sink.stopped()
        )
    finally:
        given_up = True
    await asyncio.sleep(0)  # pieces that are on their way
    if refused:
        raise refused[0]
    if answer.get("error"):
        kind = _KINDS.get(str(answer.get("reason")), "server")
        raise Failed(kind, f"the editor's model gave no answer: {answer['error']}")
    text = str(answer.get("text", ""))
    if not heard:
        sink.add(text)
    usage: Mapping[str, Any] = answer.get("usage") or {}
    if usage.get("input") is not None and usage.get("output") is not None:
        sink.used(int(usage["input"]), int(usage["output"]))
    if answer.get("model"):
        sink.answered_by(str(answer["model"]))
    sink.finish("stop" if answer.get("complete", True) else "length")


PROVIDER = Provider("editor", 80, configure, stream)
