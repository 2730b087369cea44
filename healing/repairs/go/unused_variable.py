"""What it does
    Lets go of a variable that is declared and not used: the blank name in its place where a value has to be taken, no
    declaration where its value has no effect. One that hides a variable of the same name outside is assigned to that.
    An unused ``err`` is looked at instead.

Example
    ``for i, value := range values`` without a use of ``i``.

Use instead
    ``for _, value := range values``

When it stays silent
    The name is not declared where the compiler says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import go
from ...compiled.syntax import Tree, find, up
from ...fault import Fault
from ...repair import Context, Draft, Repair
from .assignment_count import error_check

_UNUSED = re.compile(r"^(?:declared and not used: (?P<new>\w+)|(?P<old>\w+) declared (?:and|but) not used)")
#: Values without an effect: leaving them out changes nothing.
_IDLE = frozenset({"identifier", "int_literal", "float_literal", "interpreted_string_literal", "raw_string_literal",
                   "true", "false", "nil", "rune_literal", "selector_expression", "composite_literal"})  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _UNUSED.search(fault.message)
    if match is None or fault.column < 0:
        return
    name = match["new"] or match["old"]
    tree = go.tree_of(context.text)
    node = tree.at(context.offset)
    declaration = up(node, "range_clause", "short_var_declaration", "var_declaration")
    if tree.of(node) != name or declaration is None:
        return
    left = declaration.child_by_field_name("left")
    names = [tree.of(each) for each in left.named_children] if left is not None else [name]
    if name == "err":
        yield from _looked_at(context, tree, declaration)
    yield from _meant_outer(context, tree, declaration, name)
    blank = (tree.start(node), tree.end(node), "_")
    title = f"Take no `{name}`"
    if declaration.type == "range_clause":
        if len(names) == 1 and left is not None:
            right = declaration.child_by_field_name("right")
            keyword = context.text.rfind("range", tree.end(left), tree.start(right) if right else tree.end(declaration))
            yield context.edit(title, [(tree.start(left), keyword, "")], 0.95)
        else:
            yield context.edit(title, [blank], 0.95)
    elif declaration.type == "short_var_declaration" and any(each not in (name, "_") for each in names):
        yield context.edit(title, [blank], 0.6 if name == "err" else 0.9)
    else:
        yield from _removed(context, tree, declaration, name)


def _meant_outer(context: Context, tree: Tree, declaration: Node, name: str) -> Iterator[Draft]:
    """``:=`` in an inner block where a variable of that name is known outside of it: ``=`` was meant."""
    block = up(declaration, "block")
    left = declaration.child_by_field_name("left")
    if declaration.type != "short_var_declaration" or block is None or left is None:
        return
    known = go.locals_at(tree, tree.start(block))
    if all(tree.of(each) in known or tree.of(each) == "_" for each in left.named_children):
        place = context.text.find(":=", tree.end(left), tree.end(declaration))
        if place >= 0:
            yield context.edit(f"Assign to the outer `{name}`", [(place, place + 2, "=")], 0.97)


def _looked_at(context: Context, tree: Tree, declaration: Node) -> Iterator[Draft]:
    check = error_check(context, tree, declaration)
    if check:
        place = tree.end(declaration)
        yield context.edit("Return the error", [(place, place, check)], 0.96)


def _removed(context: Context, tree: Tree, declaration: Node, name: str) -> Iterator[Draft]:
    right = declaration.child_by_field_name("right") or next(
        (each.child_by_field_name("value") for each in find(declaration, "var_spec")), None
    )
    values = right.named_children if right is not None else []
    start, end = context.lines.bounds(context.lines.position(tree.start(declaration))[0])
    end += context.text[end : end + 1] == "\n"
    if all(each.type in _IDLE for each in values):
        if end >= tree.end(declaration):
            yield context.edit(f"Remove the unused `{name}`", [(start, end, "")], 0.85)
    elif right is not None:
        yield context.edit(f"Take no `{name}`", [(tree.start(declaration), tree.start(right), "_ = ")], 0.8)


REPAIR = Repair("go-unused-variable", "Let go of a variable that is not used", propose, languages=("go",))
