"""What it does
    Makes a function ``const`` that is called where a value must be known when the program is compiled.

Example
    ``pub const CAPACITY: usize = pages(64);``, where ``fn pages(kib: usize) -> usize``

Use instead
    ``const fn pages(kib: usize) -> usize``

When it stays silent
    The function is not of this workspace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_CALLED = re.compile(
    r"cannot call non-const (?:function|associated function|method) "
    r"`(?:[^`]*?(?P<owner>\w+)(?:(?:::)?<[^`]*>)?::|[^`]*::)?(?P<name>\w+)(?:::<.*>)?`"
)
#: What stands before ``const`` in a function's head.
_BEFORE = re.compile(r"(?:pub(?:\s*\([^)]*\))?\s+)?(?:default\s+)?")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _CALLED.search(fault.message)
    if fault.code != "E0015" or match is None:
        return
    for name, tree, node in rust.functions(context.workspace, context.name):
        in_trait = (
            node.parent is not None
            and node.parent.parent is not None
            and (node.parent.parent.type == "trait_item" or node.parent.parent.child_by_field_name("trait") is not None)
        )
        constant = any(each.type == "function_modifiers" for each in node.children)
        if node.type != "function_item" or tree.field(node, "name") != match["name"] or constant or in_trait:
            continue
        holder = up(node.parent, "impl_item")
        of = re.match(r"\w+", tree.field(holder, "type").rpartition("::")[2]) if holder is not None else None
        if of is not None and match["owner"] not in (of[0], "Self", None):
            continue
        at = tree.start(node)
        head = _BEFORE.match(tree.text, at)
        place = head.end() if head is not None else at
        text = f"{tree.text[:place]}const {tree.text[place:]}"
        here = any(f"{name}:" in note or name.endswith(note.partition(":")[0]) for note in fault.notes)
        yield Draft(f"Make `{match['name']}` a `const fn`", {name: text}, 0.92 if here else 0.85)


REPAIR = Repair("rust-const-function", "Make a function const that a constant calls", propose, languages=("rust",))
