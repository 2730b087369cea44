"""What it does
    Iterates over what the loop's targets expect: ``items()`` of a dictionary, ``enumerate`` of a sequence, a copy of
    a collection that the loop changes.

Example
    ``for key, value in table:``, ``for key in table: del table[key]``

Use instead
    ``for key, value in table.items():``, ``for key in list(table): del table[key]``

When it stays silent
    The fault is not about unpacking or about a collection that changed during iteration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..expressions import Tree, candidates, types_here
from ..fault import Fault
from ..repair import Context, Draft, Repair

_CHANGED = re.compile(
    r"^(?:dictionary|[Ss]et|deque|OrderedDict).*(?:changed size|keys changed|mutated) during iteration"
)
_UNPACK = re.compile(
    r"^(?:cannot unpack non-iterable \w+ object|too many values to unpack|not enough values to unpack)"
)
_VIEWS = (b"items", b"values", b"keys")
_OF_KEY = re.compile(
    r"'(?P<kind>str|int|tuple|float|bytes)' object (?:has no attribute|is not subscriptable|is not callable)|"
    r"string indices must be integers, not 'str'"
)
_KEY = re.compile(r"^(?:string index out of range|'(?:int|float)' object is not subscriptable)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception == "RuntimeError" and _CHANGED.match(fault.message):
        yield from _copy(context)
    elif fault.exception in {"TypeError", "ValueError"} and _UNPACK.match(fault.message):
        yield from _pairs(context)
    elif fault.exception in {"TypeError", "AttributeError"} and (match := _OF_KEY.search(fault.message)):
        yield from _values(context, match["kind"])
        if fault.exception == "TypeError":
            yield from _keyed(context)
    elif fault.exception in {"TypeError", "IndexError"} and _KEY.match(fault.message):
        yield from _keyed(context)
    lines = context.text.count("\n")
    if fault.exception in {"TypeError", "ValueError", "AttributeError", "IndexError"} and 0 <= fault.line <= lines:
        yield from _views(context)


def _copy(context: Context) -> Iterator[Draft]:
    tree = Tree(context.text)
    for each in candidates(context, "for_statement", "for_in_clause"):
        node = each.field("right")
        if node is None or node.start_point[0] != context.fault.line:
            continue
        found = tree.expression(node)
        yield context.edit(
            f"Iterate over a copy of `{found.text}`", [(found.start, found.end, f"list({found.text})")], 0.93
        )


def _pairs(context: Context) -> Iterator[Draft]:
    tree = Tree(context.text)
    types = types_here(context)
    for each in candidates(context, "for_statement", "for_in_clause"):
        left, right = each.field("left"), each.field("right")
        if left is None or right is None or left.named_child_count != 2:
            continue
        found = tree.expression(right)
        kind = types.get(found.text)
        mapping = kind is not None and (kind.endswith("dict") or kind in {"Counter", "OrderedDict", "mappingproxy"})
        inner = _passed_through(right)
        if inner is not None:
            each = tree.expression(inner)
            known = types.get(each.text)
            if known is None or known.endswith("dict") or known in {"Counter", "OrderedDict", "mappingproxy"}:
                title = f"Iterate over `{each.text}.items()`"
                yield context.edit(title, [(each.end, each.end, ".items()")], 0.93 if known else 0.74)
        for lazy in _chained(right):
            each = tree.expression(lazy)
            yield context.edit(f"Go through `{each.text}.items()` of each", [(each.end, each.end, ".items()")], 0.9)
        simple = right.type in {"identifier", "attribute", "call", "subscript"}
        if simple:
            prior = 0.94 if mapping else 0.7 if kind is None else 0.1
            yield context.edit(f"Iterate over `{found.text}.items()`", [(found.end, found.end, ".items()")], prior)
        prior = 0.88 if kind in {"list", "tuple", "str"} else 0.65 if kind is None else 0.2
        yield context.edit(
            f"Iterate over `enumerate({found.text})`", [(found.start, found.end, f"enumerate({found.text})")], prior
        )
        usual = re.search(r"\benumerate\([^\n]*, (?:start=)?1\)", context.text) is not None
        counted = f"enumerate({found.text}, 1)"
        prior += 0.02 if usual else -0.15
        prior = max(prior, 0.75) if usual and kind is None else prior
        yield context.edit(f"Iterate over `{counted}`", [(found.start, found.end, counted)], prior)
        yield context.edit(
            f"Iterate over `zip({found.text})`", [(found.start, found.end, f"zip({found.text.strip('()')})")], 0.3
        )


def _values(context: Context, kind: str | None) -> Iterator[Draft]:
    """The loop's target is a key, and is used as the value."""
    tree = Tree(context.text)
    types = types_here(context)
    line = context.text.split("\n")[context.fault.line] if context.fault.line >= 0 else ""
    for node in tree.on_line(context.fault.line, "for_statement", "list_comprehension", "generator_expression",
                             "set_comprehension", "dictionary_comprehension"):  # fmt: skip
        clauses = [node] if node.type == "for_statement" else [c for c in node.children if c.type == "for_in_clause"]
        for clause in clauses:
            left, right = clause.child_by_field_name("left"), clause.child_by_field_name("right")
            if left is None or right is None or left.type != "identifier":
                continue
            if right.type not in {"identifier", "attribute", "subscript"}:
                continue
            name, found = tree.expression(left).text, tree.expression(right)
            if re.search(rf"\b{re.escape(name)}\b", line) is None or types.get(name, kind or "str") != (kind or "str"):
                continue
            known = types.get(found.text)
            mapping = known is not None and (known.endswith("dict") or known in {"Counter", "OrderedDict"})
            if mapping or known is None:
                prior = 0.9 if mapping else 0.6
                yield context.edit(
                    f"Iterate over `{found.text}.values()`", [(found.end, found.end, ".values()")], prior
                )


def _views(context: Context) -> Iterator[Draft]:
    """``table.keys()`` and ``enumerate(table)`` where the line takes pairs, or values."""
    tree, types = Tree(context.text), types_here(context)
    line = context.text.split("\n")[context.fault.line]
    pairs = re.search(r"lambda (\w+):.*\b\1\[1\]|\bfor \w+, *\w+ in\b", line) is not None
    for each in candidates(context, "call"):
        function, arguments = each.field("function"), each.field("arguments")
        if function is None or arguments is None:
            continue
        name = function.child_by_field_name("attribute")
        if name is not None and name.text in _VIEWS and not arguments.named_children:
            place = tree.expression(name)
            for view in _VIEWS:
                new = view.decode()
                if new != place.text:
                    prior = 0.66 if new == "items" or (place.text == "items" and new == "values") else 0.5
                    if new == "items" and pairs:
                        prior = 0.88
                    yield context.edit(f"Go through the {new}", [(place.start, place.end, new)], prior)
        elif function.text == b"enumerate" and len(arguments.named_children) == 1:
            table = tree.expression(arguments.named_children[0])
            kind = types.get(table.text, "")
            if kind.endswith("dict") or kind in {"Counter", "OrderedDict", "mappingproxy"}:
                yield context.edit(
                    f"Iterate over `{table.text}.items()`", [(each.start, each.end, f"{table.text}.items()")], 0.9
                )


def _keyed(context: Context) -> Iterator[Draft]:
    """``sorted(table, key=lambda item: item[1])``: the function that looks at an item was given a key."""
    tree = Tree(context.text)
    for each in candidates(context, "call"):
        inner, arguments = _passed_through(each.node), each.field("arguments")
        if inner is None or arguments is None or b"key=lambda" not in (arguments.text or b"").replace(b" ", b""):
            continue
        found = tree.expression(inner)
        title = f"Take the items of `{found.text}`"
        yield context.edit(title, [(found.end, found.end, ".items()")], 0.8)


def _chained(node: Node) -> list[Node]:
    """The bare items that ``chain.from_iterable(table for table in tables)`` goes through, one after the other."""
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if node.type != "call" or function is None or arguments is None:
        return []
    if not (function.text or b"").endswith(b"from_iterable"):
        return []
    shown = arguments if arguments.type == "generator_expression" else (arguments.named_children or [arguments])[0]
    body = shown.child_by_field_name("body")
    return [body] if body is not None and body.type in {"identifier", "attribute", "subscript"} else []


def _passed_through(node: Node) -> Node | None:
    """What a call gives back item by item: ``table`` of ``sorted(table, reverse=True)``."""
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if node.type != "call" or function is None or arguments is None or not arguments.named_children:
        return None
    first = arguments.named_children[0]
    through = function.text in {b"sorted", b"list", b"tuple", b"reversed", b"iter", b"set", b"max", b"min"}
    return first if through and first.type in {"identifier", "attribute", "call", "subscript"} else None


REPAIR = Repair("iteration", "Iterate over what the loop's targets expect", propose)
