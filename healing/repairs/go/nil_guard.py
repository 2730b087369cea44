"""What it does
    Leaves a function with its zero values where a pointer that it was given is nil, before the pointer is followed.

Example
    ``return node.Value + Sum(node.Next)`` for a nil ``node``.

Use instead
    ``if node == nil { return 0 }`` above it.

When it stays silent
    What is followed is no parameter, receiver or variable of a pointer type, or the function returns an error: what to
    say in it is for a person.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import find, statement_around
from ...fault import Fault
from ...repair import Context, Draft, Repair


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if "nil pointer dereference" not in fault.message or fault.line < 0:
        return
    tree = go.tree_of(context.text)
    start, end = context.lines.bounds(fault.line)
    known = go.locals_at(tree, end)
    seen: set[str] = set()
    for node in find(tree.root, "selector_expression", "unary_expression"):
        operand = node.child_by_field_name("operand")
        name = tree.of(operand)
        followed = node.type == "selector_expression" or tree.of(node).startswith("*")
        if operand is None or not followed or not start <= tree.start(node) <= end or name in seen:
            continue
        seen.add(name)
        pointer = known.get(name, "").startswith("*") or (name in known and not known[name])
        function, statement = go.function_around(node), statement_around(node)
        if not pointer or function is None or statement is None:
            continue
        results = go.signature(tree, function).results
        zeros = [go.zero(kind, context.workspace, context.name) for kind in results]
        if not all(zeros) or "error" in results:
            continue
        line = context.lines.line(context.lines.position(tree.start(statement))[0])
        indent = line[: len(line) - len(line.lstrip())]
        new = f"if {name} == nil {{\n{indent}\treturn{' ' if zeros else ''}{', '.join(zeros)}\n{indent}}}\n{indent}"
        place = tree.start(statement)
        yield context.edit(f"Leave if `{name}` is nil", [(place, place, new)], 0.8)


REPAIR = Repair("go-nil-guard", "Look whether a pointer is nil before it is followed", propose, languages=("go",))
