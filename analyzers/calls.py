"""What a call is made of: its arguments, its receiver and its method."""

from __future__ import annotations

from tree_sitter import Node

from .syntax import Unit


def arguments_of(call: Node) -> list[Node]:
    """Positional arguments of a call; empty if there are stars among them."""
    listed = call.child_by_field_name("arguments")
    if listed is None or listed.type != "argument_list":
        return []
    if any(each.type in ("list_splat", "dictionary_splat") for each in listed.named_children):
        return []
    return [each for each in listed.named_children if each.type not in ("keyword_argument", "comment")]


def keyword_of(unit: Unit, call: Node, name: str) -> Node | None:
    """Value of a keyword argument of a call."""
    listed = call.child_by_field_name("arguments")
    for each in listed.named_children if listed is not None else ():
        if each.type == "keyword_argument":
            key = each.child_by_field_name("name")
            if key is not None and unit.text(key) == name:
                return each.child_by_field_name("value")
    return None


def method_of(unit: Unit, call: Node) -> tuple[Node, str] | None:
    """(receiver, method name) of a call on an attribute."""
    function = call.child_by_field_name("function")
    if function is None or function.type != "attribute":
        return None
    owner, name = function.child_by_field_name("object"), function.child_by_field_name("attribute")
    return (owner, unit.text(name)) if owner is not None and name is not None else None
