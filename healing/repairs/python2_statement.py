"""What it does
    Writes the statements of Python 2 as Python 3 does: ``print x``, ``print >>f, x``, ``exec code``,
    ``except Error, e``, ``raise Error, "text"``, backticks, ``0777``, ``10L``, ``ur""``. All of a file at once where
    there are several.

Example
    ``print "total", n``

Use instead
    ``print("total", n)``

When it stays silent
    The file has none of these, or does not parse after the change.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..fault import Fault
from ..grammar import Splice
from ..layout import Logical, logical_lines
from ..lexer import Token
from ..repair import Context, Draft, Repair


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    every: list[Splice] = []
    here: list[tuple[str, tuple[Splice, ...], float]] = []
    for line in logical_lines(context.text):
        for title, edits in _old_forms(context.text, line):
            every += edits
            if line.first <= fault.line + 1 and line.last >= fault.line - 1:
                here.append((title, edits, 0.93))
    if not here:
        return
    if len(every) > len(here[0][1]) and _disjoint(every):
        here.append(("Write all Python 2 statements of the file as Python 3", tuple(sorted(every)), 0.95))
    yield from context.parsing(here)


def _disjoint(edits: list[Splice]) -> bool:
    ordered = sorted(edits)
    return all(a[1] <= b[0] for a, b in pairwise(ordered))


def _old_forms(text: str, line: Logical) -> Iterator[tuple[str, tuple[Splice, ...]]]:
    tokens = line.tokens
    for part in _statements(tokens):
        first = part[0]
        if (first.text == "print" and len(part) > 1 and part[1].text not in {"(", "=", "."}) or (
            first.text == "print" and len(part) > 1 and part[1].text == "(" and part[-1].text != ")"
        ):
            yield "Call `print` as a function", _print(text, part)
        elif first.text == "print" and len(part) == 1:
            yield "Call `print` as a function", ((first.end, first.end, "()"),)
        elif first.text == "exec" and len(part) > 1 and part[1].text != "(":
            yield "Call `exec` as a function", ((first.end, part[1].start, "("), (part[-1].end, part[-1].end, ")"))
        elif first.text == "raise":
            comma = _comma(part)
            if comma is not None and part[-1] is not comma:
                close = part[-1].end
                after = part[part.index(comma) + 1]
                yield "Raise an instance", ((comma.start, after.start, "("), (close, close, ")"))
        elif first.text == "except":
            comma = _comma(part)
            if comma is not None and part[-1].kind == "name":
                yield "Bind the exception with `as`", ((comma.start, part[-1].start, " as "),)
    ticks = [token for token in tokens if token.text == "`"]
    for left, right in zip(ticks[::2], ticks[1::2], strict=False):
        yield "Call `repr`", ((left.start, left.end, "repr("), (right.start, right.end, ")"))
    for token in tokens:
        if token.kind == "number":
            if token.text[-1] in "lL":
                yield "Drop the `L` of a long integer", ((token.end - 1, token.end, ""),)
            elif len(token.text) > 1 and token.text[0] == "0" and token.text.isdigit() and token.text.strip("0"):
                yield "Write the octal number with `0o`", ((token.start, token.start + 1, "0o"),)
        elif token.kind == "string" and token.text[:2].lower() == "ur":
            yield "Drop the `u` prefix", ((token.start, token.start + 1, ""),)


def _statements(tokens: tuple[Token, ...]) -> Iterator[list[Token]]:
    """The simple statements of a logical line: split at ``;`` and after the colon of a header, outside brackets."""
    depth, part = 0, list[Token]()
    for token in tokens:
        depth += (token.text in "([{") - (token.text in ")]}") if token.kind == "op" else 0
        if depth == 0 and (token.text == ";" or (token.text == ":" and part)):
            if part:
                yield part
            part = []
        else:
            part.append(token)
    if part:
        yield part


def _comma(part: list[Token]) -> Token | None:
    depth = 0
    for token in part:
        depth += (token.text in "([{") - (token.text in ")]}") if token.kind == "op" else 0
        if depth == 0 and token.text == ",":
            return token
    return None


def _print(text: str, part: list[Token]) -> tuple[Splice, ...]:
    first, second, last = part[0], part[1], part[-1]
    tail = "" if last.text != "," else ", end=' '"
    end = last.end
    close: Splice = (last.start if tail else end, end, f"{tail})")
    if second.text == ">>":
        comma = _comma(part)
        stream = text[second.end : comma.start if comma else end].strip()
        if comma is None or comma is last:
            return ((first.end, end, f"(file={stream})"),)
        following = part[part.index(comma) + 1]
        return ((first.end, following.start, "("), (end, end, f", file={stream})"))
    return ((first.end, second.start, "("), close)


REPAIR = Repair("python2-statement", "Write Python 2 statements as Python 3 does", propose)
