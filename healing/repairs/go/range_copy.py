"""What it does
    Changes the elements of a slice where a loop changes its own copy of each, and nothing looks at that copy after.

Example
    ``for _, item := range items { item.Price += by }``

Use instead
    ``for i := range items { items[i].Price += by }``

When it stays silent
    No test failed, or the loop uses its copy otherwise, or what it goes through is no plain name.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count

from tree_sitter import Node

from ...compiled import go
from ...compiled.syntax import Tree, find
from ...fault import Fault
from ...grammar import splice
from ...repair import Context, Draft, Repair

_CHANGES = ("assignment_statement", "inc_statement", "dec_statement")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if not fault.tests:
        return
    for name in go.package_files(context.workspace, context.name):
        text = context.workspace.text(name) or ""
        if name.endswith("_test.go"):
            continue
        tree = go.tree_of(text)
        for loop in find(tree.root, "for_statement"):
            new = _indexed(tree, loop)
            if new is not None:
                yield Draft("Change the elements, not a copy of each", {name: new}, 0.85)


def _indexed(tree: Tree, loop: Node) -> str | None:
    clause = next((each for each in loop.named_children if each.type == "range_clause"), None)
    body = loop.child_by_field_name("body")
    left, right = (clause.child_by_field_name(side) if clause is not None else None for side in ("left", "right"))
    if clause is None or body is None or left is None or right is None or right.type != "identifier":
        return None
    names = [tree.of(each) for each in left.named_children]
    if len(names) != 2:
        return None
    index, copy = names
    if not any(_owner(tree, each) == copy for each in find(body, *_CHANGES)):
        return None
    index = _free(tree, loop) if index == "_" else index
    uses = [each for each in find(body, "identifier") if tree.of(each) == copy]
    changes = [(tree.start(each), tree.end(each), f"{tree.of(right)}[{index}]") for each in uses]
    return splice(tree.text, [(tree.start(left), tree.end(left), index), *changes])


def _owner(tree: Tree, change: Node) -> str:
    """The variable of which a field is changed."""
    target = change.child_by_field_name("left") or (change.named_children[0] if change.named_children else None)
    if target is not None and target.type == "expression_list" and len(target.named_children) == 1:
        target = target.named_children[0]
    if target is None or target.type != "selector_expression":
        return ""
    return tree.field(target, "operand")


def _free(tree: Tree, loop: Node) -> str:
    used = {tree.of(each) for each in find(loop, "identifier")}
    names = chain(("i", "j", "k"), (f"index{number}" for number in count()))
    return next(each for each in names if each not in used)


REPAIR = Repair("go-range-copy", "Change the elements of a slice, not a copy of each", propose, languages=("go",))
