"""Other people's checkers, run on a text: one file per engine, found by :func:`engines`.

Invariant: an engine runs no workspace code and reads no configuration of the workspace.
Invariant: engines are never on the keystroke path; they belong in a worker process.
An engine that cannot look at a text says so by raising :class:`~..errors.Unavailable`; it never stays silent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from ..errors import Unavailable
from ..findings import Finding
from ..plugins import discover


class Unreadable(Unavailable):
    """The text itself is the reason: the same engine will never look at it."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A checker. ``run`` takes a path (for its messages) and the text; it raises Unavailable with the reason when it
    cannot look at that text. ``run_many`` does the same for many texts at once where that is cheaper; a text that it
    does not answer for is given to ``run``. ``apart``: its work is done by a process of its own, so that it is asked
    for its answer as late as can be."""

    name: str
    run: Callable[[str, str], list[Finding]]
    run_many: Callable[[Sequence[tuple[str, str]]], dict[str, list[Finding]]] | None = None
    apart: bool = False


@cache
def engines() -> tuple[Engine, ...]:
    """All engines, by name."""
    return tuple(discover(__name__, "ENGINE", Engine))
