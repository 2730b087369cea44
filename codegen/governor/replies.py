"""Whole answers kept on disk: for exactly the same question, or for a similar specification and context.

Invariant: nothing is kept that did not come to its end, and nothing that a secret was seen in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from ...analyzers.findings import Json
from ...analyzers.store import Store
from ..chat import Answer
from ..prices import Usage
from ..proposal import ModelSettings
from ..redaction import mask
from .request import ModelRequest
from .shelf import Shelf, open_shelf
from .similarity import THRESHOLD, features, similarity

#: Seconds that an answer is kept.
KEPT_S = 30 * 86_400.0

#: Specifications that are compared with a new one, newest first.
COMPARED = 300

#: Rises whenever what is kept changes its form.
_FORM = 2


def key_of(request: ModelRequest, settings: ModelSettings, temperature: float) -> str:
    """Names the answer of a model to a question: the same question has the same name, each further opinion its own."""
    parts: list[Json] = [
        _FORM, request.sample, settings.provider, settings.base_url, settings.model, temperature, request.max_tokens,
        [[each["role"], each["content"]] for each in request.messages],
        json.dumps(request.schema, sort_keys=True) if request.schema is not None else None,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode("utf-8")).hexdigest()


def keep(shelf: Shelf, key: str, request: ModelRequest, settings: ModelSettings, answer: Answer) -> None:
    if not answer.complete or mask(answer.text)[1]:
        return
    value: dict[str, Json] = {
        "text": answer.text,
        "model": answer.model,
        "input": answer.usage.input,
        "output": answer.usage.output,
    }
    shelf.put(f"reply {key}", value, seconds=KEPT_S)
    if request.similar_to:
        entry: list[Json] = [key, {**features(request.similar_to)}]

        def add(index: dict[str, Any]) -> None:
            index["entries"] = [entry, *(each for each in index.get("entries", []) if each[0] != key)][:COMPARED]

        shelf.change(_index(request, settings), add)


def exact(shelf: Shelf, key: str) -> Answer | None:
    value: Any = shelf.get(f"reply {key}")
    try:
        usage = Usage(int(value["input"]), int(value["output"]), True)
        return Answer(str(value["text"]), usage, True, "stop", str(value["model"]))
    except (KeyError, TypeError, ValueError):
        return None


def similar(shelf: Shelf, request: ModelRequest, settings: ModelSettings) -> tuple[str, Answer, float] | None:
    """(key, answer, how similar) of the most similar question that was answered, from :data:`THRESHOLD` up."""
    if not request.similar_to:
        return None
    index = shelf.look(_index(request, settings))
    mine = features(request.similar_to)
    found: list[tuple[float, str]] = [(similarity(mine, theirs), key) for key, theirs in index.get("entries", [])]
    for alike, key in sorted(found, reverse=True):
        if alike < THRESHOLD:
            break
        answer = exact(shelf, key)
        if answer is not None:
            return key, answer, alike
    return None


def _index(request: ModelRequest, settings: ModelSettings) -> str:
    return f"similar {request.purpose} {settings.provider} {settings.base_url} {settings.model}"


def forget(keys: Iterable[str], store: Store | None) -> None:
    """Drop answers that turned out to be wrong (``Reply.key``), so that they are asked for anew."""
    if store is not None:
        for each in keys:
            if each:
                open_shelf(store.folder).drop(f"reply {each}")
