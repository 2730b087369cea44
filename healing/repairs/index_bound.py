"""What it does
    Shifts an index or the bound of a loop by one where a sequence was left behind: removes a ``+ 1``, ends a range one
    earlier, makes ``<=`` strict; begins a range at 0 that ends where it begins.

Example
    ``for i in range(len(items) + 1): use(items[i])``

Use instead
    ``for i in range(len(items)): use(items[i])``

When it stays silent
    The fault is not an IndexError, or neither the index nor its loop has a bound that could be off by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...analyzers.syntax import enclosing
from ..expressions import Tree, candidates
from ..fault import Fault
from ..grammar import splice
from ..repair import Context, Draft, Repair


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "IndexError":
        return
    tree = Tree(context.text)
    names: set[str] = set()
    for each in candidates(context, "subscript"):
        for index in each.node.children_by_field_name("subscript"):
            names |= set(re.findall(r"[^\W\d]\w*", (index.text or b"").decode("utf-8", "replace")))
            yield from _shifted(context, tree, index, 0.9 if each.marked else 0.8)
            yield from _asked(context, tree, each.node, index)
    line = next(iter(tree.on_line(fault.line, "expression_statement", "return_statement", "if_statement")), None)
    function = enclosing(line, "function_definition") if line is not None else None
    root = function or tree.tree.root_node
    for node in _walk(root):
        if node.start_point[0] > fault.line + 1:
            continue
        prior = 0.84 - 0.004 * min(abs(fault.line - node.start_point[0]), 30)
        if node.type == "call" and (node.text or b"").startswith(b"range"):
            yield from _from_itself(context, tree, node)
            yield from _range(context, tree, node, prior)
        elif node.type == "comparison_operator":
            yield from _strict(context, tree, node, prior)


def _from_itself(context: Context, tree: Tree, call: Node) -> Iterator[Draft]:
    """``range(n, n)``: nobody means a row that ends where it begins."""
    arguments = call.child_by_field_name("arguments")
    given = [tree.expression(each) for each in arguments.named_children] if arguments is not None else []
    if len(given) in (2, 3) and given[0].text == given[1].text:
        title = f"Begin the range at 0: `range({given[1].text[:30]})`"
        if len(given) == 2:
            yield context.edit(title, [(given[0].start, given[1].start, "")], 0.94)
        else:
            yield context.edit(title, [(given[0].start, given[0].end, "0")], 0.94)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _shifted(context: Context, tree: Tree, index: Node, prior: float) -> Iterator[Draft]:
    found = tree.expression(index)
    if index.type == "binary_operator":
        left, right, operator = (index.child_by_field_name(each) for each in ("left", "right", "operator"))
        if left is not None and right is not None and operator is not None and right.text == b"1":
            kept = tree.expression(left)
            if operator.type == "+" and not _same(tree, index, kept.text):
                yield context.edit(f"Index with `{kept.text}`", [(found.start, found.end, kept.text)], prior)
                yield context.edit(
                    f"Index with `{kept.text} - 1`", [(found.start, found.end, f"{kept.text} - 1")], prior - 0.2
                )
            return
    if index.type in {"slice", "string"}:
        return
    if index.type == "integer" and found.text.isdigit() and int(found.text) > 0:
        lower = str(int(found.text) - 1)
        yield context.edit(f"Index with `{lower}`", [(found.start, found.end, lower)], prior - 0.15)
        return
    yield context.edit(f"Index with `{found.text} - 1`", [(found.start, found.end, f"{found.text} - 1")], prior - 0.15)


def _asked(context: Context, tree: Tree, node: Node, index: Node) -> Iterator[Draft]:
    """A condition that reads beyond the end: it asks first whether there is such a place."""
    owner = enclosing(node, "while_statement", "if_statement", "elif_clause")
    condition = owner.child_by_field_name("condition") if owner is not None else None
    value = node.child_by_field_name("value")
    if condition is None or value is None or not condition.start_byte <= node.start_byte < condition.end_byte:
        return
    if index.type not in {"identifier", "attribute", "binary_operator"}:
        return
    asked, place = tree.expression(condition), tree.expression(index)
    bound = f"{place.text} < len({tree.expression(value).text})"
    if bound in asked.text:
        return
    if condition.type == "boolean_operator" and any(child.type == "or" for child in condition.children):
        edits = [(asked.start, asked.start, f"{bound} and ("), (asked.end, asked.end, ")")]
    else:
        edits = [(asked.start, asked.start, f"{bound} and ")]
    yield context.edit(
        f"Ask `{bound}` first", edits, 0.88 if owner is not None and owner.type == "while_statement" else 0.7
    )


def _same(tree: Tree, index: Node, new: str) -> bool:
    """Whether both sides of an operation would be the same, so that it says nothing."""
    found = enclosing(index, "binary_operator", "comparison_operator")
    while found is not None and found.start_byte >= index.start_byte and found.end_byte <= index.end_byte:
        found = enclosing(found.parent, "binary_operator", "comparison_operator")
    sides = found.named_children if found is not None else []
    if len(sides) != 2:
        return False
    one, other = (tree.expression(each) for each in sides)
    place = tree.expression(index)
    if one.start <= place.start < one.end:
        changed = one.text[: place.start - one.start] + new + one.text[place.end - one.start :]
        return changed == other.text
    changed = other.text[: place.start - other.start] + new + other.text[place.end - other.start :]
    return changed == one.text


def _range(context: Context, tree: Tree, call: Node, prior: float) -> Iterator[Draft]:
    arguments = call.child_by_field_name("arguments")
    if arguments is None or not arguments.named_children:
        return
    items = arguments.named_children
    stop = items[0] if len(items) == 1 else items[1]
    found = tree.expression(stop)
    match = re.match(r"(.+?)\s*\+\s*1$", found.text)
    if match:
        yield _edit(context, found.start, found.end, match[1], f"End the range at `{match[1]}`", prior + 0.06)
    else:
        yield _edit(context, found.start, found.end, f"{found.text} - 1", f"End the range at `{found.text} - 1`", prior)
    if len(items) > 1:
        start = tree.expression(items[0])
        if start.text == "0":
            yield _edit(context, start.start, start.end, "1", "Start the range at 1", prior - 0.1)


def _strict(context: Context, tree: Tree, node: Node, prior: float) -> Iterator[Draft]:
    for child in node.children:
        if child.type in {"<=", ">="}:
            start = tree.offset(child.start_byte)
            strict = child.type[0]
            yield _edit(context, start, start + 2, strict, f"Compare with `{strict}`", prior)


def _edit(context: Context, start: int, end: int, new: str, title: str, prior: float) -> Draft:
    return Draft(title, {context.name: splice(context.text, [(start, end, new)])}, prior)


REPAIR = Repair("index-bound", "Shift an index or a loop's bound by one", propose)
