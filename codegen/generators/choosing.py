"""Which strategy a task is given, and why.

The *domain* of a task is the strategy that fits it best; a strategy comes into question if it fits at least
:data:`LEAST`, the general one always. Of these the one with the greatest product of fit and learned chance is taken, so
that a specialised prompt that keeps failing here gives way to the general one. Its checks stay those of the domain:
what kind of code it is does not change with who writes it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ...analyzers.errors import UserError
from ...analyzers.plugins import discover
from ...analyzers.store import Store
from ..drafter import Task
from ..validation.level import Level
from .learned import GENERAL, SPECIAL, Counts, chance, tally
from .strategy import Fit, Strategy

log = logging.getLogger(__name__)

#: The fit from which on a specialised strategy comes into question, and what the general one counts as.
LEAST, GENERAL_FIT = 0.45, 0.4


@dataclass(frozen=True, slots=True)
class Choice:
    """``domain`` is the strategy that fits best; ``checks`` are its; ``reasons`` are words for the person."""

    strategy: Strategy
    score: float
    reasons: tuple[str, ...]
    domain: str
    checks: tuple[Level, ...] = ()


@cache
def strategies() -> tuple[Strategy, ...]:
    """All strategies: the files beside this one, and what other packages of the environment bring."""
    found = discover(__package__ or "", "STRATEGY", Strategy, "suture.strategies")
    return tuple(sorted(found, key=lambda each: (each.name == "general", each.name)))


def known_code_type(name: str) -> str:
    """``name`` if a strategy has it, or none. Raises UserError."""
    names = [each.name for each in strategies()]
    if name and name not in names:
        raise UserError(f"there is no kind of code called {name!r}", f"one of {', '.join(names)}")
    return name


def chosen(task: Task) -> Choice:
    """The strategy for a task; worked out once."""
    known = task.memo.get("choice")
    if isinstance(known, Choice):
        return known
    model = task.model.model if task.model is not None else ""
    choice = choose(task, strategies(), model=model, store=task.store)
    task.memo["choice"] = choice
    return choice


def choose(task: Task, offered: Sequence[Strategy], *, model: str = "", store: Store | None = None) -> Choice:
    if asked := next((each for each in offered if each.name == task.request.code_type), None):
        return Choice(asked, GENERAL_FIT, ("it was asked for",), asked.name, asked.checks)
    fits = {each.name: each.fits(task) for each in offered}
    general = next(each for each in offered if each.name == "general")
    special = [each for each in offered if each is not general and fits[each.name].score >= LEAST]
    if not special:
        return Choice(general, GENERAL_FIT, ("nothing says that it is of a special kind",), "general", general.checks)
    best = max(special, key=lambda each: (fits[each.name].score, each.name))
    counts = counts_of(store, best.name)

    def worth(each: Strategy) -> float:
        if each is general:
            return GENERAL_FIT * chance(each.name, model, counts, believed=GENERAL)
        return fits[each.name].score * chance(each.name, model, counts, believed=SPECIAL)

    taken = max((best, general), key=worth)
    fit: Fit = fits[best.name]
    reasons = [f"{best.name}: {each}" for each in fit.reasons]
    for each in (best, general):
        tries, wins = tally(each.name, model, counts)
        if tries >= 1:
            reasons.append(f"of {tries:.0f} earlier {each.name} drafts of this kind {wins:.0f} were right")
    if taken is general:
        reasons.append(f"so the general prompt is used, with the checks of {best.name}")
    return Choice(taken, fit.score, tuple(reasons), best.name, best.checks)


def counts_of(store: Store | None, domain: str) -> Counts:
    """What came of earlier drafts of a domain; nothing without a store that can say it."""
    if store is None:
        return {}
    from ..learning.history import strategy_counts

    try:
        return {key: (each.tries, each.wins) for key, each in strategy_counts(store, domain).items()}
    except Exception as error:  # noqa: BLE001 - a store that fails must not take the answer away
        log.warning("the strategy is chosen without what came of earlier drafts: %s", error)
        return {}
