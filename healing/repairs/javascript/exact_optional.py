"""What it does
    Leaves a property out where its value is absent, if it may be left out but not be ``undefined``
    (``exactOptionalPropertyTypes``).

Example
    ``send({ subject, replyTo })``, where ``replyTo`` is ``string | undefined``

Use instead
    ``send({ subject, ...(replyTo === undefined ? {} : { replyTo }) })``

When it stays silent
    The object is not written at the place of the error; the value is not a plain name or a member.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fault import Fault
from ...javascript.syntax import Syntax, walk
from ...repair import Context, Draft, Repair

_PROPERTY = re.compile(r"Types of property '(?P<name>[\w$]+)' are incompatible")
_CODES = frozenset({"TS2379", "TS2375"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _PROPERTY.search("\n".join((fault.message, *fault.notes)))
    if fault.code not in _CODES or match is None or fault.line < 0:
        return
    syntax = Syntax(context.text, context.name)
    name = match["name"]
    for node in walk(syntax.root):
        if node.parent is None or node.parent.type != "object" or syntax.span(node)[0] < context.offset:
            continue
        key = node.child_by_field_name("key")
        short = node.type == "shorthand_property_identifier" and syntax.of(node) == name
        if not short and (key is None or syntax.of(key).strip("\"'") != name):
            continue
        value = node.child_by_field_name("value")
        read = name if short or value is None else syntax.of(value)
        if re.fullmatch(r"[\w$]+(?:\.[\w$]+)*", read):
            new = f"...({read} === undefined ? {{}} : {{ {syntax.of(node)} }})"
            yield context.edit(f"Leave `{name}` out where it is absent", [(*syntax.span(node), new)], 0.93)
        return


REPAIR = Repair("ts-exact-optional", "Leave out a property that is absent", propose, languages=("typescript",))
