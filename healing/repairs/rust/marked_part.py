"""What it does
    Leaves out the part of a declaration that the compiler marks as wrong: a modifier, a type parameter, a lifetime, a
    bound, an attribute. What is run is never left out.

Example
    ``unsafe impl Grid {``, where the compiler says "unsafe because of this"

Use instead
    ``impl Grid {``

When it stays silent
    It marks an expression or a statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import Tree, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_PLACE = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<label>.+)$")
_WORDS = re.compile(r"(?:unsafe|const|async|pub(?:\([^)]*\))?|extern|static|mut|dyn|ref|default|move)\b\s*")
_PARTS = ("type_parameter", "constrained_type_parameter", "lifetime", "lifetime_parameter", "optional_type_parameter",
          "attribute_item", "const_parameter")  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category != "compile" or not fault.code or fault.suggested:
        return
    tree = rust.tree_of(context.text)
    places = [(context.offset, 0.8)]
    for note in fault.notes:
        match = _PLACE.match(note)
        if match is not None and match["path"] == context.name and int(match["line"]) <= len(context.lines.starts):
            places.append((context.lines.offset(int(match["line"]) - 1, int(match["column"]) - 1), 0.78))
    for place, prior in dict(places).items():
        word = _WORDS.match(context.text, place)
        if word is not None:
            yield context.edit(f"Leave out `{word[0].strip()}`", [(place, word.end(), "")], prior)
            continue
        span = _part(tree, place)
        if span is not None:
            yield context.edit(f"Leave out `{context.text[slice(*span)].strip(', ')}`", [(*span, "")], prior - 0.1)


def _part(tree: Tree, place: int) -> tuple[int, int] | None:
    """The parameter or attribute at a place, with the comma or the brackets that would be left."""
    node = up(tree.at(place), *_PARTS)
    if node is not None and node.parent is not None and node.parent.type in _PARTS:
        node = node.parent  # the lifetime of a parameter
    if node is None or tree.start(node) != place or node.parent is None:
        return None
    start, end = tree.start(node), tree.end(node)
    if node.type == "attribute_item":
        return start, end + len(re.match(r"\s*", tree.text[end:])[0])  # type: ignore[index]
    if node.parent.type != "type_parameters":
        return None
    if node.parent.named_child_count == 1:
        return tree.start(node.parent), tree.end(node.parent)
    after = re.match(r"\s*,\s*", tree.text[end:])
    before = re.search(r"\s*,\s*$", tree.text[:start])
    if before is not None:
        return before.start(), end
    return start, end + (after.end() if after else 0)


REPAIR = Repair("rust-marked-part", "Leave out the part of a declaration that is wrong", propose, languages=("rust",))
