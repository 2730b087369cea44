"""What it does
    Closes a bracket that was never closed, removes or opens one that was never opened, and makes a closing bracket
    match its opening one.

Example
    ``centre = mean(values``, ``total = (a + b))``, ``def trace(matrix]:``

Use instead
    ``centre = mean(values)``, ``total = (a + b)``, ``def trace(matrix):``

When it stays silent
    All brackets around the fault pair up.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from dataclasses import replace

from ..fault import Fault
from ..grammar import Splice
from ..layout import Logical, around
from ..lexer import CLOSERS, COMPOUND, OPENERS, Token, brackets, lex
from ..repair import Context, Draft, Repair

Change = tuple[str, tuple[Splice, ...], float]


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    changes: list[Change] = []
    for away, line in enumerate(around(context.text, fault.line, before=3, after=1)):
        state = brackets(list(line.tokens))
        weight = 1.0 - 0.04 * away
        for opener in state.unclosed:
            changes += ((title, edit, prior * weight) for title, edit, prior in _close(context, line, opener))
        for closer in state.unopened:
            changes += ((title, edit, prior * weight) for title, edit, prior in _open(context, line, closer))
            # Without its opener a call that spans lines ends at its first one.
            above = next(iter(around(context.text, line.first - 1, before=0)), None) if line.first else None
            if above is not None and above.last == line.first - 1:
                both = replace(above, tokens=(*above.tokens, *line.tokens), last=line.last)
                changes += ((title, edit, prior * weight * 0.96) for title, edit, prior in _open(context, both, closer))
        for opener, closer in state.mismatched:
            changes += ((title, edit, prior * weight) for title, edit, prior in _match(line, opener, closer))
    yield from context.parsing(changes)


def _close(context: Context, line: Logical, opener: Token) -> Iterator[Change]:
    """Insert the closing bracket after each token, most plausibly at the end of the opener's physical line."""
    closer = OPENERS[opener.text]
    title = f"Close `{opener.text}` with `{closer}`"
    after = [token for token in line.tokens if token.start >= opener.end]
    row = context.lines.position(opener.start)[0]
    header = line.head in COMPOUND
    for index, token in enumerate((opener, *after)):
        following = after[index] if index < len(after) else None
        end_of_row = (
            following is None or context.lines.position(following.start)[0] > context.lines.position(token.end)[0]
        )
        if end_of_row:
            same_row = context.lines.position(token.start)[0] == row
            prior = 0.9 if same_row else 0.85
            if token.text == ":" and header:
                prior -= 0.3  # a slice or lambda at most
            elif token.text in {",", "+", "-", "and", "or"}:
                prior -= 0.2
        elif following is not None and following.text == ":" and header:
            prior = 0.93
        elif following is not None and following.text in {",", "]", "}", ")", "for", "if", "="}:
            prior = 0.55
        elif token is opener:
            prior = 0.45
        else:
            prior = 0.4
        # Of several places in one line, the later one encloses more of what was typed after the bracket.
        prior += 0.02 * (index / (len(after) + 1))
        yield f"{title} after `{token.text[:20]}`", ((token.end, token.end, closer),), prior
    if header and line.tokens[-1].text != ":":
        end = line.tokens[-1].end
        yield f"{title} and insert ':'", ((end, end, f"{closer}:"),), 0.7
    yield f"Remove `{opener.text}`", ((opener.start, opener.end, ""),), 0.5


def _open(context: Context, line: Logical, closer: Token) -> Iterator[Change]:
    yield f"Remove `{closer.text}`", ((closer.start, closer.end, ""),), 0.85
    opener = CLOSERS[closer.text]
    title = f"Open the bracket that `{closer.text}` closes"
    before = [token for token in line.tokens if token.end <= closer.start]
    for index, token in enumerate(before):
        following = before[index + 1] if index + 1 < len(before) else closer
        gap = context.text[token.end : following.start]
        if token.kind == "name" and not gap and following.kind == "string":
            yield title, ((token.end, token.end, opener),), 0.93
        if token.kind == "name":
            for place in _merged(context, token):
                yield title, ((place, place, opener),), 0.93
        if token.kind == "name" and gap.strip(" \t") == "" and gap:
            # `def f x):` and `print x)`: the bracket stands where the blank is now.
            header = line.head in {"def", "class"} and index == 1
            yield title, ((token.end, following.start, opener),), 0.92 if header else 0.7
            if index >= 1:
                yield title, ((following.start, following.start, opener),), 0.5
        elif token.kind == "name" or token.text in {")", "]"}:
            called = following is closer and opener == "(" and re.search(rf"\b{re.escape(token.text)}\(", context.text)
            yield title, ((token.end, token.end, opener),), 0.9 if called else 0.6  # `s.strip)`, as it is called above
        else:
            yield title, ((token.end, token.end, opener),), 0.5
    if before:
        yield title, ((before[0].start, before[0].start, opener),), 0.4
    # `f(a)]` may stand for `f[a]`… but then the pair does not match either; `f)a)` does.
    for token in before:
        if token.text == closer.text:
            yield f"Replace `{token.text}` by `{opener}`", ((token.start, token.end, opener),), 0.6


def _merged(context: Context, token: Token) -> Iterator[int]:
    """Where a name falls into two that are known, or into a function and a number: ``max1, n)``, ``lenself.rows)``."""
    names = {each.text for each in lex(context.text) if each.kind == "name" and each.start != token.start}
    for length in range(len(token.text) - 1, 0, -1):
        word, rest = token.text[:length], token.text[length:]
        function = hasattr(builtins, word) or (len(word) > 2 and word in names)
        if function and (rest.isdecimal() or rest in names):
            yield token.start + length


def _match(line: Logical, opener: Token, closer: Token) -> Iterator[Change]:
    right, left = OPENERS[opener.text], CLOSERS[closer.text]
    yield f"Replace `{closer.text}` by `{right}`", ((closer.start, closer.end, right),), 0.9
    yield f"Replace `{opener.text}` by `{left}`", ((opener.start, opener.end, left),), 0.8
    yield f"Insert `{right}` before `{closer.text}`", ((closer.start, closer.start, right),), 0.82
    yield f"Remove `{closer.text}`", ((closer.start, closer.end, ""),), 0.6
    yield f"Remove `{opener.text}`", ((opener.start, opener.end, ""),), 0.5
    inside = [token for token in line.tokens if opener.end <= token.start < closer.start]
    for index, token in enumerate(inside):
        following = inside[index + 1].text if index + 1 < len(inside) else closer.text
        near = following in {",", ":", "]", "}", ")", "for", "if", "="}
        title = f"Close `{opener.text}` with `{right}` after `{token.text[:20]}`"
        yield title, ((token.end, token.end, right),), 0.6 if near else 0.45


REPAIR = Repair("unbalanced-bracket", "Close, open, remove or match a bracket", propose)
