"""What it does
    Writes the colon between a key and its value, in the literal of a map, where a comma stands or nothing.

Example
    ``map[byte]int{'I': 1, 'V', 5}``

Use instead
    ``map[byte]int{'I': 1, 'V': 5}``

When it stays silent
    Nothing follows that could be the value.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.message != "missing key in map literal":
        return
    tree = go.tree_of(context.text)
    element = up(tree.at(context.offset), "literal_element")
    following = element.next_named_sibling if element is not None else None
    if element is None or following is None or following.type != "literal_element":
        return
    between = (tree.end(element), tree.start(following))
    if tree.text[slice(*between)].strip() == ",":
        yield context.edit("Write `:` behind the key", [(*between, ": ")], 0.95)


REPAIR = Repair("go-literal-key", "Write the colon behind a key", propose, languages=("go",))
