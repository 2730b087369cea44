"""What it does
    Keeps an index inside of its slice: the bound of the loop around it fits what the index adds or takes away, a fixed
    index is looked at only if the slice is long enough.

Example
    ``for i := 0; i < len(values); i++`` around ``values[i+1]``.

Use instead
    ``for i := 0; i < len(values)-1; i++``

When it stays silent
    The index has nothing to do with a loop's variable and is no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import go
from ...compiled.syntax import Tree, find, statement_around, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_RANGE = re.compile(r"^(?:index out of range|slice bounds out of range)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "panic" or not _RANGE.search(fault.message):
        return
    tree = go.tree_of(context.text)
    start, end = context.lines.bounds(fault.line)
    for node in find(tree.root, "slice_expression"):
        if start <= tree.start(node) <= end:
            yield from _shorter(context, tree, node)
    for node in find(tree.root, "index_expression"):
        index, operand = node.child_by_field_name("index"), node.child_by_field_name("operand")
        if index is None or operand is None or not start <= tree.start(node) <= end:
            continue
        if index.type == "int_literal":
            yield from _guarded(context, tree, node, tree.of(operand), int(tree.of(index), 0))
        else:
            yield from _loop(context, tree, node, tree.of(operand), tree.of(index))


def _shorter(context: Context, tree: Tree, node: Node) -> Iterator[Draft]:
    """Take no more than there is: a plain bound of a slice is brought down to the length first."""
    operand, bound, statement = tree.field(node, "operand"), tree.field(node, "end"), statement_around(node)
    if not re.fullmatch(r"[a-z_]\w*", bound) or not operand or statement is None:
        return
    line = context.lines.line(context.lines.position(tree.start(statement))[0])
    indent = line[: len(line) - len(line.lstrip())]
    new = f"if {bound} > len({operand}) {{\n{indent}\t{bound} = len({operand})\n{indent}}}\n{indent}"
    place = tree.start(statement)
    yield context.edit(f"Take no more than `{operand}` has", [(place, place, new)], 0.85)


def _loop(context: Context, tree: Tree, node: Node, operand: str, index: str) -> Iterator[Draft]:
    match = re.fullmatch(r"(?P<name>\w+)(?:\s*(?P<sign>[+-])\s*(?P<step>\d+))?", index)
    if match is None:
        return
    step = int(match["step"] or 0) * (-1 if match["sign"] == "-" else 1)
    around = up(node, "for_statement")
    while around is not None:
        clause = next((each for each in around.named_children if each.type in ("for_clause", "range_clause")), None)
        if clause is not None and clause.type == "for_clause":
            yield from _bounds(context, tree, clause, match["name"], operand, step)
        elif clause is not None and tree.field(clause, "left").partition(",")[0].strip() == match["name"] and step > 0:
            right = clause.child_by_field_name("right")
            if right is not None and tree.of(right) == operand:
                new = f"{operand}[:len({operand})-{step}]"
                yield context.edit("Stop before the end", [(tree.start(right), tree.end(right), new)], 0.8)
        around = up(around.parent, "for_statement")


def _bounds(context: Context, tree: Tree, clause: Node, name: str, operand: str, step: int) -> Iterator[Draft]:
    condition, start = clause.child_by_field_name("condition"), clause.child_by_field_name("initializer")
    bound = re.fullmatch(rf"{name}\s*(?P<sign><=?)\s*(?P<limit>.+)", tree.of(condition))
    if condition is not None and bound and step >= 0:
        place = tree.start(condition) + bound.start("sign")
        if bound["sign"] == "<=":
            yield context.edit("Stop before the length", [(place, place + 2, "<")], 0.95 - 0.1 * bool(step))
        elif step:
            end = tree.end(condition)
            yield context.edit(f"Stop {step} before the end", [(end, end, f"-{step}")], 0.93)
        length = f"len({operand})"
        if length not in bound["limit"]:
            limit = tree.start(condition) + bound.start("limit")
            new = f"{length}-{step}" if step else length
            splices = [(place, place + len(bound["sign"]), "<"), (limit, tree.end(condition), new)]
            yield context.edit(f"Stop at the length of `{operand}`", splices, 0.8)
    first = re.fullmatch(rf"{name}\s*:?=\s*(?P<value>\d+|len\((?P<of>.+)\))", tree.of(start))
    if start is not None and first and first["of"]:
        end = tree.end(start)
        yield context.edit("Begin at the last one", [(end, end, "-1")], 0.95)
    elif start is not None and first and step < 0 and int(first["value"]) < -step:
        place = tree.start(start) + first.start("value")
        yield context.edit(f"Begin at {-step}", [(place, tree.end(start), str(-step))], 0.95)


def _guarded(context: Context, tree: Tree, node: Node, operand: str, index: int) -> Iterator[Draft]:
    """Leave the function, with zero values, where the slice is too short."""
    statement = statement_around(node)
    while (
        statement is not None
        and statement.parent is not None
        and statement.parent.type not in ("block", "statement_list")
    ):
        statement = statement.parent
    function = go.function_around(node)
    if function is None or statement is None:
        return
    results = go.signature(tree, function).results
    zeros = [go.zero(kind, context.workspace, context.name) for kind in results]
    if not all(zeros) or "error" in results:
        return
    line = context.lines.line(context.lines.position(tree.start(statement))[0])
    indent = line[: len(line) - len(line.lstrip())]
    test = f"len({operand}) == 0" if index == 0 else f"len({operand}) <= {index}"
    place = tree.start(statement)
    new = f"if {test} {{\n{indent}\treturn{' ' if zeros else ''}{', '.join(zeros)}\n{indent}}}\n{indent}"
    yield context.edit(f"Leave if `{operand}` is too short", [(place, place, new)], 0.7)


REPAIR = Repair("go-index-range", "Keep an index inside of its slice", propose, languages=("go",))
