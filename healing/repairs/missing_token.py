"""What it does
    Inserts one token near the fault: a comma between two items, ``in`` of a loop, an operator, an equals sign, the
    brackets of a call or definition. The last resort among the syntax repairs, with the least weight.

Example
    ``for char text:``, ``point = (1 2)``, ``def main:``

Use instead
    ``for char in text:``, ``point = (1, 2)``, ``def main():``

When it stays silent
    No single token makes the file parse.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..fault import Fault
from ..grammar import Splice
from ..layout import around
from ..lexer import KEYWORDS, OPENERS, Token
from ..repair import Context, Draft, Repair

Change = tuple[str, tuple[Splice, ...], float]


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    changes: list[Change] = []
    for away, line in enumerate(around(context.text, fault.line, before=1)):
        if len(line.tokens) > 120:
            continue
        changes += ((title, edit, prior - 0.08 * away) for title, edit, prior in _insertions(context, line.tokens))
    yield from context.parsing(changes, most=6)


def _insertions(context: Context, items: tuple[Token, ...]) -> Iterator[Change]:
    comma_hint = "comma" in context.fault.message
    for index, token in enumerate(items):
        following = items[index + 1] if index + 1 < len(items) else None
        place = token.end
        operand = _ends_operand(token)
        starts = following is not None and _starts_operand(following)
        near = 0.05 if abs(place - context.offset) <= 3 else 0.0
        if operand and starts:
            words = [each.text for each in items[: index + 1]]
            if "for" in words and "in" not in words[words.index("for") :]:
                yield "Insert `in`", ((place, place, " in"),), 0.9
            yield "Insert `,`", ((place, place, ","),), (0.72 if comma_hint else 0.62) + near
            yield "Insert `.`", ((place, following.start if following else place, "."),), 0.4 + near
            yield "Insert `=`", ((place, place, " ="),), (0.6 if index == 0 else 0.45) + near
            yield "Insert `:`", ((place, place, ":"),), 0.5 + near
            for word in ("==", "+", "and", "or", "if", "else", "as", "import", "in", "is", "*"):
                yield f"Insert `{word}`", ((place, place, f" {word}"),), 0.42 + near
        if token.kind == "name" and items[0].text in {"def", "class"} and index == 1 and items[0].text == "def":
            yield "Insert `()`", ((place, place, "()"),), 0.88
        if following is not None and token.kind == "op" and following.kind == "op" and token.text not in OPENERS:
            yield "Remove a stray token", ((following.start, following.end, ""),), 0.5 + near
        if token.kind in ("op", "other") or (following is not None and following.text == token.text):
            twin = following is not None and following.text == token.text
            yield f"Remove `{token.text}`", ((token.start, token.end, ""),), (0.8 if twin else 0.42) + near
        elif index and token.kind == "name" and near:
            yield f"Remove `{token.text}`", ((items[index - 1].end, token.end, ""),), 0.25
        if token.kind == "op" and token.text in {".", ";", ":"} and index:
            yield f"Replace `{token.text}` by `,`", ((token.start, token.end, ","),), 0.45 + near


def _ends_operand(token: Token) -> bool:
    return (
        token.kind in ("number", "string")
        or token.text in {")", "]", "}"}
        or (token.kind == "name" and token.text not in KEYWORDS - {"True", "False", "None"})
    )


def _starts_operand(token: Token) -> bool:
    return (
        token.kind in ("number", "string")
        or token.text in OPENERS
        or (token.kind == "name" and token.text not in KEYWORDS - {"True", "False", "None", "not", "lambda"})
    )


REPAIR = Repair("missing-token", "Insert or remove the one token that keeps the file from parsing", propose)
