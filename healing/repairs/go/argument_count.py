"""What it does
    Gives a call the argument that it lacks, the variable at hand that is called as the parameter or has its type, or
    takes away one too many.

Example
    ``area(width)`` for ``func area(width, height int) int``, with a ``height`` in scope.

Use instead
    ``area(width, height)``

When it stays silent
    No variable fits, or the function is not of this package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import go
from ...compiled.syntax import Tree, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_COUNT = re.compile(r"^(?P<kind>not enough|too many) arguments in call to (?P<call>\S+)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _COUNT.search(fault.message)
    if match is None:
        return
    tree = go.tree_of(context.text)
    call = up(tree.at(context.offset), "call_expression")
    while call is not None and tree.field(call, "function") != match["call"]:
        call = up(call.parent, "call_expression")
    arguments = call.child_by_field_name("arguments") if call is not None else None
    if arguments is None:
        return
    given = list(arguments.named_children)
    wanted = _parameters(context, match["call"].rpartition(".")[2])
    if match["kind"] == "too many":
        yield from _fewer(context, tree, given, len(wanted))
    elif len(given) == len(wanted) - 1:
        yield from _more(context, tree, arguments, given, wanted)


def _parameters(context: Context, function: str) -> tuple[tuple[str, str], ...]:
    for _, tree, node in go.functions(context.workspace, context.name):
        if tree.field(node, "name") == function:
            return go.signature(tree, node).parameters
    return ()


def _more(
    context: Context, tree: Tree, arguments: Node, given: list[Node], wanted: tuple[tuple[str, str], ...]
) -> Iterator[Draft]:
    known = go.locals_at(tree, context.offset)
    texts = [tree.of(each) for each in given]
    for position, (name, kind) in enumerate(wanted):
        if position < len(given) and texts[position] == name:
            continue
        for value in known:
            same = value == name
            if value in texts or not (same or (known[value] == kind and kind)):
                continue
            place = tree.start(given[position]) if position < len(given) else tree.end(arguments) - 1
            new = f"{value}, " if position < len(given) else f"{', ' if given else ''}{value}"
            prior = (0.95 if same else 0.6) - 0.05 * (position < len(given) and not same)
            yield context.edit(f"Give `{value}` as `{name or kind}`", [(place, place, new)], prior)


def _fewer(context: Context, tree: Tree, given: list[Node], count: int) -> Iterator[Draft]:
    if len(given) != count + 1:
        return
    for index in range(len(given) - 1, -1, -1):
        node = given[index]
        if index:
            cut = (tree.end(given[index - 1]), tree.end(node), "")
        else:
            cut = (tree.start(node), tree.start(given[1]) if len(given) > 1 else tree.end(node), "")
        prior = 0.75 if index == len(given) - 1 else 0.5
        yield context.edit(f"Leave out `{tree.of(node)[:40]}`", [cut], prior)


REPAIR = Repair("go-argument-count", "Give a call as many arguments as it takes", propose, languages=("go",))
