"""What a provider of models is: one file of ``providers/``, or a plug-in (``suture.providers``).

A provider says how it is configured, and puts a model's answer, piece by piece, into a :class:`Sink`; :mod:`.chat` does
the rest (threads, patience, cancelling), :mod:`.governor` decides whether it is asked at all.

Invariant: a provider is configured by the environment or the editor, never by a file of a workspace.
Invariant: no SDK is imported before it is needed.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from ..analyzers.errors import Unavailable
from ..analyzers.findings import Json
from ..analyzers.plugins import discover
from .prices import Usage
from .proposal import EditorChannel, ModelSettings

log = logging.getLogger(__name__)

Message = Mapping[str, str]  # role (system, user, assistant), content

#: What went wrong: decides whether it is tried again, and whether the provider counts as failing.
Kind = Literal[
    "unreachable",
    "key",
    "model",
    "rate",
    "server",
    "request",
    "timeout",
    "broken",
    "unreadable",
    "refused",
    "cancelled",
]


class Failed(Unavailable):
    """No whole answer. ``usage`` is what was used until then; the key never appears in the message."""

    def __init__(
        self, kind: Kind, message: str, hint: str = "", usage: Usage | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, hint, retry_after)
        self.kind: Kind = kind
        self.usage = usage or Usage(0, 0)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent. ``schema``: the answer is to be JSON of that form, where the provider can hold the model to it.

    ``about`` (purpose, why, files, urgent) is for providers that ask a person first; it is not sent to a server."""

    messages: tuple[Message, ...]
    temperature: float = 0.2
    max_tokens: int = 2_000
    schema: Mapping[str, Json] | None = None
    about: Mapping[str, Json] = field(default_factory=dict[str, Json])

    @property
    def system(self) -> str:
        return "\n\n".join(each["content"] for each in self.messages if each["role"] == "system")

    @property
    def turns(self) -> list[dict[str, str]]:
        return [dict(each) for each in self.messages if each["role"] != "system"]


class Clients(Protocol):
    """Clients of SDKs, made once in a process: their connections stay open."""

    def client(self, key: str, make: Callable[[], Any]) -> Any: ...


class Sink(Clients, Protocol):
    """Where a provider puts what it hears. ``stopped`` says whether anybody still waits."""

    def add(self, text: str) -> None: ...
    def used(self, tokens_in: int, tokens_out: int) -> None: ...
    def finish(self, why: str) -> None:
        """``stop`` if the model said all it wanted; else ``length``, ``content_filter``, ``refusal``, …"""
        ...

    def answered_by(self, model: str) -> None: ...
    def stopped(self) -> bool: ...


def _never(settings: ModelSettings) -> bool:
    return False


def always(settings: ModelSettings) -> bool:
    """For :attr:`Provider.structured`."""
    return True


@dataclass(frozen=True, slots=True)
class Provider:
    """``order`` is the order of preference if nobody chose. ``sdk`` is the module that is needed; ``client`` makes its
    client ahead, which takes a while. ``structured`` says whether a model there can be held to a JSON schema; one that
    refuses it after all is asked without."""

    name: str
    order: int
    configure: Callable[[Mapping[str, str]], ModelSettings | None]
    stream: Callable[[ModelSettings, Prompt, Sink], Awaitable[None]]
    sdk: str = ""
    client: Callable[[ModelSettings, Clients], Any] | None = None
    structured: Callable[[ModelSettings], bool] = _never


@cache
def providers() -> Mapping[str, Provider]:
    """Every provider by its name, in the order of preference."""
    found = discover(f"{__package__}.providers", "PROVIDER", Provider, "suture.providers")
    return {each.name: each for each in sorted(found, key=lambda each: (each.order, each.name))}


def configured(
    environ: Mapping[str, str], *, first: str = "", model: str = "", editor: EditorChannel | None = None
) -> tuple[ModelSettings, ...]:
    """The models that may be asked, in order; empty if none is configured: then nothing ever leaves the machine.

    ``first`` (or ``SUTURE_PROVIDER``) names providers, comma-separated: those, in that order, and no others. ``local``
    means none. ``model`` replaces the model of the first. Unknown names are left out, so a misspelt one sends nothing;
    so is a provider whose address cannot be read, with a warning.
    """
    known = providers()
    chosen = [each.strip() for each in (first or environ.get("SUTURE_PROVIDER", "")).split(",") if each.strip()]
    found: list[ModelSettings] = []
    for name in chosen or known:
        try:
            settings = known[name].configure(environ) if name in known else None
            if settings is None and name == "openai" and chosen:  # at another address
                settings = known["openai-compatible"].configure(environ)
            _ = urlsplit(settings.base_url).port if settings is not None else None
        except ValueError as error:
            log.warning("the address of the provider %s cannot be read, so it is not asked: %s", name, error)
            continue
        if settings is None:
            continue
        if settings.provider == "editor":
            if editor is None:
                continue
            settings = replace(settings, channel=editor)
        found.append(settings)
    if found and model:
        found[0] = replace(found[0], model=model)
    return tuple(found)
