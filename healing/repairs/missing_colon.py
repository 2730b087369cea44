"""What it does
    Ends the header of a compound statement with the colon that it lacks, or turns the character that stands in its
    place (``;`` ``,`` ``.`` ``=`` ``{``) into one.

Example
    ``def area(w, h)``

Use instead
    ``def area(w, h):``

When it stays silent
    The statement is not a compound one, or the file would not parse with the colon either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..grammar import Splice
from ..layout import Logical, around
from ..lexer import COMPOUND
from ..repair import Context, Draft, Repair

_BODY = frozenset(["return", "break", "continue", "pass", "raise", "print", "yield", "assert", "del"])


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    yield from context.parsing(_changes(context))


def _changes(context: Context) -> Iterator[tuple[str, tuple[Splice, ...], float]]:
    yield from _braces(context)
    for away, line in enumerate(around(context.text, context.fault.line, before=2)):
        yield from _words(line, away)
        if line.head not in COMPOUND or len(line.tokens) == 0:
            continue
        weight = 0.96 - 0.03 * away
        last = line.tokens[-1]
        shown = _shown(line)
        if last.text != ":":
            yield f"Insert ':' after `{shown}`", ((last.end, last.end, ":"),), weight
            if len(line.tokens) > 1 and line.tokens[-2].text == "=" and last.text == ">":
                yield "Replace `=>` by ':'", ((line.tokens[-2].start, last.end, ":"),), weight + 0.02
            if last.text in {";", ",", ".", "=", "{", "->", "-", "'", '"', "then", "do"}:
                yield f"Replace `{last.text}` by ':'", ((last.start, last.end, ":"),), weight + 0.01
        for index, token in enumerate(line.tokens[1:], 1):
            if token.text == "{" and line.tokens[-1].text == "}":
                continue
            if token.text in _BODY:
                before = line.tokens[index - 1]
                yield f"Insert ':' before `{token.text}`", ((before.end, before.end, ":"),), weight - 0.05
            elif token.text == ";":
                yield "Replace `;` by ':'", ((token.start, token.end, ":"),), weight - 0.06
        if line.head in {"else", "try", "finally"} and len(line.tokens) > 1 and line.tokens[1].text != ":":
            first = line.tokens[0]
            yield f"Insert ':' after `{first.text}`", ((first.end, first.end, ":"),), weight - 0.1


def _words(line: Logical, away: int) -> Iterator[tuple[str, tuple[Splice, ...], float]]:
    """``else`` with a condition, and ``elif`` with nothing before it."""
    first = line.tokens[0]
    if first.text == "else" and len(line.tokens) > 2:
        yield "Replace `else` by `elif`", ((first.start, first.end, "elif"),), 0.93 - 0.05 * away
    if first.text == "elif":
        yield "Replace `elif` by `if`", ((first.start, first.end, "if"),), 0.84 - 0.05 * away


def _braces(context: Context) -> Iterator[tuple[str, tuple[Splice, ...], float]]:
    """``if x {`` … ``}``: the brace that ends a header's line, alone or all of the file with their closing ones."""
    edits: list[Splice] = []
    for match in re.finditer(
        rf"^[ \t]*(?:{'|'.join(sorted(COMPOUND))})\b[^\n#]*?([ \t]*\{{)[ \t]*$", context.text, re.MULTILINE
    ):
        edit = (match.start(1), match.end(1), ":")
        edits.append(edit)
        if abs(context.lines.position(match.start(1))[0] - context.fault.line) <= 1:
            yield "Replace `{` by ':'", (edit,), 0.95
    closing = [(each.start(), each.end(), "") for each in re.finditer(r"^[ \t]*\}[ \t]*\n", context.text, re.MULTILINE)]
    if edits and (len(edits) > 1 or closing):
        yield "Replace braces by colons", tuple(sorted([*edits, *closing])), 0.95


def _shown(line: Logical) -> str:
    text = " ".join(token.text for token in line.tokens[:2])
    return text if len(line.tokens) <= 2 else f"{text} …"


REPAIR = Repair("missing-colon", "Insert the colon that ends a compound statement's header", propose)
