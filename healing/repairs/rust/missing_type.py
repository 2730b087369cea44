"""What it does
    Writes the type of a variable whose value could be of several: of what is parsed by the text, of what is collected a
    ``Vec``, of a sum ``i32``.

Example
    ``let limit = "40".parse().unwrap();``

Use instead
    ``let limit: i32 = "40".parse().unwrap();``

When it stays silent
    The value is not the one of a ``let`` without a type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_PARSED = re.compile(r'"(?P<text>[^"]*)"\s*\.parse\(')
_NUMBERS = ("i32", "f64", "u64", "i64", "usize")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.code not in ("E0282", "E0283", "E0284"):
        return
    tree = rust.tree_of(context.text)
    declaration = up(tree.at(context.offset), "let_declaration")
    pattern = declaration.child_by_field_name("pattern") if declaration is not None else None
    if declaration is None or pattern is None or tree.field(declaration, "type") or pattern.type != "identifier":
        return
    place = tree.end(pattern)
    for number, kind in enumerate(_kinds(tree.field(declaration, "value"))):
        yield context.edit(f"Let it be of type {kind}", [(place, place, f": {kind}")], 0.85 - 0.05 * number)


def _kinds(value: str) -> Iterator[str]:
    if ".parse(" in value:
        match = _PARSED.search(value)
        if match is None or re.fullmatch(r"[+-]?\d+", match["text"]):
            yield from _NUMBERS
        elif re.fullmatch(r"[+-]?\d*\.\d*", match["text"]):
            yield "f64"
        elif match["text"] in ("true", "false"):
            yield "bool"
        else:
            yield "String"
    elif ".collect(" in value:
        yield from ("Vec<_>", "String", "std::collections::HashMap<_, _>", "std::collections::HashSet<_>")
    elif re.search(r"\.(?:sum|product)\(", value):
        yield from _NUMBERS
    elif ".into(" in value:
        yield "String"


REPAIR = Repair("rust-missing-type", "Write the type of a value that could be of several", propose, languages=("rust",))
