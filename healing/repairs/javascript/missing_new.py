"""What it does
    Writes ``new`` before a class that is called.

Example
    ``let sum = Point(0, 0);``

Use instead
    ``let sum = new Point(0, 0);``

When it stays silent
    What is called is no class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fault import Fault
from ...javascript.names import here
from ...repair import Context, Draft, Repair

_CALLED = re.compile(
    r"Class constructor (?P<name>[\w$]+) cannot be invoked without|^(?:Constructor )?(?P<other>[\w$]+) requires 'new'"
    r"|Value of type 'typeof (?P<ts>[\w$]+)' is not callable"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _CALLED.search(fault.message)
    if match is None:
        return
    name = match["name"] or match["other"] or match["ts"]
    for token in here(context, name):
        called = context.text[token.end :].lstrip().startswith("(")
        if called and not re.search(r"(?:\bnew|[.\w])\s*$", context.text[: token.start].rstrip(" ")):
            yield context.edit(f"Write `new {name}`", [(token.start, token.start, "new ")], 0.96)
            return
    if fault.line >= 0:  # an alias of the class, or a member
        start, end = context.lines.bounds(fault.line)
        for found in re.finditer(rf"(?<!new )\b(?=[\w$.]*{re.escape(name)}\()", context.text[start:end]):
            at = start + found.start()
            yield context.edit("Write `new`", [(at, at, "new ")], 0.85)
            return


REPAIR = Repair(
    "js-missing-new", "Write new before a class that is called", propose, languages=("javascript", "typescript")
)
