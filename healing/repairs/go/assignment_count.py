"""What it does
    Takes as many values as a function gives: the error that was left out is taken and returned where the function can
    return one, and fails the test or ends the program loudly elsewhere; a variable too many is left out.

Example
    ``number := strconv.Atoi(word)``

Use instead
    ``number, err := strconv.Atoi(word)`` and ``if err != nil { return 0, err }``

When it stays silent
    The counts differ by more than one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import go
from ...compiled.syntax import Tree, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_MISMATCH = re.compile(
    r"^assignment mismatch: (?P<left>\d+) variables? but (?:(?P<call>.+?) returns? )?(?P<right>\d+) values?$"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _MISMATCH.search(fault.message)
    if match is None:
        return
    tree = go.tree_of(context.text)
    node = up(tree.at(context.offset), "short_var_declaration", "assignment_statement", "var_spec")
    if node is None:
        return
    left = node.child_by_field_name("left") or node.child_by_field_name("name")
    if left is None:
        return
    count, values = int(match["left"]), int(match["right"])
    if values == count + 1:
        yield from _one_more(context, tree, node, left)
    elif values == count - 1 and len(left.named_children) > 1:
        yield from _one_less(context, tree, node, left)


def _one_more(context: Context, tree: Tree, node: Node, left: Node) -> Iterator[Draft]:
    place = tree.end(left)
    declares = node.type == "short_var_declaration"
    if declares:
        check = error_check(context, tree, node)
        if check:
            end = tree.end(node)
            yield context.edit("Take the error and return it", [(place, place, ", err"), (end, end, check)], 0.95)
        elif loud := loudly(context, tree, node):
            end = tree.end(node)
            yield context.edit("Take the error and stop there", [(place, place, ", err"), (end, end, loud)], 0.8)
    yield context.edit("Take the further value and drop it", [(place, place, ", _")], 0.5)


def _one_less(context: Context, tree: Tree, node: Node, left: Node) -> Iterator[Draft]:
    last, before = left.named_children[-1], left.named_children[-2]
    name = tree.of(last)
    splices = [(tree.end(before), tree.end(last), "")]
    following = node.next_named_sibling
    if name not in ("_", "") and following is not None and following.type == "if_statement":
        condition = tree.field(following, "condition")
        if re.fullmatch(rf"{re.escape(name)} != nil|!?{re.escape(name)}", condition):
            splices.append((tree.end(node), tree.end(following), ""))
    yield context.edit(f"Take no `{name}`", splices, 0.85)


def error_check(context: Context, tree: Tree, node: Node) -> str:
    """``if err != nil { return …, err }`` below a statement, or nothing where no error can be returned."""
    function = go.function_around(node)
    results = go.signature(tree, function).results if function is not None else ()
    if not results or results[-1] != "error" or not _a_statement(node):
        return ""
    zeros = [go.zero(kind, context.workspace, context.name) for kind in results[:-1]]
    if not all(zeros):
        return ""
    return _below(context, tree, node, f"return {', '.join([*zeros, 'err'])}")


def loudly(context: Context, tree: Tree, node: Node) -> str:
    function = go.function_around(node)
    if function is None or not _a_statement(node):
        return ""
    for name, kind in go.signature(tree, function).parameters:
        if kind in ("*testing.T", "*testing.B"):
            return _below(context, tree, node, f"{name}.Fatal(err)")
    return _below(context, tree, node, "panic(err)")


def _a_statement(node: Node) -> bool:
    """Whether a statement can stand below it: not the head of an ``if`` or ``for``."""
    return node.parent is not None and node.parent.type in (
        "block",
        "statement_list",
        "expression_case",
        "default_case",
    )


def _below(context: Context, tree: Tree, node: Node, statement: str) -> str:
    line = context.lines.line(context.lines.position(tree.start(node))[0])
    indent = line[: len(line) - len(line.lstrip())]
    return f"\n{indent}if err != nil {{\n{indent}\t{statement}\n{indent}}}"


REPAIR = Repair("go-assignment-count", "Take as many values as a function gives", propose, languages=("go",))
