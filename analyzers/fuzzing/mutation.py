"""Small changes of inputs that reached something new: the usual moves of a coverage-guided fuzzer, on plans.

Numbers are nudged, characters and elements inserted, deleted, doubled and swapped, constants of the source put in,
parts of other inputs spliced in. A change keeps the type of what it changes, so that most results stay in the domain;
the caller asks the domain before it runs one. Deterministic for a given ``random.Random``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from .boundaries import Hints, hashable
from .plans import Made, Plan, kind_of

Rebuild = Callable[[Plan], Plan]

MOST_CHARACTERS = 400
MOST_ELEMENTS = 80
_LETTERS = "aA0 bz19-_.,:;/\\'\"()[]{}<>=+*#%&@!?\n\t"
_LARGEST = 2**40
#: Numbers below this can be an integer as well as a float; infinity and nan are not.
_REAL = 1e300


@dataclass(frozen=True)
class Spot:
    """A part of a plan; ``put`` gives the whole plan with another part in its place."""

    part: Plan
    put: Rebuild


def spots(plan: Plan, put: Rebuild = lambda part: part) -> Iterator[Spot]:
    """All parts of a plan, the whole first."""
    yield Spot(plan, put)
    kind = kind_of(plan)
    if kind in (list, tuple):
        for place, each in enumerate(plan):
            yield from spots(each, lambda new, place=place: put(kind([*plan[:place], new, *plan[place + 1 :]])))
    elif kind is dict:
        for key, value in plan.items():
            yield from spots(value, lambda new, key=key: put({**plan, key: new}))
            yield from spots(key, lambda new, key=key: put(_renamed(plan, key, new)))
    elif kind in (set, frozenset):
        for each in sorted(plan, key=repr):
            yield from spots(each, lambda new, each=each: put(kind([*(plan - {each}), new]) if hashable(new) else plan))
    elif kind is Made:
        for place, each in enumerate(plan.args):
            yield from spots(
                each,
                lambda new, place=place: put(replace(plan, args=(*plan.args[:place], new, *plan.args[place + 1 :]))),
            )
        for place, (name, each) in enumerate(plan.kwargs):
            yield from spots(
                each,
                lambda new, place=place, name=name: put(
                    replace(plan, kwargs=(*plan.kwargs[:place], (name, new), *plan.kwargs[place + 1 :]))
                ),
            )


def _renamed(plan: dict[Plan, Plan], key: Plan, new: Plan) -> dict[Plan, Plan]:
    return {(new if each == key else each): value for each, value in plan.items()} if hashable(new) else plan


def _part_like(plan: Plan, kind: Any, rng: Random) -> Plan:
    """Some part of this type, found by a few walks down the plan; None if they find none."""
    for _ in range(3):
        part = plan
        for _ in range(8):
            if kind_of(part) is kind and part is not plan:
                return part
            inner = _inner(part)
            if not inner:
                break
            part = rng.choice(inner)
    return None


def _inner(plan: Plan) -> list[Plan]:
    kind = kind_of(plan)
    if kind in (list, tuple):
        return list(plan)
    if kind is dict:
        return [*plan.keys(), *plan.values()]
    return [*plan.args, *(value for _, value in plan.kwargs)] if kind is Made else []


def _is_real(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < _REAL


class Mutator:
    """Changes plans. ``fresh`` draws a new input of the target."""

    def __init__(self, hints: Hints, fresh: Callable[[Random], Plan]) -> None:
        self.hints = hints
        self.fresh = fresh
        self._numbers: list[Any] = [each for each in (*hints.ints, *hints.floats) if abs(each) < _REAL]
        self._texts: list[str] = [*hints.strings, *(each.decode("latin-1") for each in hints.blobs)]
        self._letters = _LETTERS + "".join(dict.fromkeys("".join(hints.strings)))

    def learn(self, value: Any) -> None:
        """A constant that a comparison used."""
        if isinstance(value, str) and 0 < len(value) <= 60 and value not in self._texts and len(self._texts) < 200:
            self._texts.append(value)
        elif _is_real(value) and value not in self._numbers and len(self._numbers) < 200:
            self._numbers.append(value)

    def mutate(self, plan: Plan, others: Sequence[Plan], rng: Random) -> Plan:
        """One to four changes, one after the other."""
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
            roll = rng.random()
            if roll < 0.08:
                plan = self._exchange(plan, rng)
            elif kind_of(plan) is list and roll < 0.45:  # steps of a class, the first of which makes it
                plan = [*plan[:1], *self.sequence(plan[1:], rng)]
            elif kind_of(plan) is list:
                place = rng.randrange(len(plan))
                plan = [*plan[:place], self._inside(plan[place], None, rng, 1), *plan[place + 1 :]]
            else:
                plan = self._inside(plan, rng.choice(others) if roll < 0.2 and others else None, rng, 0)
        return plan

    def _inside(self, plan: Plan, donor: Plan, rng: Random, depth: int) -> Plan:
        """A change somewhere in the plan: here, or in one of its parts. With a ``donor`` a part is taken from it."""
        kind = kind_of(plan)
        if kind is Made:
            return self._in_object(plan, donor, rng, depth)
        if kind in (list, tuple) and plan and rng.random() < (0.6 if depth > 1 else 0.75):
            place = rng.randrange(len(plan))
            items = list(plan)
            items[place] = self._inside(items[place], donor, rng, depth + 1)
            return items if kind is list else tuple(items)
        if kind is dict and plan and rng.random() < 0.7:
            key = rng.choice(list(plan))
            return {**plan, key: self._inside(plan[key], donor, rng, depth + 1)}
        if donor is not None:
            part = _part_like(donor, kind, rng)
            if part is not None:
                return part
        change = _CHANGES.get(kind)
        return change(self, plan, rng) if change is not None else plan

    def _in_object(self, plan: Made, donor: Plan, rng: Random, depth: int) -> Plan:
        count = len(plan.args) + len(plan.kwargs)
        if not count:
            return self.fresh(rng) if not depth else plan
        place = rng.randrange(count)
        if place < len(plan.args):
            args = list(plan.args)
            args[place] = self._inside(args[place], donor, rng, depth + 1)
            return Made(plan.callee, tuple(args), plan.kwargs)
        kwargs = list(plan.kwargs)
        name, value = kwargs[place - len(plan.args)]
        kwargs[place - len(plan.args)] = (name, self._inside(value, donor, rng, depth + 1))
        return Made(plan.callee, plan.args, tuple(kwargs))

    def _exchange(self, plan: Plan, rng: Random) -> Plan:
        """One argument (or step) of a new input in the place of this one's."""
        new = self.fresh(rng)
        if kind_of(plan) is Made and kind_of(new) is Made:
            if plan.args and len(new.args) >= len(plan.args):
                place = rng.randrange(len(plan.args))
                return Made(plan.callee, (*plan.args[:place], new.args[place], *plan.args[place + 1 :]), plan.kwargs)
            return new
        if kind_of(plan) is list and len(new) > 1:
            steps: list[Any] = [*plan]
            place = rng.randint(1, len(steps))
            steps[place : place + rng.randint(0, 1)] = [rng.choice(new[1:])]
            return steps
        return new

    def integer(self, value: int, rng: Random) -> int:
        roll = rng.randrange(8)
        if roll == 0 and self._numbers:
            return int(rng.choice(self._numbers)) + rng.choice((-1, 0, 0, 1))
        if roll == 1:
            return -value
        if roll == 2:
            return value ^ (1 << rng.randrange(12))
        if roll == 3:
            return value * rng.choice((2, 3, 10)) if abs(value) < _LARGEST else value
        if roll == 4:
            return value // rng.choice((2, 3, 10))
        return value + rng.choice((-1, 1)) * rng.choice((1, 1, 2, 4, 7, 16, 100))

    def real(self, value: float, rng: Random) -> float:
        if value != value or abs(value) > 1e15:
            return float(rng.randint(-10, 10))
        roll = rng.randrange(6)
        if roll == 0 and self._numbers:
            return float(rng.choice(self._numbers)) + rng.choice((-0.5, 0.0, 0.0, 0.5))
        if roll == 1:
            return -value
        if roll == 2:
            return float(round(value))
        if roll == 3:
            return value * rng.choice((2.0, 0.5, 10.0, 0.1))
        return value + rng.choice((-1, 1)) * rng.choice((1.0, 0.5, 0.1, 10.0, 1e-6))

    def text(self, value: str, rng: Random) -> str:
        roll = rng.randrange(11)
        place = rng.randint(0, len(value))
        other = min(len(value), place + rng.choice((1, 1, 1, 2, 4, 8)))
        if roll <= 1 or not value:
            new = rng.choice(self._texts) if self._texts and rng.random() < 0.4 else rng.choice(self._letters)
            value = value[:place] + new + value[place:]
        elif roll <= 3:
            value = value[:place] + value[other:]
        elif roll == 4:
            value = value[:other] + value[place:other] * rng.choice((1, 1, 2, 8)) + value[other:]
        elif roll <= 6:
            value = value[:place] + rng.choice(self._letters + value) + value[place + 1 :]
        elif roll == 7 and self._texts:
            new = rng.choice(self._texts)
            value = value[:place] + new + value[place + len(new) :]
        elif roll == 8:
            value = value[place:] + value[:place]
        elif roll == 9:
            value = rng.choice((value.upper(), value.lower(), value.strip(), value[::-1]))
        else:
            value = self._number_in(value, rng)
        return value[:MOST_CHARACTERS]

    def _number_in(self, value: str, rng: Random) -> str:
        """A number that is written in the text, changed."""
        found = list(re.finditer(r"[0-9]{1,12}", value))
        if not found:
            return value + str(rng.randint(0, 99))
        match = rng.choice(found)
        return value[: match.start()] + str(abs(self.integer(int(match[0]), rng))) + value[match.end() :]

    def blob(self, value: bytes, rng: Random) -> bytes:
        place = rng.randint(0, len(value))
        if value and rng.random() < 0.5:
            place = min(place, len(value) - 1)
            byte = rng.choice((value[place] ^ (1 << rng.randrange(8)), rng.randrange(256), 0, 255))
            return value[:place] + bytes([byte]) + value[place + 1 :]
        return self.text(value.decode("latin-1"), rng).encode("latin-1", "replace")

    def sequence(self, value: list[Plan], rng: Random) -> list[Plan]:
        items = list(value)
        place = rng.randint(0, len(items))
        roll = rng.randrange(6)
        if not items:
            return items
        if roll == 0:
            del items[min(place, len(items) - 1)]
        elif roll == 1:
            items.insert(place, rng.choice(items))
        elif roll == 2:
            rng.shuffle(items)
        elif roll == 3:
            first, second = rng.randrange(len(items)), rng.randrange(len(items))
            items[first], items[second] = items[second], items[first]
        elif roll == 4:
            chosen = rng.choice(items)
            kind = kind_of(chosen)
            items.insert(place, _CHANGES[kind](self, chosen, rng) if kind in _CHANGES else chosen)
        else:
            items = items[:place] * 2 + items[place:]
        return items[:MOST_ELEMENTS]

    def mapping(self, value: dict[Plan, Plan], rng: Random) -> dict[Plan, Plan]:
        if not value:
            return value
        key = rng.choice(list(value))
        if rng.random() < 0.4:
            return {each: held for each, held in value.items() if each != key}
        kind = kind_of(key)
        new = _CHANGES[kind](self, key, rng) if kind in _CHANGES else key
        return {**value, new: value[key]} if hashable(new) else value

    def unordered(self, value: Any, rng: Random) -> Any:
        kind = kind_of(value)
        items = self.sequence(sorted(value, key=repr), rng)
        return kind(each for each in items if hashable(each))


_CHANGES: dict[Any, Callable[[Mutator, Any, Random], Plan]] = {
    bool: lambda _self, value, _rng: not value,
    int: Mutator.integer,
    float: Mutator.real,
    str: Mutator.text,
    bytes: Mutator.blob,
    list: Mutator.sequence,
    tuple: lambda self, value, rng: tuple(self.sequence(list(value), rng)),
    dict: Mutator.mapping,
    set: Mutator.unordered,
    frozenset: Mutator.unordered,
}
