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

import builtins
import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, arguments_of, field_of, mendable, parameters_of, walk
from ..repair import Context, Draft, Repair
from ..scopes import visible

_FEW = re.compile(r"^not enough values to unpack \(expected (?:at least )?(?P<want>\d+), got (?P<got>\d+)\)")
_MANY = re.compile(r"^too many values to unpack \(expected (?P<want>\d+)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception == "TypeError" and "cannot unpack non-iterable re.Match" in fault.message:
        yield from _groups(context)
    if fault.exception != "ValueError":
        return
    few, many = _FEW.match(fault.message), _MANY.match(fault.message)
    if few is None and many is None:
        return
    for site in mendable(context)[:1]:
        for node in site.nodes("pattern_list", "tuple_pattern"):
            items = [child for child in node.named_children if child.type != "comment"]
            if few or many:
                yield from _divided(site, node, items)
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


def _groups(context: Context) -> Iterator[Draft]:
    """``name, value = match``: a match is asked for its groups."""
    for site in mendable(context)[:1]:
        for node in site.nodes("assignment"):
            right = field_of(node, "right")
            if right is not None and right.type in {"identifier", "attribute", "call"}:
                text = site.code(right)
                yield site.put(f"Take the groups of `{text[:30]}`", right, f"{text}.groups()", 0.93)


def _divided(site: Site, targets: Node, items: list[Node]) -> Iterator[Draft]:
    """``name, equals, value = line.split("=")``: text is divided at the first place only."""
    parent = targets.parent
    right = field_of(parent, "right") if parent is not None and parent.type == "assignment" else None
    function = field_of(right, "function") if right is not None and right.type == "call" else None
    name = field_of(function, "attribute") if function is not None else None
    given = arguments_of(right) if right is not None and right.type == "call" else []
    if name is None or len(items) != 3 or len(given) != 1 or site.code(name) not in {"split", "rsplit"}:
        return
    new = site.code(name).replace("split", "partition")
    yield site.put(f"Divide with `{new}`", name, new, 0.88)


def _unbound(site: Site) -> list[str]:
    """Names that the function reads, and that nothing gives a value: what was to be unpacked, too."""
    function = site.function
    known = visible(site.text, site.span(function)[0]) if function.type != "module" else {}
    bound: set[str] = set(parameters_of(function))
    read: list[str] = []
    for node in walk(function):
        if node.type != "identifier" or node.parent is None:
            continue
        parent = node.parent
        if parent.type == "attribute" and field_of(parent, "attribute") == node:
            continue
        if parent.type == "keyword_argument" and field_of(parent, "name") == node:
            continue
        around, below = parent, node
        while around.type in {"pattern_list", "tuple_pattern", "list_splat_pattern", "as_pattern_target"}:
            around, below = around.parent or around, around
        targets = {"assignment": "left", "for_statement": "left", "for_in_clause": "left", "named_expression": "name",
                   "augmented_assignment": "left"}  # fmt: skip
        name = site.code(node)
        if around.type in {
            "lambda_parameters",
            "parameters",
            "as_pattern",
            "function_definition",
            "class_definition",
        } or (around.type in targets and field_of(around, targets[around.type]) == below):
            bound.add(name)
        else:
            read.append(name)
    return [
        each for each in dict.fromkeys(read) if each not in bound and each not in known and not hasattr(builtins, each)
    ]


def _more(site: Site, items: list[Node]) -> Iterator[Draft]:
    for name in _unbound(site)[:2]:
        for rank, item in enumerate(items):
            start = site.span(item)[0]
            yield site.edit(f"Take `{name}`, too", [(start, start, f"{name}, ")], 0.9 - 0.02 * rank)
        last = site.span(items[-1])[1]
        yield site.edit(f"Take `{name}`, too", [(last, last, f", {name}")], 0.86)
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
