"""The page of ``suture docs`` on the providers of models: which there are, what configures each, where it sends.

Invariant: what a provider reads is seen by letting it read, from an environment that notes what it was asked for.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from .docs_generation import prose

if TYPE_CHECKING:
    from ...codegen.proposal import ModelSettings
    from ...codegen.provider import Provider

LOCAL = "http://localhost:11434/v1"


class Noting(Mapping[str, str]):
    """An environment that holds ``values`` by the end of a variable's name, and notes the names it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values_by_end = values
        self.asked: dict[str, None] = {}

    def __getitem__(self, name: str) -> str:
        self.asked[name] = None
        for end, value in self.values_by_end.items():
            if name.endswith(end):
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def providers_page() -> Iterator[tuple[str, object]]:
    """Paragraphs as ``("text", str)``, headings, and tables as ``("table", (head, rows))``."""
    from ...codegen.provider import providers

    own = [each for each in providers().values() if each.configure.__module__.startswith("suture.")]
    yield (
        "text",
        "Suture needs no model. One is asked only if the environment of the editor (or of the command), or the "
        "editor's own settings, configure it; never by a file of a folder. Without any, nothing is sent anywhere: "
        "functions come from reuse and from synthesis, and all the rest works.",
    )
    yield (
        "text",
        "What is configured is asked in the order of this table, the next one if one fails. `SUTURE_PROVIDER` names "
        "those that are asked, in their order (`SUTURE_PROVIDER=anthropic,openai`; `local` means none); `SUTURE_MODEL` "
        "replaces the model of the first. The [budget](settings.md) is checked before each call, `suture egress` "
        "lists what was sent, and [what leaves your machine](what-runs.md) says what is never sent.",
    )
    yield "table", (("provider", "configured by", "sends to", "model if none is named"), map(_row, own))
    for each in own:
        yield "heading", each.name
        yield "text", prose(inspect.getdoc(inspect.getmodule(each.configure)) or "")
    yield "heading", "A provider of your own"
    yield (
        "text",
        "A provider is one object, `PROVIDER`: its name, its place in the order, a function that reads the environment "
        "and one that puts a model's answer, piece by piece, into what it is given. Publish it with an entry point of "
        "the group `suture.providers`; it is found in the environment that Suture is installed in, never in a folder "
        "that is open. The editor's key and address for a provider `NAME` reach it as `NAME_API_KEY` and "
        "`NAME_BASE_URL`, in capitals. [How it is built](architecture.md) names the contract, `codegen/providers` "
        "holds these.",
    )


def _row(provider: Provider) -> tuple[str, str, str, str]:
    names, found = seen(provider)
    by = ", ".join(f"`{name}`" for name in names) or _elsewhere(provider.name)
    address = model = "—"
    if found is not None:
        model = f"`{found.model}`" if found.channel is None and "//" in found.base_url else "the editor's"
        address = "the server that is named" if found.base_url == LOCAL else f"`{found.base_url}`"
        address = address if "//" in found.base_url else "the editor"
    return f"**{provider.name}**", by, address, model


def seen(provider: Provider) -> tuple[tuple[str, ...], ModelSettings | None]:
    """The variables that a provider reads, and what it makes of a key, or of a key and the address of a server."""
    asked: dict[str, None] = {}
    found: ModelSettings | None = None
    for values in ({}, {"_KEY": "k"}, {"_KEY": "k", "_URL": LOCAL}):
        environ = Noting(values)
        found = found or provider.configure(environ)
        asked |= environ.asked
    return tuple(name for name in asked if not name.startswith("SUTURE_")), found


def _elsewhere(name: str) -> str:
    return "the editor's settings, and your consent there" if name == "editor" else "`SUTURE_PROVIDER=local`"
