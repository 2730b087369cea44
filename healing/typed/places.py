"""Where a search for the slip behind a crash looks: the expressions that the failing value went through.

The nodes that the traceback marks, in every call that may be changed, and the expressions from which their values came
(:mod:`..origins`); each with how likely the slip is there. What was made elsewhere is as often wrong there as where it
could not be used, so the nearest origins weigh most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from tree_sitter import Node

from ..logic.tree import Function, functions_of, module_of
from ..origins import Site, mendable, origins, sites, statement, walk
from ..repair import Context
from ..workspace import is_test

EXPRESSIONS = frozenset(
    {"identifier", "attribute", "subscript", "call", "string", "integer", "float", "none", "list", "tuple", "set",
     "dictionary", "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression",
     "binary_operator", "await", "conditional_expression", "expression_list", "boolean_operator", "true", "false",
     "list_splat", "concatenated_string", "parenthesized_expression", "for_in_clause"}
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
        marked = list(islice(_marked(site), NODES))
        for node in marked:
            add(Place(site, node, share, site.away == 0))
            if node.type not in {"identifier", "attribute", "subscript", "call"}:
                continue
            for place, value, steps in islice(origins(every, site, node), ORIGINS):
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
def _functions(text: str) -> tuple[tuple[Function, ...], Function]:
    return tuple(functions_of(text)), module_of(text)


def function_around(place: Place) -> Function:
    """The function of the place as changes are written for it; the module outside of all."""
    inside, module = _functions(place.site.text)
    node = place.node
    return next(
        (each for each in inside if each.node.start_byte <= node.start_byte and node.end_byte <= each.node.end_byte),
        module,
    )


def moved(place: Place, node: Node, share: float) -> Place:
    """Another node of the same line."""
    return replace(place, node=node, weight=place.weight * share)
