"""What it does
    Gives a call the arguments that its function asks for: what stands under the parameter's name, leaves out what is
    too much, exchanges two whose types are each other's.

Example
    ``scaled(size)`` where ``function scaled(size, factor)`` and ``factor`` is at hand

Use instead
    ``scaled(size, factor)``

When it stays silent
    The function is not of the workspace, or nothing at hand has the parameter's name or type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...fault import Fault
from ...javascript.modules import source_files
from ...javascript.scopes import visible
from ...javascript.syntax import FUNCTIONS, Syntax, enclosing, walk
from ...repair import Context, Draft, Repair
from ...spelling import likeness

_COUNT = re.compile(r"Expected (?:at least )?(?P<want>\d+)(?:-(?P<most>\d+))? arguments?, but got (?P<got>\d+)")
_DEFAULTS = {"string": '""', "number": "0", "boolean": "false", "string[]": "[]", "number[]": "[]", "": "undefined"}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _COUNT.search(fault.message)
    syntax = Syntax(context.text, context.name)
    if match is None and fault.code != "TS2345":
        return
    call = _call(context, syntax)
    arguments = call.child_by_field_name("arguments") if call is not None else None
    if call is None or arguments is None:
        return
    given = [each for each in arguments.named_children if each.type != "comment"]
    parameters = _parameters(context, syntax, call)
    if match is None:
        yield from _exchanged(context, syntax, given)
    elif int(match["got"]) < int(match["want"]):
        yield from _added(context, syntax, arguments, given, parameters, int(match["want"]))
    else:
        most = int(match["most"] or match["want"])
        yield from _removed(context, syntax, given, most)


def _call(context: Context, syntax: Syntax) -> Node | None:
    """The call that the place is in: at its name, its bracket, or an argument."""
    node = syntax.at(context.offset)
    found = enclosing(node, {"call_expression", "new_expression"})
    while found is not None:
        arguments = found.child_by_field_name("arguments")
        if arguments is not None and syntax.span(found)[0] <= context.offset < syntax.span(arguments)[1]:
            return found
        found = enclosing(found.parent, {"call_expression", "new_expression"})
    return None


def _parameters(context: Context, syntax: Syntax, call: Node) -> list[tuple[str, str]]:
    """(name, type) of the parameters of the called function, by its name."""
    function = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    name = syntax.of(function).rpartition(".")[2] if function is not None else ""
    for file in (context.name, *source_files(context.workspace)[:200]):
        text = context.workspace.text(file) or ""
        if name not in text:
            continue
        other = Syntax(text, file)
        for node in walk(other.root):
            owner = node.child_by_field_name("name")
            if node.type in FUNCTIONS and owner is None and node.parent is not None:
                owner = node.parent.child_by_field_name("name")
            if node.type in FUNCTIONS and owner is not None:
                named = other.of(owner)
                around = enclosing(node, {"class_declaration"}) if named == "constructor" else None
                class_name = around.child_by_field_name("name") if around is not None else None
                if named == name or (class_name is not None and other.of(class_name) == name):
                    return list(_declared(other, node))
    return []


def _declared(syntax: Syntax, function: Node) -> Iterator[tuple[str, str]]:
    parameters = function.child_by_field_name("parameters")
    for each in parameters.named_children if parameters is not None else ():
        name = each.child_by_field_name("pattern") or each
        kind = each.child_by_field_name("type")
        yield syntax.of(name), syntax.of(kind).lstrip(": ") if kind is not None else ""


def _added(
    context: Context, syntax: Syntax, arguments: Node, given: list[Node], parameters: list[tuple[str, str]], want: int
) -> Iterator[Draft]:
    missing = parameters[len(given) : want]
    if len(missing) != want - len(given):
        return
    local = visible(syntax, context.offset)
    used = {syntax.of(each) for each in given}
    values: list[str] = []
    prior = 0.95
    for name, kind in missing:
        near = sorted(((likeness(name, each), each) for each in local if each not in used), reverse=True)
        if name in local and name not in used:
            values.append(name)
        elif near and near[0][0] >= 0.6:
            values.append(near[0][1])
            prior = min(prior, near[0][0] - 0.1)
        else:
            values.append(_DEFAULTS.get(kind, "undefined"))
            prior = min(prior, 0.45)
    end = syntax.span(arguments)[1] - 1
    new = (", " if given else "") + ", ".join(values)
    yield context.edit(f"Pass `{', '.join(values)}`", [(end, end, new)], prior)
    if len(missing) == 1 and values[0] in local and given:
        # The missing one may be an earlier one: each place is possible.
        for position, (name, _) in enumerate(parameters[: len(given)]):
            if name in local and name not in used:
                start = syntax.span(given[position])[0]
                yield context.edit(f"Pass `{name}` there", [(start, start, f"{name}, ")], 0.9)


def _removed(context: Context, syntax: Syntax, given: list[Node], most: int) -> Iterator[Draft]:
    for position in range(len(given) - 1, -1, -1):
        if len(given) - 1 != most:
            break
        start, end = syntax.span(given[position])
        if position:
            start = syntax.span(given[position - 1])[1]
        elif len(given) > 1:
            end = syntax.span(given[1])[0]
        yield context.edit("Leave out an argument", [(start, end, "")], 0.75 - 0.1 * (len(given) - 1 - position))
    if len(given) - most > 1:
        start = syntax.span(given[most - 1])[1] if most else syntax.span(given[0])[0]
        yield context.edit("Leave out what is too much", [(start, syntax.span(given[-1])[1], "")], 0.7)


def _exchanged(context: Context, syntax: Syntax, given: list[Node]) -> Iterator[Draft]:
    for one, two in ((i, j) for i in range(len(given)) for j in range(i + 1, len(given))):
        a, b = given[one], given[two]
        if min(syntax.span(a)[0], syntax.span(b)[0]) <= context.offset < syntax.span(b)[1]:
            edits = [(*syntax.span(a), syntax.of(b)), (*syntax.span(b), syntax.of(a))]
            yield context.edit("Exchange two arguments", edits, 0.6)


REPAIR = Repair(
    "js-arguments",
    "Give a call the arguments that its function asks for",
    propose,
    languages=("javascript", "typescript"),
)
