"""What it does
    Makes a condition of a value that is none, negated or not: compares a number with 0, a text with the empty one, a
    pointer or error with nil, a slice or map by its length.

Example
    ``if n & 1 {``

Use instead
    ``if n&1 != 0 {``

When it stays silent
    There is no such condition where the compiler says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import go
from ...compiled.syntax import Tree, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_TRUTH = (("!= 0", 0.9), ("!= nil", 0.8), ('!= ""', 0.7))


_NOT = re.compile(
    r"^invalid operation: operator ! not defined on (?P<value>.+) \((?:variable|value) of (?:type )?(?P<type>.+?)\)$"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if match := _NOT.search(fault.message):
        yield from _negated(context, match["value"], match["type"])
    if not fault.message.startswith("non-boolean condition in"):
        return
    tree = go.tree_of(context.text)
    statement = up(tree.at(context.offset), "if_statement", "for_statement")
    condition = _condition(statement)
    if condition is None:
        return
    kind = go.locals_at(tree, context.offset).get(tree.of(condition), "")
    place = tree.end(condition)
    for test, prior in _TRUTH:
        yield context.edit(
            f"Compare: `{test}`", [(place, place, f" {test}")], _prior(tree, condition, kind, test, prior)
        )
    if kind.startswith(("[]", "map[")):
        text = f"len({tree.of(condition)}) > 0"
        yield context.edit(f"Compare: `{text}`", [(tree.start(condition), place, text)], 0.95)


def _negated(context: Context, value: str, kind: str) -> Iterator[Draft]:
    """``!count`` of what is no truth value: what it is when it is nothing."""
    start, end = context.lines.bounds(context.fault.line)
    place = context.text.find(f"!{value}", start, end)
    if place < 0:
        return
    if kind in go.NUMBERS:
        new = f"{value} == 0"
    elif kind == "string":
        new = f'{value} == ""'
    elif kind.startswith(("[]", "map[")):
        new = f"len({value}) == 0"
    else:
        new = f"{value} == nil"
    yield context.edit(f"Compare: `{new}`", [(place, place + 1 + len(value), new)], 0.95)


def _condition(statement: Node | None) -> Node | None:
    if statement is None:
        return None
    direct = statement.child_by_field_name("condition")
    if direct is not None:
        return direct
    first = statement.named_children[0] if statement.named_children else None
    if first is not None and first.type == "for_clause":
        return first.child_by_field_name("condition")
    return first if first is not None and first.type != "block" else None


def _prior(tree: Tree, condition: Node, kind: str, test: str, prior: float) -> float:
    wanted = {"string": '!= ""', "error": "!= nil"}.get(kind, "!= nil" if kind.startswith("*") else "")
    if kind in go.NUMBERS or (condition.type == "binary_expression" and not kind):
        wanted = "!= 0"
    return 0.95 if wanted == test else prior - (0.2 if wanted else 0.0)


REPAIR = Repair("go-condition", "Make a condition of a value that is none", propose, languages=("go",))
