"""Asking a list that another file makes where something is, again and again.

What it does: reports ``items.index(x)``, ``items.remove(x)`` and ``items.count(x)`` inside a loop under the same
conditions as ``linear-search-in-loop``, where only other files of the program tell that ``items`` is a list: what a
method or function of another file returns, an attribute that another class gives to its objects, or what another file
hands to the function. Where not all that may be meant return a list, nothing is said.

Why is this bad: each call walks the list, so the loop takes time proportional to the square of its length.

Example::

    names = table.names()  # in another file: ``def names(self): return [...]``
    for row in rows:
        print(names.index(row.name), row)

Use instead::

    places = {name: place for place, name in enumerate(table.names())}
    for row in rows:
        print(places[row.name], row)

References: https://wiki.python.org/moin/TimeComplexity
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..findings import Finding
from ..rules import ProgramRule
from .distant import extract, told


def check(files: Mapping[str, object]) -> Iterator[Finding]:
    yield from told(files, PROGRAM_RULE.name, PROGRAM_RULE.kind, "linear-search-in-loop")


PROGRAM_RULE = ProgramRule(
    name="search-in-distant-list",
    reviewer="performance",
    kind="linear_search",
    summary="A list that another file makes is walked to find something in every iteration of a loop",
    severity="medium",
    extract=extract,
    check=check,
    group="distant",
)
