"""What it does
    Assigns to what a method reads, where a call of it is assigned to: a call is no target.

Example
    ``this.cell(x, y) = "#";``, where ``cell(x, y) { return this.rows[y][x]; }``

Use instead
    ``this.rows[y][x] = "#";``

When it stays silent
    The method does more than give something that can be assigned to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...fault import Fault
from ...javascript.syntax import FUNCTIONS, Syntax, walk
from ...repair import Context, Draft, Repair

_TARGET = re.compile(r"Invalid (?:destructuring assignment target|left-hand side)")
_CODES = frozenset({"TS2364", "TS2357", "TS1320"})
_READS = frozenset({"member_expression", "subscript_expression", "identifier"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.line < 0 or not (_TARGET.search(fault.message) or fault.code in _CODES):
        return
    syntax = Syntax(context.text, context.name)
    for node in walk(syntax.root):
        start, end = syntax.span(node)
        if node.type != "call_expression" or context.lines.position(start)[0] != fault.line:
            continue
        read = _read(syntax, node)
        if read:
            yield context.edit(f"Assign to `{read}`", [(start, end, read)], 0.9 if start == context.offset else 0.8)


def _read(syntax: Syntax, call: Node) -> str:
    """What a call gives, in the words of the place where it is called; empty if that is not one expression."""
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if function is None or arguments is None:
        return ""
    name = function.child_by_field_name("property") or function
    owner = function.child_by_field_name("object")
    for each in walk(syntax.root):
        label = each.child_by_field_name("name")
        if each.type not in FUNCTIONS or label is None or syntax.of(label) != syntax.of(name):
            continue
        value, parameters = _value(each), each.child_by_field_name("parameters")
        names = [syntax.of(one) for one in (parameters.named_children if parameters is not None else ())]
        given = [syntax.of(one) for one in arguments.named_children]
        if value is None or len(names) != len(given) or not all(re.fullmatch(r"[\w$]+", one) for one in names):
            continue
        meant = dict(zip(names, given, strict=True))
        if owner is not None:
            meant["this"] = syntax.of(owner)
        parts = re.split(r"((?<![\w$.])[\w$]+)", syntax.of(value))
        return "".join(meant.get(part, part) for part in parts)
    return ""


def _value(function: Node) -> Node | None:
    """What a function of one ``return`` gives, if that can be assigned to."""
    body = function.child_by_field_name("body")
    statements = [each for each in (body.named_children if body is not None else ()) if each.type != "comment"]
    if len(statements) != 1 or statements[0].type != "return_statement" or not statements[0].named_children:
        return None
    value = statements[0].named_children[0]
    return value if value.type in _READS else None


REPAIR = Repair("js-call-as-target", "Assign to what a method reads", propose, languages=("javascript", "typescript"))
