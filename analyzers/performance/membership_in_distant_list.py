"""Looking for something, again and again, in a list that another file makes.

What it does: reports ``x in items`` inside a loop under the same conditions as ``membership-in-list``, where only
other files of the program tell that ``items`` is a list: it is what a method or function of another file returns, an
attribute that another class (a base of it, for instance) gives to its objects, or what another file hands to the
function. A method that is overridden must return a list wherever it is; one that returns a set somewhere is left alone,
and so is what nobody knows.

Why is this bad: each test walks the list, so the loop takes time proportional to the square of the input, and the line
does not show it: ``in`` looks the same for a set.

Example::

    for word in words:
        if word in lexicon.entries():  # in another file: ``def entries(self): return [...]``
            found += 1

Use instead::

    known = set(lexicon.entries())
    for word in words:
        if word in known:
            found += 1

References: https://wiki.python.org/moin/TimeComplexity
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..findings import Finding
from ..rules import ProgramRule
from .distant import extract, told


def check(files: Mapping[str, object]) -> Iterator[Finding]:
    yield from told(files, PROGRAM_RULE.name, PROGRAM_RULE.kind, "membership-in-list")


PROGRAM_RULE = ProgramRule(
    name="membership-in-distant-list",
    reviewer="performance",
    kind="membership",
    summary="A list that another file makes is searched in every iteration of a loop",
    severity="medium",
    extract=extract,
    check=check,
    group="distant",
)
