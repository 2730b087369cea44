"""What it does
    Returns a value at the end of a function that runs out of statements: the value that stands there without
    ``return``, a variable of the result's type, the zero value.

Example
    ``if n < 0 { return -1 }`` as the last statement of a function that returns an ``int``.

Use instead
    ``return 0`` below it.

When it stays silent
    The zero value of a result's type cannot be written, and no variable fits.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import go
from ...compiled.syntax import Tree, find, inside
from ...fault import Fault
from ...repair import Context, Draft, Repair


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.message != "missing return":
        return
    tree = go.tree_of(context.text)
    function = go.function_around(tree.at(context.offset))
    body = function.child_by_field_name("body") if function is not None else None
    if function is None or body is None:
        return
    results = go.signature(tree, function).results
    last = _last(body)
    if last is not None and last.type == "expression_statement" and len(results) == 1:
        place = tree.start(last)
        yield context.edit("Return the last value", [(place, place, "return ")], 0.93)
    close = tree.end(body) - 1
    line = context.lines.line(context.lines.position(close)[0])
    indent = line[: len(line) - len(line.lstrip())]
    for value, prior in _values(context, tree, function, results):
        if "\n" in tree.of(body):
            start = context.lines.bounds(context.lines.position(close)[0])[0]
            yield context.edit(f"Return `{value}`", [(start, start, f"{indent}\treturn {value}\n")], prior)
        else:
            yield context.edit(f"Return `{value}`", [(close, close, f"; return {value} ")], prior)


def _last(body: Node) -> Node | None:
    named = [each for each in body.named_children if each.type != "comment"]
    if len(named) == 1 and named[0].type == "statement_list":
        named = [each for each in named[0].named_children if each.type != "comment"]
    return named[-1] if named else None


def _values(context: Context, tree: Tree, function: Node, results: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    zeros = [go.zero(kind, context.workspace, context.name) for kind in results]
    if results and results[-1] == "error" and len(results) > 1:
        rest, tail = results[:-1], ", nil"
    else:
        rest, tail = results, ""
    if len(rest) == 1:
        for name in _built(tree, function, rest[0]):
            yield f"{name}{tail}", 0.85
    if all(zeros):
        yield ", ".join(zeros), 0.7


def _built(tree: Tree, function: Node, kind: str) -> Iterator[str]:
    """Variables of the function's own block, of this type, that are changed in it: what it builds up."""
    body = function.child_by_field_name("body")
    known = go.locals_at(tree, tree.end(function) - 1)
    returned = {tree.of(each) for node in find(body, "return_statement") for each in find(node, "identifier")}
    for each in find(body, "short_var_declaration", "var_spec"):
        outer = each.parent
        while outer is not None and outer.type in ("statement_list", "var_declaration", "var_spec_list"):
            outer = outer.parent
        if body is None or outer is None or not inside(body, outer):
            continue
        left = each.child_by_field_name("left")
        for node in left.named_children if left is not None else each.children_by_field_name("name"):
            name = tree.of(node)
            if known.get(name) == kind and name not in returned:
                yield name


REPAIR = Repair(
    "go-missing-return", "Return a value where a function runs out of statements", propose, languages=("go",)
)
