"""What it does
    Takes what the failing check expects, if that is an empty value, where a sequence has no such place: the last part
    of a text that was not divided, the first of a list that is empty.

Example
    ``parts = name.rsplit(".", 1)`` and then ``parts[1]``

Use instead
    ``parts[1] if len(parts) > 1 else ""``

When it stays silent
    The place is not a plain number, or the check expects no empty value.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import cast

from ..fault import Fault
from ..origins import expected, field_of, mendable
from ..repair import Context, Draft, Repair

#: Where a choice needs no brackets.
_PLACES = frozenset(
    {"return_statement", "assignment", "argument_list", "pair", "keyword_argument", "list_comprehension"}
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "IndexError":
        return
    values = list(dict.fromkeys(each for text in expected(context) for each in _empty(text)))
    for site in mendable(context)[:2]:
        for node in site.nodes("subscript"):
            owner, keys, parent = field_of(node, "value"), node.children_by_field_name("subscript"), node.parent
            if owner is None or len(keys) != 1 or parent is None or owner.type not in {"identifier", "attribute"}:
                continue
            if parent.type in {"assignment", "augmented_assignment"} and field_of(parent, "left") == node:
                continue
            key, table = site.code(keys[0]), site.code(owner)
            if not re.fullmatch(r"-?\d+", key):
                continue
            condition = table if key in {"0", "-1"} else f"len({table}) > {key}"
            if key.startswith("-") and key != "-1":
                condition = f"len({table}) >= {key[1:]}"
            loose = parent.type not in _PLACES
            for rank, value in enumerate(values[:3]):
                new = f"{site.code(node)} if {condition} else {value}"
                prior = 0.86 - 0.04 * rank - 0.05 * site.away
                yield site.put(f"Take `{value}` where there is no `{site.code(node)[:30]}`", node,
                               f"({new})" if loose else new, prior)  # fmt: skip


def _empty(text: str) -> Iterator[str]:
    """The empty values in what a check expects."""
    try:
        waiting: list[object] = [ast.literal_eval(text)]
    except (ValueError, SyntaxError):
        return
    while waiting:
        value = waiting.pop()
        if value is None or (isinstance(value, str) and not value):
            yield "None" if value is None else '""'
        elif isinstance(value, dict):
            table = cast("dict[object, object]", value)
            waiting += [*table, *table.values()]
        elif isinstance(value, list | tuple | set):
            waiting += list(cast("list[object]", value))


REPAIR = Repair("index-choice", "Take an empty value where a sequence has no such place", propose)
