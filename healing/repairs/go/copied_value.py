"""What it does
    Lets a method change its value and not a copy of it, by a pointer receiver; lets a lock be shared and not copied, by
    a pointer as receiver or parameter.

Example
    ``func (s Stack) Push(value int) { s.items = append(s.items, value) }``

Use instead
    ``func (s *Stack) Push(value int)``

When it stays silent
    The method changes nothing of its receiver, or what is copied is no receiver and no parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import go
from ...compiled.syntax import Tree, find, up
from ...fault import Fault
from ...grammar import splice
from ...repair import Context, Draft, Repair

_LOCK = re.compile(r"^\w+ passes lock by value: \S+ contains ")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if _LOCK.search(fault.message):
        tree = go.tree_of(context.text)
        node = up(tree.at(context.offset), "parameter_declaration")
        kind = node.child_by_field_name("type") if node is not None else None
        if kind is None or node is None:
            return
        method = up(node, "method_declaration")
        receiver = method.child_by_field_name("receiver") if method is not None else None
        place = tree.start(kind)
        if receiver is not None and receiver.start_byte <= node.start_byte < receiver.end_byte:
            yield context.edit("Take the receiver by its address", [(place, place, "*")], 0.96)
        else:
            yield from _parameter(context, tree, node, place)
    elif fault.category == "test" or fault.exception == "panic":
        yield from _receivers(fault, context)


def _receivers(fault: Fault, context: Context) -> Iterator[Draft]:
    """Methods whose changes are lost: they assign to a field of a receiver that is a copy, and do not return it."""
    folder = fault.path.rpartition("/")[0] or "."
    for name in go.go_files(context.workspace, folder):
        tree = go.tree_of(context.workspace.text(name) or "")
        places: dict[str, list[tuple[int, int, str]]] = {}
        for node in find(tree.root, "method_declaration"):
            receiver = next(find(node.child_by_field_name("receiver"), "parameter_declaration"), None)
            kind = receiver.child_by_field_name("type") if receiver is not None else None
            if receiver is None or kind is None or kind.type == "pointer_type":
                continue
            if _assigns(tree, node, tree.field(receiver, "name")):
                places.setdefault(tree.of(kind), []).append((tree.start(kind), tree.start(kind), "*"))
        for owner, each in places.items():
            text = splice(tree.text, tuple(each))
            yield Draft(f"Let methods change `{owner}` itself, not a copy", {name: text}, 0.93)


def _assigns(tree: Tree, method: Node, name: str) -> bool:
    body = method.child_by_field_name("body")
    for node in find(body, "assignment_statement", "inc_statement", "dec_statement"):
        left = node.child_by_field_name("left") or node
        for each in find(left, "selector_expression"):
            if (
                tree.of(each).startswith(f"{name}.")
                and each.parent is not None
                and each.parent.type != "index_expression"
            ):
                returns = (tree.of(one) for one in find(body, "return_statement"))
                return not any(re.search(rf"\b{re.escape(name)}$", one) for one in returns)
    return False


def _parameter(context: Context, tree: Tree, node: Node, place: int) -> Iterator[Draft]:
    """The parameter as a pointer, and every call in the file with the address of what it gives."""
    function = up(node, "function_declaration", "method_declaration")
    listed = node.parent
    if function is None or listed is None:
        return
    name = tree.field(function, "name")
    position = 0
    for each in listed.named_children:
        if each == node:
            break
        position += max(len(each.children_by_field_name("name")), 1)
    splices = [(place, place, "*")]
    for call in find(tree.root, "call_expression"):
        arguments = call.child_by_field_name("arguments")
        if tree.field(call, "function").rpartition(".")[2] != name or arguments is None:
            continue
        if len(arguments.named_children) > position:
            start = tree.start(arguments.named_children[position])
            if tree.text[start] == "*":
                splices.append((start, start + 1, ""))
            elif tree.text[start] != "&":
                splices.append((start, start, "&"))
    yield context.edit("Pass the address, not a copy", sorted(splices), 0.93)


REPAIR = Repair("go-copied-value", "Change a value, not a copy of it", propose, languages=("go",))
