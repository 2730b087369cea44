"""What it does
    Lets objects be compared by size where they are sorted: a dataclass by its fields, rows by their first value where
    the rest of them cannot be compared.

Example
    ``@dataclass class Version:`` and then ``max(versions)``; ``min((cost, node) for …)`` with nodes that have no order

Use instead
    ``@dataclass(order=True)``; ``min(…, key=lambda pair: pair[0])``

When it stays silent
    The class is no dataclass, or has an order of its own, and what is compared are no rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..grammar import Splice
from ..origins import Site, arguments_of, callee, field_of, items, mendable, origins
from ..repair import Context, Draft, Repair
from .unhashable_class import classes

_COMPARED = re.compile(r"^'[<>]=?' not supported between instances of '(?P<left>[\w.]+)' and '(?P<right>[\w.]+)'")
_FOLDS = frozenset({"min", "max", "sorted", "sort", "nsmallest", "nlargest"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _COMPARED.match(fault.message)
    if fault.exception != "TypeError" or match is None or match["left"] != match["right"]:
        return
    for site, node in classes(context, match["left"].rpartition(".")[2]):
        yield from _ordered(site, node)
    every = mendable(context)
    for site in every[:2]:
        for call in site.nodes("call"):
            if callee(call) in _FOLDS and "key=" not in site.code(field_of(call, "arguments") or call):
                yield from _by_first(every, site, call, 0.05 * site.away)


def _ordered(site: Site, node: Node) -> Iterator[Draft]:
    parent = node.parent
    if parent is None or parent.type != "decorated_definition":
        return
    for each in parent.named_children:
        text = site.code(each)
        match = re.match(r"@((?:\w+\.)?dataclass)(?:\((.*)\))?$", text, re.DOTALL)
        if each.type != "decorator" or match is None or "order=" in text:
            continue
        given = f"{match[2].rstrip().rstrip(',')}, order=True" if match[2] and match[2].strip() else "order=True"
        yield site.put("Order the class by its fields", each, f"@{match[1]}({given})", 0.9)


def _by_first(every: list[Site], site: Site, call: Node, malus: float) -> Iterator[Draft]:
    """Rows that are equal in their first value go on to compare the second."""
    function = field_of(call, "function")
    owner = field_of(function, "object") if function is not None else None
    source = owner if callee(call) == "sort" else next(iter(arguments_of(call)[-1:]), None)
    if source is None:
        return
    rows = items(site, source, (), 2)
    rows += [row for _, value, _ in origins(every, site, source, 2) for row in items(site, value, (), 2)]
    if not any(row.type == "tuple" for row in rows):
        return
    yield site.edit("Compare the first values only", _argument(site, call, "key=lambda pair: pair[0]"), 0.8 - malus)


def _argument(site: Site, call: Node, said: str) -> list[Splice]:
    arguments = field_of(call, "arguments")
    given = arguments_of(call)
    if arguments is not None and arguments.type == "generator_expression":
        start, end = site.span(arguments)
        return [(start, start, "("), (end, end, f", {said})")]
    end = site.span(given[-1])[1] if given else site.span(call)[1] - 1
    return [(end, end, f", {said}" if given else said)]


REPAIR = Repair("unordered-class", "Let what is sorted be compared", propose)
