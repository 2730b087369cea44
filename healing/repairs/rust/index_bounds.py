"""What it does
    Keeps an index inside of its slice: the range of the loop around it fits what the index adds or takes away, also
    for an empty slice.

Example
    ``for i in 0..values.len()`` around ``values[i + 1]``

Use instead
    ``for i in 0..values.len().saturating_sub(1)``

When it stays silent
    The index has nothing to do with the variable of a loop over a range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import rust
from ...compiled.syntax import Tree, find, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_INDEX = re.compile(r"(?P<name>\w+)(?:\s*(?P<sign>[+-])\s*(?P<step>\d+))?")
_RANGE = re.compile(r"(?P<start>.*?)\.\.(?P<closed>=?)(?P<end>.*)", re.DOTALL)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    out = fault.message.startswith("index out of bounds") or "subtract with overflow" in fault.message
    if fault.exception != "panic" or not out:
        return
    tree = rust.tree_of(context.text)
    start, end = context.lines.bounds(fault.line)
    for node in find(tree.root, "index_expression"):
        if not start <= tree.start(node) <= end or node.named_child_count < 2:
            continue
        match = _INDEX.fullmatch(tree.of(node.named_children[1]))
        loop = up(node, "for_expression")
        while match is not None and loop is not None:
            if tree.field(loop, "pattern") == match["name"]:
                step = int(match["step"] or 0) * (-1 if match["sign"] == "-" else 1)
                yield from _ranges(context, tree, loop, tree.of(node.named_children[0]), step)
            loop = up(loop.parent, "for_expression")


def _ranges(context: Context, tree: Tree, loop: Node, operand: str, step: int) -> Iterator[Draft]:
    value = loop.child_by_field_name("value")
    while value is not None and value.type != "range_expression":
        value = next(find(value, "range_expression"), None)
    if value is None:
        return
    text, place = tree.of(value), (tree.start(value), tree.end(value))
    match = _RANGE.fullmatch(text)
    if match is None:
        return
    length = f"{operand}.len()"
    if match["closed"]:
        yield context.edit("Stop before the end", [(*place, f"{match['start']}..{match['end']}")], 0.95)
    if step > 0 and match["end"].strip() == length:
        new = f"{match['start']}..{length}.saturating_sub({step})"
        yield context.edit(f"Stop {step} before the end", [(*place, new)], 0.93)
    if step < 0 and match["start"].strip().isdigit() and int(match["start"]) < -step:
        yield context.edit(f"Begin at {-step}", [(*place, f"{-step}..{match['closed']}{match['end']}")], 0.95)
    if length not in match["end"]:
        new = f"{length}.saturating_sub({step})" if step > 0 else length
        yield context.edit(f"Stop at the length of `{operand}`", [(*place, f"{match['start']}..{new}")], 0.75)


REPAIR = Repair("rust-index-bounds", "Keep an index inside of its slice", propose, languages=("rust",))
