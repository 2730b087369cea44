"""What it does
    Keeps a difference of unsigned numbers from falling below zero: as the distance of the two, or stopping at zero.
    Which of the two is meant, the tests say.

Example
    ``one - two`` with ``one: u32`` smaller than ``two: u32``

Use instead
    ``one.abs_diff(two)``

When it stays silent
    The panic is of another operator: a sum or product that does not fit needs a wider type.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import find
from ...fault import Fault
from ...repair import Context, Draft, Repair

_SIMPLE = ("identifier", "field_expression", "call_expression", "index_expression", "parenthesized_expression")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.message != "attempt to subtract with overflow":
        return
    tree = rust.tree_of(context.text)
    start, end = context.lines.bounds(fault.line)
    for node in find(tree.root, "binary_expression"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or not start <= tree.start(node) <= end:
            continue
        if tree.field(node, "operator") != "-" or (fault.column >= 0 and tree.start(node) != context.offset):
            continue
        subject = tree.of(left) if left.type in _SIMPLE else f"({tree.of(left)})"
        place = (tree.start(node), tree.end(node))
        symmetrical = left.type == right.type
        for method, title, prior in (
            ("abs_diff", "Take the distance of the two", 0.8 if symmetrical else 0.6),
            ("saturating_sub", "Stop at zero", 0.75),
        ):
            yield context.edit(title, [(*place, f"{subject}.{method}({tree.of(right)})")], prior)


REPAIR = Repair("rust-overflow", "Keep a difference from falling below zero", propose, languages=("rust",))
