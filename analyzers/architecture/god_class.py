"""A class that does everything.

What it does: reports a class with more than 700 lines of code, more than 25 methods and more than 150 branches,
after leaving out what a pattern explains: dunder methods, and families of methods with a common first word
(``visit_…``, ``parse_…``, ``test_…``). Docstrings and comments do not count. So visitors, parsers, mappings and
well-documented data structures are left alone.

Why is this bad: unrelated reasons to change meet in one place, and no part can be used or tested without the rest.

Example::

    class Console:  # renders, exports, reads input, animates, themes: 2000 lines
        ...

Use instead::

    class Console:
        def __init__(self, renderer: Renderer, exporter: Exporter, theme: Theme) -> None: ...

References: Lanza and Marinescu, "Object-Oriented Metrics in Practice" (2006), God Class
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..rules import Rule
from ..syntax import Unit
from .metrics import code_lines, counted, heading

LINES = 700
METHODS = 25
BRANCHES = 150

#: So many methods with the same first word are a family: one pattern, not so many duties.
FAMILY = 8

_BRANCH = re.compile(r"^\s*(?:if|elif|for|while|except|case|async for)\b|\b(?:and|or)\b|\bif\b.*\belse\b", re.MULTILINE)


def check(unit: Unit) -> Iterator[Finding]:
    node = unit.node
    if unit.kind != "class" or node.end_point[0] - node.start_point[0] < LINES:
        return
    methods = list(_methods(node))
    if len(methods) <= METHODS:
        return
    names = [_name(unit, each) for each in methods]
    words = Counter(name.lstrip("_").partition("_")[0] for name in names)
    own = [
        method
        for name, method in zip(names, methods, strict=True)
        if not (name.startswith("__") or words[name.lstrip("_").partition("_")[0]] >= FAMILY)
    ]
    if len(own) <= METHODS:
        return
    lines = sum(code_lines(unit, each) for each in own)
    branches = sum(len(_BRANCH.findall(unit.text(each))) for each in own)
    if lines <= LINES or branches <= BRANCHES:
        return
    yield unit.finding(
        RULE,
        heading(unit),
        f"'{unit.name}' has {len(own)} methods of its own with {lines} lines of code",
        confidence=min(0.85, 0.5 + lines / 4000),
        suggestion="give each group of methods that share attributes a class of its own",
        evidence=(
            counted("lines of code", lines, LINES),
            counted("methods", len(own), METHODS),
            counted("branches", branches, BRANCHES),
        ),
    )


def _methods(node: Node) -> Iterator[Node]:
    body = node.child_by_field_name("body")
    for child in body.named_children if body is not None else ():
        definition = child.child_by_field_name("definition") if child.type == "decorated_definition" else child
        if definition is not None and definition.type == "function_definition":
            yield definition


def _name(unit: Unit, method: Node) -> str:
    name = method.child_by_field_name("name")
    return unit.text(name) if name is not None else ""


RULE = Rule(
    name="god-class",
    reviewer="architecture",
    kind="god_class",
    summary="A class has too many unrelated duties",
    severity="medium",
    check=check,
)
