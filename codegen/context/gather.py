"""The pieces of all kinds for one task, and the context that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...analyzers.store import Store
from ..signatures import imported_signatures
from .avoid import avoid_pieces
from .conventions import convention_pieces, conventions_of
from .history import history_pieces
from .index import Index, index_of
from .pieces import TOKENS, Context, Piece, packed
from .scope import scope_pieces
from .similar import similar_pieces
from .uses import caller_pieces, type_pieces
from .visible import shown_path

if TYPE_CHECKING:
    from ..drafter import Task

#: What a strategy adds: from the index and the file's path to further pieces.
More = Callable[[Index, str], Iterable[Piece]]


def context_of(task: Task, tokens: int = TOKENS, more: More | None = None) -> Context:
    """What the model is told besides the specification, within ``tokens``; empty for a file that may not be shown."""
    request, target = task.request, task.target
    words = f"{target.text}\n{task.spec.text}\n{target.signature}"
    return gathered(
        request.root,
        request.path,
        request.text,
        task.spec.name,
        words,
        class_name=target.class_name.partition(".")[0],
        store=task.store,
        tokens=tokens,
        more=more,
    )


def gathered(
    root: Path,
    path: Path,
    text: str,
    name: str,
    words: str,
    *,
    class_name: str = "",
    store: Store | None = None,
    tokens: int = TOKENS,
    more: More | None = None,
) -> Context:
    """The context for writing ``name`` into ``path``, whose text is ``text``; ``words`` say what is wanted."""
    shown = shown_path(path, root)
    if shown is None:
        return Context("", "", 0)

    def pieces() -> Iterator[Piece]:
        yield from scope_pieces(text, shown, class_name)
        for each in imported_signatures(root, path, text, words):
            yield Piece("imported", each.line, 0.8, each.path)
        index = index_of(root, path, text=text)
        yield from type_pieces(index, words, shown)
        yield from caller_pieces(index, root, name, seen=shown)
        yield from similar_pieces(index, name, words, shown)
        yield from more(index, shown) if more is not None else ()
        yield from convention_pieces(conventions_of(root, path))
        yield from history_pieces(root, path)
        yield from avoid_pieces(text, shown, store)

    return packed(pieces(), shown, tokens)
