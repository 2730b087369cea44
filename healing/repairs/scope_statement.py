"""What it does
    Declares a name ``global`` or ``nonlocal`` in the function that assigns to what an outer scope binds; gives a local
    variable that hides a builtin another name, where the function also needs the builtin.

Example
    ``def note(): count += 1`` with ``count = 0`` in the module

Use instead
    ``def note(): global count; count += 1``

When it stays silent
    No outer scope binds the name, or the function binds it before it is used.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..names import undefined_name
from ..origins import Site, assignments, field_of, mendable, parameters_of, walk
from ..repair import Context, Draft, Repair
from ..scopes import scopes_at

_SHADOWED = re.compile(
    r"^'(?:int|float|str|list|dict|tuple|set|bool|NoneType|bytes)' object is not callable|^isinstance\(\) arg 2"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception == "UnboundLocalError":
        name = undefined_name(fault)
        for site in mendable(context)[:1]:
            yield from _declared(site, name)
            if hasattr(builtins, name):
                yield from _renamed(site, name)
    elif fault.exception == "TypeError" and _SHADOWED.match(fault.message):
        for site in mendable(context)[:1]:
            for node in site.nodes("call"):
                function = field_of(node, "function")
                for each in (function, *_arguments(node)):
                    if each is not None and each.type == "identifier" and hasattr(builtins, site.code(each)):
                        yield from _renamed(site, site.code(each))


def _arguments(call: Node) -> list[Node]:
    arguments = field_of(call, "arguments")
    return arguments.named_children if arguments is not None else []


def _declared(site: Site, name: str) -> Iterator[Draft]:
    function = site.function
    body = field_of(function, "body")
    if body is None or not body.named_children or function.type != "function_definition":
        return
    scopes = scopes_at(site.text, site.span(body.named_children[0])[0])
    outer = [each for each in scopes[1:] if name in each.names and each.kind in {"function", "module"}]
    if not outer:
        return
    word = "global" if outer[0].kind == "module" else "nonlocal"
    first = body.named_children[0]
    if first.type == "expression_statement" and first.named_children and first.named_children[0].type == "string":
        first = body.named_children[1] if len(body.named_children) > 1 else first
    start = site.span(first)[0]
    begin = site.text.rfind("\n", 0, start) + 1
    indent = re.match(r"[ \t]*", site.text[begin:start])
    newline = "\r\n" if "\r\n" in site.text else "\n"
    new = f"{word} {name}{newline}{indent[0] if indent else ''}"
    if site.text[begin:start].strip():
        new = f"{word} {name}; "
    yield site.edit(f"Insert `{word} {name}`", [(start, start, new)], 0.94)


def _renamed(site: Site, name: str) -> Iterator[Draft]:
    """The local variable becomes ``name_``; where it is called, the builtin is meant."""
    function = site.function
    bound = assignments(function, name, site.text)
    hides = name in parameters_of(function) if function.type == "function_definition" else False
    module = [] if bound or hides else assignments(site.tree.tree.root_node, name, site.text)
    root = site.tree.tree.root_node if module else function
    if not bound and not hides and not module:
        return
    edits: list[tuple[int, int, str]] = []
    for node in walk(root):
        parent = node.parent
        if node.type != "identifier" or site.code(node) != name or parent is None:
            continue
        if parent.type == "call" and field_of(parent, "function") == node:
            continue
        if parent.type in {"attribute", "keyword_argument"} and field_of(parent, "attribute") == node:
            continue
        edits.append((*site.span(node), f"{name}_"))
    # What is assigned from the builtin itself goes on meaning the builtin.
    for node, value in bound:
        if site.code(value) == name:
            edits = [each for each in edits if each[0] != site.span(value)[0]]
            left = field_of(node, "left")
            if left is not None:
                rest = [each for each in edits if each[0] != site.span(left)[0]]
                if not rest:
                    line = site.text.find("\n", site.span(node)[1]) + 1
                    begin = site.text.rfind("\n", 0, site.span(node)[0]) + 1
                    yield site.edit(f"Remove `{name} = {name}`", [(begin, line, "")], 0.9)
                    return
    if edits:
        yield site.edit(f"Rename the variable `{name}` that hides the builtin", edits, 0.88)


REPAIR = Repair("scope-statement", "Declare a name global or nonlocal, or stop hiding a builtin", propose)
