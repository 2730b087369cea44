"""What a function puts into its own collections: ``found[key] = []``, ``found.setdefault(key, set())``,
``rows.append((name, parts))``.

Invariant: pure; the order of statements does not count, nor what other functions put there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tree_sitter import Node

from .calls import arguments_of, method_of

if TYPE_CHECKING:
    from .syntax import Unit

#: Of as many values the kinds are compared.
MANY = 8
_PUTS: Mapping[str, int] = {"append": 1, "appendleft": 1, "add": 1, "insert": 2, "setdefault": 2}
_DISPLAYS = frozenset({"tuple", "list", "expression_list"})


def stored(unit: Unit, nodes: Iterable[Node]) -> dict[str, list[Node]]:
    """The values that assignments to parts and calls put into what, by its text."""
    found: dict[str, list[Node]] = {}
    for node in nodes:
        if node.type == "assignment":
            left, value = node.child_by_field_name("left"), node.child_by_field_name("right")
            index = left.child_by_field_name("subscript") if left is not None and left.type == "subscript" else None
            owner = left.child_by_field_name("value") if left is not None and index is not None else None
            if index is None or index.type == "slice":
                continue
        elif node.type == "call":
            called = method_of(unit, node)
            if called is None or called[1] not in _PUTS:
                continue
            owner, listed = called[0], arguments_of(node)
            value = listed[-1] if len(listed) == _PUTS[called[1]] else None
        else:
            continue
        if owner is not None and value is not None:
            name = unit.text(owner)
            if not unit.text(value).startswith(name):
                found.setdefault(name, []).append(value)
    return found


def parts_at(displays: Sequence[Node], position: int, count: int) -> list[Node]:
    """What stands at a position of tuples or lists that are written down with ``count`` elements each; empty if one of
    them is not."""
    if not displays or any(each.type not in _DISPLAYS or each.named_child_count != count for each in displays):
        return []
    return [each.named_children[position] for each in displays]
