"""What it does
    Closes a string or a template literal that has no end: before the brackets, commas and semicolons that end its
    line, or where the rest of the line parses as code; opens one that only ends.

Example
    ``const names = ["Ada", "Grace];``

Use instead
    ``const names = ["Ada", "Grace"];``

When it stays silent
    Every literal is closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fault import Fault
from ...javascript.lexer import Token, lex
from ...javascript.search import Change, parsing
from ...repair import Context, Draft, Repair

_TAIL = re.compile(r"[\])};,\s]*$")
_BORDER = re.compile(r"[\])};,+]|\s")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    broken = [token for token in lex(context.text) if token.kind == "broken"]
    if broken:
        yield from parsing(context, _changes(context, broken), most=6)


def _changes(context: Context, broken: list[Token]) -> Iterator[Change]:
    for token in broken[:3]:
        if token.text[0] == "`":
            yield from _template(context, token)
            continue
        quote, line = token.text[0], token.text.rstrip("\r")
        yield from _closed(token.start, line, quote)
        yield f"Remove the {quote}", ((token.start, token.start + 1, ""),), 0.6
        # The literal may have lost its beginning: what is taken for its beginning is then its end.
        row = context.lines.position(token.start)[0]
        start = context.lines.bounds(row)[0]
        for match in re.finditer(r"(?<![\w$])[\w./#-]", context.text[start : token.start]):
            at = start + match.start()
            yield f"Open the string with {quote}", ((at, at, quote),), 0.7 - 0.002 * (token.start - at)
        if len(line) > 1 and line[-1] in "'\"`" and line[-1] != quote:
            place = token.start + len(line) - 1
            yield f"Close the string with {quote}", ((place, place + 1, quote),), 0.9


def _closed(start: int, line: str, quote: str) -> Iterator[Change]:
    """A quote at each border of the line; in front of all that can only be code is likeliest."""
    tail = _TAIL.search(line)
    best = tail.start() if tail else len(line)
    places = {best: 0.95, len(line): 0.7}
    for match in _BORDER.finditer(line, 1):
        near = 0.88 if match.start() > best else 0.6
        places.setdefault(match.start(), near)
    for place, prior in places.items():
        if place > 0:
            yield f"Close the string with {quote}", ((start + place, start + place, quote),), prior


def _template(context: Context, token: Token) -> Iterator[Change]:
    """A template may span lines: every line's end from its start on is tried. Where the count of backticks is odd, an
    earlier one may be the one that is not closed."""
    ticks = [match.start() for match in re.finditer("`", context.text[: token.start + 1])]
    for tick in ticks[-6:]:
        first = context.lines.position(tick)[0]
        for row in range(first, min(first + 12, len(context.lines.starts))):
            start, end = context.lines.bounds(row)
            begin = max(start, tick + 1)
            text = context.text[begin:end]
            tail = _TAIL.search(text)
            places = {tail.start() if tail else len(text): 0.93, len(text): 0.8}
            for match in re.finditer(r"[\])};,]", text):
                places.setdefault(match.start(), 0.7)
            for place, prior in places.items():
                at = begin + place
                cost = 0.02 * (row - first) + (0.0 if "`" not in text else 0.2)
                yield "Close the template literal", ((at, at, "`"),), prior - cost


REPAIR = Repair("js-quote", "Close a string or a template literal", propose, languages=("javascript", "typescript"))
