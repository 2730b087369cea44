"""Inputs that a comparison of two versions needs and that random draws rarely are: inside the sandbox."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any, cast

from ..analyzers.fuzzing.boundaries import hashable
from ..analyzers.fuzzing.plans import Made, Plan, Ref, kind_of
from ..analyzers.fuzzing.shapes import NAMESPACE


def crossed(plan: Made, rng: random.Random) -> Made | None:
    """The plan with some elements of one of its rows put into another one (or twice into the same), at random places;
    None if it has no rows of several elements."""
    rows = [(place, each) for place, each in enumerate(plan.args) if _elements(each)]
    if not rows:
        return None
    source = rng.choice(rows)[1]
    targets = [pair for pair in enumerate(plan.args) if kind_of(pair[1]) in _KINDS]
    if not targets:
        return None
    place, target = rng.choice(targets)
    items = list(cast("list[Any]", target))
    for each in rng.choices(_elements(source), k=rng.randint(1, 4)):
        items.insert(rng.randint(0, len(items)), each)
    kind = kind_of(target)
    if kind in (set, frozenset) and not all(map(hashable, items)):
        return None
    return replace(plan, args=(*plan.args[:place], _row(kind, items), *plan.args[place + 1 :]))


def widened(plan: Made, sure: frozenset[int] = frozenset()) -> Made:
    """The plan with each element of its rows, and what objects made up for it hold, in a list of its own: what cannot
    be hashed, where nobody said that it can be. The arguments at the places ``sure`` stay."""
    return replace(
        plan, args=tuple(each if place in sure else _wrapped(each) for place, each in enumerate(plan.args))
    )  # fmt: skip


def small(plan: Made, rng: random.Random) -> Made:
    """The plan with small whole numbers only: a function whose work grows fast with them comes to an end."""
    return replace(
        plan,
        args=tuple(_smaller(each, rng) for each in plan.args),
        kwargs=tuple((name, _smaller(each, rng)) for name, each in plan.kwargs),
    )


def _smaller(plan: Plan, rng: random.Random) -> Plan:
    kind = kind_of(plan)
    if kind is Made:
        return small(cast("Made", plan), rng)
    if kind is int:
        return plan if -3 <= plan <= 24 else rng.randint(-3, 24)
    if kind in (list, tuple):
        return _row(kind, [_smaller(each, rng) for each in cast("list[Any]", plan)])
    return plan


_KINDS = (list, tuple, set, frozenset)


def _elements(plan: Plan) -> list[Any]:
    return list(cast("list[Any]", plan)) if kind_of(plan) in (*_KINDS, dict) and len(plan) else []


def _row(kind: Any, items: list[Any]) -> Plan:
    return kind(items)


def _wrapped(plan: Plan) -> Plan:
    kind = kind_of(plan)
    if kind in (list, tuple):
        return _row(kind, [_boxed(each) for each in cast("list[Any]", plan)])
    return _boxed(plan) if kind is Made and cast("Made", plan).callee == NAMESPACE else plan


def _boxed(plan: Plan) -> Plan:
    """A value in a list of its own; of an object that is made up, what it holds."""
    if kind_of(plan) is not Made or cast("Made", plan).callee != NAMESPACE:
        return [plan]
    made = cast("Made", plan)
    held = [(name, _held(each)) for name, each in made.kwargs]
    return replace(made, kwargs=tuple(held))


def _held(plan: Plan) -> Plan:
    kind = kind_of(plan)
    if kind is Ref:  # what it does is written down
        return plan
    return _wrapped(plan) if kind in (list, tuple, Made) else [plan]
