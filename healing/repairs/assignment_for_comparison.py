"""What it does
    Compares where ``=`` stands in a condition.

Example
    ``if answer = 42:``

Use instead
    ``if answer == 42:``

When it stays silent
    The ``=`` is an assignment, a default or a keyword argument: the file parses as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..fault import Fault
from ..grammar import Splice
from ..layout import around
from ..lexer import Token
from ..repair import Context, Draft, Repair


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    changes: list[tuple[str, tuple[Splice, ...], float]] = []
    for away, line in enumerate(around(context.text, fault.line, before=1)):
        condition = line.head in {"if", "elif", "while", "assert", "return"}
        places = [token for token in line.tokens if token.text == "="]
        for token in places:
            weight = (0.93 if condition else 0.75) - 0.06 * away
            changes.append(("Compare with `==` instead of `=`", ((token.start, token.end, "=="),), weight))
            changes.append(("Assign with `:=` instead of `=`", ((token.start, token.end, ":="),), 0.35 - 0.06 * away))
            changes.append(("Replace `=` by ':'", ((token.start, token.end, ":"),), 0.5 - 0.06 * away))
        if len(places) > 1:
            edits = tuple((token.start, token.end, "==") for token in places)
            changes.append(("Compare with `==` instead of `=`", edits, 0.9 - 0.06 * away))
        for token in line.tokens:
            if token.text == ":=":
                changes.append(("Assign with `=` instead of `:=`", ((token.start, token.end, "="),), 0.9))
            if token.text == ":" and _in_call(line.tokens, token):
                changes.append(("Name the argument with `=`", ((token.start, token.end, "="),), 0.84 - 0.06 * away))
            if token.text in {"==", ":"} and not condition:
                row = token.text == ":" and "target" in fault.message and "annotated" in fault.message
                weight = (0.93 - 0.06 * away) if row else 0.5  # ``one, two: value``: a row of names has no annotation
                changes.append((f"Assign with `=` instead of `{token.text}`", ((token.start, token.end, "="),), weight))
    yield from context.parsing(changes)


def _in_call(tokens: tuple[Token, ...], colon: Token) -> bool:
    """Whether a colon stands after a name that begins an argument."""
    before = [token for token in tokens if token.end <= colon.start]
    if len(before) < 3 or before[-1].kind != "name" or before[-2].text not in {"(", ","}:
        return False
    depth = 0
    for token in reversed(before):
        depth += (token.text in {")", "]", "}"}) - (token.text in {"(", "[", "{"})
        if depth < 0:
            return token.text == "("
    return False


REPAIR = Repair("assignment-for-comparison", "Compare with == where = stands in a condition", propose)
