"""What it does
    Makes a list of what gives its items only once, where it is gone through twice.

Example
    ``numbers = (int(part) for part in parts)``, and then ``max(numbers) - min(numbers)``

Use instead
    ``numbers = [int(part) for part in parts]``

When it stays silent
    Nothing was empty, or no name on the line holds what is made one by one and is mentioned before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import MAX_STEPS, Site, callee, functions_named, mendable, origins, walk
from ..repair import Context, Draft, Repair

_EMPTY = re.compile(r"arg is an empty sequence|iterable argument is empty|of empty (?:iterable|sequence)|empty data|"
                    r"division by zero|not enough values to unpack|requires at least (?:one|two) data|"
                    r"no (?:mode|median)|"
                    r"index out of range")  # fmt: skip
_LAZY = frozenset({"map", "filter", "zip", "reversed", "iter", "reader", "chain", "islice", "finditer", "enumerate"})
_KINDS = re.compile(r"^(?:map|filter|zip|generator|reversed|enumerate|_csv\.reader|reader|\w*_?iterator|chain|islice)$")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if not (_EMPTY.search(fault.message) or fault.exception.rpartition(".")[2] == "StopIteration"):
        return
    every = mendable(context)
    seen: set[tuple[str, int]] = set()
    for site in every[:2]:
        used = _names_on_the_way(site)
        for name, node in used.items():
            if not _is_lazy(site, node):
                continue
            for place, value, steps in origins(every, site, node, MAX_STEPS):
                if steps == 1 and (place.file, value.start_byte) not in seen and _gives_once(place, value):
                    seen.add((place.file, value.start_byte))
                    text = place.code(value)
                    inner = text[1:-1] if value.type == "generator_expression" else text
                    new = f"[{inner}]" if value.type == "generator_expression" else f"list({text})"
                    yield place.put(f"Make a list of `{name}`", value, new, 0.92 - 0.05 * site.away)


def _names_on_the_way(site: Site) -> dict[str, Node]:
    """The names in the function that are mentioned more than once besides where they are set, by their last mention
    up to the line."""
    counts: dict[str, int] = {}
    found: dict[str, Node] = {}
    for node in walk(site.function):
        if node.type == "identifier" and node.start_point[0] <= site.line:
            name = site.code(node)
            counts[name] = counts.get(name, 0) + 1
            found[name] = node
    return {name: node for name, node in found.items() if counts[name] >= 3}


def _is_lazy(site: Site, node: Node) -> bool:
    known = site.types.get(site.code(node))
    return known is None or _KINDS.match(known.rpartition(".")[2]) is not None


def _gives_once(site: Site, value: Node) -> bool:
    """Whether an expression gives its items one by one, as far as the file tells."""
    if value.type == "generator_expression":
        return True
    if value.type != "call":
        return False
    name = callee(value)
    if name in _LAZY:
        return True
    for function in functions_named(site.text, name):
        for each in walk(function, nested=False):
            if each.type == "yield":
                return True
            if each.type == "return_statement" and any(
                child.type == "generator_expression" or (child.type == "call" and callee(child) in _LAZY)
                for child in each.named_children
            ):
                return True
    return False


REPAIR = Repair("consumed-iterator", "Make a list of what is gone through twice", propose)
