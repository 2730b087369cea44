"""What it does
    Declares a variable before the block at whose end it is dropped while a borrow of it lives on.

Example
    ``{ let made = String::from("x"); shown = &made; } println!("{shown}");``

Use instead
    ``let made = String::from("x"); { shown = &made; } println!("{shown}");``

When it stays silent
    What the variable is made of is only known inside of the block, or the block is a function's or a loop's body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import find, statement_around, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_SHORT = re.compile(r"^`(?P<name>\w+)` does not live long enough")
_BODIES = ("function_item", "closure_expression", "loop_expression", "for_expression", "while_expression")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _SHORT.search(fault.message)
    if match is None or fault.code != "E0597":
        return
    tree = rust.tree_of(context.text)
    block = up(tree.at(context.offset), "block")
    made = next(
        (
            each
            for each in (block.named_children if block is not None else ())
            if each.type == "let_declaration" and tree.field(each, "pattern") == match["name"]
        ),
        None,
    )
    outer = statement_around(block)
    if block is None or made is None or outer is None or block.parent is None or block.parent.type in _BODIES:
        return
    before = [each for each in block.named_children if each.end_byte <= made.start_byte]
    names = {tree.of(name) for each in before for name in find(each.child_by_field_name("pattern"), "identifier")}
    if names & set(re.findall(r"\w+", tree.field(made, "value"))):
        return
    start = context.lines.bounds(context.lines.position(tree.start(made))[0])[0]
    end = context.lines.bounds(context.lines.position(tree.end(made))[0])[1] + 1
    if context.text[start:end].strip() != tree.of(made):
        return
    place = tree.start(outer)
    indent = rust.indent_of(context.lines.line(context.lines.position(place)[0]))
    new = f"{tree.of(made)}\n{indent}"
    yield context.edit(f"Declare `{match['name']}` before the block", [(place, place, new), (start, end, "")], 0.85)


REPAIR = Repair("rust-dropped-too-early", "Declare before the block what outlives it", propose, languages=("rust",))
