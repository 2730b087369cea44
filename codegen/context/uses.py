"""Who calls the function that is written, and the types that its words mention."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tree_sitter import Node

from ...analyzers.errors import SutureError
from ...analyzers.source import read_source
from ...analyzers.syntax import descend, parse
from .index import Index
from .pieces import Piece
from .visible import blanked

#: Calls and types that are shown at most, and characters of a call.
MOST_CALLS, MOST_TYPES, MOST_TEXT = 5, 5, 300


def caller_pieces(index: Index, root: Path, name: str, *, seen: str = "") -> Iterator[Piece]:
    """Statements that call ``name``, tests first: what the new function has to fit. ``seen`` is a file whose text the
    prompt shows anyway."""
    callers = [each for each in index.functions if any(_ends(call, name) for call in each.calls)]
    callers.sort(key=lambda each: (not each.is_test, each.path, each.line))
    count = 0
    for path in dict.fromkeys(each.path for each in callers if each.path != seen or not each.is_test):
        for line, text in _calls(root / path, name):
            yield Piece("caller", f"{text}  # {path}:{line}", 0.75 - 0.04 * count, path)
            count += 1
            if count >= MOST_CALLS:
                return


def _ends(call: str, name: str) -> bool:
    return call == name or call.endswith(f".{name}")


def _calls(path: Path, name: str) -> Iterator[tuple[int, str]]:
    """(1-based line, statement) of calls of ``name``, without what their texts say."""
    try:
        data = read_source(path).text.encode("utf-8", "surrogatepass")
    except SutureError:
        return
    seen: set[int] = set()
    for node in descend(parse(data).root_node):
        called = node.child_by_field_name("function") if node.type == "call" else None
        if called is None or not _ends(data[called.start_byte : called.end_byte].decode("utf-8", "replace"), name):
            continue
        statement = _statement(node)
        if statement.start_byte in seen:
            continue
        seen.add(statement.start_byte)
        text = " ".join(blanked(statement, data).split())
        yield statement.start_point.row + 1, text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"


def _statement(node: Node) -> Node:
    """The simple statement around a call; the call itself where that is a compound one."""
    current = node
    while current.parent is not None:
        if current.type.endswith("_statement") and current.child_by_field_name("body") is None:
            return current
        if current.parent.type in ("block", "module"):
            return current if current.child_by_field_name("body") is None else node
        current = current.parent
    return node


def type_pieces(index: Index, prose: str, path: str) -> Iterator[Piece]:
    """Classes of the workspace whose names stand in ``prose``: heads, fields and methods."""
    names = dict.fromkeys(re.findall(r"\b[A-Z]\w+", prose))
    count = 0
    for name in names:
        homes = [(each.path, text) for each in index.modules for kind, text in each.types if kind == name]
        homes = [home for home in homes if home[0] != path] or homes
        for where, text in homes[:1]:
            yield Piece("type", f"# {where}\n{text}", 0.78 - 0.03 * count, where, cut=True)
            count += 1
        if count >= MOST_TYPES:
            return
