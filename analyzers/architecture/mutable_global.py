"""Module state that functions change.

What it does: reports a module-level dictionary, list or set that functions of the module store into, and a module
variable that functions set by ``global``. Left alone are memos and lazy values (the function that stores also looks
whether it is there), stores under a lock, and decorators that register what they are given while modules load.

Why is this bad: what one caller stores is there for all others, in every thread, request and test of the process; no
caller can see it in a signature, and none can have a second one.

Example::

    _handlers = {}

    def register(name, handler):
        _handlers[name] = handler

Use instead::

    class Registry:
        def __init__(self) -> None:
            self.handlers = {}

References: Wulf and Shaw, "Global Variable Considered Harmful", SIGPLAN Notices 8 (1973)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from tree_sitter import Node

from ..findings import Evidence, Finding, Json, Range, Related
from ..rules import ProgramRule
from ..syntax import code_points, descend, parse
from ..tests_of import in_tests

_MAKERS = frozenset({b"dict", b"list", b"set", b"defaultdict", b"OrderedDict", b"deque", b"Counter"})
_COLLECTIONS = frozenset({"dictionary", "list", "set"})
_CHANGING = frozenset(
    {b"append", b"add", b"update", b"extend", b"insert", b"setdefault", b"appendleft", b"pop", b"remove", b"clear"}
)
_LOCK = re.compile(rb"lock|mutex|semaphore", re.IGNORECASE)


class Store(NamedTuple):
    """A function that changes a module variable, and where."""

    function: str
    range: Range
    text: str


class State(NamedTuple):
    """A module variable with the places that change it."""

    name: str
    range: Range
    stores: tuple[Store, ...]


def extract(path: str, text: str) -> tuple[State, ...]:
    if in_tests(path):
        return ()
    data = text.encode("utf-8", "surrogatepass")
    root = parse(data).root_node
    variables = dict(_variables(root))
    if not variables:
        return ()
    stores: dict[bytes, list[Store]] = {}
    for function in descend(root):
        if function.type != "function_definition":
            continue
        for name, place in _changes(function, variables):
            if _is_memo(function, name) or _is_locked(place, function) or _registers(function):
                continue
            title = function.child_by_field_name("name")
            stores.setdefault(name, []).append(Store(_str(title), _range(place, data), _first_line(place)))
    return tuple(
        State(name.decode("utf-8", "replace"), _range(variables[name], data), tuple(found))
        for name, found in stores.items()
    )


def check(files: Mapping[str, object]) -> Iterator[Finding]:
    for path, states in files.items():
        for state in cast("tuple[State, ...]", states):
            yield _finding(path, state)


def _finding(path: str, state: State) -> Finding:
    functions = list(dict.fromkeys(store.function for store in state.stores))
    listed = ", ".join(f"{name}()" for name in functions[:3]) + (" and others" if len(functions) > 3 else "")
    steps: list[Json] = [
        {"path": path, "line": store.range.line + 1, "column": store.range.column + 1, "text": store.text}
        for store in state.stores
    ]
    return Finding(
        path=path,
        range=state.range,
        rule=PROGRAM_RULE.name,
        kind=PROGRAM_RULE.kind,
        message=f"'{state.name}' is state of the whole process, changed by {listed}",
        severity=PROGRAM_RULE.severity,
        confidence=0.5,
        reviewer=PROGRAM_RULE.reviewer,
        suggestion="keep it in an object that is passed to those who need it",
        evidence=(Evidence("traced", f"changed in {len(state.stores)} places, first by {listed}", {"path": steps}),),
        related=tuple(Related(path, store.range, store.text) for store in state.stores),
    )


def _variables(root: Node) -> Iterator[tuple[bytes, Node]]:
    """Names that the module binds to a collection or to None, and the name's node."""
    for statement in root.named_children:
        assignment = statement.children[0] if statement.type == "expression_statement" and statement.children else None
        if assignment is None or assignment.type != "assignment":
            continue
        left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
        if left is None or right is None or left.type != "identifier":
            continue
        name = left.text or b""
        function = right.child_by_field_name("function") if right.type == "call" else None
        made = function is not None and (function.text or b"").rpartition(b".")[2] in _MAKERS
        if (right.type in _COLLECTIONS or made or right.type == "none") and not name.startswith(b"__"):
            yield name, left


def _changes(function: Node, variables: Mapping[bytes, Node]) -> Iterator[tuple[bytes, Node]]:
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
        if owner is not None and method is not None and owner.type == "identifier" and method.text in _CHANGING:
            return owner.text or b"", node
    return b"", node


def _is_item(assignment: Node) -> bool:
    left = assignment.child_by_field_name("left")
    return left is not None and left.type == "subscript"


def _is_memo(function: Node, name: bytes) -> bool:
    """Does the function look whether the value is there? Then it fills a cache, whoever comes first."""
    for node in descend(function):
        text = node.text or b""
        if node.type == "comparison_operator":
            if any((each.text or b"") == name for each in node.named_children):
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


def _registers(function: Node) -> bool:
    """A decorator gives back what it is given."""
    parameters = function.child_by_field_name("parameters")
    names = set(_bound(parameters)) if parameters is not None else set[bytes]()
    returned = (each for each in descend(function) if each.type == "return_statement" and each.named_children)
    return any(each.named_children[0].text in names for each in returned)


def _range(node: Node, data: bytes) -> Range:
    (row, column), (end_row, end_column) = node.start_point, node.end_point
    start, end = node.start_byte, node.end_byte
    return Range(row, code_points(data[start - column : start]), end_row, code_points(data[end - end_column : end]))


def _str(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _first_line(node: Node) -> str:
    return _str(node).partition("\n")[0].strip()[:80]


PROGRAM_RULE = ProgramRule(
    name="mutable-global",
    reviewer="architecture",
    kind="mutable_global",
    summary="Functions change state of the whole process",
    severity="low",
    extract=extract,
    check=check,
)
