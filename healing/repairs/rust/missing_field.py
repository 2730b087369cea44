"""What it does
    Sets the fields that a struct's value lacks: to the variable of that name in scope, else to the value with which
    their type usually begins.

Example
    ``Job { name, tries: 0 }`` without ``notes: Vec<String>``.

Use instead
    ``Job { name, tries: 0, notes: Vec::new() }``

When it stays silent
    The struct is not of this workspace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_MISSING = re.compile(r"^missing fields? (?P<fields>.+) in initializer of `(?P<type>[^`<]+)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _MISSING.search(fault.message)
    if match is None:
        return
    tree = rust.tree_of(context.text)
    node = up(tree.at(context.offset), "struct_expression")
    body = node.child_by_field_name("body") if node is not None else None
    kinds = dict(rust.structs(context.workspace, context.name).get(match["type"].rpartition("::")[2], ()))
    names = re.findall(r"`(\w+)`", match["fields"])
    if node is None or body is None or not names or any(name not in kinds for name in names):
        return
    known = rust.locals_at(tree, tree.start(node))
    new = [name if name in known else f"{name}: {rust.usual(kinds[name])}" for name in names]
    given = [each for each in body.named_children if "initializer" in each.type]
    last = tree.end(given[-1]) if given else tree.start(body) + 1
    lines = given and "\n" in tree.of(body)
    if lines:
        indent = rust.indent_of(context.lines.line(context.lines.position(tree.start(given[-1]))[0]))
        after = context.text[last : last + 1] == ","
        text = ("" if after else ",") + "".join(f"\n{indent}{each}," for each in new)
        place = last + after
    else:
        place, text = last, (", " if given else " ") + ", ".join(new) + ("" if given else " ")
    sure = 0.9 if all("Default::" not in each for each in new) else 0.6
    yield context.edit(f"Set {', '.join(new)}"[:110], [(place, place, text)], sure)


REPAIR = Repair("rust-missing-field", "Set the fields that a struct's value lacks", propose, languages=("rust",))
