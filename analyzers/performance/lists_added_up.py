"""Adding lists up one after the other.

What it does: reports ``sum(lists, [])`` and ``functools.reduce(lambda a, b: a + b, lists)`` (also with
``operator.add`` and ``operator.concat``) where the elements are known to be lists, or the start is one.

Why is this bad: every ``+`` makes a new list with all elements so far, so the whole takes time proportional to the
square of the result's length (measured exponent 2.0).

Example::

    everything = sum(lists, [])

Use instead::

    everything = list(itertools.chain.from_iterable(lists))

References: https://docs.python.org/3/library/itertools.html#itertools.chain.from_iterable
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Evidence, Finding
from ..flow import arguments_of, flow_of, keyword_of
from ..places import is_test_code
from ..rules import Rule
from ..syntax import Unit
from .loops import step

_ADDERS = frozenset({"operator.add", "operator.concat"})


def check(unit: Unit) -> Iterator[Finding]:
    if "call" not in unit.index or is_test_code(unit.path):
        return
    for node in unit.walk("call"):
        function = node.child_by_field_name("function")
        if function is None or not unit.text(function).endswith(("sum", "reduce")):
            continue
        lists = _added(unit, node)
        if lists is None or flow_of(unit).small(lists) or _of_one(lists):
            continue
        yield unit.finding(
            RULE,
            node,
            "each addition copies the whole list so far",
            confidence=0.65,
            suggestion=f"use list(itertools.chain.from_iterable({unit.text(lists)[:60]}))",
            evidence=(Evidence("traced", "lists are added up one by one", {"path": [step(unit, node)]}),),
        )


def _added(unit: Unit, call: Node) -> Node | None:
    """The lists that are added up here, if they are lists."""
    name, listed = unit.call_name(call), arguments_of(call)
    if name == "sum" and listed:
        start = listed[1] if len(listed) == 2 else keyword_of(unit, call, "start")
        return _inside(unit, listed[0]) if start is not None and _is_list(unit, start) else None
    if name not in ("functools.reduce", "reduce") or len(listed) < 2 or not _adds(unit, listed[0]):
        return None
    starts_with_list = len(listed) == 3 and _is_list(unit, listed[2])
    return listed[1] if starts_with_list or flow_of(unit).element(listed[1]) == "list" else None


def _inside(unit: Unit, lists: Node) -> Node:
    """``lists`` of ``iter(lists)``."""
    given = arguments_of(lists) if lists.type == "call" and unit.call_name(lists) == "iter" else []
    return given[0] if len(given) == 1 else lists


def _of_one(lists: Node) -> bool:
    """``sum(self.tag_all([words]), [])``: what is made of a list of one is one list."""
    if lists.type != "call":
        return False
    given = arguments_of(lists)
    return len(given) == 1 and given[0].type == "list" and given[0].named_child_count == 1


def _is_list(unit: Unit, node: Node) -> bool:
    return node.type == "list" or (node.type == "call" and unit.text(node) == "list()")


def _adds(unit: Unit, function: Node) -> bool:
    """``operator.add`` or ``lambda a, b: a + b``"""
    if unit.dotted(function) in _ADDERS:
        return True
    body = function.child_by_field_name("body") if function.type == "lambda" else None
    parameters = function.child_by_field_name("parameters") if function.type == "lambda" else None
    if body is None or parameters is None or body.type != "binary_operator":
        return False
    operator = body.child_by_field_name("operator")
    names = [unit.text(each) for each in parameters.named_children]
    sides = [unit.text(side) for side in (body.child_by_field_name(key) for key in ("left", "right")) if side]
    return operator is not None and operator.type == "+" and len(names) == 2 and sorted(names) == sorted(sides)


RULE = Rule(
    name="lists-added-up",
    reviewer="performance",
    kind="list_concat",
    summary="Lists are added up, each addition copying the whole list so far",
    severity="medium",
    check=check,
    words=(b"sum", b"reduce"),
)
