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
from ...compiled.syntax import find, up
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


_EXPORTED = re.compile(r"`(?P<name>\w+)` is (?:only public within the crate|private), and cannot be re-exported")
_VISIBLE = re.compile(r"pub\s*\([^)]*\)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    exported = _EXPORTED.search(fault.message) if fault.code in ("E0364", "E0365") else None
    if exported is not None:
        yield from _public(context, exported["name"], outside="outside" in fault.message)
        return
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


def _public(context: Context, item: str, *, outside: bool) -> Iterator[Draft]:
    """An item as visible as its re-export is."""
    kinds = [kind for kinds in _ITEMS.values() for kind in kinds if kind != "field_declaration"]
    for name in rust.rust_files(context.workspace):
        tree = rust.tree_of(context.workspace.text(name) or "")
        for node in find(tree.root, *dict.fromkeys(kinds)):
            if tree.field(node, "name") != item or up(node.parent, "impl_item", "trait_item") is not None:
                continue
            at = tree.start(node)
            old = _VISIBLE.match(tree.text, at)
            if tree.text.startswith("pub ", at):
                continue
            new = "pub" if outside or old is not None else "pub(crate)"
            rest = tree.text[old.end() :] if old is not None else f" {tree.text[at:]}"
            yield Draft(f"Make `{item}` `{new}`", {name: f"{tree.text[:at]}{new}{rest}"}, 0.92)


REPAIR = Repair("rust-private-item", "Make public what another module uses", propose, languages=("rust",))
