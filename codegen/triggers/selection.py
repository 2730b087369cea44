"""A selection that is to be changed: "change this so that it also accepts None".

The unit of change is a definition: the innermost one that holds the whole selection. A selection outside of any is
refused; what is at a module's top level runs when it is imported, and no test says what it should do.
"""

from __future__ import annotations

from . import definitions as defs
from .definitions import Parsed
from .stub import target_of
from .target import Target


def selection_at(text: str, first: int, last: int, instruction: str) -> Target | None:
    """The definition that holds the lines ``first`` to ``last`` (0-based, inclusive), to be changed."""
    parsed = Parsed.of(text)
    around = (each for each in defs.definitions_around(parsed, first) if each.first <= first and last <= each.last)
    definition = next(around, None)
    if definition is None and last > first:  # the selection begins above it, on blank or comment lines
        inside = [each for each in defs.top_definitions(parsed) if first <= each.first and each.last <= last]
        definition = inside[0] if len(inside) == 1 else None
    return target_of(parsed, definition, "selection", instruction) if definition is not None else None
