"""LibCST's verdict on a text: strict, and the same whichever Python runs Suture.

Asked where an edit is produced, since tree-sitter tolerates what Python does not and the host's own compiler knows no
syntax newer than itself. What only a compiler sees (``return`` outside of a function) LibCST does not see.

Invariant: never raises and never takes the process down: nesting that LibCST's recursion could not survive, or that
would take it seconds, is not given to it and is not accepted.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache

from tree_sitter import Node

from ..analyzers.syntax import parse

#: Levels of syntax that LibCST is given: its time grows with their square, and some thousands end the process.
MOST_LEVELS = 300
#: Pieces of syntax that LibCST is given: about 20,000 lines of code, several seconds.
MOST_NODES = 250_000


@dataclass(frozen=True, slots=True)
class Strict:
    """``ok``: LibCST parses it. Else ``message`` says why not, at ``line`` (1-based, 0 if unknown). ``judged`` is false
    if LibCST was not asked."""

    ok: bool
    line: int = 0
    message: str = ""
    judged: bool = True


@cache
def tool() -> str:
    """``LibCST`` and its version."""
    from importlib.metadata import version

    return f"LibCST {version('libcst')}"


def strict(text: str) -> Strict:
    """Whether the whole of ``text`` is Python of any version that LibCST knows."""
    root = parse(text.encode("utf-8", "surrogatepass")).root_node
    if root.descendant_count > MOST_NODES:
        return Strict(False, 0, f"over {MOST_NODES} pieces of syntax", judged=False)
    if _levels(root) > MOST_LEVELS:
        return Strict(False, 0, f"nested over {MOST_LEVELS} levels deep", judged=False)
    import libcst

    readable = text.encode("utf-8", "replace").decode()  # a lone surrogate may stand in a text: LibCST cannot hold it
    try:
        libcst.parse_module(readable)
    except libcst.ParserSyntaxError as error:
        return Strict(False, error.raw_line, _said(error.message))
    except (ValueError, RecursionError, MemoryError) as error:
        return Strict(False, 0, str(error))
    return Strict(True)


def host() -> str:
    """The Python that runs Suture."""
    return f"Python {sys.version_info.major}.{sys.version_info.minor}"


def _said(message: str) -> str:
    """LibCST's words without its own position and without the list of every token that could follow."""
    text = re.sub(r"^\w+ error: (?:error at \d+:\d+: )?", "", message)
    return text if len(text) <= 60 else "invalid syntax"


def _levels(root: Node) -> int:
    """How deep the syntax below a node is nested, up to just over what is allowed. What tree-sitter could not fit into
    a tree lies flat in an error node: each of its parts counts for a third of a level."""
    cursor = root.walk()
    depth = deepest = 0
    while deepest <= MOST_LEVELS:
        node = cursor.node
        if node is not None and node.is_error:
            deepest = max(deepest, depth + node.child_count // 3)
        if cursor.goto_first_child():
            depth += 1
            deepest = max(deepest, depth)
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return deepest
            depth -= 1
    return deepest
