"""What it does
    Writes a list of itself where a type alias names itself as one of its own kinds.

Example
    ``type Tree = string | Tree;``

Use instead
    ``type Tree = string | Tree[];``

When it stays silent
    The alias names itself in an object or a list only, which is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fault import Fault
from ...javascript.syntax import Syntax, walk
from ...repair import Context, Draft, Repair


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.code != "TS2456":
        return
    syntax = Syntax(context.text, context.name)
    for alias in walk(syntax.root):
        name, value = alias.child_by_field_name("name"), alias.child_by_field_name("value")
        if alias.type != "type_alias_declaration" or name is None or value is None:
            continue
        if not syntax.span(alias)[0] <= context.offset < syntax.span(alias)[1]:
            continue
        for node in walk(value):
            union = node.parent is not None and node.parent.type in ("union_type", "intersection_type")
            if node.type == "type_identifier" and union and syntax.of(node) == syntax.of(name):
                start, end = syntax.span(node)
                for new, prior in ((f"{syntax.of(name)}[]", 0.86), (f"readonly {syntax.of(name)}[]", 0.6)):
                    yield context.edit(f"Write `{new}`", [(start, end, new)], prior)


REPAIR = Repair("ts-recursive-alias", "Write a list of itself in a type alias", propose, languages=("typescript",))
