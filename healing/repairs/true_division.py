"""What it does
    Divides to an integer with ``//`` where a float was used as a count, an index or a bound.

Example
    ``middle = len(items) / 2`` and then ``items[middle]``

Use instead
    ``middle = len(items) // 2``

When it stays silent
    No division leads to the value: the fault is not about a float.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...analyzers.syntax import enclosing
from ..expressions import Tree
from ..fault import Fault, Frame
from ..repair import Context, Draft, Repair

_FLOAT = re.compile(
    r"'float' object cannot be interpreted as an integer|indices must be integers.* not '?float|"
    r"can't multiply sequence by non-int of type 'float'|slice indices must be integers|"
    r"unsupported operand type\(s\) for (?:<<|>>|&|\||\^)=?:.*'float'"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "TypeError" or not _FLOAT.search(fault.message):
        return
    seen: set[tuple[str, int]] = set()
    for away, frame in enumerate(reversed(fault.frames)):
        for draft, key in _divisions(context, frame, 0.9 - 0.06 * min(away, 5)):
            if key not in seen:
                seen.add(key)
                yield draft


def _divisions(context: Context, frame: Frame, prior: float) -> Iterator[tuple[Draft, tuple[str, int]]]:
    """Divisions of the function that a frame is in: on its line first, then above it, then below."""
    text = context.workspace.text(frame.path)
    if text is None:
        return
    from ..grammar import splice

    tree = Tree(text)
    here = next(iter(tree.on_line(frame.line, "function_definition")), None)
    inner = [node for node in tree.on_line(frame.line, "function_definition")]
    root = inner[-1] if inner else (here or tree.tree.root_node)
    stack = [root]
    while stack:
        node = stack.pop()
        stack.extend(node.children)
        if node.type not in {"binary_operator", "augmented_assignment"}:
            continue
        operator = node.child_by_field_name("operator")
        if operator is None or operator.type not in {"/", "/="}:
            continue
        if enclosing(node, "function_definition") != enclosing(root, "function_definition"):
            continue
        row = operator.start_point[0]
        start = tree.offset(operator.start_byte)
        distance = 0.0 if row == frame.line else 0.02 + 0.002 * min(abs(frame.line - row), 20)
        if row > frame.line:
            distance += 0.03
        new = splice(text, [(start, start + 1, "//")])
        title = f"Divide to an integer in line {row + 1}"
        yield Draft(title, {frame.path: new}, max(prior - distance, 0.05)), (frame.path, start)
        right = node.child_by_field_name("right")
        step = _step_of(node)
        for sign in ("+", "-") if step else ():
            # ``place = place / 1`` counts: what is divided by one stays as it is.
            new = splice(text, [(start, start + 1, sign)])
            likely = (0.92 if step == "1" else 0.7) - 0.12 * (sign == "-")
            yield Draft(f"Use `{sign}` in line {row + 1}", {frame.path: new}, likely - distance), (sign, start)
        value = tree.expression(node if node.type == "binary_operator" or right is None else right)
        if node.type == "binary_operator":
            # Where one side is a float already, so is what `//` gives.
            new = splice(text, [(value.start, value.end, f"int({value.text})")])
            title = f"Convert the quotient to an integer in line {row + 1}"
            yield Draft(title, {frame.path: new}, max(prior - distance - 0.15, 0.05)), (frame.path, -start)


def _step_of(node: Node) -> str:
    """The number that a variable is divided by to give itself: ``1`` of ``n = n / 1`` and ``n /= 1``."""
    right = node.child_by_field_name("right")
    if right is None or right.type != "integer":
        return ""
    left, parent = node.child_by_field_name("left"), node.parent
    target = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    itself = node.type == "augmented_assignment" or (
        left is not None and target is not None and left.type == "identifier" and left.text == target.text
    )
    return (right.text or b"").decode() if itself else ""


REPAIR = Repair("true-division", "Divide to an integer where a float cannot be used", propose)
