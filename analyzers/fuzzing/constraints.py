"""What ``Annotated`` adds to a type: bounds, sizes, patterns and predicates, in the style of annotated-types.

Pydantic's ``Field`` and ``StringConstraints`` say the same with the same attribute names; they are read by these names,
without importing either library.

Invariant: a constraint that is not understood narrows nothing silently: where values can be built, they are tried
against it, and only those that pass remain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

from .plans import Builder
from .shapes import Lit, Map, Num, Seq, Shape, Text

_ABOVE = ("ge", "gt")
_BELOW = ("le", "lt")


def constrained(shape: Shape, metadata: Iterable[Any], module: ModuleType) -> Shape:
    """``shape`` inside what the metadata of ``Annotated`` asks."""
    checks: list[Callable[[Any], bool]] = []
    for each in _flat(metadata):
        shape = _bounded(shape, each, checks)
        shape = _sized(shape, each)
        pattern = getattr(each, "pattern", None)
        if isinstance(pattern, str) and isinstance(shape, Text):
            shape = replace(shape, pattern=pattern)
        predicate: Any = getattr(each, "func", None)
        if type(each).__name__ == "Predicate" and predicate is not None:
            checks.append(predicate)
    return _passing(shape, checks, module) if checks else shape


def _flat(metadata: Iterable[Any]) -> Iterator[Any]:
    """Grouped metadata (``Interval``, ``Len``, pydantic's ``Field``) in its parts."""
    for each in metadata:
        inner = getattr(each, "metadata", None)
        if isinstance(inner, list | tuple):
            yield from _flat(inner)  # pyright: ignore[reportUnknownArgumentType]
        yield each


def _bounded(shape: Shape, each: Any, checks: list[Callable[[Any], bool]]) -> Shape:
    limits = {name: getattr(each, name, None) for name in (*_ABOVE, *_BELOW)}
    limits = {name: value for name, value in limits.items() if value is not None and not callable(value)}
    multiple = getattr(each, "multiple_of", None)
    if isinstance(shape, Num):
        if isinstance(multiple, int) and shape.kind == "int" and multiple > 0:
            shape = replace(shape, multiple=multiple)
        elif multiple is not None:
            checks.append(lambda value: value % multiple == 0)
        for name, limit in limits.items():
            if isinstance(limit, int | float):
                shape = limited(shape, name, limit)
    else:
        checks.extend(_check(name, limit) for name, limit in limits.items())
    return shape


def limited(shape: Num, name: str, limit: float) -> Num:
    """A number that is also ``ge``, ``gt``, ``le`` or ``lt`` the limit."""
    whole = shape.kind == "int"
    if name in _ABOVE:
        low = math.floor(limit) + 1 if whole and name == "gt" else math.ceil(limit) if whole else limit
        low = low if whole or name == "ge" else limit + max(abs(limit), 1) * 1e-9
        return replace(shape, low=low if shape.low is None else max(low, shape.low))
    high = math.ceil(limit) - 1 if whole and name == "lt" else math.floor(limit) if whole else limit
    high = high if whole or name == "le" else limit - max(abs(limit), 1) * 1e-9
    return replace(shape, high=high if shape.high is None else min(high, shape.high))


def _check(name: str, limit: Any) -> Callable[[Any], bool]:
    operators: dict[str, Callable[[Any], bool]] = {
        "ge": lambda value: value >= limit,
        "gt": lambda value: value > limit,
        "le": lambda value: value <= limit,
        "lt": lambda value: value < limit,
    }
    return operators[name]


def _sized(shape: Shape, each: Any) -> Shape:
    low, high = getattr(each, "min_length", None), getattr(each, "max_length", None)
    if not isinstance(shape, Text | Seq | Map):
        return shape
    if isinstance(low, int):
        shape = replace(shape, min_size=max(low, shape.min_size))
    return replace(shape, max_size=high) if isinstance(high, int) else shape


def _passing(shape: Shape, checks: list[Callable[[Any], bool]], module: ModuleType) -> Shape:
    """The telling values that pass; the shape itself if none does (then nothing is known of the constraint)."""
    from .boundaries import Hints, boundaries

    builder = Builder(module)
    passing: list[Any] = []
    for plan in boundaries(shape, Hints(), 150):
        try:
            value = builder.build(plan)
            if all(check(value) for check in checks):
                passing.append(plan)
        except Exception:  # noqa: BLE001 - a predicate is the target's code; a value it fails on is not in the domain
            continue
    hashable = [each for each in passing if not isinstance(each, list | dict | set)]
    return Lit(tuple(hashable)) if hashable else shape
