"""What it does
    Makes a function asynchronous that awaits, and takes ``await`` away where nothing can be awaited.

Example
    ``def load(name): return await fetch(name)``

Use instead
    ``async def load(name): return await fetch(name)``

When it stays silent
    The message is not about ``await`` or ``async`` outside of a coroutine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..grammar import Splice
from ..layout import logical_lines
from ..repair import Context, Draft, Repair

_OUTSIDE = re.compile(r"outside (?:of )?async|outside function|asynchronous comprehension")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "syntax" or not _OUTSIDE.search(fault.message):
        return
    if not re.search(r"await|async", fault.message):
        return
    changes: list[tuple[str, tuple[Splice, ...], float]] = []
    lines = logical_lines(context.text)
    at = max((i for i, line in enumerate(lines) if line.first <= fault.line), default=0)
    width = lines[at].width
    for line in reversed(lines[:at]):
        if line.width < width:
            width = line.width
            if line.head == "def":
                start = line.tokens[0].start
                changes.append((f"Make `{line.tokens[1].text}` asynchronous", ((start, start, "async "),), 0.94))
                break
    for token in lines[at].tokens:
        if token.text in {"await", "async"}:
            changes.append((f"Take `{token.text}` away", ((token.start, token.end + 1, ""),), 0.5))
    yield from context.parsing(changes)


REPAIR = Repair("lost-async", "Make a function asynchronous that awaits", propose)
