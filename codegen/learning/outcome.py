"""What became of code that was applied: is it still there, word for word, edited, or gone?

Compared are the function as it was offered and the one of that name in the file now, as lines without indentation:
``kept`` all of them are there and nothing between, ``edited`` some are, ``gone`` there is no such function, or hardly
a line of it. The tests beside it are not looked at.

Invariant: only reads files of the workspace, and notes in the log only what is news.
"""

from __future__ import annotations

import ast
import difflib
import textwrap
from pathlib import Path

from ...analyzers.errors import UserError
from ...analyzers.store import Store
from ...analyzers.store_guards import CHECKS, DEPLOYED
from ..artifacts import book
from ..artifacts.files import Reader, relative, text_on_disk
from . import confidence
from .history import Outcome, set_outcome

#: With less than this share of its lines left it is not the same function any more.
HARDLY = 0.2

#: Deployed proposals that are looked at, newest first.
MOST = 200


def became(name: str, code: str, text: str) -> tuple[Outcome, float]:
    """(what became of ``code``, which defines ``name``, in a file's ``text``; the share of its lines still there)."""
    offered = _lines(code)
    if not offered:
        return "", 0.0
    best = max((_share(offered, _lines(each)) for each in _definitions(name, text)), default=0.0)
    if best == 1.0:
        return "kept", 1.0
    return ("edited" if best >= HARDLY else "gone"), round(best, 3)


def _share(offered: list[str], now: list[str]) -> float:
    matcher = difflib.SequenceMatcher(None, offered, now, autojunk=False)
    same = sum(each.size for each in matcher.get_matching_blocks())
    return same / max(len(offered), len(now)) if now else 0.0


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _definitions(name: str, text: str) -> list[str]:
    """The texts of all functions of this name, decorators included. Of a text that does not parse now: all of the
    lines below each ``def`` of it that are indented more."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return _indented(name, text.splitlines())
    lines = text.splitlines()
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found.append(textwrap.dedent("\n".join(lines[first - 1 : node.end_lineno])))
    return found


def _indented(name: str, lines: list[str]) -> list[str]:
    found: list[str] = []
    for number, line in enumerate(lines):
        if line.lstrip().startswith((f"def {name}(", f"async def {name}(")):
            depth = len(line) - len(line.lstrip())
            end = number + 1
            while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > depth):
                end += 1
            found.append("\n".join(lines[number:end]))
    return found


def look(store: Store, root: Path, *, path: str = "", read: Reader = text_on_disk) -> int:
    """Look at what was deployed (in the file ``path``, or anywhere), and keep what became of it. Returns how many
    proposals there is news of. ``read`` gives the text of a path, None if there is no such file."""
    wanted = relative(root, path) if path else ""
    news = 0
    for each in book.proposals(store, status=DEPLOYED, path=wanted, limit=MOST):
        try:
            text = read((root / each.path).as_posix())
        except UserError:
            continue  # it cannot be read now: nothing is known
        outcome, kept = became(each.name, each.code, text) if text is not None else ("gone", 0.0)
        if set_outcome(store, each.id, outcome, kept):
            news += 1
            if outcome != "kept":
                book.note(store, each.id, outcome, CHECKS, {"kept": kept})
    if news:
        confidence.refit(store)
    return news


def rejected(store: Store, ident: str) -> None:
    """A person rejected it."""
    if set_outcome(store, ident, "rejected", 0.0):
        confidence.refit(store)
