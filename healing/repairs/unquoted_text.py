"""What it does
    Quotes an undefined name that stands where text does: among other strings, as a key, beside a comparison.

Example
    ``row[price]`` with rows like ``{"price": 3}``, ``["name", count]``

Use instead
    ``row["price"]``, ``["name", "count"]``

When it stays silent
    The name is called or has an attribute, or nothing near it is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..names import undefined_name
from ..origins import Site, field_of, mendable, sites
from ..repair import Context, Draft, Repair


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    name = undefined_name(fault)
    if not name or fault.exception != "NameError":
        return
    literal = re.compile(rf"(['\"]){re.escape(name)}\1")
    known = any(literal.search(each.text) for each in sites(context))
    for site in mendable(context)[:1]:
        for node in site.nodes("identifier"):
            if site.code(node) == name and node.parent is not None:
                prior = _likely(site, node, node.parent, known)
                if prior:
                    yield site.put(f"Quote `{name}`", node, f'"{name}"', prior)


def _likely(site: Site, node: Node, parent: Node, known: bool) -> float:
    if parent.type in {"attribute", "call"} and (field_of(parent, "object") or field_of(parent, "function")) == node:
        return 0.0
    if parent.type in {"list", "tuple", "set", "argument_list", "expression_list"}:
        texts = [child for child in parent.named_children if child.type in {"string", "concatenated_string"}]
        others = len(parent.named_children) - 1
        if _column(node, parent):
            return 0.9
        if others and len(texts) == others and parent.type != "argument_list":
            return 0.93
        return (0.62 if texts else 0.3) if known or texts else 0.0
    if parent.type == "subscript" and field_of(parent, "value") != node:
        return 0.92 if known else 0.66
    if parent.type == "pair" and field_of(parent, "key") == node:
        return 0.88
    if parent.type == "comparison_operator":
        return 0.8 if known else 0.4
    if parent.type in {"pair", "keyword_argument", "assignment", "return_statement", "binary_operator"}:
        return 0.6 if known else 0.25
    return 0.3 if known else 0.0


def _column(node: Node, row: Node) -> bool:
    """Whether the other rows of a table have text at the place of ``node``."""
    table = row.parent
    if table is None or table.type not in {"list", "tuple", "set"}:
        return False
    index = row.named_children.index(node)
    rows = [each for each in table.named_children if each != row and each.type == row.type]
    return bool(rows) and all(
        len(each.named_children) > index and each.named_children[index].type == "string" for each in rows
    )


REPAIR = Repair("unquoted-text", "Quote an undefined name that stands where text does", propose)
