"""Which models a job may ask, and the job that makes the first request of a process fast.

Invariant: endpoints and keys come from the environment and the editor's own settings, which the server hands over; a
workspace can only choose among them, and only if it is trusted.
Invariant: the editor's key and address are for one provider, which the workspace cannot choose.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analyzers.findings import Json
from .settings import first_provider

if TYPE_CHECKING:
    from ..codegen.proposal import EditorChannel, ModelSettings
    from ..healing.modelling import Model
    from .jobs import Context

Params = Mapping[str, Any]

#: The ends of the environment's names for the editor's settings; they begin as :func:`_variables_of` says.
_NAMES = {"base_url": "BASE_URL", "api_key": "API_KEY"}
_OPENAI = frozenset({"", "openai", "openai-compatible"})


def models(params: Params, context: Context | None = None) -> tuple[ModelSettings, ...]:
    """The models of ``params["model"]`` (provider, model, base_url, api_key, key_provider, editor), in their order."""
    from ..codegen.provider import configured

    chosen: Mapping[str, Any] = params.get("model") or {}
    first = str(chosen.get("provider") or "")
    owner = _variables_of(str(chosen.get("key_provider") or ""))
    environ = {**os.environ, **{f"{owner}_{name}": str(chosen[key]) for key, name in _NAMES.items() if chosen.get(key)}}
    editor: EditorChannel | None = context.editor_model if context is not None and chosen.get("editor") else None
    return configured(environ, first=first, model=str(chosen.get("model") or ""), editor=editor)


def _variables_of(provider: str) -> str:
    """How the names of a provider's variables begin: ``MISTRAL`` for a plug-in's ``mistral``, which gets no other's."""
    return "OPENAI" if provider in _OPENAI else re.sub(r"\W", "_", provider).upper()


def why_none(params: Params) -> str:
    """Why no model may be asked although the editor has a key for one; empty if that is not so."""
    chosen: Mapping[str, Any] = params.get("model") or {}
    first, owner = str(chosen.get("provider") or ""), str(chosen.get("key_provider") or "")
    wanted = first_provider(first)
    if not wanted or not chosen.get("api_key") or _variables_of(wanted) == _variables_of(owner):
        return ""
    return (
        f"this folder asks for {first}, and the key in your editor's settings is for {owner}: it is not sent to "
        f"another provider (if it is for {wanted}, set suture.model.keyProvider in your own settings)"
    )


@contextmanager
def healer(params: Params, context: Context) -> Generator[Model | None]:
    """The model that a healing may ask; None without ``params["model"]`` or in a folder that is not trusted."""
    found = models(params, context) if params.get("model") and params.get("verify") else ()
    if not found:
        yield None
        return
    from ..analyzers.store import open_store
    from ..codegen.governor import Means
    from ..codegen.proposal import Budget
    from ..healing.modelling import Model

    limits: Mapping[str, float] = params["budget"]
    budget = Budget(limits["request_usd"], limits["day_usd"], limits["month_usd"])
    with open_store(Path(params["root"])) as store:
        yield Model(Means(found, budget, store, context.cancelled, lambda what: context.event({"message": str(what)})))


def warm_models(params: Params, context: Context) -> Json:
    """Import and open ahead what the first request of this process would wait for. Parameters: model, root.

    Sends nothing. Done on a thread of its own: a job that comes meanwhile does not wait for it."""
    found = models(params, context)

    def load() -> None:
        from ..analyzers.store import open_store
        from ..codegen.api import drafters
        from ..codegen.governor import warm

        warm(found)
        drafters()
        if params.get("root"):
            with open_store(Path(params["root"])) as store:
                store.egress(limit=1)

    if found:
        threading.Thread(target=load, name="suture-warm", daemon=True).start()
    return [each.provider for each in found]
