"""What it does
    Makes the instances of a class usable as keys and in sets: a dataclass frozen, another class with a ``__hash__`` of
    what its ``__eq__`` compares.

Example
    ``@dataclass`` above ``class Point``, and then ``{Point(1, 2)}``

Use instead
    ``@dataclass(frozen=True)``

When it stays silent
    The class is not in the workspace, or is neither a dataclass nor has an ``__eq__``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..expressions import Tree
from ..fault import Fault
from ..origins import Site, field_of, walk
from ..repair import Context, Draft, Repair
from ..workspace import is_test

_HASH = re.compile(r"unhashable type: '(\w+)'")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _HASH.search(fault.message)
    if fault.exception != "TypeError" or match is None or match[1] in {"list", "dict", "set", "bytearray", "slice"}:
        return
    for site, owner in classes(context, match[1]):
        parent = owner.parent
        decorators = parent.named_children[:-1] if parent is not None and parent.type == "decorated_definition" else []
        for each in decorators:
            text = site.code(each)
            end = site.span(each)[1]
            if re.match(r"@(?:\w+\.)?dataclass$", text):
                yield site.edit(f"Freeze `{match[1]}`", [(end, end, "(frozen=True)")], 0.9)
                yield site.edit(f"Let `{match[1]}` have a hash", [(end, end, "(unsafe_hash=True)")], 0.7)
            elif re.match(r"@(?:\w+\.)?dataclass\(.*\)$", text, re.DOTALL) and "frozen" not in text:
                comma = "" if text.endswith("()") else ", "
                yield site.edit(f"Freeze `{match[1]}`", [(end - 1, end - 1, f"{comma}frozen=True")], 0.9)
        yield from _hash(site, owner)


def classes(context: Context, name: str) -> Iterator[tuple[Site, Node]]:
    """The definitions of a class in the files that may be changed, that of the fault first."""
    for file in dict.fromkeys(
        [context.name, *(each.path for each in context.fault.frames), *context.workspace.python_files[:100]]
    ):
        text = context.workspace.text(file)
        if (
            text is None
            or is_test(file)
            or not re.search(rf"^[ \t]*class[ \t]+{re.escape(name)}\b", text, re.MULTILINE)
        ):
            continue
        tree = Tree(text)
        site = Site(file, text, tree, 0)
        for node in walk(tree.tree.root_node):
            label = field_of(node, "name") if node.type == "class_definition" else None
            if label is not None and site.code(label) == name:
                yield site, node
        return


def methods(site: Site, owner: Node) -> dict[str, Node]:
    """The methods that a class defines itself, by name."""
    body = field_of(owner, "body")
    found: dict[str, Node] = {}
    for child in body.named_children if body is not None else []:
        inner = child.named_children[-1] if child.type == "decorated_definition" else child
        label = field_of(inner, "name") if inner.type == "function_definition" else None
        if label is not None:
            found[site.code(label)] = inner
    return found


def _hash(site: Site, owner: Node) -> Iterator[Draft]:
    own = methods(site, owner)
    equal = own.get("__eq__")
    if equal is None or "__hash__" in own:
        return
    compared = list(dict.fromkeys(re.findall(r"\bself(\.\w+)\s*==\s*\w+\1\b", site.code(equal))))
    if not compared:
        return
    start, end = site.span(equal)
    begin = site.text.rfind("\n", 0, start) + 1
    indent = re.match(r"[ \t]*", site.text[begin:start])
    blank = indent[0] if indent else "    "
    parts = [f"self{each}" for each in compared]
    value = parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
    unit = "\t" if "\t" in blank else blank
    newline = "\r\n" if "\r\n" in site.text else "\n"
    new = f"{newline}{newline}{blank}def __hash__(self):{newline}{blank}{unit}return hash({value})"
    yield site.edit("Insert `__hash__` beside `__eq__`", [(end, end, new)], 0.9)


REPAIR = Repair("unhashable-class", "Make the instances of a class usable as keys", propose)
