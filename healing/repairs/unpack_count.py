"""What it does
    Takes as many values as there are: drops a target that nothing uses, or collects the rest in ``*_``.

Example
    ``for name, count, _rest in table.items():``, ``key, value = line.split(",")`` with two commas

Use instead
    ``for name, count in table.items():``, ``key, value, *_ = line.split(",")``

When it stays silent
    The fault is not about the number of values that are unpacked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, field_of, mendable
from ..repair import Context, Draft, Repair

_FEW = re.compile(r"^not enough values to unpack \(expected (?:at least )?(?P<want>\d+), got (?P<got>\d+)\)")
_MANY = re.compile(r"^too many values to unpack \(expected (?P<want>\d+)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "ValueError":
        return
    few, many = _FEW.match(fault.message), _MANY.match(fault.message)
    if few is None and many is None:
        return
    for site in mendable(context)[:1]:
        for node in site.nodes("pattern_list", "tuple_pattern"):
            items = [child for child in node.named_children if child.type != "comment"]
            if few and len(items) == int(few["want"]):
                yield from _fewer(site, items, int(few["want"]) - int(few["got"]))
            if many and len(items) == int(many["want"]):
                yield from _more(site, items)


def _fewer(site: Site, items: list[Node], surplus: int) -> Iterator[Draft]:
    if surplus != 1 or len(items) < 3:
        return
    for index, item in enumerate(items):
        name = site.code(item)
        twin = sum(site.code(other) == name for other in items) > 1 and name != "_"
        used = not twin and len(re.findall(rf"(?<![\w.]){re.escape(name)}\b", site.code(site.function))) > 1
        if used:
            continue
        start, end = site.span(item)
        if index:
            start = site.span(items[index - 1])[1]
        else:
            end = site.span(items[1])[0]
        yield site.edit(
            f"Drop the target `{name}`", [(start, end, "")], 0.86 + 0.03 * (index == len(items) - 1 or twin)
        )


def _more(site: Site, items: list[Node]) -> Iterator[Draft]:
    end = site.span(items[-1])[1]
    if any(site.code(each).startswith("*") for each in items):
        return
    yield site.edit("Collect the rest in `*_`", [(end, end, ", *_")], 0.5)
    start = site.span(items[0])[0]
    yield site.edit("Pass over the first value", [(start, start, "_, ")], 0.4)
    last = site.span(items[-1])[0]
    yield site.edit("Collect the rest in the last target", [(last, last, "*")], 0.3)
    for each in items:
        label = field_of(each, "name") or each
        if site.code(label) == "_":
            yield site.put("Collect the rest in `_`", each, "*_", 0.55)


REPAIR = Repair("unpack-count", "Unpack as many values as there are", propose)
