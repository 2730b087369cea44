"""What it does
    Takes apart a call that gives a value and an error where one value is needed: the call goes on a line of its own
    above, and its error is returned, or ends the program or test loudly.

Example
    ``return width * strconv.Atoi(height), nil``

Use instead
    ``value, err := strconv.Atoi(height)``, ``if err != nil { return 0, err }`` and ``return width * value, nil``

When it stays silent
    The call stands where no statement can go before it, such as in the head of a loop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import go
from ...compiled.syntax import Tree, statement_around, up
from ...fault import Fault
from ...repair import Context, Draft, Repair
from .assignment_count import error_check, loudly

_MANY = re.compile(r"^multiple-value (?P<call>.+?) \(value of type \((?P<types>.+)\)\) in")
_NAMES = {"int": "number", "float64": "number", "string": "text", "bool": "ok", "[]byte": "data"}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _MANY.search(fault.message)
    if match is None:
        return
    tree = go.tree_of(context.text)
    call = _call(tree, context.offset)
    statement = statement_around(call)
    kinds = [each.strip().rpartition(" ")[2] for each in match["types"].split(",")]
    if call is None or statement is None or statement.type in ("for_statement", "var_declaration") or len(kinds) != 2:
        return
    known = go.locals_at(tree, context.offset)
    name = _fresh(_NAMES.get(kinds[0], "value"), known)
    place, start = tree.start(statement), tree.start(call)
    line = context.lines.line(context.lines.position(place)[0])
    indent = line[: len(line) - len(line.lstrip())]
    if kinds[1] == "error":
        check = error_check(context, tree, statement) or loudly(context, tree, statement)
        if not check:
            return
        new = f"{name}, err := {tree.of(call)}{check}\n{indent}"
        title, prior = "Take the error first", 0.94 if "return" in check else 0.8
    else:
        new = f"{name}, _ := {tree.of(call)}\n{indent}"
        title, prior = f"Take the first value only, as `{name}`", 0.7
    yield context.edit(title, [(place, place, new), (start, tree.end(call), name)], prior)


def _call(tree: Tree, offset: int) -> Node | None:
    node: Node | None = up(tree.at(offset), "call_expression")
    while node is not None and node.parent is not None and node.parent.type == "call_expression":
        if tree.start(node.parent) != offset:
            break
        node = node.parent
    return node


def _fresh(name: str, known: dict[str, str]) -> str:
    """The name, with a number if it is taken."""
    return next(each for each in (name, *(f"{name}{n}" for n in range(2, 99))) if each not in known)


REPAIR = Repair("go-hoisted-call", "Take the error of a call before its value is used", propose, languages=("go",))
