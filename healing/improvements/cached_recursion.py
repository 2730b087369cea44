"""A function that calls itself for the same arguments again and again remembers its results.

What it does: puts ``functools.cache`` above a function that calls itself more than once.

Before::

    def ways(n):
        if n < 2:
            return 1
        return ways(n - 1) + ways(n - 2)

After::

    @cache
    def ways(n):
        if n < 2:
            return 1
        return ways(n - 1) + ways(n - 2)

Safe because: the same call must give the same result again, and not the same object where it gave a new one before;
arguments that cannot be hashed, what is printed, and variables of the module that are changed, all show.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding, Replacement
from ..rewriting import imported, node_at, place_of
from . import Improvement, Rewrite


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    if place is None:
        return
    node = node_at(place, finding, cst.FunctionDef, cst.Name, cst.Call)
    function = place.function(node) if node is not None else None
    if function is None or function.decorators or function.asynchronous is not None:
        return
    if place.enclosing(function, cst.ClassDef) is not None:
        return  # a cache on a method keeps every object alive
    written = imported(text, "functools", "cache")
    if written is None:
        return
    start = place.line_start(function)
    decorator = Replacement(start, start, f"{place.indent(function)}@{written[0]}{place.newline}")
    yield from place.rewrite(f"Remember the results of '{function.name.value}'", function, [decorator], written[1])


IMPROVEMENT = Improvement(
    name="cached-recursion",
    rules=("caching",),
    summary="Remember the results of a pure recursion",
    rewrite=rewrite,
    speeds_up=True,
)
