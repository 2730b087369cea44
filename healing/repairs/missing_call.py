# ruff: noqa: E501
"""What it does
    Calls a function, method or class that was taken as a value: where it is used, or where the value was assigned,
    passed or returned.

Example
    ``name = user.name.strip`` and then ``name.split()``; ``queue = OrderedDict``

Use instead
    ``name = user.name.strip()``; ``queue = OrderedDict()``

When it stays silent
    The message does not speak of a function, a method or a class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, field_of, mendable, origins
from ..repair import Context, Draft, Repair

_KINDS = (
    r"(?:method|function|builtin_function_or_method|method_descriptor|type|ABCMeta|EnumType|EnumMeta|wrapper_descriptor|\
method-wrapper|_lru_cache_wrapper|property|classmethod_descriptor)"
)
_SPEAKS = re.compile(
    rf"'{_KINDS}' (?:object|and|has)|(?:and|of type|between instances of) '{_KINDS}'|expected str instance, {_KINDS} found|"
    rf"not {_KINDS}\b|unbound method|descriptor '\w+'|needs an argument|^type object '\w+' has no attribute|"
    rf"missing 1 required positional argument: 'self'|^[A-Z]\w*\.\w+\(\) missing 1 required positional|not \"?{_KINDS}|^(?:'type'|type) "
)
_NAMES = frozenset(
    {"method", "function", "builtin_function_or_method", "type", "ABCMeta", "EnumType", "method-wrapper",
     "_lru_cache_wrapper"}
)  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception not in {"TypeError", "AttributeError"} or not _SPEAKS.search(fault.message):
        return
    every = mendable(context)
    seen: set[tuple[str, int]] = set()
    for site in every[:1]:
        for node in site.nodes("attribute"):
            owner = field_of(node, "object")
            if owner is not None and site.code(owner) == "super":  # the type itself has nothing that is asked for
                end = site.span(owner)[1]
                yield site.edit("Call `super`", [(end, end, "()")], 0.96)
    for site in every[:3]:
        for rank, node in enumerate(_values(site)):
            malus = 0.06 * site.away + 0.02 * min(rank, 6)
            for place, value, steps in [(site, node, 0), *origins(every, site, node)]:
                key = (place.file, value.end_byte)
                if key in seen or not _uncalled(value):
                    continue
                known = place.kind(value)
                if known is not None and known not in _NAMES:
                    continue
                if steps == 0 and value.type == "identifier" and known is None and not _names_function(place, value):
                    continue
                seen.add(key)
                end = place.span(value)[1]
                likely = 0.0 if value.type == "attribute" or known or place.code(value)[:1].isupper() else 0.15
                bonus = 0.04 if steps else 0.0
                title = f"Call `{place.code(value)[:40]}`"
                yield place.edit(title, [(end, end, "()")], 0.86 + bonus - likely - malus)


def _values(site: Site) -> list[Node]:
    found = site.nodes("attribute", "identifier", "call")
    return [node for node in found if node.parent is not None and not _part(node.parent, node)]


def _part(parent: Node, node: Node) -> bool:
    return (
        (parent.type == "attribute" and field_of(parent, "attribute") == node)
        or (parent.type == "keyword_argument" and field_of(parent, "name") == node)
        or (parent.type in {"assignment", "for_statement", "for_in_clause"} and field_of(parent, "left") == node)
        or parent.type in {"parameters", "dotted_name", "pattern_list", "function_definition"}
    )


def _uncalled(value: Node) -> bool:
    parent = value.parent
    if value.type not in {"attribute", "identifier"} or parent is None:
        return False
    return not (parent.type == "call" and field_of(parent, "function") == value)


def _names_function(site: Site, node: Node) -> bool:
    name = re.escape(site.code(node))
    return (
        re.search(rf"^[ \t]*(?:def|class|async def)[ \t]+{name}\b|import.*\b{name}\b", site.text, re.MULTILINE)
        is not None
    )


REPAIR = Repair("missing-call", "Call the function, method or class that was taken as a value", propose)
