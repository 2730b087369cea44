"""What it does
    Renames a variable that is called like a keyword: ``class`` to ``class_``, everywhere in its function.

Example
    ``from = row["from"]``

Use instead
    ``from_ = row["from"]``

When it stays silent
    The file does not parse after the renaming, so the keyword was one.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..fault import Fault
from ..grammar import Splice
from ..layout import around, logical_lines
from ..lexer import KEYWORDS, Token
from ..repair import Context, Draft, Repair


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    changes: list[tuple[str, tuple[Splice, ...], float]] = []
    words = {
        token.text
        for line in around(context.text, fault.line)
        for token in line.tokens
        if token.kind == "name" and token.text in KEYWORDS - {"None", "True", "False", "self"}
    }
    if len(words) > 8:
        return
    block = _block(context)
    for word in sorted(words):
        places = [
            tokens[i] for tokens in block for i, each in enumerate(tokens) if each.text == word and _named(tokens, i)
        ]
        here = [each for each in places if context.lines.position(each.start)[0] == fault.line]
        if here:
            edits = tuple((each.start, each.end, f"{word}_") for each in places)
            changes.append((f"Rename the variable `{word}` to `{word}_`", edits, 0.8))
            every = tuple(
                (each.start, each.end, f"{word}_") for tokens in block for each in tokens if each.text == word
            )
            changes.append((f"Rename the variable `{word}` to `{word}_`", every, 0.7))
    yield from context.parsing(changes)


def _named(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether a keyword stands where only a name can."""
    before = tokens[index - 1].text if index else ""
    after = tokens[index + 1].text if index + 1 < len(tokens) else ""
    if tokens[index].text in {"not", "lambda"} and after not in {"=", ")", ",", "]", ".", ":", "in", "", "+", "["}:
        return False
    return after in {
        "=",
        "+=",
        "-=",
        ".",
        ")",
        ",",
        "]",
        "+",
        "-",
        "*",
        "/",
        "in",
        "==",
        "!=",
        "<",
        ">",
        "",
        "[",
        "is",
    } or (
        before
        in {"(", ",", "=", "+", "for", "in", "return", "[", "==", "<", ">", "if", "not", "and", "or", "while", "."}
        and after in {":", "(", "for", "if", "else", "and", "or"}
    )


def _block(context: Context) -> list[tuple[Token, ...]]:
    """The tokens of the lines of the function that the fault is in."""
    lines = logical_lines(context.text)
    at = max((i for i, line in enumerate(lines) if line.first <= context.fault.line), default=0)
    start = at
    while start > 0 and not (lines[start].head in {"def", "class"} and lines[start].width < max(lines[at].width, 1)):
        start -= 1
    stop = at + 1
    while stop < len(lines) and lines[stop].width > lines[start].width:
        stop += 1
    return [line.tokens for line in lines[start:stop]]


REPAIR = Repair("keyword-as-name", "Rename a variable that is called like a keyword", propose)
