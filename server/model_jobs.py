"""Which models a job may ask, and the job that makes the first request of a process fast.

Invariant: endpoints and keys come from the environment and the editor's own settings, which the server hands over; a
workspace can only choose among them, and only if it is trusted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..analyzers.findings import Json

if TYPE_CHECKING:
    from ..codegen.proposal import EditorChannel, ModelSettings
    from .jobs import Context

Params = Mapping[str, Any]

#: The editor's settings and the environment's names for the same.
_NAMES = {"base_url": "OPENAI_BASE_URL", "api_key": "OPENAI_API_KEY"}


def models(params: Params, context: Context | None = None) -> tuple[ModelSettings, ...]:
    """The models of ``params["model"]`` (provider, model, base_url, api_key, editor), in their order."""
    from ..codegen.provider import configured

    chosen: Mapping[str, Any] = params.get("model") or {}
    environ = {**os.environ, **{name: str(chosen[key]) for key, name in _NAMES.items() if chosen.get(key)}}
    editor: EditorChannel | None = context.editor_model if context is not None and chosen.get("editor") else None
    return configured(
        environ, first=str(chosen.get("provider") or ""), model=str(chosen.get("model") or ""), editor=editor
    )


def warm_models(params: Params, context: Context) -> Json:
    """Import and open ahead what the first request of this process would wait for. Parameters: model. Sends nothing."""
    from ..codegen.governor import warm

    found = models(params, context)
    if found:
        warm(found)
    return [each.provider for each in found]
