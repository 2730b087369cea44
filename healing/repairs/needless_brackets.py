"""What it does
    Takes the brackets away from a list of one element where the element itself was meant.

Example
    ``total(3, [count])`` of two numbers

Use instead
    ``total(3, count)``

When it stays silent
    The message does not speak of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..origins import mendable
from ..repair import Context, Draft, Repair

_LIST = re.compile(r"'list'|\"list\"|\blist found|not list\b|of type 'list'")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception not in {"TypeError", "AttributeError"} or not _LIST.search(fault.message):
        return
    for site in mendable(context)[:5]:
        for node in site.nodes("list"):
            if node.named_child_count == 1 and node.named_children[0].type not in {"list_splat", "comment"}:
                inner = site.code(node.named_children[0])
                yield site.put(f"Give `{inner[:30]}` without brackets", node, inner, 0.72 - 0.05 * site.away)


REPAIR = Repair("needless-brackets", "Take the brackets away from a list of one", propose)
