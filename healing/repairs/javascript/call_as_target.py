"""What it does
    Assigns to what a method reads, where a call of it is assigned to: a call is no target.

Example
    ``this.cell(x, y) = "#";``, where ``cell(x, y) { return this.rows[y][x]; }``

Use instead
    ``this.rows[y][x] = "#";``

When it stays silent
    The method does more than give something that can be assigned to; several are called so; an argument that does
    something would be read more than once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from tree_sitter import Node

from ...fault import Fault
from ...grammar import Splice, splice
from ...javascript.syntax import FUNCTIONS, Syntax, walk
from ...repair import Context, Draft, Repair

_TARGET = re.compile(r"Invalid (?:destructuring assignment target|left-hand side)")
_CODES = frozenset({"TS2364", "TS2357", "TS1320"})
_READS = frozenset({"member_expression", "subscript_expression", "identifier"})
#: What needs no brackets beside any sign, and what does something when it is read.
_PRIMARY = frozenset({"identifier", "this", "number", "string", "member_expression", "subscript_expression",
                      "call_expression", "parenthesized_expression", "template_string"})  # fmt: skip
_DOES = frozenset({"call_expression", "new_expression", "update_expression", "assignment_expression",
                   "augmented_assignment_expression", "await_expression", "yield_expression"})  # fmt: skip


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
    """What a call gives, in the words of the place where it is called; empty if that is not one expression, or more
    functions than one are called so."""
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if function is None or arguments is None:
        return ""
    name = function.child_by_field_name("property") or function
    owner = function.child_by_field_name("object")
    called = [
        each
        for each in walk(syntax.root)
        if each.type in FUNCTIONS
        and (label := each.child_by_field_name("name")) is not None
        and syntax.of(label) == syntax.of(name)
    ]
    value = _value(called[0]) if len(called) == 1 else None
    if value is None:
        return ""
    parameters = called[0].child_by_field_name("parameters")
    names = [syntax.of(one) for one in (parameters.named_children if parameters is not None else ())]
    given = [one for one in arguments.named_children if one.type != "comment"]
    if len(names) != len(given) or not all(re.fullmatch(r"[\w$]+", one) for one in names):
        return ""
    return _written(syntax, value, {**dict(zip(names, given, strict=True)), **({"this": owner} if owner else {})})


def _written(syntax: Syntax, value: Node, meant: Mapping[str, Node]) -> str:
    """An expression with what its names stand for; empty if what does something would be done more or less often."""
    put: list[Splice] = []
    start = syntax.span(value)[0]
    for leaf in walk(value):
        new = meant.get(syntax.of(leaf)) if leaf.type in ("identifier", "this") else None
        if new is None:
            continue
        alone = leaf.parent is not None and leaf.parent.child_by_field_name("index") == leaf
        text = syntax.of(new)
        begin, end = syntax.span(leaf)
        put.append((begin - start, end - start, text if alone or new.type in _PRIMARY else f"({text})"))
    used = Counter(syntax.of(leaf) for leaf in walk(value) if leaf.type in ("identifier", "this"))
    if any(used[name] != 1 and any(each.type in _DOES for each in walk(node)) for name, node in meant.items()):
        return ""
    return splice(syntax.of(value), tuple(put))


def _value(function: Node) -> Node | None:
    """What a function of one ``return`` gives, if that can be assigned to."""
    body = function.child_by_field_name("body")
    statements = [each for each in (body.named_children if body is not None else ()) if each.type != "comment"]
    if len(statements) != 1 or statements[0].type != "return_statement" or not statements[0].named_children:
        return None
    value = statements[0].named_children[0]
    return value if value.type in _READS else None


REPAIR = Repair("js-call-as-target", "Assign to what a method reads", propose, languages=("javascript", "typescript"))
