"""What it does
    Closes or opens the brace of a field in an f-string.

Example
    ``f"{name is {age}"``

Use instead
    ``f"{name} is {age}"``

When it stays silent
    All braces of the f-strings around the fault pair up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..grammar import Splice
from ..lexer import Token, lex
from ..repair import Context, Draft, Repair

Change = tuple[str, tuple[Splice, ...], float]
_FORMATTED = re.compile(r"(?i)(?:f|rf|fr)(?:\"\"\"|'''|\"|')")
_NAME_END = re.compile(r"[\w)\]](?=[^\w(\[.]|$)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    changes: list[Change] = []
    for token in lex(context.text):
        if token.kind in {"string", "open-string"} and _FORMATTED.match(token.text):
            first, last = (context.lines.position(each)[0] for each in (token.start, token.end))
            if first - 1 <= fault.line <= max(last, first + 1):
                changes += _changes(token)
    yield from context.parsing(changes, most=6)


def _changes(token: Token) -> Iterator[Change]:
    text, start = token.text, token.start
    bare = text.replace("{{", "  ").replace("}}", "  ")
    depth, opened = 0, -1
    for index, char in enumerate(bare):
        if char == "{":
            if depth:
                yield from _closings(text, start, opened, index)
            depth, opened = 1, index
        elif char == "}":
            if not depth:
                yield from _openings(text, start, index)
            depth = 0
    if depth:
        yield from _closings(text, start, opened, len(text))


def _closings(text: str, start: int, opened: int, stop: int) -> Iterator[Change]:
    for rank, match in enumerate(_NAME_END.finditer(text, opened + 1, stop)):
        place = start + match.end()
        prior = 0.92 - 0.03 * rank
        if text[opened + 1 : match.end()].count("(") != text[opened + 1 : match.end()].count(")"):
            prior -= 0.3
        yield "Close the field with `}`", ((place, place, "}"),), prior
        if rank > 12:
            break
    yield "Double the brace", ((start + opened, start + opened, "{"),), 0.4


def _openings(text: str, start: int, closed: int) -> Iterator[Change]:
    for rank, match in enumerate(reversed(list(re.finditer(r"(?<![\w.\])])[A-Za-z_]", text[:closed])))):
        if match.start() < 2:
            continue
        place = start + match.start()
        yield "Open the field with `{`", ((place, place, "{"),), 0.92 - 0.05 * rank
        if rank > 8:
            break
    yield "Double the brace", ((start + closed, start + closed, "}"),), 0.4


REPAIR = Repair("field-brace", "Close or open the brace of an f-string's field", propose)
