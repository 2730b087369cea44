"""Counts over one function, taken from the unit's index of nodes so that small functions cost next to nothing.

Cyclomatic complexity: McCabe, "A Complexity Measure" (1976), one more than the number of decisions (branches, loops,
handlers, conditions of comprehensions, operands of ``and``/``or``). Cognitive complexity: Campbell, "Cognitive
Complexity" (SonarSource, 2018), where a decision costs more the deeper it is nested. Nested functions count to the
function around them.
"""

from __future__ import annotations

from tree_sitter import Node

from ..findings import Evidence
from ..syntax import Unit

_DECISIONS = (
    "if_statement",
    "elif_clause",
    "for_statement",
    "while_statement",
    "except_clause",
    "conditional_expression",
    "boolean_operator",
    "for_in_clause",
    "if_clause",
    "case_clause",
)

_NESTING = frozenset(
    {"if_statement", "for_statement", "while_statement", "except_clause", "conditional_expression", "match_statement"}
)
_FLAT = frozenset({"elif_clause", "else_clause"})

#: Blocks that indent.
_BLOCKS = frozenset(
    {"if_statement", "for_statement", "while_statement", "try_statement", "with_statement", "match_statement"}
)


def cyclomatic(unit: Unit) -> int:
    """One plus the number of decisions."""
    return 1 + sum(len(unit.index.get(kind, ())) for kind in _DECISIONS)


def cognitive(unit: Unit) -> int:
    """How hard the control flow is to follow."""
    total = 0
    stack: list[tuple[Node, int]] = [(unit.node, 0)]
    while stack:
        node, depth = stack.pop()
        kind = node.type
        below = depth
        if kind in _NESTING:
            total += 1 + depth
            below = depth + 1
        elif kind in _FLAT:
            total += 1
        elif kind in ("function_definition", "lambda") and node != unit.node:
            below = depth + 1
        elif kind == "boolean_operator" and not _continues(node):
            total += 1
        for child in node.named_children:
            # An ``elif`` or ``else`` stands as deep as its ``if``.
            stack.append((child, depth if child.type in _FLAT and kind == "if_statement" else below))
    return total


def _continues(node: Node) -> bool:
    """Is this ``a and b`` part of a longer row of the same operator?"""
    left = node.child_by_field_name("left")
    operator = node.child_by_field_name("operator")
    inner = left.child_by_field_name("operator") if left is not None and left.type == "boolean_operator" else None
    return inner is not None and operator is not None and inner.type == operator.type


def depth(unit: Unit) -> tuple[int, Node | None]:
    """Deepest nesting of blocks, and the innermost block; an ``elif`` is as deep as its ``if``, and a function nested
    in the unit starts anew."""
    deepest: tuple[int, Node | None] = (0, None)
    stack: list[tuple[Node, int]] = [(unit.node, 0)]
    while stack:
        node, level = stack.pop()
        if node.type in ("function_definition", "class_definition"):
            level = 0
        elif node.type in _BLOCKS:
            level += 1
            if level > deepest[0]:
                deepest = (level, node)
        stack.extend((child, level) for child in node.named_children)
    return deepest


def docstring_rows(definition: Node) -> int:
    """Lines of a definition's docstring."""
    body = definition.child_by_field_name("body")
    first = body.named_children[0] if body is not None and body.named_children else None
    if (
        first is None
        or first.type != "expression_statement"
        or not first.children
        or first.children[0].type != "string"
    ):
        return 0
    return first.end_point[0] - first.start_point[0] + 1


def code_lines(unit: Unit, definition: Node | None = None) -> int:
    """Lines that hold code: neither empty, nor only a comment, nor the docstring."""
    node = definition or unit.node
    lines = unit.text(node).split("\n")
    counted = sum(1 for line in lines if (stripped := line.strip()) and not stripped.startswith("#"))
    return counted - docstring_rows(node)


def heading(unit: Unit) -> Node:
    """What a finding about a whole definition points at: its name."""
    return unit.node.child_by_field_name("name") or unit.node


def counted(metric: str, value: float, threshold: float, source: str = "") -> Evidence:
    """Evidence that a metric is over its threshold."""
    summary = f"{metric} {value}, threshold {threshold}" + (f" ({source})" if source else "")
    return Evidence("counted", summary, {"metric": metric, "value": value, "threshold": threshold})
