"""The expressions at the place of a fault, from the tree, with code-point offsets.

From Python 3.11 on a traceback marks the very expression that failed; before, all on the line are candidates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from .repair import Context
from .scopes import tree_of


@dataclass(frozen=True, slots=True)
class Expression:
    """A node with its code-point offsets. ``marked`` is true for the one that the traceback marked."""

    node: Node
    start: int
    end: int
    text: str
    marked: bool = False

    @property
    def type(self) -> str:
        return self.node.type

    def field(self, name: str) -> Node | None:
        return self.node.child_by_field_name(name)


class Tree:
    """The tree of the file of a fault, in code points."""

    def __init__(self, text: str) -> None:
        self.tree, self.data = tree_of(text)
        self.ascii = len(self.data) == len(text)

    def offset(self, byte: int) -> int:
        return byte if self.ascii else len(self.data[:byte].decode("utf-8", "replace"))

    def expression(self, node: Node, marked: bool = False) -> Expression:
        text = self.data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")
        return Expression(node, self.offset(node.start_byte), self.offset(node.end_byte), text, marked)

    def on_line(self, line: int, *types: str) -> Iterator[Node]:
        """Nodes of these types that start on a line, or hold it, outer ones first."""
        stack = [self.tree.root_node]
        while stack:
            node = stack.pop()
            if node.start_point[0] <= line <= node.end_point[0]:
                if node.type in types and node.start_point[0] <= line:
                    yield node
                stack.extend(reversed(node.children))


def candidates(context: Context, *types: str) -> list[Expression]:
    """Expressions of these types on the line of the fault: the marked one, those inside the mark, the others."""
    tree = Tree(context.text)
    fault = context.fault
    start, end = context.offset, context.lines.offset(max(fault.line, 0), max(fault.end_column, 0))
    known = fault.column >= 0 and fault.end_column > fault.column
    found: list[tuple[int, int, Expression]] = []
    for node in tree.on_line(fault.line, *types):
        if node.start_point[0] < fault.line - 6 or node.end_point[0] > fault.line + 12:
            continue
        each = tree.expression(node)
        if known and (each.start, each.end) == (start, end):
            found.append((0, 0, Expression(node, each.start, each.end, each.text, True)))
        elif known and start <= each.start and each.end <= end:
            found.append((1, -(each.end - each.start), each))
        else:
            found.append((2, each.end - each.start, each))
    if known and any(rank < 2 for rank, _, _ in found):
        found = [item for item in found if item[0] < 2]
    return [each for _, _, each in sorted(found, key=lambda item: item[:2])]


def types_here(context: Context) -> dict[str, str]:
    """Local names and the names of their types in the frame of the fault, where the crash was observed."""
    return types_at(context, context.name, context.fault.line, Tree(context.text) if context.observed else None)


def types_at(context: Context, name: str, line: int, tree: Tree | None) -> dict[str, str]:
    """The types of the names in the innermost observed call that is on a line; in a comprehension, and other functions
    that stand in another one's text, those of what is around them, too."""
    if context.observed is None or tree is None:
        return {}
    path = context.workspace.absolute(name)
    frames = [
        each for each in context.observed.frames if each.path == path or path.endswith(f"/{each.path.lstrip('./')}")
    ]
    index = next((i for i in reversed(range(len(frames))) if frames[i].line == line), -1)
    if index < 0:
        return {}
    found = dict(frames[index].local_types)
    function = next((node for node in tree.on_line(line, "function_definition")), None)
    first, last = (function.start_point[0], function.end_point[0]) if function is not None else (0, -1)
    for outer in reversed(frames[max(index - 2, 0) : index]):
        if not first <= outer.line <= last:
            break
        for key, kind in outer.local_types.items():
            found.setdefault(key, kind)
    return found
