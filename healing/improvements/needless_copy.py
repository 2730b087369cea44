"""A copy that serves nothing is left out.

What it does: ``list(items)``, ``tuple(items)``, ``items.copy()``, ``items[:]``, ``copy.copy(items)`` and
``table.keys()`` become what they copy, where only that is asked of it which the thing itself answers as well.

Before::

    def total(rows):
        result = 0
        for row in list(rows):
            result += row
        return result

After::

    def total(rows):
        result = 0
        for row in rows:
            result += row
        return result

Safe because: the copy would be missed where the original is changed meanwhile, is an iterator, or is returned in the
place of the copy; changes, what is left of iterators and the identity of results and arguments are all compared.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding
from ..rewriting import Place, call_of, is_call, node_at, place_of
from . import Improvement, Rewrite


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    node = node_at(place, finding, cst.Call, cst.Subscript) if place is not None else None
    if place is None or node is None:
        return
    for each in _copies(place, node):
        original = _original(place, each)
        if original is not None:
            code = place.code(original)
            yield from place.rewrite(f"Use {_short(code)} itself", node, [place.replace(each, code)])


def _copies(place: Place, node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """The expressions of the finding that make a copy, the outermost first."""
    for each in (*place.find(node, cst.Call), *place.find(node, cst.Subscript)):
        if _original(place, each) is not None:
            yield each


def _original(place: Place, node: cst.BaseExpression) -> cst.BaseExpression | None:
    if isinstance(node, cst.Call):
        if is_call(node, "list", "tuple", "set", "dict", "sorted"):
            inner = node.args[0].value
            return None if isinstance(inner, cst.GeneratorExp) else inner
        called = call_of(node)
        if called is not None and place.code(node.func) in ("copy.copy", "copy.deepcopy") and len(called[1]) == 1:
            return called[1][0]
        if called is not None and not called[1] and place.code(node.func).endswith((".copy", ".keys")):
            return called[0]
        return None
    if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Slice):
        part = node.slice[0].slice
        return node.value if part.lower is None and part.upper is None and part.step is None else None
    return None


def _short(code: str) -> str:
    return code if len(code) <= 40 else f"{code[:37]}…"


IMPROVEMENT = Improvement(
    name="needless-copy",
    rules=("copy", "membership"),
    summary="Leave out a copy that serves nothing",
    rewrite=rewrite,
    speeds_up=True,
)
