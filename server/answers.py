"""What was asked of code generation and what came of it, kept for the documents of a session.

Invariant: plain values and a look into a dictionary; whether an answer still fits is for :mod:`.generation` to say.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from ..analyzers.findings import Edit
from ..codegen.triggers.target import Target
from .documents import Snapshot

Object = dict[str, Any]

#: How many answers are kept for their documents.
KEPT = 16


@dataclass(frozen=True, slots=True)
class Wish:
    """A place and, for a selection, what is to change. Lines are 0-based, ``end_line`` inclusive. ``code_type`` names a
    strategy; empty: the words decide."""

    line: int
    end_line: int | None = None
    change: str = ""
    code_type: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """``proposal`` as JSON, the edit if there is one, and what it was made for."""

    proposal: Object
    edit: Edit | None
    snapshot: Snapshot
    wish: Wish


@dataclass(slots=True)
class Ahead:
    """Answers that are ready, by (document, target), and the one search that is under way."""

    ready: dict[tuple[str, Target], Answer] = field(default_factory=dict[tuple[str, Target], Answer])
    task: asyncio.Task[Any] | None = None
    wanted: tuple[str, Target] | None = None
    begun: bool = False  # whether that search is more than a pause

    def forget(self, uri: str) -> None:
        """The document was closed."""
        for key in [key for key in self.ready if unquote(key[0]) == unquote(uri)]:
            del self.ready[key]

    def keep(self, uri: str, target: Target, answer: Answer) -> None:
        self.ready.pop((uri, target), None)
        self.ready[uri, target] = answer
        while len(self.ready) > KEPT:
            del self.ready[next(iter(self.ready))]
