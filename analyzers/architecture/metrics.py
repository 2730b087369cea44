"""Counts over one function, taken from the unit's index of nodes so that small functions cost next to nothing.

Cyclomatic complexity: McCabe, "A Complexity Measure" (1976), one more than the number of decisions (branches, loops,
handlers, conditions of comprehensions, operands of ``and``/``or``). Cognitive complexity: Campbell, "Cognitive
Complexity" (SonarSource, 2018), where a decision costs more the deeper it is nested. Nested functions count to the
function around them.
"""

from __future__ import annotations

from bisect import bisect_left

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
#: What a block can be in; expressions hold none.
_HOLDS_BLOCKS = (
    _BLOCKS
    | {"block", "elif_clause", "else_clause", "except_clause", "except_group_clause", "finally_clause", "case_clause"}
    | {"decorated_definition", "function_definition", "class_definition"}
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
        stack.extend((child, level) for child in node.named_children if child.type in _HOLDS_BLOCKS)
    return deepest


def docstring_rows(definition: Node) -> int:
    """Rows of a definition's docstring; 0 if it has none."""
    body = definition.child_by_field_name("body")
    first = body.named_children[0] if body is not None and body.named_children else None
    if first is None or first.type != "expression_statement" or first.children[0].type not in _STRINGS:
        return 0
    return first.end_point[0] - first.start_point[0] + 1


_STRINGS = frozenset({"string", "concatenated_string"})
#: Statements that do something by themselves, and the heads of those that hold others.
_STATEMENTS = (
    *("expression_statement", "return_statement", "raise_statement", "assert_statement", "delete_statement"),
    *("break_statement", "continue_statement", "if_statement", "elif_clause", "for_statement", "while_statement"),
    *("try_statement", "except_clause", "with_statement", "match_statement", "case_clause", "function_definition"),
)
_LITERALS = frozenset({"string", "concatenated_string", "integer", "float", "true", "false", "none"})
_COLLECTIONS = frozenset({"list", "tuple", "set", "dictionary"})
_COMPOUND = _BLOCKS | {"function_definition", "class_definition", "decorated_definition"}
#: Arms from which on a row of short cases is a table that happens to be written with ``elif``.
ARMS = 4


def logic(unit: Unit) -> tuple[int, int]:
    """(statements of logic, cyclomatic complexity) of a function without its tables.

    Not counted are docstrings and statements that only write literals down (a name or an attribute set to one, a call
    with nothing else), and a cascade of short arms counts as one statement and one decision."""
    statements = sum(len(unit.index.get(kind, ())) for kind in _STATEMENTS) - 1  # the function itself
    statements -= sum(1 for each in unit.index.get("expression_statement", ()) if _is_data(each))
    branches = cyclomatic(unit)
    for arms, held in _cascades(unit):
        statements -= arms - 1 + held
        branches -= arms - 1
    return max(0, statements), max(1, branches)


def _is_data(statement: Node) -> bool:
    """Does a statement only write literals down (or names a type, or is a docstring)?"""
    inner = statement.children[0] if statement.children else statement
    if inner.type == "assignment":
        right = inner.child_by_field_name("right")
        return right is None or _is_literal(right)
    if inner.type == "call":
        arguments = inner.child_by_field_name("arguments")
        return (
            arguments is not None
            and bool(arguments.named_children)
            and all(map(_is_argument, arguments.named_children))
        )
    return inner.type in _LITERALS


def _is_argument(node: Node) -> bool:
    value = node.child_by_field_name("value") if node.type == "keyword_argument" else node
    return value is not None and _is_literal(value)


def _is_literal(node: Node) -> bool:
    if node.type in _LITERALS:
        return not any(each.type == "interpolation" for each in node.children)
    if node.type == "pair":
        value = node.child_by_field_name("value")
        return value is not None and _is_literal(value)
    return node.type in _COLLECTIONS and all(map(_is_literal, node.named_children))


def _cascades(unit: Unit) -> list[tuple[int, int]]:
    """(arms, statements in them) of each ``if``/``elif`` or ``match`` whose many arms all are short."""
    found: list[tuple[int, int]] = []
    for node in unit.index.get("if_statement", ()):
        arms = [node, *(each for each in node.children if each.type in ("elif_clause", "else_clause"))]
        if len(arms) >= ARMS:
            found += _short(
                [each.child_by_field_name("consequence") or each.child_by_field_name("body") for each in arms]
            )
    for node in unit.index.get("match_statement", ()):
        body = node.child_by_field_name("body")
        cases = [each for each in body.named_children if each.type == "case_clause"] if body is not None else []
        if len(cases) >= ARMS:
            found += _short([each.child_by_field_name("consequence") for each in cases])
    return found


def _short(blocks: list[Node | None]) -> list[tuple[int, int]]:
    """(blocks, statements in them) if all of them hold two simple statements at most; else nothing."""
    held = 0
    for block in blocks:
        inside = [each for each in block.named_children if each.type != "comment"] if block is not None else []
        if len(inside) > 2 or any(each.type in _COMPOUND for each in inside):
            return []
        held += len(inside)
    return [(len(blocks), held)]


#: A block is worth a function of its own if it holds so many statements, and this share of all at least and at most.
PART_STATEMENTS, PART_LEAST, PART_MOST = 8, 1 / 6, 3 / 4


def largest_part(unit: Unit) -> tuple[Node, int] | None:
    """The block of a long function that holds most of its statements, and how many; one that holds nearly all of them
    (the loop that the function is) is no part. What a reader would give a name first."""
    places = sorted(each.start_byte for kind in _STATEMENTS for each in unit.index.get(kind, ()))
    whole = len(places) - 1  # the function itself
    found: list[tuple[int, int, Node]] = []
    for kind in _BLOCKS:
        for node in unit.index.get(kind, ()):
            inside = bisect_left(places, node.end_byte) - bisect_left(places, node.start_byte)
            if inside >= PART_STATEMENTS and PART_LEAST * whole <= inside <= PART_MOST * whole:
                found.append((-inside, node.start_byte, node))
    if not found:
        return None
    inside, _, node = min(found, key=lambda each: each[:2])
    return node, -inside


def head_of(unit: Unit, block: Node) -> str:
    """The head of a block on one line, without its colon; cut if it is long."""
    body = block.child_by_field_name("body") or block.child_by_field_name("consequence")
    end = body.start_byte if body is not None else block.end_byte
    start, parts = block.start_byte, list[bytes]()
    for each in sorted(unit.index.get("comment", ()), key=lambda comment: comment.start_byte):
        if start <= each.start_byte < end:
            parts.append(unit.data[start : each.start_byte])
            start = each.end_byte
    words = " ".join(b" ".join([*parts, unit.data[start:end]]).decode("utf-8", "replace").split())
    head = words.removesuffix(":").rstrip()
    return head if len(head) <= _HEAD else f"{head[: _HEAD - 1]}…"


#: Characters of a block's head that are quoted.
_HEAD = 48


def is_setup(unit: Unit) -> bool:
    """Does a function mostly define others for somebody else to call (views of a blueprint, commands, fixtures)? Then
    its length is that of a module, and what it counts is theirs."""
    return sum(_is_registered(each) for each in unit.index.get("decorated_definition", ())) >= REGISTERED


#: So many decorated functions within one make it the place where they are set up.
REGISTERED = 2


def _is_registered(definition: Node) -> bool:
    inner = definition.child_by_field_name("definition")
    return inner is not None and inner.type == "function_definition" and _is_call(definition.named_children[0])


def _is_call(decorator: Node) -> bool:
    """``@blueprint.route("/")``, and not ``@wraps(f)`` or ``@property``"""
    called = decorator.named_children[0] if decorator.named_children else None
    function = called.child_by_field_name("function") if called is not None and called.type == "call" else called
    return function is not None and function.type == "attribute"


def heading(unit: Unit) -> Node:
    """What a finding about a whole definition points at: its name."""
    return unit.node.child_by_field_name("name") or unit.node


def sureness(*times: float) -> float:
    """How sure it is that somebody would mend what is so many times over its thresholds: little over is taste."""
    return min(0.9, 0.4 + 0.35 * (max(times) - 1.0))


def counted(metric: str, value: float, threshold: float, source: str = "") -> Evidence:
    """Evidence that a metric is over its threshold."""
    summary = f"{metric} {value}, threshold {threshold}" + (f" ({source})" if source else "")
    return Evidence("counted", summary, {"metric": metric, "value": value, "threshold": threshold})
