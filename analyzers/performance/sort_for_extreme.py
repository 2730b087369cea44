"""Sorting everything to get the least or the greatest.

What it does: reports ``sorted(items)[0]`` and ``sorted(items)[-1]`` (with ``key`` and ``reverse`` too). Slices such as
``sorted(items)[:3]`` and short collections are left alone.

Why is this bad: sorting takes time proportional to n log n and makes a new list; ``min`` and ``max`` look at each
element once and keep nothing.

Example::

    latest = sorted(releases, key=lambda release: release.date)[-1]

Use instead::

    latest = max(releases, key=lambda release: release.date)

References: https://docs.python.org/3/library/functions.html#min
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


def check(unit: Unit) -> Iterator[Finding]:
    if "subscript" not in unit.index or is_test_code(unit.path):
        return
    for node in unit.walk("subscript"):
        call, index = node.child_by_field_name("value"), node.child_by_field_name("subscript")
        if call is None or index is None or call.type != "call" or unit.call_name(call) != "sorted":
            continue
        place = unit.text(index).replace(" ", "")
        listed = arguments_of(call)
        if place not in ("0", "-1") or len(listed) != 1 or flow_of(unit).small(listed[0]):
            continue
        reverse = keyword_of(unit, call, "reverse")
        if reverse is not None and unit.text(reverse) not in ("True", "False"):
            continue
        backwards = reverse is not None and unit.text(reverse) == "True"
        cure = "min" if (place == "0") != backwards else "max"
        yield _finding(unit, node, listed[0], cure, last=place == "-1")


def _finding(unit: Unit, node: Node, items: Node, cure: str, *, last: bool) -> Finding:
    note = " (of equal elements it takes the first, this takes the last)" if last else ""
    return unit.finding(
        RULE,
        node,
        f"everything is sorted to take one element: {cure}() finds it in one pass",
        confidence=0.6,
        suggestion=f"use {cure}({unit.text(items)[:60]}) with the same key{note}",
        evidence=(Evidence("traced", "only one element of the sorted list is used", {"path": [step(unit, node)]}),),
    )


RULE = Rule(
    name="sort-for-extreme",
    reviewer="performance",
    kind="sort_misuse",
    summary="Everything is sorted to take the least or greatest element",
    severity="low",
    check=check,
    words=(b"sorted",),
)
