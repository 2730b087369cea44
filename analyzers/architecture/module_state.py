"""State of a module: the places in a function that change it, and the idioms that may.

Memos, lazy values, stores under a lock and registering decorators are idioms: whoever reads such state gets the same
value in whatever order things happen.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from tree_sitter import Node

from ..syntax import descend

#: Methods that change a dictionary, list or set.
CHANGING = frozenset(
    {b"append", b"add", b"update", b"extend", b"insert", b"setdefault", b"appendleft", b"pop", b"remove", b"clear"}
)
_LOCK = re.compile(rb"lock|mutex|semaphore", re.IGNORECASE)


def changes(function: Node, variables: Collection[bytes]) -> Iterator[tuple[bytes, Node]]:
    """(name, place) for each change that a function makes of a variable; nested functions and idioms apart."""
    registers: bool | None = None
    for name, place in _changes(function, variables):
        if _is_memo(function, name, listed=_is_listed(place)) or _is_locked(place, function):
            continue
        if registers is None:
            registers = _registers(function) or _is_main(function) or _defines(function)
        if not registers:
            yield name, place


def empties(place: Node) -> bool:
    """Does a change only empty the variable? What fills it decides whether it is state or a memo."""
    if place.type == "call":
        return (place.text or b"").endswith(b".clear()")
    left, right = place.child_by_field_name("left"), place.child_by_field_name("right")
    is_name = left is not None and left.type == "identifier"
    return (
        is_name and right is not None and (right.text or b"") in (b"None", b"{}", b"[]", b"set()", b"dict()", b"list()")
    )


def _is_main(function: Node) -> bool:
    """A program's own start: what it sets there is set once."""
    name = function.child_by_field_name("name")
    return name is not None and (name.text or b"").strip(b"_") == b"main"


def _changes(function: Node, variables: Collection[bytes]) -> Iterator[tuple[bytes, Node]]:
    """(name, place) for each change of one of the variables in a function, nested functions apart."""
    nodes = list(descend(function, frozenset({"function_definition", "class_definition", "lambda"})))
    declared = {each.text or b"" for node in nodes if node.type == "global_statement" for each in node.named_children}
    local = {name for node in nodes for name in _bound(node)} - declared
    for node in nodes:
        name, place = _changed(node)
        if name not in variables or name in local:
            continue
        if place.type == "call" or name in declared or _is_item(place):
            yield name, place


def _bound(node: Node) -> Iterator[bytes]:
    if node.type in ("assignment", "for_statement", "for_in_clause", "augmented_assignment", "named_expression"):
        left = node.child_by_field_name("left") or node.child_by_field_name("name")
        if left is not None and left.type == "identifier":
            yield left.text or b""
        elif left is not None and left.type in ("pattern_list", "tuple_pattern"):
            yield from (each.text or b"" for each in left.named_children if each.type == "identifier")
    elif node.type == "parameters":
        for each in node.named_children:
            name = each if each.type == "identifier" else each.child_by_field_name("name")
            name = name or next(iter(each.named_children), None)
            yield name.text or b"" if name is not None else b""


def _changed(node: Node) -> tuple[bytes, Node]:
    """(name, place) if a node stores into a collection or sets a name; an empty name otherwise."""
    if node.type in ("assignment", "augmented_assignment"):
        left = node.child_by_field_name("left")
        target = left.child_by_field_name("value") if left is not None and left.type == "subscript" else left
        if target is not None and target.type == "identifier":
            return target.text or b"", node
    elif node.type == "call":
        function = node.child_by_field_name("function")
        owner = function.child_by_field_name("object") if function is not None else None
        method = function.child_by_field_name("attribute") if function is not None else None
        if owner is not None and method is not None and owner.type == "identifier" and method.text in CHANGING:
            return owner.text or b"", node
    return b"", node


def _is_item(assignment: Node) -> bool:
    left = assignment.child_by_field_name("left")
    return left is not None and left.type == "subscript"


def _is_listed(place: Node) -> bool:
    """Is something put into a list? Nobody finds a value again there: the list is what is wanted."""
    function = place.child_by_field_name("function") if place.type == "call" else None
    method = function.child_by_field_name("attribute") if function is not None else None
    return method is not None and method.text in (b"append", b"appendleft", b"extend", b"insert")


def _is_memo(function: Node, name: bytes, *, listed: bool) -> bool:
    """Does the function look whether the value is there? Then it fills a cache, whoever comes first. What is ``listed``
    once each (``if name not in names: names.append(name)``) is none, only what is listed if there is nothing yet."""
    for node in descend(function):
        text = node.text or b""
        if node.type == "comparison_operator":
            sought = listed and any(each.type in ("in", "not in") for each in node.children)
            if not sought and any((each.text or b"") == name for each in node.named_children):
                return True
        elif node.type == "not_operator":
            if (argument := node.child_by_field_name("argument")) is not None and argument.text == name:
                return True
        elif node.type in ("if_statement", "conditional_expression"):
            condition = node.child_by_field_name("condition")
            if condition is not None and condition.text == name:
                return True
        elif (node.type == "call" and text.startswith((name + b".get(", name + b".setdefault("))) or (
            node.type == "except_clause" and b"KeyError" in text.partition(b":")[0]
        ):
            return True
    return False


def _is_locked(place: Node, function: Node) -> bool:
    node: Node | None = place
    while node is not None and node.id != function.id:
        if node.type == "with_statement" and _LOCK.search((node.text or b"").partition(b"\n")[0]):
            return True
        node = node.parent
    return False


def _defines(function: Node) -> bool:
    """Does this run when a class is defined: what it writes down is there once the module is loaded."""
    name = function.child_by_field_name("name")
    return name is not None and name.text in (b"__init_subclass__", b"__set_name__")


def _registers(function: Node) -> bool:
    """A decorator: it gives back what it is given, or what it wrapped that in."""
    parameters = function.child_by_field_name("parameters")
    names = set(_bound(parameters)) if parameters is not None else set[bytes]()
    for each in descend(function):
        if each.type == "function_definition" and each.id != function.id:
            name = each.child_by_field_name("name")
            names.add(name.text or b"" if name is not None else b"")
        elif each.type == "return_statement" and each.named_children and each.named_children[0].text in names:
            return True
    return False
