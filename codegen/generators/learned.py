"""Which strategy works for what: how likely a draft of a strategy is right, after what came of earlier ones.

With ``t`` drafts of a strategy for tasks of a domain, of which ``w`` were offered, verified and not taken back, the
chance that the next one is right is the mean of a Beta distribution that began as Beta(m·p, m·(1 - p)):

    learned = (m·p + c·w) / (m + c·t),   m = 4,  c = min(1, MOST / t)

``p`` is what is believed at first, and no more than ``MOST`` drafts ever count, so that what was true long ago can be
unlearned. Counts of the model that answers count in full, those of other models for a third.
"""

from __future__ import annotations

from collections.abc import Mapping

#: How many observations the first belief counts as, observations that count at most, and those of another model.
WEIGHT, MOST, OTHER_MODEL = 4.0, 24.0, 1 / 3
#: What is believed of a strategy made for the domain, and of the general one.
SPECIAL, GENERAL = 0.6, 0.5

#: (strategy, model) → (drafts, of which were right).
Counts = Mapping[tuple[str, str], tuple[float, float]]


def chance(strategy: str, model: str, counts: Counts, *, believed: float) -> float:
    """The chance that a draft of ``strategy`` by ``model`` is right."""
    tries, wins = tally(strategy, model, counts)
    share = min(1.0, MOST / tries) if tries else 0.0
    return (WEIGHT * believed + share * wins) / (WEIGHT + share * tries)


def tally(strategy: str, model: str, counts: Counts) -> tuple[float, float]:
    """Drafts of a strategy and how many were right, those of other models counted in part."""
    tries = wins = 0.0
    for (name, by), (tried, won) in counts.items():
        if name == strategy:
            weight = 1.0 if by == model or not model else OTHER_MODEL
            tries, wins = tries + weight * tried, wins + weight * won
    return tries, wins
