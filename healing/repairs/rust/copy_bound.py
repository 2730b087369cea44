"""What it does
    Says of a generic type that its values may be copied, where the function copies them.

Example
    ``fn largest<T: PartialOrd>(items: &[T]) -> T { let mut best = items[0]; …``

Use instead
    ``fn largest<T: PartialOrd + Copy>(items: &[T]) -> T``

When it stays silent
    What is moved is of no type parameter of the function or implementation around.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import find, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_TYPE = re.compile(r"has type `(?P<name>\w+)`, which does not implement the `Copy` trait")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _TYPE.search(" ".join(fault.notes)) if fault.code in ("E0382", "E0507", "E0508", "E0505") else None
    if match is None:
        return
    tree = rust.tree_of(context.text)
    owner = up(tree.at(context.offset), "function_item", "impl_item")
    while owner is not None:
        for each in find(owner.child_by_field_name("type_parameters"), "type_parameter", "constrained_type_parameter"):
            text = tree.of(each)
            if re.match(r"\w+", text) and text.partition(":")[0].strip() == match["name"]:
                new = f"{text.rstrip()} + Copy" if ":" in text else f"{text}: Copy"
                yield context.edit(f"Let `{match['name']}` be copied", [(tree.start(each), tree.end(each), new)], 0.9)
                return
        owner = up(owner.parent, "function_item", "impl_item")


REPAIR = Repair("rust-copy-bound", "Say of a generic type that it may be copied", propose, languages=("rust",))
