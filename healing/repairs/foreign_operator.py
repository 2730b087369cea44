"""What it does
    Turns operators and forms of other languages into Python's: ``&&`` ``||`` ``!`` ``===`` ``!==`` ``<>`` ``=<`` ``=>``
    ``++`` ``--`` ``else if`` ``a ? b : c`` ``//`` comments; joins an operator that was split by a blank.

Example
    ``if a && !b:``, ``count++``, ``else if x:``

Use instead
    ``if a and not b:``, ``count += 1``, ``elif x:``

When it stays silent
    The file does not parse with the change, for instance because the operator is Python's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..fault import Fault
from ..grammar import Splice
from ..layout import Logical, around
from ..lexer import CLOSERS, OPENERS, Token
from ..repair import Context, Draft, Repair

Change = tuple[str, tuple[Splice, ...], float]

#: Sequences of token texts → Python's form.
SEQUENCES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("&", "&"): ("and",),
    ("|", "|"): ("or",),
    ("==", "="): ("==",),
    ("!=", "="): ("!=",),
    ("=", "=="): ("==",),
    ("<", ">"): ("!=",),
    ("=", "<"): ("<=",),
    ("=", ">"): (">=",),
    ("=", "!"): ("!=",),
    ("else", "if"): ("elif",),
    ("-", ">"): ("->",),
    (":", ":"): (":",),
    (":", "=", "="): ("==",),
    ("=", "+"): ("+=",),
    ("<", "-"): ("=",),
}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    changes: list[Change] = []
    for away, line in enumerate(around(context.text, fault.line, before=1)):
        found = [*_sequences(context.text, line), *_steps(context.text, line), *_ternary(context.text, line)]
        changes += ((title, edit, prior - 0.06 * away) for title, edit, prior in found)
        same = [edit for _, edit, prior in found if prior >= 0.9]
        if len(same) > 1 and len({each[0][0] for each in same}) == len(same):
            # Who writes one `&&` in a condition writes the others too.
            merged = tuple(sorted(each for edit in same for each in edit))
            changes.append(("Replace operators of another language", merged, 0.94))
    yield from context.parsing(changes)


def _blank(text: str, place: int) -> bool:
    return text[place : place + 1] in {" ", "\t"}


def _sequences(text: str, line: Logical) -> Iterator[Change]:
    tokens = line.tokens
    sliced = _sliced(tokens)
    for index, token in enumerate(tokens):
        for sequence, (meant,) in SEQUENCES.items():
            group = tokens[index : index + len(sequence)]
            if tuple(each.text for each in group) != sequence or (sequence == (":", ":") and index in sliced):
                continue
            start, end = group[0].start, group[-1].end
            new = meant
            if meant.isalpha():
                new = ("" if _blank(text, start - 1) else " ") + meant + ("" if _blank(text, end) else " ")
                if meant == "elif":
                    new = "elif"
            yield f"Replace `{text[start:end]}` by `{meant}`", ((start, end, new),), 0.92
        if token.text == "!" and index + 1 < len(tokens):
            yield "Replace `!` by `not`", ((token.start, token.end, "not "),), 0.9
            if tokens[index + 1].text == "=":
                yield "Join `!=`", ((token.start, tokens[index + 1].end, "!="),), 0.91
        if token.text == "//":
            # Behind a statement the rest of the line would have to be a number to divide by.
            yield "Replace `//` by `#`", ((token.start, token.end, "#"),), 0.8 if index == 0 else 0.66
        if index and token.kind == "op" and tokens[index - 1].kind == "op" and tokens[index - 1].end < token.start:
            before = tokens[index - 1]
            if before.text + token.text in {"==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "//", "**", "->", ":="}:
                yield f"Join `{before.text + token.text}`", ((before.end, token.start, ""),), 0.88
        if token.text in {"===", "!=="}:
            yield f"Replace `{token.text}`", ((token.start, token.end, token.text[:2]),), 0.92


def _sliced(tokens: Sequence[Token]) -> set[int]:
    """The tokens in square brackets, where two colons leave out a bound."""
    found: set[int] = set()
    opened: list[str] = []
    for index, token in enumerate(tokens):
        if token.text in OPENERS:
            opened.append(token.text)
        elif token.text in CLOSERS and opened:
            opened.pop()
        elif opened and opened[-1] == "[":
            found.add(index)
    return found


def _steps(text: str, line: Logical) -> Iterator[Change]:
    """``x++`` and ``--x`` as statements, at the end of what is counted."""
    tokens = line.tokens
    for first, second in pairwise(tokens):
        if first.text != second.text or first.text not in {"+", "-"} or first.end != second.start:
            continue
        sign = first.text
        before = [each for each in tokens if each.end <= first.start]
        after = [each for each in tokens if each.start >= second.end]
        if before:
            yield f"Replace `{sign * 2}` by `{sign}= 1`", ((before[-1].end, second.end, f" {sign}= 1"),), 0.92
        if after:
            end = _end_of_target(after)
            edits = ((first.start, second.end, ""), (end, end, f" {sign}= 1"))
            yield f"Replace `{sign * 2}` by `{sign}= 1`", edits, 0.9


def _end_of_target(tokens: list[Token]) -> int:
    end = tokens[0].end
    for token in tokens[1:]:
        if token.text in {";", "#"}:
            break
        end = token.end
    return end


def _ternary(text: str, line: Logical) -> Iterator[Change]:
    """``a = test ? yes : no`` → ``a = yes if test else no``."""
    question = next((token for token in line.tokens if token.text == "?"), None)
    if question is None:
        return
    colon = next((token for token in line.tokens if token.text == ":" and token.start > question.end), None)
    before = [token for token in line.tokens if token.end <= question.start]
    start = next((token.end for token in _outside(before) if token.text in {"=", "return", "(", ",", "[", "+="}), None)
    if colon is None or start is None:
        return
    end = line.tokens[-1].end
    if line.tokens[-1].text in {")", ";"}:
        end = line.tokens[-1].start
    test, yes, no = (
        text[start : question.start].strip(),
        text[question.end : colon.start].strip(),
        text[colon.end : end].strip(),
    )
    gap = " " if text[start - 1] != "(" else ""
    yield "Write the choice as `… if … else …`", ((start, end, f"{gap}{yes} if {test} else {no}"),), 0.9


def _outside(before: list[Token]) -> Iterator[Token]:
    """Tokens backwards, without those in closed brackets."""
    depth = 0
    for token in reversed(before):
        depth += token.text in CLOSERS
        if depth == 0:
            yield token
        depth -= token.text in OPENERS and depth > 0


REPAIR = Repair("foreign-operator", "Write operators of other languages as Python does", propose)
