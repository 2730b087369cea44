"""What it does
    Sets what is behind a property that cannot be set: at the assignment, or by a setter.

Example
    ``self.balance += amount`` where ``balance`` is a property that returns ``self._balance``

Use instead
    ``self._balance += amount``

When it stays silent
    The property does not return an attribute of the instance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...analyzers.syntax import enclosing
from ..fault import Fault
from ..origins import Site, field_of, mendable, walk
from ..repair import Context, Draft, Repair

_LOCKED = re.compile(
    r"^(?:property '(?P<name>\w+)' of '\w+' object has no setter|can't set attribute(?: '(?P<old>\w+)')?)"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _LOCKED.match(fault.message)
    if fault.exception != "AttributeError" or match is None:
        return
    for site in mendable(context)[:1]:
        for node in site.nodes("attribute"):
            parent, label = node.parent, field_of(node, "attribute")
            if parent is None or label is None or parent.type not in {"assignment", "augmented_assignment"}:
                continue
            name = site.code(label)
            behind = _behind(site, name)
            if field_of(parent, "left") != node or (match["name"] or match["old"] or name) != name or not behind:
                continue
            yield from _setter(site, name, behind)
            yield site.put(f"Set `{behind}` behind the property", label, behind, 0.84)


def _behind(site: Site, name: str) -> str:
    match = re.search(
        rf"def {name}\(self\)[^\n]*:\s*(?:\"\"\".*?\"\"\"\s*)?return self\.(\w+)[ \t]*$", site.text, re.M | re.S
    )
    return match[1] if match else ""


def _setter(site: Site, name: str, behind: str) -> Iterator[Draft]:
    """A setter below the property, where others than the class itself set it."""
    outside = re.search(rf"(?<!self)\.{name}\s*[-+*/]?=(?!=)", site.text) is not None
    for node in walk(site.tree.tree.root_node):
        label = field_of(node, "name") if node.type == "function_definition" else None
        around = node.parent
        if label is None or site.code(label) != name or around is None or around.type != "decorated_definition":
            continue
        if enclosing(around, "class_definition") is None or "property" not in site.code(around).partition("def")[0]:
            continue
        start, end = site.span(around)
        blank = site.text[site.text.rfind("\n", 0, start) + 1 : start]
        newline = "\r\n" if "\r\n" in site.text else "\n"
        lines = (f"@{name}.setter", f"def {name}(self, value):", f"    self.{behind} = value")
        text = "".join(f"{newline}{blank}{line}" for line in lines)
        yield site.edit(f"Insert a setter of `{name}`", [(end, end, f"{newline}{text}")], 0.88 if outside else 0.6)


REPAIR = Repair("read-only-property", "Set what is behind a property without a setter", propose)
