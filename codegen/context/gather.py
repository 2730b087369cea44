"""The pieces of all kinds for one task, and the context that they make."""

from __future__ import annotations

from collections.abc import Iterator

from ..drafter import Task
from ..signatures import imported_signatures
from .pieces import TOKENS, Context, Piece, packed
from .scope import scope_pieces
from .visible import shown_path


def context_of(task: Task, tokens: int = TOKENS) -> Context:
    """What the model is told besides the specification, within ``tokens``; empty for a file that may not be shown."""
    request = task.request
    path = shown_path(request.path, request.root)
    if path is None:
        return Context("", "", 0)
    return packed(_pieces(task, path), path, tokens)


def _pieces(task: Task, path: str) -> Iterator[Piece]:
    request, target = task.request, task.target
    yield from scope_pieces(request.text, path, target.class_name)
    prose = f"{target.text}\n{task.spec.text}"
    for each in imported_signatures(request.root, request.path, request.text, prose):
        yield Piece("imported", each.line, 0.8, each.path)
