"""Walking a data frame row by row.

What it does: reports loops over ``frame.iterrows()``, also through what hands its elements on (``enumerate``, ``zip``,
``map``, ``pairwise``); not where a progress bar says that each row takes long anyway.

Why is this bad: every row becomes a new Series with its own index and one common type; a column operation does the
same work hundreds of times faster, and keeps the types.

Example::

    for _, row in frame.iterrows():
        total += row["price"] * row["count"]

Use instead::

    total = (frame["price"] * frame["count"]).sum()

References: https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.iterrows.html
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Evidence, Finding
from ..flow import arguments_of, flow_of, method_of
from ..rules import Rule
from ..syntax import Unit
from ..tests_of import in_tests
from .loops import step

#: Functions that hand on the elements of what they are given, one by one.
_HANDS_ON = frozenset({"enumerate", "zip", "map", "filter", "pairwise", "chain", "iter"})


def check(unit: Unit) -> Iterator[Finding]:
    if in_tests(unit.path):
        return
    for loop in unit.walk("for_statement", "for_in_clause"):
        if any(each.type == "async" for each in loop.children):
            continue  # no data frame is waited for
        source = _rows(unit, loop.child_by_field_name("right"))
        if source is None:
            continue
        yield unit.finding(
            RULE,
            source,
            "a data frame is walked row by row",
            confidence=0.75,
            suggestion="compute with whole columns, or use itertuples() if it must be rows",
            evidence=(Evidence("traced", "a Series is made for each row", {"path": [step(unit, loop)]}),),
        )


def _rows(unit: Unit, source: Node | None) -> Node | None:
    """``frame.iterrows()``, itself or as what is handed on."""
    if source is None or source.type != "call":
        return None
    if unit.call_name(source).rpartition(".")[2] in _HANDS_ON:
        return next((rows for each in arguments_of(source) if (rows := _rows(unit, each)) is not None), None)
    called = method_of(unit, source)
    if called is None or called[1] != "iterrows" or arguments_of(source) or _is_short(unit, called[0]):
        return None
    return source


def _is_short(unit: Unit, frame: Node) -> bool:
    """``frame.head(5)``, ``frame[:3]``: a few rows by design."""
    called = method_of(unit, frame) if frame.type == "call" else None
    return (called is not None and called[1] in ("head", "tail", "sample")) or flow_of(unit).small(frame)


RULE = Rule(
    name="row-by-row",
    reviewer="performance",
    kind="iterrows",
    summary="A data frame is walked row by row",
    severity="low",
    check=check,
    words=(b"iterrows",),
)
