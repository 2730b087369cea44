"""What it does
    Makes public, within the crate, what is used from another module of it.

Example
    ``fn fahrenheit`` in ``convert.rs``, called as ``convert::fahrenheit`` in ``main.rs``.

Use instead
    ``pub(crate) fn fahrenheit``

When it stays silent
    The item is not of this workspace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import find
from ...fault import Fault
from ...repair import Context, Draft, Repair

_PRIVATE = re.compile(
    r"^(?P<kind>function|struct|enum|constant|static|module|trait|type alias|method|associated function|field"
    r"|function import|struct import) `(?P<name>\w+)`(?: of (?:struct|type) `(?P<owner>\w+)`)? is private"
)
_ITEMS = {
    "function": ("function_item",),
    "method": ("function_item",),
    "associated function": ("function_item",),
    "struct": ("struct_item",),
    "enum": ("enum_item",),
    "constant": ("const_item",),
    "static": ("static_item",),
    "module": ("mod_item",),
    "trait": ("trait_item",),
    "type alias": ("type_item",),
    "field": ("field_declaration",),
}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _PRIVATE.search(fault.message)
    if match is None or fault.code not in ("E0603", "E0616", "E0624", "E0451"):
        return
    where = next((note for note in fault.notes if "defined here" in note), "")
    place = re.match(r"(?P<path>[^:]+):(?P<line>\d+):", where)
    for name in rust.rust_files(context.workspace):
        tree = rust.tree_of(context.workspace.text(name) or "")
        for node in find(tree.root, *_ITEMS.get(match["kind"], ())):
            if tree.field(node, "name") != match["name"] or any(c.type == "visibility_modifier" for c in node.children):
                continue
            at = tree.start(node)
            here = place is not None and place["path"].endswith(name.rpartition("/")[2])
            owner = match["owner"] and not re.search(rf"\b{match['owner']}\b", tree.text)
            prior = (0.9 if here or place is None else 0.6) - (0.3 if owner else 0.0)
            text = f"{tree.text[:at]}pub(crate) {tree.text[at:]}"
            yield Draft(f"Make `{match['name']}` public in the crate", {name: text}, prior)


REPAIR = Repair("rust-private-item", "Make public what another module uses", propose, languages=("rust",))
