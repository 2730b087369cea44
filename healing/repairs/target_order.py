"""What it does
    Exchanges the two targets of a loop or an assignment whose values come in the other order.

Example
    ``for count, name in stock.items():`` and then ``name.upper()``

Use instead
    ``for name, count in stock.items():``

When it stays silent
    Nothing on the line of the fault is bound by two targets at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, field_of, mendable, walk
from ..repair import Context, Draft, Repair

_EXCEPTIONS = frozenset({"TypeError", "AttributeError", "KeyError", "IndexError", "ValueError"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception not in _EXCEPTIONS or "NoneType" in fault.message:
        return
    for site in mendable(context)[:2]:
        words = set(re.findall(r"[^\W\d]\w*", site.text.split("\n")[site.line]))
        for pattern in _pairs(site):
            first, second = pattern.named_children
            names = site.code(first), site.code(second)
            if first.type == second.type == "identifier" and words & set(names) and names[0] != names[1]:
                both = words >= set(names)
                title = f"Take `{names[1]}` before `{names[0]}`"
                splices = [(*site.span(first), names[1]), (*site.span(second), names[0])]
                yield site.edit(title, splices, 0.58 + 0.05 * both - 0.06 * site.away)


def _pairs(site: Site) -> Iterator[Node]:
    """Patterns of two targets in the function of a site, those of loops and of assignments."""
    for node in walk(site.function):
        if node.type in {"for_statement", "for_in_clause", "assignment"} and node.start_point[0] <= site.line:
            left = field_of(node, "left")
            if left is not None and left.type in {"pattern_list", "tuple_pattern"} and left.named_child_count == 2:
                yield left


REPAIR = Repair("target-order", "Exchange two targets whose values come in the other order", propose)
