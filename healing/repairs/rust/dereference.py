"""What it does
    Follows a reference that a comparison or sum stands on, as deep as it is, or leaves out a star before what is none.

Example
    ``values.iter().filter(|value| value > 3)``

Use instead
    ``values.iter().filter(|value| **value > 3)``

When it stays silent
    The types differ in more than references.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_EXPECTED = re.compile(r"expected `(?P<want>&+)(?:'\w+ )?_?\w*`, found (?P<have>&*)")
_COMPARED = re.compile(r"^can't compare `(?P<one>&*)[^`&]+` with (?:a |an )?`(?P<two>&*)[^`&]+`")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    tree = rust.tree_of(context.text)
    if fault.code == "E0614":
        if context.text.startswith("*", context.offset):
            yield context.edit("Take the value as it is", [(context.offset, context.offset + 1, "")], 0.93)
        return
    node = up(tree.at(context.offset), "binary_expression")
    left, right = (node.child_by_field_name(side) if node is not None else None for side in ("left", "right"))
    if left is None or right is None:
        return
    if fault.code == "E0308" and tree.start(right) == context.offset:
        match = _EXPECTED.search(" ".join(fault.notes))
        depth = len(match["want"]) - len(match["have"]) if match is not None else 0
    elif fault.code == "E0277" and (match := _COMPARED.search(fault.message)):
        depth = len(match["one"]) - len(match["two"])
    else:
        return
    side = left if depth > 0 else right
    stars, text, place = "*" * abs(depth), tree.of(side), (tree.start(side), tree.end(side))
    if not stars:
        return
    bare = re.fullmatch(r"&+\w+", text) is not None
    new = text[abs(depth) :] if bare and text.startswith("&" * abs(depth)) else f"{stars}{text}"
    if side.type in ("binary_expression", "type_cast_expression"):
        new = f"{stars}({text})"
    yield context.edit(f"Compare the value: `{new}`"[:110], [(*place, new)], 0.93)


REPAIR = Repair("rust-dereference", "Follow a reference, or leave out a star", propose, languages=("rust",))
