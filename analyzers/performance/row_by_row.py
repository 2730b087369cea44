"""Walking a data frame row by row.

What it does: reports loops over ``frame.iterrows()``, also through what hands its elements on (``enumerate``, ``zip``,
``map``, ``pairwise``); not where a progress bar says that each row takes long anyway, nor where each pass calls a
function for what it does to something else (``add_line(net, row.start, row.end)``, ``solve(net)``): no column operation
does that, and making the row is not what takes the time.

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
from ..places import is_test_code
from ..rules import Rule
from ..syntax import Unit, descend
from .loops import step

#: Functions that hand on the elements of what they are given, one by one.
_HANDS_ON = frozenset({"enumerate", "zip", "map", "filter", "pairwise", "chain", "iter"})


def check(unit: Unit) -> Iterator[Finding]:
    if is_test_code(unit.path):
        return
    for loop in unit.walk("for_statement", "for_in_clause"):
        if any(each.type == "async" for each in loop.children):
            continue  # no data frame is waited for
        source = _rows(unit, loop.child_by_field_name("right"))
        if source is None or (loop.type == "for_statement" and _works_elsewhere(unit, loop)):
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
    if called is not None and called[1] in ("head", "tail", "sample", "nlargest", "nsmallest"):
        return True
    return _is_cut(unit, frame) or flow_of(unit).small(frame)


def _is_cut(unit: Unit, frame: Node) -> bool:
    """``frame.iloc[:count]``: as many rows as are asked for."""
    owner, index = frame.child_by_field_name("value"), frame.child_by_field_name("subscript")
    if frame.type != "subscript" or owner is None or index is None or index.type != "slice":
        return False
    return unit.text(owner).endswith(".iloc") and index.children[0].type == ":" and len(index.children) == 2


def _works_elsewhere(unit: Unit, loop: Node) -> bool:
    """Is a function called for its effect on something that is there before the loop? Either it is given what the pass
    found in the row as well, or nothing of it, and works on the whole of the other thing again."""
    body, left = loop.child_by_field_name("body"), loop.child_by_field_name("left")
    if body is None or left is None:
        return False
    own = _names_in(unit, left)
    for each in descend(body):
        if each.type in ("assignment", "for_statement", "named_expression"):
            target = each.child_by_field_name("left") or each.child_by_field_name("name")
            if target is not None and target.type not in ("attribute", "subscript"):
                own |= _names_in(unit, target)
    for each in descend(body):
        call = each.named_children[0] if each.type == "expression_statement" and each.named_children else None
        if call is None or call.type != "call":
            continue
        function, given = call.child_by_field_name("function"), call.child_by_field_name("arguments")
        first = given.named_children[0] if given is not None and given.named_children else None
        if function is None or given is None or first is None or unit.text(function) in _PRINTS:
            continue
        if (
            function.type != "identifier"
            or first.type not in ("identifier", "attribute")
            or _names_in(unit, first) & own
        ):
            continue
        if len(given.named_children) > 1 or _in_every_pass(each, body):
            return True
    return False


#: Functions of the language that show something.
_PRINTS = frozenset({"print", "display", "setattr", "next"})


def _names_in(unit: Unit, node: Node) -> set[str]:
    return {unit.text(each) for each in (node, *descend(node)) if each.type == "identifier"}


def _in_every_pass(statement: Node, body: Node) -> bool:
    """Does it stand in the body itself, or in what is tried there?"""
    block = statement.parent
    if block is not None and block != body and block.parent is not None and block.parent.type == "try_statement":
        block = block.parent.parent
    return block == body


RULE = Rule(
    name="row-by-row",
    reviewer="performance",
    kind="iterrows",
    summary="A data frame is walked row by row",
    severity="low",
    check=check,
    words=(b"iterrows",),
)
