"""What the host's own parser makes of a whole text.

The parts of a review that ask it (static faults, bandit) look at the same file one after the other, so the last tree is
kept. They may hang notes on its nodes, but change nothing of it.
"""

from __future__ import annotations

import ast
import symtable
import warnings
from functools import lru_cache

#: Texts above this size are not handed to the host only to hear whether it can read them (code points).
MAX_ASKED = 1024 * 1024


@lru_cache(maxsize=1)
def host_tree(text: str) -> ast.Module:
    """The tree of :mod:`ast`. Raises SyntaxError, ValueError, RecursionError or MemoryError if the host cannot read
    the text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # escapes such as "\\d" in the text that is read are not our business
        tree = ast.parse(text)
    _read[:] = [text]
    return tree


#: The last text that :func:`host_tree` could read.
_read: list[str] = []


def host_reads(text: str) -> bool:
    """Has the host's compiler nothing against a text? (Of a very long one, that is not known.)

    Where there is no tree of it yet, only tables of its names are made: they take a third of the time. With them the
    host also finds what it has against names, so that it may say no to a text of which there is a tree."""
    if len(text) > MAX_ASKED:
        return False
    if text in _read:
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            symtable.symtable(text, "<unknown>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
