"""Lists that are added up are chained instead.

What it does: ``sum(lists, [])``, and ``reduce`` with a function that adds two lists, copy what they have so far for
each list that comes; ``itertools.chain.from_iterable`` goes through all of them once.

Before::

    def words(lines):
        return sum((line.split() for line in lines), [])

After::

    def words(lines):
        return list(chain.from_iterable(line.split() for line in lines))

Safe because: lists added up and lists chained hold the same in the same order, in a new list; parts that are no lists,
which addition refuses and a chain takes, are tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding
from ..dataflow import is_empty_list
from ..rewriting import Place, imported, node_at, place_of
from . import Improvement, Rewrite

#: ``lambda a, b: a + b``, with any names.
_ADDING = re.compile(r"lambda\s+(\w+)\s*,\s*(\w+)\s*:\s*\1\s*\+\s*\2")
_ADDERS = frozenset({"operator.add", "operator.concat", "operator.iadd", "add", "concat", "iadd"})


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    call = node_at(place, finding, cst.Call) if place is not None else None
    if place is None or not isinstance(call, cst.Call):
        return
    lists = _lists(place, call)
    written = imported(text, "itertools", "chain")
    if lists is None or written is None:
        return
    code = place.code(lists)
    if isinstance(lists, cst.GeneratorExp) and code.startswith("(") and code.endswith(")"):
        code = code[1:-1]
    changed = [place.replace(call, f"list({written[0]}.from_iterable({code}))")]
    yield from place.rewrite("Chain the lists instead of adding them up", call, changed, written[1])


def _lists(place: Place, call: cst.Call) -> cst.BaseExpression | None:
    """What is added up; None for another call."""
    name, given = place.code(call.func), call.args
    if any(each.star for each in given) or not given or not is_empty_list(given[-1].value):
        return None
    last = given[-1].keyword
    if name == "sum" and len(given) == 2 and (last is None or last.value == "start"):
        return given[0].value
    if name in ("reduce", "functools.reduce") and len(given) == 3 and last is None:
        adder = place.code(given[0].value)
        return given[1].value if adder in _ADDERS or _ADDING.fullmatch(adder) else None
    return None


IMPROVEMENT = Improvement(
    name="chained-lists",
    rules=("list_concat",),
    summary="Chain lists instead of adding them up",
    rewrite=rewrite,
    speeds_up=True,
)
