"""How likely it is that a person who meant one name typed another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


def distance(a: str, b: str, limit: int = 99) -> int:
    """Optimal string alignment distance (insert, delete, replace, swap of neighbours); above ``limit`` it may stop.

    Damerau (1964): four out of five misspellings are one such step."""
    if abs(len(a) - len(b)) > limit or len(set(a) - set(b)) > limit or len(set(b) - set(a)) > limit:
        return limit + 1  # each letter that the other one does not have costs a step
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        above, row, older = row, [i] + [0] * len(b), before
        for j, right in enumerate(b, 1):
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                row[j] = min(row[j], older[j - 2] + 1)
        before = above
        if min(row) > limit:
            return limit + 1
    return row[-1]


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


@lru_cache(maxsize=1 << 15)
def likeness(typed: str, meant: str) -> float:
    """A score from 0 (unrelated) to 1: how plausible it is that ``typed`` is a slip for ``meant``."""
    if typed == meant:
        return 0.0
    if _plain(typed) == _plain(meant) and _plain(typed):
        return 0.97
    shorter = min(len(typed), len(meant))
    limit = 1 if shorter <= 3 else 2 if shorter <= 7 else 3
    steps = distance(typed, meant, limit)
    if steps <= limit:
        score = 0.93 - 0.16 * (steps - 1) - (0.35 if shorter <= 2 else 0.15 if shorter == 3 else 0.0)
        return max(score - (0.1 if typed[0] != meant[0] and steps > 1 else 0.0), 0.05)
    if shorter >= 3 and (_plain(meant).startswith(_plain(typed)) or _plain(typed).startswith(_plain(meant))):
        return 0.45
    words, other = set(typed.casefold().split("_")) - {""}, set(meant.casefold().split("_")) - {""}
    if len(words & other) >= 2 or (words & other and len(words) == 2 == len(other)):
        return 0.4
    if shorter >= 3 and typed[0] == meant[0] and (_within(typed, meant) or _within(meant, typed)):
        return 0.35
    return 0.0


def _within(short: str, long: str) -> bool:
    """Whether the letters of ``short`` appear in ``long`` in this order, as in ``cnt`` and ``count``."""
    letters = iter(long.casefold())
    return all(letter in letters for letter in short.casefold())


def closest(typed: str, names: Iterable[str], count: int = 4, least: float = 0.3) -> list[tuple[str, float]]:
    """The best matches with their likeness, best first; ties in alphabetical order."""
    scored = [(name, score) for name in set(names) if (score := likeness(typed, name)) >= least]
    return sorted(scored, key=lambda item: (-item[1], item[0]))[:count]
