"""Asking a list where something is, again and again.

What it does: reports ``items.index(x)``, ``items.remove(x)`` and ``items.count(x)`` inside a loop where ``items`` is
known to be a list that lives longer than the iteration and whose size follows the input, or one of the lists that a
dictionary made before the loop holds (``remove`` only where it is done in every iteration or wherever the list has what
is removed, or where the loop goes over a copy of the list itself or over what the list picks), or that is made just to
look (``table.index.tolist().index(name)``); also where it is handed on to be asked for each element
(``sorted(rows, key=names.index)``). What is asked for positions that pick from another sequence
(``sizes[names.index(name)]``) is taken for a list. Sets, dictionaries, strings, short lists, lists that the same
iteration sorts or makes one as long as (or an outer one compares, each element with each), and other names of unknown
type are left alone; so is a search beside which the same pass reads a file or works on an array.

Why is this bad: each call walks the list, so the loop takes time proportional to the square of its length.

Example::

    for name in names:
        print(names.index(name), name)

Use instead::

    for position, name in enumerate(names):
        print(position, name)

References: https://wiki.python.org/moin/TimeComplexity
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tree_sitter import Node

from ..findings import Evidence, Finding
from ..flow import Flow, Loop, arguments_of, flow_of, is_own, keyword_of, method_of, together
from ..rules import Rule
from ..supposed import suppose
from ..syntax import Unit, descend
from .loops import (
    always,
    as_long,
    base_of,
    clause_of,
    covers,
    dominated,
    has_loops,
    in_handler,
    loop_evidence,
    step,
    targets_of,
    walked,
)
from .positions import numbers

_CURES: Mapping[str, str] = {
    "index": "use enumerate, or a dictionary from value to position made before the loop",
    "remove": "collect what stays in a new list, or use a set or dictionary",
    "count": "use collections.Counter, made before the loop",
}


def check(unit: Unit) -> Iterator[Finding]:
    flow = flow_of(unit)
    for node, loops in flow.in_loops("call"):
        called = method_of(unit, node)
        if called is None or called[1] not in _CURES or len(arguments_of(node)) != 1:
            continue
        owner, method = called
        confidence = _judge(flow, node, owner, method, loops)
        asked = flow.asked()
        if not confidence or in_handler(node, loops[-1]) or dominated(flow, loops[-1], node):
            continue
        made = flow.made_at(unit.text(_root(owner)))
        found = unit.finding(
            RULE,
            node,
            f"{method}() walks the list '{unit.text(owner)}' in every iteration",
            confidence=confidence,
            suggestion=_CURES[method],
            evidence=(loop_evidence(unit, loops[-1], node, made),),
        )
        if asked:
            suppose(unit, found, asked)
        else:
            yield found
    for place in flow.places:
        given = _asked_of_each(flow, place.node)
        if given is not None:
            yield unit.finding(
                RULE,
                given,
                f"'{unit.text(given)}' walks the list for each element that is sorted or mapped",
                confidence=0.5,
                suggestion=_CURES["index"],
                evidence=(Evidence("traced", "it is called for each element", {"path": [step(unit, place.node)]}),),
            )


def _asked_of_each(flow: Flow, node: Node) -> Node | None:
    """``sorted(rows, key=names.index)``, ``map(names.index, rows)``: the position of each in a list."""
    unit, name = flow.unit, flow.unit.call_name(node) if node.type == "call" else ""
    called = method_of(unit, node) if node.type == "call" else None
    if name in ("sorted", "min", "max") or (called is not None and called[1] == "sort"):
        given = keyword_of(unit, node, "key")
    else:
        given = arguments_of(node)[0] if name == "map" and len(arguments_of(node)) == 2 else None
    if given is None or given.type != "attribute" or not unit.text(given).endswith(".index"):
        return None
    owner = given.child_by_field_name("object")
    if owner is None or flow.small(owner) or flow.shape(owner) in ("str", "bytes", "tuple"):
        return None
    bound = owner.type == "identifier" and bool(flow.bindings.get(unit.text(owner)))
    if not bound and not is_own(unit, owner):
        return None
    source = arguments_of(node)
    return given if not (source and flow.small(source[-1])) else None


def _judge(flow: Flow, node: Node, owner: Node, method: str, loops: tuple[Loop, ...]) -> float:
    """How sure we are; 0 for not at all."""
    loop, unit = loops[-1], flow.unit
    if owner.type == "call":
        return 0.6 if method != "remove" and _made_to_ask(flow, owner, loop) else 0.0
    root = _root(owner)
    name = unit.text(root)
    if (
        not (root.type == "identifier" or is_own(unit, root))
        or not flow.made_outside(name, loop, owner)
        or flow.small(root)
    ):
        return 0.0
    if owner.type in ("identifier", "attribute"):
        if method != "remove" and any(
            _own_position(flow, node, name, each) and flow.made_outside(name, each, owner) for each in loops
        ):
            return 0.75
        if method == "remove" and flow.shape(owner) == "" and _from_a_copy(flow, name, loops, sequence=True):
            return 0.55
        if method == "index" and flow.shape(owner) == "" and numbers(flow, node, loops) and not flow.small(owner):
            return 0.0 if _walked_beside(flow, name, loop, node) else 0.5
        if flow.listed(owner) not in (("list",) if method == "remove" else ("list", "tuple")) or flow.small(owner):
            return 0.0
        if _walked_beside(flow, name, loop, node) or any(_pairs(flow, name, each, node) for each in loops[:-1]):
            return 0.0
        if owner.type == "attribute" and method == "remove" and not _from_a_copy(flow, name, loops):
            return 0.0  # what an object keeps is mostly found where it was put last
        if method == "remove" and not _done_often(flow, node, owner, loop) and not _from_a_copy(flow, name, loops):
            return 0.0
        return 0.65 if flow.made_at(name) else 0.5
    known = flow.shape(owner)
    if known == "" and method == "index" and owner.type == "subscript" and numbers(flow, node, loops):
        known = "list"
    if known != "list" or method == "count":
        return 0.0
    if walked(flow, unit.text(owner), loop, node):
        return 0.0
    return 0.5  # a dictionary of lists: only those with many elements cost


def _done_often(flow: Flow, node: Node, owner: Node, loop: Loop) -> bool:
    """Is something removed in every pass, or in each that finds it (``if x in items: items.remove(x)``)?"""
    if always(node, loop) and not _passed_over(node, loop):
        return True
    looked = _looked_for(flow.unit, node, owner)
    return looked is not None and always(looked, loop) and not _passed_over(looked, loop)


def _looked_for(unit: Unit, node: Node, owner: Node) -> Node | None:
    """The ``if`` right around a removal that asks whether the very thing is there."""
    statement = node.parent
    block = statement.parent if statement is not None and statement.type == "expression_statement" else None
    test = block.parent if block is not None and block.type == "block" else None
    condition = test.child_by_field_name("condition") if test is not None and test.type == "if_statement" else None
    listed = arguments_of(node)
    if condition is None or condition.type != "comparison_operator" or len(condition.named_children) != 2 or not listed:
        return None
    sides = [unit.text(each) for each in condition.named_children]
    asks = [each.type for each in condition.children_by_field_name("operators")] == ["in"]
    return test if asks and sides == [unit.text(listed[0]), unit.text(owner)] else None


def _passed_over(node: Node, loop: Loop) -> bool:
    """Do some passes go on with the next one (``if …: continue``) before they come here?"""
    current = node
    while current.parent is not None and current.parent != loop.node:
        before = current.prev_named_sibling if current.parent.type == "block" else None
        while before is not None:
            taken = before.child_by_field_name("consequence") if before.type == "if_statement" else None
            if taken is not None and taken.named_children and taken.named_children[-1].type == "continue_statement":
                return True
            before = before.prev_named_sibling
        current = current.parent
    return False


def _made_to_ask(flow: Flow, owner: Node, loop: Loop) -> bool:
    """``table.index.tolist().index(name)``: a list that is made of the same things in each pass, to look there once."""
    unit = flow.unit
    called = method_of(unit, owner)
    if called is not None and called[1] in ("tolist", "to_list") and not arguments_of(owner):
        source = called[0]
    else:
        listed = arguments_of(owner) if unit.call_name(owner) in ("list", "sorted") else []
        if len(listed) != 1 or flow.small(listed[0]):
            return False
        source = listed[0]
    names = [each for each in (source, *descend(source)) if each.type == "identifier"]
    return all(
        unit.text(each) not in targets_of(unit, loop) and flow.made_outside(unit.text(each), loop, each)
        for each in names
        if each.parent is None or each.parent.child_by_field_name("attribute") != each
    )


def _root(owner: Node) -> Node:
    """``neighbours`` of ``neighbours[node]``"""
    index = owner.child_by_field_name("subscript") if owner.type == "subscript" else None
    if index is None or index.type in ("slice", "integer", "unary_operator"):
        return owner
    return owner.child_by_field_name("value") or owner


def _own_position(flow: Flow, node: Node, name: str, loop: Loop) -> bool:
    """``for x in items: items.index(x)``: whatever kind of sequence that is, its elements are looked up in itself."""
    clause = clause_of(loop)
    left, right = clause.child_by_field_name("left"), clause.child_by_field_name("right")
    if left is None or right is None or left.type != "identifier" or flow.unit.text(right) != name:
        return False
    return flow.unit.text(arguments_of(node)[0]) == flow.unit.text(left) and not flow.small(right)


def _from_a_copy(flow: Flow, name: str, loops: tuple[Loop, ...], *, sequence: bool = False) -> bool:
    """``for x in list(items): if …: items.remove(x)``: the loop goes over what it takes from. ``sequence``: only if it
    is copied as only a sequence can be."""
    right = loops[-1].node.child_by_field_name("right")
    if right is None:
        return False
    if not sequence and _goes_through(flow, right, name):
        return True
    if right.type == "subscript":
        index, owner = right.child_by_field_name("subscript"), right.child_by_field_name("value")
        return (
            index is not None
            and flow.unit.text(index) in (":", "::-1")
            and owner is not None
            and flow.unit.text(owner) == name
        )
    text = "".join(flow.unit.text(right).split())
    if text == f"list(reversed({name}))":
        return True
    return not sequence and text in (*(f"{copy}({name})" for copy in _COPIES), f"{name}.copy()")


def _goes_through(flow: Flow, right: Node, name: str) -> bool:
    """``for row in table.loc[names].iterrows(): if …: names.remove(row.name)``: is the list what picks the rows?"""
    return any(
        each.type == "subscript" and flow.unit.text(part) == name
        for each in (right, *descend(right))
        for part in each.children_by_field_name("subscript")
    )


_COPIES = ("list", "tuple", "sorted", "set", "copy.copy")


def _walked_beside(flow: Flow, name: str, loop: Loop, use: Node) -> bool:
    """Does the same iteration sort the list, look for its extreme, or make one as long? Then one more walk does not
    matter."""
    unit = flow.unit
    for node in (place.node for place in flow.places if place.node.type == "call" and loop.contains(place.node)):
        called = method_of(unit, node)
        sorts = called is not None and called[1] == "sort" and unit.text(called[0]) == name
        walks = unit.call_name(node) in ("sorted", "min", "max", "sum")
        on_it = walks and any(unit.text(each) == name for each in arguments_of(node))
        if (sorts or on_it) and together(node, use, loop):
            return True
    made = (each for each in unit.walk("binary_operator") if loop.contains(each) and as_long(unit, each, name))
    return any(together(each, use, loop) for each in made)


def _pairs(flow: Flow, name: str, loop: Loop, use: Node) -> bool:
    """Does a pass of an outer loop compare each element with each? Then it may as well look for some of them."""
    unit = flow.unit
    walks = [
        each
        for each in descend(loop.node)
        if each.type in ("for_statement", "for_in_clause") and each != loop.node and each.parent != loop.node
        if base_of(unit, each.child_by_field_name("right")) == name
    ]
    bodies = [each if each.type == "for_statement" else each.parent for each in walks]
    return any(
        outer is not None and inner is not None and outer != inner and covers(outer, inner) and not covers(outer, use)
        for outer in bodies
        for inner in bodies
    )


RULE = Rule(
    name="linear-search-in-loop",
    reviewer="performance",
    kind="linear_search",
    summary="A list is walked to find something in every iteration of a loop",
    severity="medium",
    check=check,
    where=has_loops,
    words=(b"index", b"remove", b"count"),
)
