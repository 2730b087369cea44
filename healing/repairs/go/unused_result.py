"""What it does
    Keeps the result of a call that has no other effect: it is assigned to the argument that it was made from.

Example
    ``strings.TrimSpace(title)`` on a line of its own

Use instead
    ``title = strings.TrimSpace(title)``

When it stays silent
    None of the arguments is a variable that can be assigned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_UNUSED = re.compile(r"^result of [\w./*()]+ call not used$|^.+ \(.+\) is not used$|^unused result")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if not _UNUSED.search(fault.message):
        return
    tree = go.tree_of(context.text)
    statement = up(tree.at(context.offset), "expression_statement")
    call = statement.named_children[0] if statement is not None and statement.named_children else None
    if call is None:
        return
    place = tree.start(call)
    if call.type == "binary_expression" and tree.field(call, "operator") == "==":
        left = call.child_by_field_name("left")
        sign = call.child_by_field_name("operator")
        if left is not None and sign is not None and left.type in ("identifier", "selector_expression"):
            yield context.edit("Assign, not compare", [(tree.start(sign), tree.end(sign), "=")], 0.93)
        return
    arguments = call.child_by_field_name("arguments") if call.type == "call_expression" else None
    if arguments is None:
        if call.type in ("call_expression", "type_conversion_expression"):
            return
        yield from _called(context, tree.of(call), tree.end(call), fault.message)
        return
    function = tree.field(call, "function")
    if function == "fmt.Sprintf":
        start = place + len("fmt.")
        yield context.edit("Print it", [(start, start + len("Sprintf"), "Printf")], 0.6)
    known = go.locals_at(tree, context.offset)
    for rank, each in enumerate(arguments.named_children):
        if each.type == "identifier" and tree.of(each) in known:
            yield context.edit(f"Keep the result as `{tree.of(each)}`", [(place, place, f"{tree.of(each)} = ")],
                               0.93 - 0.05 * rank)  # fmt: skip
        elif each.type == "selector_expression" and "(" not in tree.of(each):
            yield context.edit(f"Keep the result as `{tree.of(each)}`", [(place, place, f"{tree.of(each)} = ")],
                               0.85 - 0.05 * rank)  # fmt: skip


def _called(context: Context, text: str, end: int, message: str) -> Iterator[Draft]:
    """A function that is named and not called."""
    if re.search(r"of type func\(", message) and re.fullmatch(r"[\w.]+", text):
        yield context.edit("Call it", [(end, end, "()")], 0.93)


REPAIR = Repair("go-unused-result", "Keep the result of a call", propose, languages=("go",))
