"""Brackets of a text of which no tree can be had: what is inside of a Rust macro's call.

Strings and characters are passed over; comments are not looked for, since a line of arguments seldom holds one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SKIPPED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)'", re.DOTALL)
_OPENERS, _CLOSERS = "([{", ")]}"


def closing_of(text: str, opening: int) -> int:
    """The offset of the bracket that closes the one at ``opening``; -1 if none does."""
    depth = 0
    for place, char in _marks(text, opening):
        depth += (char in _OPENERS) - (char in _CLOSERS)
        if depth == 0:
            return place
    return -1


def pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The places of what commas separate between two offsets, without white space around it; empty pieces are not
    given."""
    depth, begin = 0, start
    for place, char in _marks(text, start):
        if place >= end:
            break
        depth += (char in _OPENERS) - (char in _CLOSERS)
        if char == "," and depth == 0:
            yield from _trimmed(text, begin, place)
            begin = place + 1
    yield from _trimmed(text, begin, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    if piece.strip():
        yield start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _marks(text: str, start: int) -> Iterator[tuple[int, str]]:
    place = start
    while place < len(text):
        skipped = _SKIPPED.match(text, place)
        if skipped is not None:
            place = skipped.end()
            continue
        if text[place] in "([{)]},":
            yield place, text[place]
        place += 1
