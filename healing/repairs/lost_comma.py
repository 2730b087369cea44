"""What it does
    Puts the comma back between two items of a list, tuple or call, where the second one was read as a call or an index
    of the first.

Example
    ``[("a", 1) ("b", 2)]``, ``[[1, 2] [3, 4]]``

Use instead
    ``[("a", 1), ("b", 2)]``, ``[[1, 2], [3, 4]]``

When it stays silent
    What is called or indexed is not written there as a literal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..origins import field_of, mendable
from ..repair import Context, Draft, Repair

_CALLED = re.compile(r"^'(?:tuple|list|str|dict|set|int|float|NoneType)' object is not callable")
_INDEXED = re.compile(r"^(?:list|tuple|string) indices must be integers|^'(?:set|int|float)' object is not sub")
_LITERALS = frozenset(
    (
        *("tuple", "list", "dictionary", "set", "string", "integer", "float", "concatenated_string", "none"),
        "parenthesized_expression",
    )
)
_ROWS = frozenset({"tuple", "list", "set", "argument_list", "dictionary", "expression_list", "pair"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "TypeError":
        return
    kind, name = ("call", "function") if _CALLED.match(fault.message) else ("subscript", "value")
    if kind == "subscript" and not _INDEXED.match(fault.message):
        return
    for site in mendable(context)[:1]:
        for node in site.nodes(kind):
            first = field_of(node, name)
            if first is None or first.type not in _LITERALS or node.parent is None or node.parent.type not in _ROWS:
                continue
            end = site.span(first)[1]
            yield site.edit("Insert the comma between the items", [(end, end, ",")], 0.95)


REPAIR = Repair("lost-comma", "Put a comma between two items", propose)
