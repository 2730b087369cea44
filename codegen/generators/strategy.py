"""What a strategy is: one file of ``generators/`` that defines ``STRATEGY = Strategy(…)``.

Invariant: a strategy only says what to look for, what to tell the model and what to check; it asks nobody itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..context.index import Index
from ..context.pieces import Piece
from ..drafter import Task
from ..validation.level import Level


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a strategy fits a task, from 0 to 1, and why, in words for the person."""

    score: float
    reasons: tuple[str, ...] = ()


#: From the index and the path of the file to pieces that only this strategy wants.
Wants = Callable[[Index, str], Iterable[Piece]]


def no_more(index: Index, path: str) -> Iterable[Piece]:
    """The context that everybody gets."""
    del index, path
    return ()


@dataclass(frozen=True, slots=True)
class Strategy:
    """``fits`` says how well it fits; ``template`` is the file of ``prompts/`` with its guidance; ``context`` gives
    further pieces; ``checks`` are levels that the validation runs besides its own. ``wants_naive``: the model also
    writes a version that is slow and easy to be sure of."""

    name: str
    summary: str
    fits: Callable[[Task], Fit]
    template: str
    context: Wants = no_more
    checks: tuple[Level, ...] = ()
    wants_naive: bool = False
