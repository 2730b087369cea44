"""What it does
    Gives an attribute another name where it hides the method of its class that is called, or drops it if nothing else
    reads it.

Example
    ``self.size = 0`` in a class that has ``def size(self)``, and then ``queue.size()``

Use instead
    ``self._size = 0``, or no such attribute

When it stays silent
    What is called is no method of a class of the file, or none of its methods sets an attribute of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, callee, field_of, indexed, mendable, statement, walk
from ..repair import Context, Draft, Repair
from .unhashable_class import methods


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "TypeError" or "object is not callable" not in fault.message:
        return
    for site in mendable(context)[:2]:
        for call in site.nodes("call"):
            function = field_of(call, "function")
            if function is None or function.type != "attribute":
                continue
            name = callee(call)
            for owner in indexed(site.text)["class_definition"]:
                if _is_plain(methods(site, owner).get(name)):
                    yield from _freed(site, owner, name, 0.05 * site.away)


def _is_plain(method: Node | None) -> bool:
    """Whether there is a method, and nothing decorates it."""
    return method is not None and method.parent is not None and method.parent.type != "decorated_definition"


def _freed(site: Site, owner: Node, name: str, malus: float) -> Iterator[Draft]:
    read: list[Node] = []
    written: list[Node] = []
    for node in walk(owner):
        label = field_of(node, "attribute") if node.type == "attribute" else None
        if label is None or label.text != name.encode() or site.code(field_of(node, "object") or node) != "self":
            continue
        parent = node.parent
        if parent is not None and parent.type == "call" and field_of(parent, "function") == node:
            continue
        plain = parent is not None and parent.type == "assignment" and field_of(parent, "left") == node
        (written if plain else read).append(label)
    if not written:
        return
    if re.search(rf"(?<!\bself)\.{re.escape(name)}\b(?!\s*\()", site.text):
        malus += 0.2  # others may read it
    if read:
        taken = re.search(rf"\b_{re.escape(name)}\b", site.text) is not None
        new = f"{name}_" if taken or name.startswith("_") else f"_{name}"
        edits = [(*site.span(each), new) for each in sorted([*read, *written], key=lambda each: each.start_byte)]
        yield site.edit(f"Name the attribute `{new}`: `{name}` is a method", edits, 0.92 - malus)
    elif len(written) == 1 and not _alone(line := statement(written[0])):
        start, end = site.span(line)
        start = site.text.rfind("\n", 0, start) + 1
        end = site.text.find("\n", end) + 1 or len(site.text)
        title = f"Remove the attribute `{name}` that hides the method"
        yield site.edit(title, [(start, end, "")], 0.9 - malus)


def _alone(line: Node) -> bool:
    parent = line.parent
    return parent is None or parent.named_child_count < 2


REPAIR = Repair("shadowed-method", "Free the name of a method that an attribute hides", propose)
