"""The functions and classes of a text with the lines that they take, for whoever speaks of a place by its name.

Invariant: what does not parse is left out, never guessed.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from tree_sitter import Node

from .syntax import text_of

#: Statements in which nobody defines anything.
_LEAVES = frozenset({"expression_statement", "identifier", "comment", "parameters", "return_statement", "string"})


class Definition(NamedTuple):
    """A function or class by its dotted name; 0-based lines, the last one included, decorators too."""

    name: str
    kind: Literal["function", "class"]
    first: int
    last: int
    line: int  # of ``def`` or ``class``


def definitions(root: Node, data: bytes) -> list[Definition]:
    """All definitions below ``root``, in the order of their lines."""
    found: list[Definition] = []
    stack: list[tuple[Node, str]] = [(root, "")]
    while stack:
        node, prefix = stack.pop()
        if node.type in ("function_definition", "class_definition"):
            name = node.child_by_field_name("name")
            if name is None:
                continue
            prefix = f"{prefix}.{text_of(name, data)}" if prefix else text_of(name, data)
            outer = node.parent if node.parent is not None and node.parent.type == "decorated_definition" else node
            kind = "class" if node.type == "class_definition" else "function"
            last = node.end_point[0] - (node.end_point[1] == 0)
            found.append(Definition(prefix, kind, outer.start_point[0], last, node.start_point[0]))
        stack += [(child, prefix) for child in node.named_children if child.type not in _LEAVES]
    return sorted(found, key=lambda each: (each.first, -each.last))


def innermost(found: list[Definition], line: int) -> Definition | None:
    """The smallest definition that a line is in."""
    around = [each for each in found if each.first <= line <= each.last]
    return min(around, key=lambda each: each.last - each.first, default=None)


def function_at(found: list[Definition], line: int) -> Definition | None:
    """The outermost function that a line is in (a method, not its class): what a reviewer judges as one."""
    around = [each for each in found if each.kind == "function" and each.first <= line <= each.last]
    return max(around, key=lambda each: each.last - each.first, default=None)
