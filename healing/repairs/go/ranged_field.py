"""What it does
    Walks over the list, map or channel that a struct holds, where the struct itself is walked over.

Example
    ``for _, each := range playlist``, where ``type playlist struct { songs []song }``

Use instead
    ``for _, each := range playlist.songs``

When it stays silent
    The struct is not of this package, or holds nothing that can be walked over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_RANGE = re.compile(
    r"^cannot range over (?P<value>.+?) \(.*?of (?:struct )?type \*?(?:\w+\.)?(?P<type>\w+)(?:\[.*\])?(?: .*)?\)"
)
_WALKED = re.compile(r"\[|map\[|chan |<-chan |iter\.Seq")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _RANGE.search(fault.message)
    if match is None:
        return
    fields = go.structs(context.workspace, context.name).get(match["type"], ())
    found = [name for name, kind in fields if _WALKED.match(kind)]
    tree = go.tree_of(context.text)
    clause = up(tree.at(context.offset), "range_clause")
    value = clause.child_by_field_name("right") if clause is not None else None
    if clause is None or value is None:
        return
    pair = "," in tree.field(clause, "left")
    for name in found:
        keyed = dict(fields)[name].startswith("map[")
        prior = (0.92 if len(found) == 1 else 0.7) - (0.02 if keyed and not pair else 0.0)
        yield context.edit(
            f"Walk over `{match['value']}.{name}`", [(tree.end(value), tree.end(value), f".{name}")], prior
        )


REPAIR = Repair("go-ranged-field", "Walk over what a struct holds", propose, languages=("go",))
