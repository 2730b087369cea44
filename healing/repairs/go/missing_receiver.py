"""What it does
    Reads a field or calls a method through the receiver, where its bare name is not known.

Example
    ``return total`` in ``func (c *counter) add() int``, and ``total`` is a field of ``counter``.

Use instead
    ``return c.total``

When it stays silent
    The receiver's type has no such field or method.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_UNDEFINED = re.compile(r"^undefined: (?P<name>\w+)$")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _UNDEFINED.search(fault.message)
    tree = go.tree_of(context.text)
    method = up(tree.at(context.offset), "method_declaration") if match else None
    if match is None or method is None or not context.text.startswith(match["name"], context.offset):
        return
    kind = go.receiver_type(tree, method).lstrip("*")
    receiver = re.match(r"\(\s*(\w+)\s", tree.field(method, "receiver"))
    fields = {name for name, _ in go.structs(context.workspace, context.name).get(kind, ())}
    methods = {
        other.field(node, "name")
        for _, other, node in go.functions(context.workspace, context.name)
        if node.type == "method_declaration" and go.receiver_type(other, node).lstrip("*") == kind
    }
    if receiver and match["name"] in fields | methods:
        title = f"Write `{receiver[1]}.{match['name']}`"
        yield context.edit(title, [(context.offset, context.offset, f"{receiver[1]}.")], 0.97)


REPAIR = Repair("go-missing-receiver", "Go through the receiver to a field or method", propose, languages=("go",))
