"""What the words of a description promise of every result: sorted, no repetition, never negative, in lower case.

A draft may keep its examples and break such a word elsewhere, and several drafts may do so together. A promise counts
only if all examples keep it, and only for results that it can be about (a promise of order says nothing of a number).
"A sorted list" may be one that is given: where all lists that the examples give are sorted, it promises nothing.

Invariant: pure; results come as the texts that :func:`.validation.opinions_worker.shown` makes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from .specification import Specification


@dataclass(frozen=True, slots=True)
class Promise:
    """``words`` is what the description says; ``broken`` says whether a result is certainly not so."""

    words: str
    broken: Callable[[object], bool]


def _lists(value: object) -> Iterator[list[object]]:
    """The lists of a result: itself, or the values of a mapping."""
    if isinstance(value, list):
        yield cast("list[object]", value)
    elif isinstance(value, dict):
        yield from (each for each in cast("dict[object, object]", value).values() if isinstance(each, list))


def _orders(value: object) -> Iterator[tuple[bool, bool]]:
    """(ascending, descending) of each list of a result that can be ordered and has different items."""
    for each in _lists(value):
        try:
            ordered = sorted(each)  # pyright: ignore[reportArgumentType, reportUnknownVariableType, reportCallIssue]
        except TypeError:
            continue  # no order among them: another one is meant
        if ordered != ordered[::-1]:
            yield each == ordered, each == ordered[::-1]


def _unsorted(value: object) -> bool:
    return (False, False) in _orders(value)


def _not_ascending(value: object) -> bool:
    return any(not up for up, _ in _orders(value))


def _not_descending(value: object) -> bool:
    return any(not down for _, down in _orders(value))


def _repeats(value: object) -> bool:
    if not isinstance(value, (list, tuple)):
        return False
    items = [repr(each) for each in cast("Sequence[object]", value)]
    return len(set(items)) < len(items)


def _negative(value: object) -> bool:
    return isinstance(value, (int, float)) and value < 0


def _not_lower(value: object) -> bool:
    return isinstance(value, str) and value != value.lower()


def _not_upper(value: object) -> bool:
    return isinstance(value, str) and value != value.upper()


#: (what a description says, what it must not say besides, what is wrong then).
_KNOWN: tuple[tuple[str, str, Callable[[object], bool]], ...] = (
    (
        r"\bsorted\b(?! by\b)|\bin (?:ascending|descending|increasing|decreasing|alphabetical) order\b",
        r"\b(?:sorted|sort|order(?:ed)?) (?:by|of)\b|\bin (?:the|their|its) order\b|\bby (?:its|their|the)\b",
        _unsorted,
    ),
    (
        r"\bwithout (?:repetitions?|duplicates?|repeating)\b|\bno duplicates\b|\beach (?:only )?once\b|\bdistinct\b",
        r"\bpairs?\b|\bcounts?\b",
        _repeats,
    ),
    (r"\bnever (?:negative|below zero)\b", r"$^", _negative),
    (r"\bin lower[- ]?case\b", r"\bupper\b|\bcapital", _not_lower),
    (r"\bin upper[- ]?case\b", r"\blower\b", _not_upper),
)

_SORTED_LIST = re.compile(r"\bsorted\s+(?:lists?|arrays?|sequences?|tuples?|iterables?|inputs?)\b", re.IGNORECASE)


def promises_of(spec: Specification) -> list[Promise]:
    """The promises of a description that its examples keep; none without an example that has a result."""
    results = [each.expected for each in spec.examples if not each.raises]
    if not results:
        return []
    given = [value for each in spec.examples for value in each.args if any(_orders(value))]
    found: list[Promise] = []
    for says, but, broken in _KNOWN:
        said = re.search(says, spec.description, re.IGNORECASE)
        if said and not re.search(but, spec.description, re.IGNORECASE) and not any(map(broken, results)):
            directed = _directed(broken, results)
            about_given = broken is _unsorted and given and _SORTED_LIST.search(spec.description)
            if not about_given or any(map(directed, given)):
                found.append(Promise(said[0], directed))
    return found


def _directed(broken: Callable[[object], bool], results: Sequence[object]) -> Callable[[object], bool]:
    """Sorted in the direction that the examples have, where they have one."""
    if broken is not _unsorted or not any(order for each in results for order in _orders(each)):
        return broken
    directions = (_not_ascending, _not_descending)
    return next((each for each in directions if not any(map(each, results))), broken)


def broken_by(promises: Sequence[Promise], outcomes: Sequence[str], calls: Sequence[str]) -> str:
    """A sentence about the shortest of ``calls`` whose result breaks a promise; empty if none does."""
    found: list[tuple[int, str]] = []
    for call, outcome in zip(calls, outcomes, strict=True):
        if not outcome.startswith("= ") or not promises:
            continue
        try:
            value: object = ast.literal_eval(outcome[2:])
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue  # cut short, or no literal
        for each in promises:
            if each.broken(value):
                found.append((len(call), f"the description says “{each.words}”, but {call} gives {outcome[2:]}"))
    return min(found, default=(0, ""))[1]
