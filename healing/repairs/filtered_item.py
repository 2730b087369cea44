"""What it does
    Leaves out the items that cannot be used: empty text where a number is read, text without the separator where parts
    are taken, what is not in a list where it is removed from it.

Example
    ``[int(part) for part in line.split(",")]`` for ``"1,,2"``; ``dict(part.split("=") for part in parts)``

Use instead
    ``[int(part) for part in line.split(",") if part.strip()]``; ``dict(… for part in parts if "=" in part)``

When it stays silent
    The value is neither an item of a comprehension nor of a loop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...analyzers.syntax import enclosing
from ..fault import Fault
from ..origins import Site, arguments_of, callee, field_of, mendable, statement, walk
from ..repair import Context, Draft, Repair
from .missing_guard import guarded

_EMPTY = re.compile(
    r"^invalid literal for int\(\) with base \d+: '\s*'|^could not convert string to float: '\s*'|"
    r"^Expecting value: line 1 column 1 \(char 0\)"
)
_PARTS = re.compile(
    r"^dictionary update sequence element #\d+ has length 1; 2 is required|^not enough values to unpack"
)
_REMOVED = re.compile(r"^list\.remove\(x\): x not in list|^'?\w*'? ?is not in (?:list|deque)|x not in (?:deque|tuple)")
_COMPREHENSIONS = ("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    kind = fault.exception.rpartition(".")[2]
    if kind not in {"ValueError", "IndexError", "JSONDecodeError"}:
        return
    empty, parts = _EMPTY.match(fault.message), _PARTS.match(fault.message)
    for site in mendable(context)[:2]:
        malus = 0.05 * site.away
        if empty:
            for call in site.nodes("call"):
                value = arguments_of(call)[:1]
                if callee(call) in {"int", "float", "loads"} and value:
                    yield from _left_out(site, call, _asked(site, value[0]), malus)
        elif parts or fault.exception == "IndexError":
            for call in site.nodes("call"):
                yield from _separated(site, call, (0.0 if parts else 0.2) + malus)
        elif _REMOVED.match(fault.message):
            for call in site.nodes("call"):
                yield from _removed(site, call, malus)


def _asked(site: Site, value: Node) -> str:
    text = site.code(value)
    return text if text.endswith(".strip()") or value.type == "subscript" else f"{text}.strip()"


def _left_out(site: Site, node: Node, condition: str, malus: float) -> Iterator[Draft]:
    """``if condition`` at the end of the comprehension around a node, or a round of the loop that is skipped."""
    around = enclosing(node, *_COMPREHENSIONS)
    if around is not None and (around.start_point[0] >= site.line - 4):
        bound = {site.code(each) for clause in around.named_children if clause.type == "for_in_clause"
                 and (target := field_of(clause, "left")) is not None
                 for each in [target, *walk(target)] if each.type == "identifier"}  # fmt: skip
        if bound & set(re.findall(r"\w+", condition)):
            end = site.span(around.named_children[-1])[1]
            yield site.edit(f"Leave out what is not `{condition[:30]}`", [(end, end, f" if {condition}")], 0.86 - malus)
        return
    place = statement(node)
    loop = enclosing(place, "for_statement", "function_definition")
    if loop is not None and loop.type == "for_statement" and loop != place:
        yield guarded(site, place, f"if not {condition}:" if " in " not in condition else f"if {_negated(condition)}:",
                      "continue", 0.84 - malus)  # fmt: skip


def _negated(condition: str) -> str:
    return condition.replace(" in ", " not in ", 1)


def _separated(site: Site, call: Node, malus: float) -> Iterator[Draft]:
    """``part.split("=")``: only parts in which the separator is."""
    function, arguments = field_of(call, "function"), arguments_of(call)
    if function is None or callee(call) not in {"split", "rsplit"} or not arguments or arguments[0].type != "string":
        return
    owner = field_of(function, "object")
    if owner is not None and owner.type in {"identifier", "subscript", "attribute"}:
        yield from _left_out(site, call, f"{site.code(arguments[0])} in {site.code(owner)}", malus + 0.04)


def _removed(site: Site, call: Node, malus: float) -> Iterator[Draft]:
    function, arguments, place = field_of(call, "function"), arguments_of(call), statement(call)
    owner = field_of(function, "object") if function is not None else None
    if owner is None or callee(call) != "remove" or len(arguments) != 1 or place.named_children[:1] != [call]:
        return
    start, end = site.span(place)
    begin = site.text.rfind("\n", 0, start) + 1
    blank = site.text[begin:start]
    if blank.strip():
        return
    unit = "\t" if "\t" in blank else "    "
    newline = "\r\n" if "\r\n" in site.text else "\n"
    condition = f"if {site.code(arguments[0])} in {site.code(owner)}:"
    new = f"{condition}{newline}{blank}{unit}{site.code(place)}"
    yield site.edit(f"Insert `{condition}`", [(start, end, new)], 0.86 - malus)


REPAIR = Repair("filtered-item", "Leave out the items that cannot be used", propose)
