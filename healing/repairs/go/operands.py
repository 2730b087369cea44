"""What it does
    Makes an operator fit its operands: slices, maps and structs that ``==`` cannot compare are compared by the library,
    a type parameter gets the constraint that allows the operator.

Example
    ``func largest[T any](items []T) T { … if best < item {``

Use instead
    ``func largest[T cmp.Ordered](items []T) T``

When it stays silent
    The operator would not mean anything for the type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import go
from ...compiled.syntax import Tree, find, up
from ...fault import Fault
from ...grammar import Splice
from ...repair import Context, Draft, Repair

_ONLY_NIL = re.compile(r"\((?P<kind>slice|map|func) can only be compared to nil\)$")
_STRUCT = re.compile(r"\(struct containing .+ cannot be compared\)$|: .+ cannot be compared$")
_PARAMETER = re.compile(
    r"\(type parameter (?P<name>\w+) cannot use operator (?P<sign>\S+)\)$"
    r"|operator (?P<sign2>\S+) not defined on .+ \(.* of type (?P<name2>\w+) constrained by .+\)$"
)
_INCOMPARABLE = re.compile(r"\(incomparable types in type set\)$")
_NUMBERS = "~int | ~int8 | ~int16 | ~int32 | ~int64 | ~float32 | ~float64"


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    message = fault.message
    tree = go.tree_of(context.text)
    if match := _ONLY_NIL.search(message):
        package = {"slice": "slices", "map": "maps"}.get(match["kind"], "")
        if package:
            yield from _compared(context, tree, package, "Equal", 0.95)
        yield from _compared(context, tree, "reflect", "DeepEqual", 0.6)
    elif match := _PARAMETER.search(message):
        name, sign = match["name"] or match["name2"], match["sign"] or match["sign2"]
        if sign in ("<", "<=", ">", ">=", "+"):
            yield from _constrained(context, tree, name, "cmp.Ordered", "cmp", 0.95)
        elif sign in ("==", "!="):
            yield from _constrained(context, tree, name, "comparable", "", 0.96)
        else:
            yield from _constrained(context, tree, name, _NUMBERS, "", 0.85)
    elif _INCOMPARABLE.search(message):
        for each in find(up(tree.at(context.offset), *go.FUNCTIONS), "type_parameter_declaration"):
            yield from _constrained(context, tree, tree.field(each, "name"), "comparable", "", 0.95)
    elif _STRUCT.search(message) and message.startswith("invalid operation"):
        yield from _compared(context, tree, "reflect", "DeepEqual", 0.85)


def _compared(context: Context, tree: Tree, package: str, function: str, prior: float) -> Iterator[Draft]:
    node = _comparison(context, tree)
    if node is None:
        return
    sign = "!" if tree.field(node, "operator") == "!=" else ""
    new = f"{sign}{package}.{function}({tree.field(node, 'left')}, {tree.field(node, 'right')})"
    splices: list[Splice] = [(tree.start(node), tree.end(node), new)]
    if package not in go.imports(tree).values():
        splices.insert(0, go.add_import(tree, package))
    yield context.edit(f"Compare with {package}.{function}", splices, prior)


def _comparison(context: Context, tree: Tree) -> Node | None:
    node = up(tree.at(context.offset), "binary_expression")
    while node is not None and tree.field(node, "operator") not in ("==", "!="):
        node = up(node.parent, "binary_expression")
    return node


def _constrained(
    context: Context, tree: Tree, name: str, constraint: str, package: str, prior: float
) -> Iterator[Draft]:
    """The type parameter of the function, or of the type that the method is of, with another constraint."""
    function = up(tree.at(context.offset), "function_declaration", "method_declaration")
    inside = [each for each in find(function, "type_parameter_declaration") if tree.field(each, "name") == name]
    receiver = go.receiver_type(tree, function).lstrip("*") if function is not None else ""
    specs = [each for each in find(tree.root, "type_spec") if tree.field(each, "name") == receiver]
    for spec in specs if not inside else ():
        inside += [each for each in find(spec, "type_parameter_declaration") if tree.field(each, "name") == name]
    for each in inside[:1]:
        kind = each.child_by_field_name("type")
        if kind is None:
            continue
        splices: list[Splice] = [(tree.start(kind), tree.end(kind), constraint)]
        if package and package not in go.imports(tree).values():
            splices.insert(0, go.add_import(tree, package))
        yield context.edit(f"Let `{name}` be {constraint}"[:100], splices, prior)


REPAIR = Repair("go-operands", "Make an operator fit its operands", propose, languages=("go",))
