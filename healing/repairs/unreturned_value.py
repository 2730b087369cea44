"""What it does
    Returns what a function has made where it ended without a value and its caller could not use the None: the object of
    chained calls, the variable that nothing else reads, what was found in a loop, a parameter.

Example
    ``for each in bins: if each.name == name: found = each`` at the end of ``find``

Use instead
    ``return each`` there

When it stays silent
    The fault is not about None, or the functions that were called return something on every path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...analyzers.syntax import enclosing
from ..expressions import Tree
from ..fault import Fault
from ..grammar import line_behind
from ..origins import Site, callee, field_of, functions_named, mendable, origins, parameters_of, sites, walk
from ..repair import Context, Draft, Repair
from ..workspace import is_test

#: How far calls are followed into what they return.
_DEEP = 3
_LACKS = re.compile(r"'NoneType' object has no attribute '(\w+)'")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception not in {"TypeError", "AttributeError"} or "NoneType" not in fault.message:
        return
    lacks = _LACKS.search(fault.message)
    files = _files(context)
    seen: set[tuple[str, int]] = set()
    for name, away in _called(context, files):
        for site in files:
            for function in functions_named(site.text, name):
                key = (site.file, function.start_byte)
                body = field_of(function, "body")
                if key not in seen and body is not None:
                    seen.add(key)
                    yield from _returns(site, function, body, lacks[1] if lacks else "", 0.05 * away)


def _files(context: Context) -> list[Site]:
    """The files of the calls and those that they import, none of them a test."""
    names = [each.file for each in sites(context)]
    for name in list(names):
        text = context.workspace.text(name) or ""
        for module in re.findall(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", text, re.MULTILINE):
            names += [file for file in (context.workspace.modules.get(module),) if file]
    checks = {each.file for each in sites(context) if each.checks}
    found: list[Site] = []
    for name in dict.fromkeys(names):
        text = context.workspace.text(name)
        alone = name == context.name and len(names) == 1
        if text is not None and not is_test(name) and (name not in checks or alone):
            found.append(Site(name, text, Tree(text), 0))
    return found[:6]


def _called(context: Context, files: list[Site]) -> list[tuple[str, int]]:
    """(function, steps) of the calls that may have given the None, nearest first."""
    found: dict[str, int] = {}
    every = mendable(context)
    for site in sites(context)[:3]:
        for node in site.nodes("call"):
            found.setdefault(callee(node), site.away)
        for node in site.nodes("identifier", "attribute"):
            if site.kind(node) in {None, "NoneType"}:
                for _, value, steps in origins(every, site, node):
                    for part in [value, *walk(value)]:
                        if part.type == "call":
                            found.setdefault(callee(part), site.away + steps)
    for _ in range(_DEEP):
        for name, away in list(found.items()):
            for site in files:
                for function in functions_named(site.text, name):
                    for child in walk(function, nested=False):
                        if child.type == "return_statement":
                            for part in walk(child):
                                if part.type == "call":
                                    found.setdefault(callee(part), away + 1)
    return sorted(found.items(), key=lambda item: item[1])


def _returns(site: Site, function: Node, body: Node, lacks: str, malus: float) -> Iterator[Draft]:
    inner = list(walk(body, nested=False))
    label = field_of(function, "name")
    if label is None or site.code(label).startswith("__") or any(node.type == "yield" for node in inner):
        return
    given = any(node.type == "return_statement" and node.named_children for node in inner)
    last = next((each for each in reversed(body.named_children) if each.type != "comment"), None)
    if last is None or last.type in {"return_statement", "raise_statement"}:
        return
    less = 0.25 if given else 0.0
    owner = enclosing(function.parent, "class_definition", "function_definition")
    parameters = parameters_of(function)
    if owner is not None and owner.type == "class_definition" and parameters[:1] == ["self"] and not given:
        own = lacks and re.search(rf"def {lacks}\b|self\.{lacks}\b", site.code(owner))
        yield _line(site, last, body, "return self", (0.93 if own else 0.4) - malus)
    bound: dict[str, Node] = {}
    for node in inner:
        left = field_of(node, "left") if node.type == "assignment" else None
        if left is not None and left.type == "identifier":
            bound.pop(site.code(left), None)
            bound[site.code(left)] = node
    for rank, (name, node) in enumerate(reversed(bound.items())):
        unread = _reads(site, function, name) == 0
        value = field_of(node, "right")
        prior = (0.86 if unread else 0.74) - 0.05 * rank - less - malus
        if unread and value is not None and enclosing(node.parent, "for_statement", "while_statement"):
            yield site.put(f"Return `{site.code(value)[:30]}`", node, f"return {site.code(value)}", prior + 0.03)
        yield _line(site, last, body, f"return {name}", prior)
    for rank, name in enumerate(reversed([each for each in parameters if each not in {"self", "cls", *bound}])):
        yield _line(site, last, body, f"return {name}", 0.62 - 0.04 * rank - less - malus)


def _reads(site: Site, function: Node, name: str) -> int:
    """How often a function mentions a name but to assign to it."""
    count = 0
    for node in walk(function):
        if node.type == "identifier" and site.code(node) == name:
            parent = node.parent
            written = parent is not None and parent.type == "assignment" and field_of(parent, "left") == node
            count += not written
    return count


def _line(site: Site, last: Node, body: Node, line: str, prior: float) -> Draft:
    """A line at the end of a function."""
    start, end = site.span(body)[0], site.span(last)[1]
    return site.edit(f"Insert `{line}`", [line_behind(site.text, end, start, line)], prior)


REPAIR = Repair("unreturned-value", "Return what a function has made, where it ends without a value", propose)
