"""What it does
    Keeps a collection where the None of a method that changes it in place was kept: calls the method as a statement,
    or takes ``sorted`` and ``reversed`` where the result is used.

Example
    ``items = items.append(x)``, ``names = table.keys().sort()``, ``return rows.sort()``

Use instead
    ``items.append(x)``, ``names = sorted(table.keys())``, ``return sorted(rows)``

When it stays silent
    No result of such a method is used in the functions that the fault went through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, arguments_of, field_of, mendable, walk
from ..repair import Context, Draft, Repair

_METHODS = frozenset(
    ("append", "extend", "insert", "remove", "add", "update", "sort", "reverse", "clear", "discard", "appendleft")
)
_MISSING = re.compile(r"has no attribute '(?:sort|reverse)'")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception not in {"TypeError", "AttributeError", "AssertionError"}:
        return
    if "NoneType" not in fault.message and not _MISSING.search(fault.message) and fault.exception != "AssertionError":
        return
    missing = _MISSING.search(fault.message) is not None
    seen: set[tuple[str, int]] = set()
    for site in mendable(context)[:4]:
        root = site.function if not site.checks else site.tree.tree.root_node
        for node in walk(root):
            if node.type != "call" or (site.file, node.start_byte) in seen:
                continue
            seen.add((site.file, node.start_byte))
            here = node.start_point[0] == site.line
            # What stands in round brackets was meant to be a list, which is sorted here.
            lazy = 0.25 if missing and here and "'generator'" in fault.message else 0.0
            yield from _call(site, node, 0.93 - lazy - 0.04 * site.away - (0.0 if here else 0.03), missing and here)
    if fault.exception == "AssertionError" or not seen:
        return
    site = mendable(context)[0]
    for node in walk(site.tree.tree.root_node):
        if node.type == "call" and (site.file, node.start_byte) not in seen:
            yield from _call(site, node, 0.75, False)


def _call(site: Site, node: Node, prior: float, missing: bool) -> Iterator[Draft]:
    function = field_of(node, "function")
    name = field_of(function, "attribute") if function is not None and function.type == "attribute" else None
    owner = field_of(function, "object") if function is not None and function.type == "attribute" else None
    parent = node.parent
    if name is None or owner is None or parent is None or site.code(name) not in _METHODS:
        return
    method, said = site.code(name), site.code(owner)
    if parent.type == "assignment" and field_of(parent, "right") == node:
        left = field_of(parent, "left")
        if left is not None and site.code(left) == said:
            yield site.put(f"Call `{method}` as a statement", parent, site.code(node), prior)
            return
    elif parent.type == "expression_statement" and not missing:
        return
    given = ", ".join(site.code(each) for each in arguments_of(node))
    if method == "sort":
        new = f"sorted({said}{', ' if given else ''}{given})"
        if parent.type == "expression_statement":
            new = f"{said} = {new}"
        yield site.put(f"Use `sorted({said})`", node, new, prior)
    elif method == "reverse":
        yield site.put(f"Use `{said}[::-1]`", node, f"{said}[::-1]", prior)
    elif method in {"append", "extend"} and parent.type != "expression_statement":
        items = f"[{given}]" if method == "append" else f"list({given})"
        yield site.put(f"Join `{said}` and the new items", node, f"{said} + {items}", prior - 0.15)
    elif method == "add" and parent.type != "expression_statement":
        yield site.put(f"Join `{said}` and the new item", node, f"{said} | {{{given}}}", prior - 0.15)


REPAIR = Repair("in-place-result", "Keep the collection, not the None of a method that changes it", propose)
