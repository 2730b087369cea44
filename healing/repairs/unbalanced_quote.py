"""What it does
    Ends or starts a string that lacks one of its quotes, makes two different quotes match, and escapes a quote
    that ends its string too early.

Example
    ``parts = line.split(', )``, ``user = text.split(@")``, ``print('it's here')``

Use instead
    ``parts = line.split(', ')``, ``user = text.split("@")``, ``print('it\\'s here')``

When it stays silent
    No string around the fault is left open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..fault import Fault
from ..grammar import Splice
from ..layout import around
from ..lexer import Token, lex
from ..repair import Context, Draft, Repair

Change = tuple[str, tuple[Splice, ...], float]
_QUOTES = ("'", '"')
_OPERATORS = ("=", ",", "+", ":", "<", ">", "%")
_JOINED = re.compile(r" [+%] [\w.]+\(.*\)")
_STARTS = ("(", "[", "{", "return ", "in ", "and ", "or ", "not ", "if ", "else ", "yield ", "print ")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax":
        return
    changes: list[Change] = []
    for line in around(context.text, fault.line, before=1):
        for row in range(line.first, line.last + 1):
            start, end = context.lines.bounds(row)
            tokens = lex(context.text, start, end)
            changes += _on_line(context.text, start, end, tokens)
            if row - line.first > 20:
                break
    changes += [*_triple(context), *_swallowed(context)]
    yield from context.parsing(changes)


def _on_line(text: str, start: int, end: int, tokens: Sequence[Token]) -> Iterator[Change]:
    quotes = [index for index in range(start, end) if text[index] in _QUOTES]
    open_string = next((token for token in tokens if token.kind == "open-string"), None)
    if not quotes or (open_string is None and len(quotes) < 3):
        return
    if open_string is not None:
        first = next(index for index in range(open_string.start, end) if text[index] in _QUOTES)
        quote = text[first]
        body = text[first + 1 : end]
        stripped = end - (len(body) - len(body.rstrip()))
        for place in _breaks(text, first + 1, stripped):
            rest = text[place:stripped]
            prior = 0.82 if re.fullmatch(r"[)\]}:,; ]*", rest) else 0.87 if _JOINED.match(rest) else 0.5
            # Of the places before a run of closing brackets the earliest leaves the brackets outside of the string.
            prior -= 0.01 * (len(text[first:place]) / (stripped - first + 1))
            if place == first + 1:
                prior -= 0.2  # an empty string is seldom meant
            if rest[:1] in {" ", "\t"}:
                prior -= 0.03  # nobody leaves a blank between a string and the bracket after it
            yield f"Close the string with {quote}", ((place, place, quote),), prior
        for place in _breaks(text, start, first):
            before = text[start:place]
            prior = 0.8 if before.endswith((*_STARTS, *(f"{each} " for each in _OPERATORS), *_OPERATORS)) else 0.45
            prior -= 0.02 * (first - place) / (first - start + 1)  # what is nearer is less of the code
            if text[place] in {" ", "\t"} and before.endswith(_OPERATORS):
                prior -= 0.05  # the blank behind an operator is none of the string's
            yield f"Open the string with {quote}", ((place, place, quote),), prior
        yield f"Remove the stray {quote}", ((first, first + 1, ""),), 0.4
    for number, index in enumerate(quotes):
        other = "'" if text[index] == '"' else '"'
        # The quote that opens a string is more often the right one.
        prior = 0.84 + 0.01 * number / len(quotes)
        if other not in text[start:end]:
            prior = 0.3  # nothing for it to match
        yield f"Make the quotes match: {text[index]} → {other}", ((index, index + 1, other),), prior
        yield f"Escape the quote inside the string: {text[index]}", ((index, index, "\\"),), 0.7
        twin = text[index - 1 : index] == text[index] and text[index - 2 : index - 1] != text[index]
        yield f"Remove the stray {text[index]}", ((index, index + 1, ""),), 0.88 if twin else 0.42
    # `'it's here'`: the outer quotes become the other kind.
    for first in quotes:
        same = [index for index in quotes if index > first and text[index] == text[first]]
        if len(same) >= 2:
            other = "'" if text[first] == '"' else '"'
            if other not in text[first : same[-1]]:
                edit = ((first, first + 1, other), (same[-1], same[-1] + 1, other))
                yield f"Quote the string with {other}", edit, 0.72


def _breaks(text: str, start: int, end: int) -> Iterator[int]:
    """Offsets at which a string may plausibly start or end: next to blanks and punctuation, and both ends."""
    for place in range(start, end + 1):
        left = text[place - 1 : place] if place > start else ""
        right = text[place : place + 1] if place < end else ""
        if not left or not right or not (left.isalnum() and right.isalnum()):
            yield place


def _triple(context: Context) -> Iterator[Change]:
    """A triple-quoted string that runs to the end of the file: close it at the end of each of its lines."""
    for token in lex(context.text):
        match = re.match(r"(?i)[rbuft]{0,2}(\"\"\"|''')", token.text) if token.kind == "open-string" else None
        if match is None:
            continue
        quote = match[1]
        row, column = context.lines.position(token.start)
        indent = context.lines.line(row)[:column]
        for away in range(min(60, len(context.lines.starts) - row)):
            start, end = context.lines.bounds(row + away)
            line = context.text[start:end]
            if away == 0:
                end = max(end, token.start + len(match[0]))
            following = context.lines.line(row + away + 1) if row + away + 1 < len(context.lines.starts) else ""
            code = re.match(r"\s*(?:def|class|return|import|from|if|for|while|with|try|@)\b", following)
            prior = 0.85 if not following.strip() or code else 0.6
            yield f"Close the string with {quote}", ((end, end, quote),), prior - 0.01 * away
            if away and not line.strip():
                yield f"Close the string with {quote}", ((start, end, f"{indent}{quote}"),), prior - 0.02 * away
            for length in (2, 1):
                if line.rstrip().endswith(quote[:length]) and away:
                    stop = start + len(line.rstrip())
                    yield f"Close the string with {quote}", ((stop, stop, quote[length:]),), 0.9
        return


_CODE = re.compile(
    r"[ \t]*(?:@\w|(?:async )?def \w+\(|class \w|return\b|import \w|from [\w.]+ import|(?:if|for|while|with|elif) .*:$|"
    r"try:$|else:$|\w[\w.]* = |self\.\w+\b|raise \w+\()"
)


def _swallowed(context: Context) -> Iterator[Change]:
    """A triple-quoted string above the fault that swallows code up to the next one: close it before the code."""
    for token in lex(context.text):
        match = re.match(r"(?i)[rbuft]{0,2}(\"\"\"|''')", token.text)
        if token.kind not in {"string", "open-string"} or match is None or "\n" not in token.text:
            continue
        first, last = context.lines.position(token.start)[0], context.lines.position(token.end)[0]
        if first > context.fault.line or last < context.fault.line - 400:
            continue
        code = next((row for row in range(first + 1, last + 1) if _CODE.match(context.lines.line(row))), None)
        if code is None:
            continue
        quote = match[1]
        for row in range(code - 1, max(first, code - 4) - 1, -1):
            start, end = context.lines.bounds(row)
            line = context.text[start:end]
            if row == first or (line and not line.strip()):
                yield f"Close the string with {quote}", ((end, end, quote),), 0.9
            for length in (2, 1):
                if line.rstrip().endswith(quote[:length]) and not line.rstrip().endswith(quote) and row > first:
                    stop = start + len(line.rstrip())
                    yield f"Close the string with {quote}", ((stop, stop, quote[length:]),), 0.93
                    break
            if line.strip() and row > first:
                yield f"Close the string with {quote}", ((end, end, quote),), 0.84
                break


REPAIR = Repair("unbalanced-quote", "Close, open, match or escape a quote", propose)
