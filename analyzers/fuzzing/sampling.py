"""Plain random plans, many per millisecond: boundary values, mixtures of them, and small changes of either.

Where Hypothesis is thorough, this is quick; the two take turns. Deterministic for a given ``random.Random``.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from .boundaries import Hints, boundaries, hashable, mapping, sequence
from .plans import Made, Plan
from .shapes import Alt, Lit, Map, Num, Obj, Parameter, Record, Seq, Shape, Text, Tup, admits, in_order

Draw = Callable[[random.Random], Plan]

_ALPHABET = "aA0 bz19-_.,:;/\\'\"()[]{}<>=+*#%&@!?\n\tßéİ²٣"


def sampler(shape: Shape, hints: Hints, depth: int = 0) -> Draw:
    """A function that draws one plan of ``shape``."""
    pool = boundaries(shape, hints, 200 >> depth)
    fresh = _fresh(shape, hints, depth)
    if isinstance(shape, Lit | Alt) or not pool:
        return fresh
    if _narrow(shape):
        fresh = _inside(shape, fresh, pool)

    def draw(rng: random.Random) -> Plan:
        return rng.choice(pool) if rng.random() < 0.4 else fresh(rng)

    return draw


def _narrow(shape: Shape) -> bool:
    """Whether what is drawn at random may lie outside of the domain."""
    if isinstance(shape, Num):
        return bool(shape.multiple)
    if isinstance(shape, Text):
        return bool(shape.pattern)
    if isinstance(shape, Seq):
        return shape.ordered or shape.distinct or shape.max_size is not None
    return isinstance(shape, Obj) or (isinstance(shape, Map) and shape.max_size is not None)


def _inside(shape: Shape, fresh: Draw, pool: list[Plan]) -> Draw:
    """The same, with a boundary value in the place of what the domain does not admit."""

    def draw(rng: random.Random) -> Plan:
        plan = fresh(rng)
        return plan if admits(shape, plan) else rng.choice(pool)

    return draw


def _fresh(shape: Shape, hints: Hints, depth: int) -> Draw:
    if isinstance(shape, Num):
        return _number(shape, hints)
    if isinstance(shape, Text):
        return _text(shape, hints)
    if isinstance(shape, Lit):
        return lambda rng: rng.choice(shape.values)
    if isinstance(shape, Alt):
        options = [sampler(each, hints, depth) for each in shape.options]
        return lambda rng: rng.choice(options)(rng)
    if isinstance(shape, Seq):
        return _sequence(shape, hints, depth)
    if isinstance(shape, Tup):
        items = [sampler(each, hints, depth + 1) for each in shape.items]
        return lambda rng: tuple([each(rng) for each in items])
    if isinstance(shape, Map):
        return _mapping(shape, hints, depth)
    if isinstance(shape, Record):
        fields = [(name, sampler(each, hints, depth + 1), False) for name, each in shape.fields]
        fields += [(name, sampler(each, hints, depth + 1), True) for name, each in shape.optional]
        return lambda rng: {name: each(rng) for name, each, optional in fields if not optional or rng.random() < 0.6}
    if isinstance(shape, Obj):
        args = [sampler(each, hints, depth + 1) for each in shape.args]
        kwargs = [(name, sampler(each, hints, depth + 1)) for name, each in shape.kwargs]
        return lambda rng: Made(
            shape.callee, tuple([each(rng) for each in args]), tuple([(name, each(rng)) for name, each in kwargs])
        )
    pool = boundaries(shape, hints, 20)
    return lambda rng: rng.choice(pool)


def _number(shape: Num, hints: Hints) -> Draw:
    low = -1000 if shape.low is None else shape.low
    high = max(low, 1000) if shape.high is None else shape.high
    if shape.kind == "bool":
        return lambda rng: rng.random() < 0.5
    if shape.kind == "int":

        def integer(rng: random.Random) -> int:
            size = rng.choice((4, 20, 100, 1000, 10**6, 10**8))
            bottom, top = max(int(low), -size), min(int(high), size)
            return rng.randint(bottom, top) if bottom <= top else rng.randint(int(low), int(high))

        return integer
    if shape.kind == "float":

        def real(rng: random.Random) -> float:
            value = (
                rng.uniform(max(low, -100), min(high, 100))
                if max(low, -100) <= min(high, 100)
                else rng.uniform(low, high)
            )
            rounded = round(value, rng.choice((0, 1, 2, 6)))
            return rounded if low <= rounded <= high else value

        return real
    return lambda rng: complex(rng.randint(-5, 5), rng.randint(-5, 5))


def _text(shape: Text, hints: Hints) -> Draw:
    top = shape.max_size if shape.max_size is not None else 24
    if shape.kind != "str":
        blobs = [*hints.blobs, *(each.encode("utf-8", "replace") for each in hints.strings), b"\x00", b"\xff", b"a"]

        def blob(rng: random.Random) -> Plan:
            parts = [
                rng.choice(blobs) if rng.random() < 0.4 else rng.randbytes(rng.randint(0, 4))
                for _ in range(rng.randint(0, 4))
            ]
            value = b"".join(parts)[:top]
            value += b"a" * (shape.min_size - len(value))
            return Made("bytearray", (value,)) if shape.kind == "bytearray" else value

        return blob
    letters = "".join(dict.fromkeys("".join(hints.strings))) or "a"
    words = [*hints.strings, "a", "0", "1", " ", "", "aa", "-1"]

    def text(rng: random.Random) -> Plan:
        parts: list[str] = []
        for _ in range(rng.randint(0, rng.choice((2, 4, 9)))):
            kind = rng.random()
            parts.append(
                rng.choice(words) if kind < 0.45 else rng.choice(letters) if kind < 0.7 else rng.choice(_ALPHABET)
            )
        value = "".join(parts)[:top]
        return value + "a" * (shape.min_size - len(value))

    return text


def _sequence(shape: Seq, hints: Hints, depth: int) -> Draw:
    item = sampler(shape.item, hints, depth + 1)
    longest = 10 >> min(depth, 2)

    def draw(rng: random.Random) -> Plan:
        size = max(shape.min_size, rng.randint(0, rng.choice((2, 4, max(longest, 2)))))
        items = [item(rng) for _ in range(size)]
        if items and rng.random() < 0.2:
            items.append(rng.choice(items))
        if shape.kind in ("set", "frozenset"):
            items = [each for each in items if hashable(each)]
        items = in_order(items[: shape.max_size]) if shape.ordered else items[: shape.max_size]
        return next(sequence(shape.kind, items), items)

    return draw


def _mapping(shape: Map, hints: Hints, depth: int) -> Draw:
    key, value = sampler(shape.key, hints, depth + 1), sampler(shape.value, hints, depth + 1)

    def draw(rng: random.Random) -> Plan:
        size = max(shape.min_size, rng.randint(0, 4))
        plan: dict[Any, Plan] = {}
        for _ in range(size * 3):
            name = key(rng)
            if hashable(name):
                plan[name] = value(rng)
            if len(plan) >= size:
                break
        return mapping(shape.kind, plan)

    return draw


def call_sampler(name: str, parameters: tuple[Parameter, ...], hints: Hints) -> Callable[[random.Random], Made]:
    """Draws the arguments of one call."""
    drawn = [(each, sampler(each.shape, hints)) for each in parameters if each.kind != "var_keyword"]

    def draw(rng: random.Random) -> Made:
        args: list[Plan] = []
        kwargs: list[tuple[str, Plan]] = []
        stopped = False
        for parameter, value in drawn:
            if parameter.kind == "var_positional":
                args += [] if stopped else [value(rng) for _ in range(rng.randint(0, 4))]
            elif parameter.kind == "keyword":
                if not parameter.omit or rng.random() < 0.5:
                    kwargs.append((parameter.name, value(rng)))
            elif not stopped:
                stopped = parameter.omit and rng.random() < 0.4
                if not stopped:
                    args.append(
                        rng.choice(parameter.examples) if parameter.examples and rng.random() < 0.1 else value(rng)
                    )
        return Made(name, tuple(args), tuple(kwargs))

    return draw
