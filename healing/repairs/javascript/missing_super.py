"""What it does
    Calls the constructor of the class that is extended before ``this`` is used, with the parameters that it has too.

Example
    ``class Dog extends Animal { constructor(name, tricks) { this.tricks = tricks; } }``

Use instead
    ``super(name);`` as the first statement.

When it stays silent
    The constructor calls ``super`` already.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...fault import Fault
from ...javascript.syntax import Syntax, walk
from ...repair import Context, Draft, Repair


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if "Must call super constructor" not in fault.message and fault.code not in {"TS2377", "TS17009"}:
        return
    syntax = Syntax(context.text, context.name)
    bases = {
        syntax.of(name): _constructor(syntax, each)
        for each in walk(syntax.root)
        if each.type == "class_declaration" and (name := each.child_by_field_name("name")) is not None
    }
    for each in walk(syntax.root):
        if each.type not in ("class_declaration", "class"):
            continue
        own = _constructor(syntax, each)
        heritage = next((part for part in each.children if part.type == "class_heritage"), None)
        body = own.child_by_field_name("body") if own is not None else None
        if own is None or heritage is None or body is None or "super(" in syntax.of(body):
            continue
        base = bases.get(syntax.of(heritage).removeprefix("extends").strip())
        known = _names(syntax, own)
        given = ", ".join(name for name in _names(syntax, base) if name in known)
        start = syntax.span(body)[0] + 1
        first = body.named_children[0] if body.named_children else None
        row = context.lines.position(syntax.span(first)[0] if first is not None else start)[0]
        line = context.lines.line(row)
        indent = line[: len(line) - len(line.lstrip())]
        yield context.edit(f"Call `super({given})` first", [(start, start, f"\n{indent}super({given});")], 0.92)


def _constructor(syntax: Syntax, node: Node) -> Node | None:
    for each in walk(node):
        name = each.child_by_field_name("name") if each.type == "method_definition" else None
        if name is not None and syntax.of(name) == "constructor":
            return each
    return None


def _names(syntax: Syntax, constructor: Node | None) -> list[str]:
    parameters = constructor.child_by_field_name("parameters") if constructor is not None else None
    return [
        syntax.of(each.child_by_field_name("pattern") or each)
        for each in (parameters.named_children if parameters is not None else ())
    ]


REPAIR = Repair(
    "js-missing-super",
    "Call the constructor of the class that is extended",
    propose,
    languages=("javascript", "typescript"),
)
