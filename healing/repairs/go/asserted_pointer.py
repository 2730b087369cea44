"""What it does
    Asserts a pointer, or names one in a type switch, where only the pointer has the methods of the interface.

Example
    ``_, ok := shape.(Circle)``, where ``func (c *Circle) Area() float64``

Use instead
    ``_, ok := shape.(*Circle)``

When it stays silent
    The type lacks a method for another reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fault import Fault
from ...repair import Context, Draft, Repair

_IMPOSSIBLE = re.compile(
    r"^impossible type (?:assertion: .+\.\((?P<type>[\w.]+)\)"
    r"|switch case: [^`]* cannot have dynamic type (?P<case>[\w.]+))"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _IMPOSSIBLE.search(fault.message)
    if match is None or "pointer receiver" not in fault.message or fault.line < 0:
        return
    kind = match["type"] or match["case"]
    start, end = context.lines.bounds(fault.line)
    before = r"\.\(\s*" if match["type"] else r"(?:\bcase\s+|,\s*)"
    for found in re.finditer(rf"{before}(?={re.escape(kind)}\b)", context.text[start:end]):
        place = start + found.end()
        yield context.edit(f"Write `*{kind}`", [(place, place, "*")], 0.95)


REPAIR = Repair("go-asserted-pointer", "Assert a pointer, which has the methods", propose, languages=("go",))
