"""Physical and logical lines of a text that may be broken: what a syntax repair works on.

A logical line ends where brackets are closed, as in Python, but also before a line that starts with a keyword which
cannot be inside brackets: so one unclosed bracket does not swallow the rest of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .lexer import CLOSERS, OPENERS, Token, lex

#: A line that starts with one of these starts a statement, whatever brackets seem to be open.
STARTERS = frozenset(
    [
        "def",
        "class",
        "return",
        "import",
        "while",
        "try",
        "except",
        "finally",
        "with",
        "raise",
        "pass",
        "break",
        "continue",
        "global",
        "nonlocal",
        "del",
        "assert",
        "elif",
        "@",
    ]
)


@dataclass(frozen=True, slots=True)
class Logical:
    """One statement's line. ``indent`` is its leading white space; ``first`` and ``last`` are physical lines."""

    tokens: tuple[Token, ...]  # significant ones
    indent: str
    start: int  # offset of the first physical line
    first: int
    last: int

    @property
    def head(self) -> str:
        """The first word, after ``async``."""
        words = [token.text for token in self.tokens[:2]]
        return words[1] if words[:1] == ["async"] and len(words) > 1 else (words[0] if words else "")

    @property
    def width(self) -> int:
        """Indentation in columns, tabs to the next multiple of 8 as Python counts them."""
        return len(self.indent.expandtabs(8))


@lru_cache(maxsize=8)
def logical_lines(text: str) -> tuple[Logical, ...]:
    """All statements' lines in order; blank lines and lines with only a comment are left out."""
    found: list[Logical] = []
    tokens: list[Token] = []
    indent, start, first, last, depth, row = "", 0, 0, 0, 0, 0
    line_start, blank = 0, ""
    at_line_start = True

    def close() -> None:
        if tokens:
            found.append(Logical(tuple(tokens), indent, start, first, last))
            tokens.clear()

    for token in lex(text):
        rows = token.text.count("\n") + token.text.replace("\r\n", "\n").count("\r")
        if token.kind == "newline":
            row += 1
            if depth <= 0:
                close()
                depth = 0
            at_line_start, line_start, blank = True, token.end, ""
            continue
        if token.kind == "space":
            if at_line_start and not blank and "\n" not in token.text and "\r" not in token.text:
                blank = token.text
            row += rows
            continue
        if token.kind == "comment":
            continue
        if at_line_start and tokens and token.text in STARTERS and depth > 0:
            close()
            depth = 0
        if not tokens:
            indent, start, first = blank, line_start, row
        at_line_start = False
        tokens.append(token)
        if token.kind == "op":
            depth += (token.text in OPENERS) - (token.text in CLOSERS)
        row += rows
        last = row
    close()
    return tuple(found)


def around(text: str, line: int, before: int = 1, after: int = 0) -> list[Logical]:
    """The logical line that holds a physical line (or the last one above it), with neighbours, nearest first."""
    lines = logical_lines(text)
    index = max((i for i, each in enumerate(lines) if each.first <= line), default=0)
    order = [index, *(index - i for i in range(1, before + 1)), *(index + i for i in range(1, after + 1))]
    return [lines[i] for i in order if 0 <= i < len(lines)]
