"""What it does
    Moves the statements that use a file or connection into the ``with`` block that has closed it.

Example
    ``with open(path) as stream: rows = csv.reader(stream)`` and then ``for row in rows:`` below it

Use instead
    the loop inside of the ``with`` block

When it stays silent
    No ``with`` stands before the line in its block, or nothing was closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..origins import mendable, statement
from ..repair import Context, Draft, Repair

_CLOSED = re.compile(r"I/O operation on closed|(?:read|write|seek) of closed file|Cannot operate on a closed|"
                     r"is closed$|that was already closed")  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if not _CLOSED.search(fault.message):
        return
    for site in mendable(context)[:3]:
        line = next(iter(site.nodes("call", "for_statement", "attribute", "identifier")), None)
        if line is None:
            continue
        place = statement(line)
        before = place.prev_named_sibling
        moved = [place]
        while before is not None and before.type != "with_statement":
            moved.insert(0, before)
            before = before.prev_named_sibling
        if before is None:
            continue
        start, end = site.span(moved[0])[0], site.span(moved[-1])[1]
        begin = site.text.rfind("\n", 0, start) + 1
        lines = site.text[begin:end].split("\n")
        unit = "\t" if lines[0].startswith("\t") else "    "
        new = "\n".join(f"{unit}{each}" if each.strip() else each for each in lines)
        gap = site.text[site.span(before)[1] : begin]
        edits = [(begin, end, new)]
        if gap.count("\n") > 1:
            edits.insert(0, (site.span(before)[1], begin, "\n"))
        yield site.edit("Move it into the `with` block", edits, 0.92 - 0.06 * site.away)


REPAIR = Repair("closed-file", "Use a file while it is open", propose)
