"""What it does
    Names the type argument of a generic function where no argument of the call tells it: first what the lists, maps and
    channels around hold, then what is returned, then the usual types.

Example
    ``waiting := New(len(names))``, where ``func New[T any](n int) *Queue[T]`` and ``names []string``

Use instead
    ``waiting := New[string](len(names))``

When it stays silent
    The call names type arguments already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_INFER = re.compile(r"cannot infer (?P<name>\w+)")
_HELD = re.compile(r"^(?:\.\.\.|\*)?(?:\[\w*\]|<-chan |chan<- |chan |map\[[^\]]+\])(?P<type>.+)$")
_USUAL = ("string", "int", "float64", "bool", "byte", "rune", "any")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if not _INFER.search(fault.message):
        return
    tree = go.tree_of(context.text)
    call = up(tree.at(max(context.offset - 1, 0), context.offset), "call_expression")
    function = call.child_by_field_name("function") if call is not None else None
    if call is None or function is None or call.child_by_field_name("type_arguments") is not None:
        return
    around = go.function_around(call)
    results = go.signature(tree, around).results if around is not None else ()
    given = tree.field(call, "arguments")
    held: dict[str, float] = {}
    for name, kind in go.locals_at(tree, context.offset).items():
        if match := _HELD.match(kind):
            held.setdefault(match["type"], 0.86 if re.search(rf"\b{re.escape(name)}\b", given) else 0.8)
    for kind in results:
        inner = kind
        while match := _HELD.match(inner):
            inner = match["type"]
        if inner not in ("error", ""):
            held.setdefault(inner, 0.74)
    for kind in (*_USUAL, *go.structs(context.workspace, context.name)):
        held.setdefault(kind, 0.42 if kind in _USUAL[:3] else 0.36)  # that it compiles says nothing for it
    for kind, prior in sorted(held.items(), key=lambda each: -each[1])[:12]:
        place = tree.end(function)
        yield context.edit(f"Say that it is of {kind}", [(place, place, f"[{kind}]")], prior)


REPAIR = Repair("go-type-argument", "Name a type argument that nothing tells", propose, languages=("go",))
