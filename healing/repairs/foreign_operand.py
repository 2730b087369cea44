"""What it does
    Lets a comparison or operation of a class leave values of other types to them: ``NotImplemented``.

Example
    ``def __eq__(self, other): return self.name == other.name``, compared with a number

Use instead
    ``if not isinstance(other, Job): return NotImplemented`` above it

When it stays silent
    The fault is not in such a method, or the value that lacks the attribute is of the class itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...analyzers.syntax import enclosing
from ..fault import Fault
from ..names import missing_attribute
from ..origins import field_of, mendable, parameters_of
from ..repair import Context, Draft, Repair
from .missing_guard import first_statement, guarded

_BINARY = re.compile(r"__(?:eq|ne|lt|le|gt|ge|add|sub|mul|truediv|floordiv|mod|and|or|xor|matmul)__")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    found = missing_attribute(fault)
    if found is None or found[0] != "type":
        return
    for site in mendable(context)[:2]:
        function = site.function
        label = field_of(function, "name")
        owner = enclosing(function.parent, "class_definition", "function_definition") if label is not None else None
        name = field_of(owner, "name") if owner is not None and owner.type == "class_definition" else None
        names = parameters_of(function)
        if label is None or name is None or len(names) != 2 or not _BINARY.fullmatch(site.code(label)):
            continue
        if site.code(name) == found[1] or not re.search(rf"\b{names[1]}\.{found[2]}\b", site.code(function)):
            continue
        condition = f"if not isinstance({names[1]}, {site.code(name)}):"
        if "isinstance" not in site.code(function):
            yield guarded(site, first_statement(function), condition, "return NotImplemented", 0.92 - 0.05 * site.away)


REPAIR = Repair("foreign-operand", "Leave values of other types to their own methods", propose)
