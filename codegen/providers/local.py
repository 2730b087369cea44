"""No model at all: reuse and synthesis only, and nothing leaves the machine, whatever keys the environment holds."""

from __future__ import annotations

from collections.abc import Mapping

from ..proposal import ModelSettings
from ..provider import Failed, Prompt, Provider, Sink


def configure(environ: Mapping[str, str]) -> ModelSettings | None:
    return None


async def stream(settings: ModelSettings, prompt: Prompt, sink: Sink) -> None:
    raise Failed("request", "no model is configured, so nothing is sent")


PROVIDER = Provider("local", 90, configure, stream)
