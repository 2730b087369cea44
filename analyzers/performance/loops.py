"""What the rules about loops share: is there a loop at all, and the path that shows what it repeats."""

from __future__ import annotations

from collections.abc import Iterable

from tree_sitter import Node

from ..findings import Evidence, Json
from ..flow import Flow, Loop, arguments_of, method_of
from ..syntax import Unit, descend
from ..tests_of import in_tests

_LOOPS = (
    "for_statement",
    "while_statement",
    "list_comprehension",
    "set_comprehension",
    "dictionary_comprehension",
    "generator_expression",
)


#: Calls and methods that walk a list from end to end.
_WALKS = frozenset({"sorted", "sum", "min", "max", "list", "tuple", "set", "any", "all", "enumerate", "zip", "map"})
_WALKING_METHODS = frozenset({"sort", "index", "count", "remove", "reverse", "copy"})


def has_loops(unit: Unit) -> bool:
    """Does anything repeat in this unit, outside of tests?"""
    return not in_tests(unit.path) and any(kind in unit.index for kind in _LOOPS)


def step(unit: Unit, node: Node) -> Json:
    """A place on a path: where it is, and the first line of its text."""
    place = unit.range(node)
    text = unit.text(node).partition("\n")[0].strip()
    return {"path": unit.path, "line": place.line + 1, "column": place.column + 1, "text": text[:120]}


def loop_evidence(unit: Unit, loop: Loop, node: Node, made: Iterable[Node] = ()) -> Evidence:
    """Where the collection is made, the loop, and what the loop repeats."""
    steps = [step(unit, each) for each in (*list(made)[:2], loop.node, node)]
    head = unit.text(loop.node).partition("\n")[0].strip().rstrip(":")[:50]
    what = unit.text(node).partition("\n")[0].strip()[:60]
    again = f"'{what}' runs again for each pass of '{head}'" if loop.node.type.endswith("_statement") else ""
    summary = again or f"'{what}' runs again for each element of a comprehension"
    return Evidence("traced", summary, {"path": steps})


def walked(flow: Flow, name: str, loop: Loop) -> bool:
    """Does the same iteration walk the whole list anyway? Then the shift does not change the order of growth."""
    unit = flow.unit
    for node in (place.node for place in flow.places if loop.contains(place.node) and place.node.type == "call"):
        called = method_of(unit, node)
        if called is not None and called[1] in _WALKING_METHODS and unit.text(called[0]) == name:
            return True
        if unit.call_name(node) in _WALKS and any(unit.text(each) == name for each in arguments_of(node)):
            return True
    for inner in descend(loop.node):
        if inner.type in ("for_statement", "for_in_clause") and inner != loop.node:
            right = inner.child_by_field_name("right")
            if right is not None and unit.text(right) == name:
                return True
    return False
