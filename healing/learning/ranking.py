"""How likely a repair is after what has been seen: built-in priors, moved by counts.

Let ``p`` be what a repair says of its own draft, and let drafts of this repair with this form have been tried ``t``
times for faults of this shape, of which ``w`` did what they should. The prior of a draft is then

    learned(p, w, t, m) = (m·p + c·w) / (m + c·t),   c = min(1, MOST / t)

the mean of a Beta distribution that began as Beta(m·p, m·(1 - p)): the built-in prior counts as ``m`` observations.
No more than ``MOST`` observations are ever counted, so that ``m·p / (m + MOST) ≤ learned ≤ (m·p + MOST) / (m + MOST)``:
what was learned never makes a draft impossible nor certain, and habits of long ago can be unlearned. The formula is
applied three times, from what is farthest from the case at hand to what is nearest:

1. edits of this form by this repair, in all workspaces of this user (m = 4);
2. edits of this form by this repair, in this workspace (m = 2);
3. the very same edit by this repair, in this workspace (m = 1).

With m = 1 in the last step a draft that did it once is at least at 1/2, and one that failed is below: the second time
the same fault occurs, what healed it is tried before what did not, whatever their built-in priors were.

Invariant: ranking changes the order in which drafts are tried and, among verified ones, which comes first. It never
adds or drops a draft, and whether a draft is verified is not its business.
Invariant: pure and deterministic: the same drafts and counts give the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .shape import Shape, changes_of, exact_of, form_of, shape_of

if TYPE_CHECKING:
    from ..repair import Context, Draft

#: How many observations the built-in prior counts as: of all workspaces, of this one, of the very edit.
EVERYWHERE, HERE, EXACT = 4.0, 2.0, 1.0
#: Observations that count at most.
MOST = 8.0

#: The same drafts, perhaps with other priors, most plausible first.
Ranking = Callable[["Context", "Sequence[Draft]"], "Sequence[Draft]"]


def as_built(context: Context, drafts: Sequence[Draft]) -> Sequence[Draft]:
    """The ranking of who has learned nothing."""
    del context
    return drafts


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something was tried, and how often it did what it should."""

    tries: float = 0.0
    wins: float = 0.0

    def plus(self, tries: float, wins: float) -> Tally:
        return Tally(self.tries + tries, self.wins + wins)


NOTHING = Tally()

#: What is known of one shape: (repair, form or exact key) → tally.
Counts = Mapping[tuple[str, str], Tally]


@dataclass(frozen=True, slots=True)
class Trial:
    """A draft that was run. ``prior`` is the one it was tried with, ``built_in`` the repair's own. ``verified``: the
    run was solved by it; ``further``: it got past the fault. ``title`` is for people; ``shape`` is that of the fault
    which it was made for, by its key."""

    shape: Shape
    repair: str
    title: str
    form: str
    exact: str
    prior: float
    built_in: float
    verified: bool
    further: bool = False


def learned(prior: float, tally: Tally, strength: float) -> float:
    """The prior after ``tally``; see the formula above. Between 0 and 1 for a prior between 0 and 1."""
    if tally.tries <= 0:
        return prior
    share = min(1.0, MOST / tally.tries)
    wins = min(max(tally.wins, 0.0), tally.tries)
    return (strength * prior + share * wins) / (strength + share * tally.tries)


def updated(prior: float, everywhere: Tally, here: Tally, exact: Tally) -> float:
    """The three steps one after the other."""
    return learned(learned(learned(prior, everywhere, EVERYWHERE), here, HERE), exact, EXACT)


def ranked_by(here: Counts, everywhere: Counts, context: Context, drafts: Sequence[Draft]) -> Sequence[Draft]:
    """The drafts with the priors that follow from the counts of the fault's shape, most plausible first. Drafts whose
    priors end up equal stay in the order in which they came."""
    if not here and not everywhere:
        return drafts
    found: list[Draft] = []
    for draft in drafts:
        form, exact = keys_of(context, draft)
        built_in = draft.built_in if draft.built_in >= 0 else draft.prior
        prior = updated(
            built_in,
            everywhere.get((draft.repair, form), NOTHING),
            here.get((draft.repair, form), NOTHING),
            here.get((draft.repair, exact), NOTHING),
        )
        found.append(replace(draft, prior=prior, built_in=built_in))
    return sorted(found, key=lambda draft: -draft.prior)


def keys_of(context: Context, draft: Draft) -> tuple[str, str]:
    """The form and the exact key of a draft; an exact key begins with ``=``."""
    old = {name: context.workspace.text(name) or "" for name in draft.texts}
    changes = changes_of(old, draft.texts)
    return form_of(changes), f"={exact_of(changes)}"


def trial_of(context: Context, draft: Draft, *, verified: bool, further: bool) -> Trial:
    """The record of a draft that was run."""
    form, exact = keys_of(context, draft)
    return Trial(
        shape=shape_of(context.fault, context.text),
        repair=draft.repair,
        title=draft.title,
        form=form,
        exact=exact,
        prior=draft.prior,
        built_in=draft.built_in if draft.built_in >= 0 else draft.prior,
        verified=verified,
        further=further,
    )
