"""What it does
    Puts parameters and arguments into the order that Python asks for: plain ones, those with a default or a name,
    ``*args``, ``**kwargs``.

Example
    ``def split(posix=True, text):``, ``add(repeat=2, action)``

Use instead
    ``def split(text, posix=True):``, ``add(action, repeat=2)``

When it stays silent
    The message is about something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..grammar import Splice
from ..layout import around
from ..lexer import CLOSERS, OPENERS, Token
from ..repair import Context, Draft, Repair

_SPEAKS = re.compile(
    r"follows (?:default|keyword|var-keyword)|positional argument follows|cannot follow var-keyword|without a default|"
    r"parameter without|bare \* has|only one \*|\* argument may"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax" or not _SPEAKS.search(fault.message):
        return
    changes: list[tuple[str, tuple[Splice, ...], float]] = []
    for line in around(context.text, fault.line, before=2):
        for items, start, end in _lists(line.tokens):
            texts = [context.text[each[0].start : each[-1].end] for each in items]
            ordered = sorted(texts, key=_rank)
            if ordered != texts:
                changes.append(("Put the arguments in order", ((start, end, ", ".join(ordered)),), 0.93))
            for index, text in enumerate(texts):
                if "=" not in text and not text.startswith("*") and index and "=" in texts[index - 1]:
                    place = items[index][-1].end
                    changes.append((f"Give `{text}` a default", ((place, place, "=None"),), 0.7))
    yield from context.parsing(changes)


def _rank(text: str) -> int:
    if text.startswith("**"):
        return 3
    if text.startswith("*"):
        return 2
    return int(re.match(r"\w+\s*(?::[^=]*)?=(?!=)", text) is not None)


def _lists(tokens: tuple[Token, ...]) -> Iterator[tuple[list[list[Token]], int, int]]:
    """The comma-separated lists in brackets: (items, start, end)."""
    stack: list[tuple[int, list[list[Token]]]] = []
    for token in tokens:
        opens, closes = token.kind == "op" and token.text in OPENERS, token.kind == "op" and token.text in CLOSERS
        if closes and stack:
            start, items = stack.pop()
            found = [each for each in items if each]
            if len(found) > 1:
                yield found, start, found[-1][-1].end
        if token.text == "," and stack:
            stack[-1][1].append([])
        else:
            for _, items in stack:
                items[-1].append(token)
        if opens:
            stack.append((token.end, [[]]))


REPAIR = Repair("argument-order", "Put parameters and arguments into the order that Python asks for", propose)
