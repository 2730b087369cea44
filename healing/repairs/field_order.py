"""What it does
    Moves the fields of a data class that have no default before those that have one.

Example
    ``retries: int = 0`` above ``command: str`` in a data class

Use instead
    ``command: str`` above ``retries: int = 0``

When it stays silent
    The message is not about the order of fields, or the field that it names is in no class at the fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, field_of, indexed, mendable
from ..repair import Context, Draft, Repair

_ORDER = re.compile(r"^(?:non-default argument '(\w+)' follows default argument|.*\bnon-default argument '(\w+)')")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _ORDER.match(fault.message)
    if fault.exception != "TypeError" or match is None:
        return
    named = match[1] or match[2]
    for site in mendable(context)[:2]:
        for owner in indexed(site.text)["class_definition"]:
            fields = list(_fields(owner))
            labels = [site.code(_label(each)) for each in fields]
            if named in labels:
                yield from _reordered(site, fields, labels.index(named))


def _fields(owner: Node) -> Iterator[Node]:
    """The lines of a class that declare a field."""
    body = field_of(owner, "body")
    for line in body.named_children if body is not None else []:
        inner = line.named_children[0] if line.type == "expression_statement" and line.named_children else None
        if inner is not None and inner.type == "assignment" and field_of(inner, "type") is not None:
            yield line


def _label(line: Node) -> Node:
    label = field_of(line.named_children[0], "left")
    assert label is not None
    return label


def _has_default(line: Node) -> bool:
    return field_of(line.named_children[0], "right") is not None


def _reordered(site: Site, fields: list[Node], number: int) -> Iterator[Draft]:
    ordered = sorted(fields, key=_has_default)
    inherited = not any(_has_default(each) for each in fields[:number])
    if inherited:  # the default is the base's: only a default of its own, or fields by name, go behind it
        return
    edits = [(*site.span(place), site.code(line)) for place, line in zip(fields, ordered, strict=True) if place != line]
    yield site.edit("Move the fields with a default behind the others", edits, 0.93)


REPAIR = Repair("field-order", "Order the fields of a data class by whether they have a default", propose)
