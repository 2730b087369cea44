# ruff: noqa: RUF001, RUF002
"""What it does
    Replaces characters that only look like Python's: typographic quotes and dashes, full-width punctuation,
    non-breaking and zero-width blanks, multiplication and comparison signs.

Example
    ``def lcm(x， y):``, ``n − 1``

Use instead
    ``def lcm(x, y):``, ``n - 1``

When it stays silent
    The characters are inside a string or a comment, where they may be meant.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from ..fault import Fault
from ..grammar import Splice
from ..lexer import Token, lex
from ..repair import Context, Draft, Repair

_SIGNS = {
    "×": "*",
    "÷": "/",
    "∗": "*",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "→": "->",
    "⇒": "=>",
    "…": "...",
    "∧": "and",
    "∨": "or",
    "¬": "not ",
    "∈": "in",
    "，": ",",
    "、": ",",
    "。": ".",
    "；": ";",
    "：": ":",
    "（": "(",
    "）": ")",
    "「": '"',
    "」": '"',
    "′": "'",
    "″": '"',
    "`": "'",
    "´": "'",
}
_SINGLE = "‘’‚‛＇"
_DOUBLE = "“”„‟«»＂"
_CLOSED_BY = {"“": "”", "‘": "’", "«": "»"}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    text = context.text
    odd = [token for token in lex(text) if token.kind == "other" and _meant(token.text) is not None]
    # What stands between typographic quotes is not code, whatever it looks like to the lexer.
    odd = [*odd, *_partners(text, odd)]
    ticks = [token for token in odd if token.text == "`"]
    if len(ticks) > 1:
        odd = [token for token in odd if token.text != "`"]  # a pair of them is Python 2, or Markdown
    if not odd:
        return
    near = [token for token in odd if context.lines.position(token.start)[0] == fault.line]
    changes: list[tuple[str, tuple[Splice, ...], float]] = []
    for group, prior in ((odd, 0.94), (near, 0.93)):
        for swap in (False, True):
            edits = tuple((token.start, token.end, _quote(_meant(token.text) or "", swap)) for token in group)
            if edits:
                shown = " ".join(dict.fromkeys(_name(token.text) for token in group))
                changes.append((f"Replace {shown} by what Python reads", edits, prior - (0.05 if swap else 0.0)))
    yield from context.parsing(changes)


def _partners(text: str, odd: Sequence[Token]) -> Iterator[Token]:
    """The quotes that end what others begin and that the lexer took for a part of a string, for a plain quote stands
    between the two."""
    known = {token.start for token in odd}
    for token in odd:
        close = _CLOSED_BY.get(token.text)
        end = text.find("\n", token.end)
        place = text.find(close, token.end, end if end >= 0 else len(text)) if close else -1
        if place >= 0 and place not in known:
            yield Token("other", close or "", place, place + 1)


def _quote(meant: str, swap: bool) -> str:
    return {"'": '"', '"': "'"}.get(meant, meant) if swap else meant


def _meant(char: str) -> str | None:
    """The ASCII text that a character looks like; None for one that looks like nothing in Python."""
    if char in _SINGLE:
        return "'"
    if char in _DOUBLE:
        return '"'
    if char in _SIGNS:
        return _SIGNS[char]
    if char.isascii():
        return None
    category = unicodedata.category(char)
    if category == "Pd" or char == "−":
        return "-"
    if category == "Zs":
        return " "
    if category == "Cf":
        return ""
    plain = unicodedata.normalize("NFKC", char)
    return plain if plain.isascii() and plain else None


def _name(char: str) -> str:
    return f"`{char}`" if char.isprintable() and not char.isspace() else f"U+{ord(char):04X}"


REPAIR = Repair("unicode-lookalike", "Replace characters that only look like Python's", propose)
