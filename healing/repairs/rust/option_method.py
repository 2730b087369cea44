"""What it does
    Calls a method of the value inside an ``Option`` or ``Result`` on that value: passes an absence on with ``?`` where
    the function can say it, else takes what the type begins with for none. The title says which.

Example
    ``words.first().len()``

Use instead
    ``words.first().map_or(0, |found| found.len())``

When it stays silent
    The method is not called on an ``Option`` or ``Result``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_INSIDE = re.compile(r"method `\w+` exists on the type|consider using `(?P<kind>Option|Result)::expect`")
_NO_METHOD = re.compile(r"^no method named `\w+` found for enum `(?:\w+::)*(?P<kind>Option|Result)<")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _NO_METHOD.search(fault.message) or (
        _INSIDE.search(" ".join(fault.notes)) if fault.code in ("E0624", "E0599") else None
    )
    if match is None:
        return
    tree = rust.tree_of(context.text)
    called = up(tree.at(context.offset), "field_expression")
    call = called.parent if called is not None else None
    value = called.child_by_field_name("value") if called is not None else None
    if called is None or call is None or value is None or call.type != "call_expression":
        return
    function = up(call, "function_item")
    result = rust.signature(tree, function).result if function is not None else ""
    cut, whole = tree.end(value), (tree.start(call), tree.end(call))
    if re.match(r"(?:\w+::)*(?:Option|Result)\b", result):
        yield context.edit("Pass the absence on", [(cut, cut, "?")], 0.85)
    method, kind = tree.text[cut : whole[1]], "usize" if tree.field(called, "field") in ("len", "count") else result
    first = rust.usual(kind)
    if kind and "Default::" not in first:
        new = f"{tree.of(value)}.map_or({first}, |found| found{method})"
        yield context.edit(f"Take {first} for none", [(*whole, new)], 0.7)
    yield context.edit("Take the type's first value for none", [(cut, cut, ".unwrap_or_default()")], 0.6)
    yield context.edit("Take the type's first value for none", [(cut, cut, ".copied().unwrap_or_default()")], 0.55)


REPAIR = Repair("rust-option-method", "Call a method on the value inside an Option", propose, languages=("rust",))
