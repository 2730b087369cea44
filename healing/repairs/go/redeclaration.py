"""What it does
    Assigns to a variable that is there already, or declares one that is not: ``=`` for ``:=`` and the reverse.

Example
    ``total := total + 5`` where ``total`` is declared above.

Use instead
    ``total = total + 5``

When it stays silent
    There is no assignment where the compiler says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_UNDEFINED = re.compile(r"^undefined: (?P<name>\w+)$")


#: ``c.Name := 1``: what is there is assigned to, not declared.
_NO_NAME = re.compile(r"non-name .+ on left side of :=")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    tree = go.tree_of(context.text)
    if fault.message.startswith("no new variables on left side of :=") or _NO_NAME.search(fault.message):
        start, end = context.lines.bounds(fault.line)
        place = context.text.find(":=", start, end)
        if place >= 0:
            yield context.edit("Assign to the variable that is there", [(place, place + 2, "=")], 0.97)
        return
    match = _UNDEFINED.search(fault.message)
    node = up(tree.at(context.offset), "assignment_statement") if match else None
    if match is None or node is None:
        return
    left, sign = node.child_by_field_name("left"), node.child_by_field_name("operator")
    if left is not None and sign is not None and tree.of(sign) == "=" and tree.of(left) == match["name"]:
        title = f"Declare `{match['name']}`"
        yield context.edit(title, [(tree.start(sign), tree.end(sign), ":=")], 0.85)


REPAIR = Repair("go-redeclaration", "Exchange assignment and declaration", propose, languages=("go",))
