"""Healing learns: what was tried for which shape of fault, what worked, what the person did with it.

:mod:`.shape` says when two faults are alike, :mod:`.ranking` what follows from counts, :mod:`.records` what is kept of
a healing, :mod:`.book` how a store keeps it, :mod:`.memory` is the open stores of a process, :mod:`.measures` what
can be said of it all, :mod:`.confidence` the calibrated confidence of a candidate.

Invariant: what was learned changes the order in which edits are tried, never whether one is verified.
Invariant: the user's own store, shared by all workspaces, knows hashes and counts, and no text of anybody's.
"""

from .memory import Event, Memory, history, note, open_memory, taken_back
from .pages import history_page
from .ranking import Ranking, Trial, as_built
from .records import Outcome, Record

__all__ = [
    "Event",
    "Memory",
    "Outcome",
    "Ranking",
    "Record",
    "Trial",
    "as_built",
    "history",
    "history_page",
    "note",
    "open_memory",
    "taken_back",
]
