"""What it does
    Makes a new list, table or object for each instance of a dataclass, where one was to be shared by all.

Example
    ``tags: list = []`` in a dataclass

Use instead
    ``tags: list = field(default_factory=list)``

When it stays silent
    The field has no default in the class that is being made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..grammar import Splice
from ..imports import import_splice
from ..origins import Site, arguments_of, field_of, mendable, walk
from ..repair import Context, Draft, Repair

_SHARED = re.compile(r"^mutable default (?:<class '[\w.]+'>|[\w.]+) for field (?P<name>\w+) is not allowed")
_EMPTY = {"[]": "list", "{}": "dict", "list()": "list", "dict()": "dict", "set()": "set"}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _SHARED.match(fault.message)
    if fault.exception != "ValueError" or match is None:
        return
    for site in mendable(context)[:1]:
        for node in walk(site.tree.tree.root_node):
            left, value = field_of(node, "left"), field_of(node, "right")
            if node.type != "assignment" or left is None or value is None or field_of(node, "type") is None:
                continue
            if site.code(left) != match["name"]:
                continue
            said = site.code(value)
            made = _EMPTY.get(said)
            if made is None and value.type == "call" and not arguments_of(value):
                made = site.code(field_of(value, "function") or value)
            name, needed = _field(site)
            new = f"{name}(default_factory={made or f'lambda: {said}'})"
            near = 0.95 if node.start_point[0] >= site.line else 0.7  # the class that is made stands below its line
            title = f"Make a new `{said[:30]}` for each instance"
            yield site.edit(title, [*needed, (*site.span(value), new)], near)


def _field(site: Site) -> tuple[str, list[Splice]]:
    """How ``dataclasses.field`` is written in a file, and the import that it needs."""
    if re.search(r"^from dataclasses import [^\n]*\bfield\b", site.text, re.MULTILINE):
        return "field", []
    if match := re.search(r"^import dataclasses(?: as (\w+))?[ \t]*$", site.text, re.MULTILINE):
        return f"{match[1] or 'dataclasses'}.field", []
    return "field", [import_splice(site.text, "from dataclasses import field")]


REPAIR = Repair("mutable-default", "Make a new default for each instance of a dataclass", propose)
