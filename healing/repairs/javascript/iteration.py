"""What it does
    Iterates over what can be iterated: the entries, keys or values of an object, the parts of one value.

Example
    ``for (const [name, count] of totals)`` where ``totals`` is a plain object

Use instead
    ``for (const [name, count] of Object.entries(totals))``

When it stays silent
    What is iterated over is not named on the line of the fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...fault import Fault
from ...javascript.names import missing_property
from ...javascript.syntax import Syntax, walk
from ...repair import Context, Draft, Repair

_NOT = re.compile(r"^(?P<what>.+?) is not (?:iterable|a function or its return value is not iterable)")
_METHODS = frozenset(
    {"map", "filter", "forEach", "reduce", "some", "every", "find", "sort", "slice", "join", "flatMap"}
)
_CODES = frozenset({"TS2488", "TS2495", "TS2461", "TS2548", "TS2802"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    syntax = Syntax(context.text, context.name)
    match = _NOT.search(fault.message) if fault.exception == "TypeError" else None
    if match or fault.code in _CODES:
        for node in walk(syntax.root):
            if context.lines.position(syntax.span(node)[0])[0] == fault.line:
                yield from _loop(context, syntax, node)
        return
    found = missing_property(fault)
    if found is None or found[1] not in _METHODS or fault.line < 0:
        return
    for node in walk(syntax.root):
        if (
            node.type != "member_expression"
            or _row(context, syntax, node.child_by_field_name("property")) != fault.line
        ):
            continue
        owner, name = node.child_by_field_name("object"), node.child_by_field_name("property")
        if owner is None or name is None or syntax.of(name) != found[1]:
            continue
        start, end = syntax.span(owner)
        call = node.parent
        taken = re.search(r"\(\s*\(?\s*\[", syntax.of(call)[len(syntax.of(node)) :]) if call is not None else None
        for word, prior in (("entries", 0.9 if taken else 0.66), ("values", 0.72), ("keys", 0.6)):
            edits = [(start, start, f"Object.{word}("), (end, end, ")")]
            yield context.edit(f"Take the {word} of the object", edits, prior)
        yield context.edit("Make it an array", [(start, start, "Array.from("), (end, end, ")")], 0.7)


def _row(context: Context, syntax: Syntax, node: Node | None) -> int:
    return -1 if node is None else context.lines.position(syntax.span(node)[0])[0]


def _loop(context: Context, syntax: Syntax, node: Node) -> Iterator[Draft]:
    if node.type == "for_in_statement" and any(each.type == "of" for each in node.children):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        start, end = syntax.span(right)
        pair = left.type == "array_pattern"
        body = node.child_by_field_name("body")
        keyed = body is not None and f"{syntax.of(right)}[{syntax.of(left)}]" in syntax.of(body)
        for word, prior in (
            ("entries", 0.95 if pair else 0.3),
            ("keys", 0.9 if keyed else 0.55 if not pair else 0.2),
            ("values", 0.8 if not pair and not keyed else 0.3),
        ):
            edits = [(start, start, f"Object.{word}("), (end, end, ")")]
            yield context.edit(f"Iterate over the {word} of the object", edits, prior)
        if re.fullmatch(r"[\w$.]+\.length|\d+|[\w$]+", syntax.of(right)) and not pair:
            edits = [(start, start, "Array("), (end, end, ").keys()")]
            yield context.edit("Iterate over the numbers below", edits, 0.7 if "length" in syntax.of(right) else 0.45)
    elif node.type == "spread_element" and node.named_children:
        start, end = syntax.span(node.named_children[0])
        yield context.edit("Spread nothing where it is absent", [(end, end, " ?? []")], 0.6)
        edits = [(start, start, "Object.values("), (end, end, ")")]
        yield context.edit("Spread the values of the object", edits, 0.62)
    elif node.type == "new_expression" and node.named_children and syntax.of(node.named_children[0]) == "Map":
        arguments = node.child_by_field_name("arguments")
        if arguments is not None and arguments.named_children:
            start, end = syntax.span(arguments.named_children[0])
            yield context.edit("Make it of the entries", [(start, start, "Object.entries("), (end, end, ")")], 0.9)


REPAIR = Repair(
    "js-iteration",
    "Iterate over the entries, keys or values of an object",
    propose,
    languages=("javascript", "typescript"),
)
