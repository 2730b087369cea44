"""Where a search for the slip behind a crash looks: the expressions that the failing value went through.

The nodes that the traceback marks, in every call that may be changed, and the expressions from which their values came
(:mod:`..origins`); each with how likely the slip is there. What was made elsewhere is as often wrong there as where it
could not be used, so the nearest origins weigh most.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice

from tree_sitter import Node

from ..logic.tree import Function, functions_of, module_of
from ..origins import Site, indexed, mendable, origins, sites, statement, walk
from ..repair import Context
from ..scopes import tree_of
from ..workspace import is_test

EXPRESSIONS = frozenset(
    {"identifier", "attribute", "subscript", "call", "string", "integer", "float", "none", "list", "tuple", "set",
     "dictionary", "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression",
     "binary_operator", "await", "conditional_expression", "expression_list", "boolean_operator", "true", "false",
     "list_splat", "concatenated_string", "parenthesized_expression", "for_in_clause", "lambda", "comparison_operator"}
)  # fmt: skip
#: Calls of the traceback, and nodes of each, that are looked at; origins of one node.
CALLS, NODES, ORIGINS = 5, 30, 12
#: How likely the slip is where the value failed, compared with where it was made, by steps back.
CRASH, STEPS = 0.75, (1.0, 0.85, 0.65)
#: What a call further out, and an expression further in, counts of the one before.
OUTER, INNER = 0.85, 0.85


@dataclass(frozen=True)
class Place:
    """An expression and how likely the slip is there. ``failed``: it is marked in the innermost call."""

    site: Site
    node: Node
    weight: float
    failed: bool = False


def places(context: Context) -> list[Place]:
    """The expressions that may hold the slip, the likeliest first."""
    found: dict[tuple[str, int, int, str], Place] = {}
    every = sites(context)

    def add(place: Place) -> None:
        key = (place.site.file, place.node.start_byte, place.node.end_byte, place.node.type)
        if key not in found or found[key].weight < place.weight:
            found[key] = place

    for site in mendable(context)[:CALLS]:
        share = CRASH * OUTER**site.away
        marked = list(islice(chain(_marked(site), _asked(site)), NODES))
        for node in marked:
            add(Place(site, node, share, site.away == 0))
            if node.type not in {"identifier", "attribute", "subscript", "call"}:
                continue
            for place, value, steps in islice(_sources(every, site, node), ORIGINS):
                if place.checks or is_test(place.file):
                    continue
                weight = STEPS[min(steps, len(STEPS)) - 1] * OUTER**site.away
                add(Place(place, value, weight))
                for inner, depth in _inside(value):
                    add(Place(place, inner, weight * INNER**depth))
        for node in _around(site):
            add(Place(site, node, share * INNER))
    return sorted(found.values(), key=lambda each: -each.weight)


def _marked(site: Site) -> Iterator[Node]:
    """The expressions on the line in the mark; where it is a whole call, what it is given too."""
    start, end = site.mark if site.mark is not None else (0, 10_000)
    begin = site.start
    for node in site.nodes(*EXPRESSIONS):
        if node.start_point[0] != site.line and node.end_point[0] != site.line:
            continue
        at, stop = (each - begin for each in site.span(node))
        if site.mark is None or (start <= at and stop <= end):
            yield node


def _sources(every: list[Site], site: Site, node: Node) -> Iterator[tuple[Site, Node, int]]:
    """Where a value came from: its origins, what is put under its key, what the loop that gives it goes through."""
    yield from origins(every, site, node)
    yield from _by_key(site, node)
    name = site.code(node)
    for loop in site.nodes_around("for_statement", "for_in_clause") if node.type == "identifier" else ():
        left, right = loop.child_by_field_name("left"), loop.child_by_field_name("right")
        if left is not None and right is not None and name in re.findall(r"\w+", site.code(left)):
            yield replace(site, line=right.start_point[0], mark=None), right, 1
            yield from origins(every, site, right)


def _asked(site: Site) -> Iterator[Node]:
    """Where the program raised the exception itself: what it asked before."""
    raised = next((each for each in site.tree.on_line(site.line, "raise_statement")), None)
    above = raised.parent.parent if raised is not None and raised.parent is not None else None
    condition = above.child_by_field_name("condition") if above is not None else None
    if condition is not None:
        yield from (each for each in (condition, *walk(condition)) if each.type in EXPRESSIONS)


def _by_key(site: Site, node: Node) -> Iterator[tuple[Site, Node, int]]:
    """What the file puts under a key into any table: ``"price": text``, ``row["price"] = text``."""
    key = node.child_by_field_name("subscript") if node.type == "subscript" else None
    if key is None or key.type != "string":
        return
    wanted = site.code(key).strip("'\"")
    for each, value in _kept(site.text).get(wanted, ()):
        if each != node:
            yield replace(site, line=value.start_point[0], mark=None), value, 1


@lru_cache(maxsize=8)
def _kept(text: str) -> Mapping[str, Sequence[tuple[Node, Node]]]:
    """(place, value) of what is put under a text as its key, by the key."""
    _, data = tree_of(text)
    nodes = indexed(text)
    found: dict[str, list[tuple[Node, Node]]] = {}
    for node in sorted([*nodes["pair"], *nodes["assignment"]], key=lambda each: each.start_byte):
        if node.type == "pair":
            place, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        else:
            left, value = node.child_by_field_name("left"), node.child_by_field_name("right")
            place = left.child_by_field_name("subscript") if left is not None and left.type == "subscript" else None
        if place is not None and value is not None and place.type == "string":
            name = data[place.start_byte : place.end_byte].decode("utf-8", "replace").strip("'\"")
            found.setdefault(name, []).append((node, value))
    return found


def _around(site: Site) -> Iterator[Node]:
    """The rest of the statement that the mark is in."""
    nodes = site.nodes(*EXPRESSIONS)
    if not nodes:
        return
    for node in islice(walk(statement(nodes[0]), nested=False), 3 * NODES):
        if node.type == "block":
            return
        if node.type in EXPRESSIONS:
            yield node


def _inside(value: Node) -> Iterator[tuple[Node, int]]:
    """The expressions within an origin, two levels deep."""
    for child in value.named_children:
        if child.type == "argument_list":
            yield from ((each, 1) for each in child.named_children if each.type in EXPRESSIONS)
        elif child.type in EXPRESSIONS:
            yield child, 1
            yield from ((each, 2) for each in child.named_children if each.type in EXPRESSIONS)


@lru_cache(maxsize=8)
def functions_within(text: str) -> tuple[tuple[Function, ...], Function]:
    """The functions of a file in their order, and what stands outside of all."""
    return tuple(functions_of(text)), module_of(text)


def function_at(text: str, node: Node) -> Function:
    """The function around a node as changes are written for it; the module outside of all."""
    inside, module = functions_within(text)
    before = bisect_right(inside, node.start_byte, key=lambda each: each.node.start_byte)
    if before and node.end_byte <= inside[before - 1].node.end_byte:
        return inside[before - 1]
    return module


def module_around(text: str) -> Function:
    """What stands outside of all functions of a file."""
    return functions_within(text)[1]
