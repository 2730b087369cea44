"""What it does
    Applies the repairs that the project brings itself, in ``.suture/repairs/*.toml``: for which faults, a pattern with
    metavariables, and a replacement.

Example
    ``settings["COLOUR"]``, with a template whose pattern is ``settings[$KEY]``

Use instead
    ``settings.get("COLOUR", defaults["COLOUR"])``, as its replacement says

When it stays silent
    The fault is not of the kind that a template is for, or the pattern is not on its line. A bad template is named
    with its line, and left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import templates
from ..fault import Fault
from ..repair import Context, Draft, Repair


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    return templates.propose(fault, context)


REPAIR = Repair(
    name="user-template",
    summary="applies the project's own repair templates",
    propose=propose,
    languages=templates.LANGUAGES,
)
