"""What it does
    Inside the fields of an f-string, replaces the quotes that also end the string. Python 3.12 allows them, older
    versions do not.

Example
    ``f"{item["name"]}"``

Use instead
    ``f"{item['name']}"``

When it stays silent
    The line holds no f-string with its own quote inside a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..grammar import Splice
from ..repair import Context, Draft, Repair

_START = re.compile(r"(?<![\w'\"])(?:[fF][rR]?|[rR][fF])(['\"])(?!\1\1)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax" or fault.line < 0:
        return
    changes: list[tuple[str, tuple[Splice, ...], float]] = []
    for row in {max(fault.line - 1, 0), fault.line}:
        start, end = context.lines.bounds(min(row, len(context.lines.starts) - 1))
        for match in _START.finditer(context.text, start, end):
            quote = match[1]
            other = "'" if quote == '"' else '"'
            inner = _inside_fields(context.text, match.end(), end, quote)
            if inner:
                changes.append((f"Use {other} inside the f-string", tuple((i, i + 1, other) for i in inner), 0.93))
    yield from context.parsing(changes)


def _inside_fields(text: str, start: int, end: int, quote: str) -> list[int]:
    """Offsets of ``quote`` inside ``{…}``, up to the one that ends the string."""
    depth, found = 0, list[int]()
    for index in range(start, end):
        char = text[index]
        if char == "{":
            depth += 1
        elif char == "}":
            depth = max(depth - 1, 0)
        elif char == quote:
            if depth == 0:
                return found
            found.append(index)
    return []


REPAIR = Repair("nested-quote", "Replace the quotes inside an f-string's fields", propose)
