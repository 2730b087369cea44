"""Types of example values: hints for the signature, and equality that knows ``1`` from ``True`` and ``1.0``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

_SCALARS: dict[type, str] = {str: "str", int: "int", float: "float", bool: "bool", bytes: "bytes", complex: "complex"}


def hint_of(values: Sequence[object]) -> str:
    """The narrowest type hint that holds for all ``values``: ``list[int]``, ``str | None``, ``dict[str, list[int]]``.

    ``object`` where nothing narrower is known (an empty list has unknown elements)."""
    if not values:
        return "object"
    known = [value for value in values if value is not None]
    optional = " | None" if len(known) < len(values) else ""
    if not known:
        return "None"
    kinds = {type(value) for value in known}
    if kinds == {int, float}:
        return f"float{optional}"
    if len(kinds) > 1:
        return _union(kinds, known) + optional
    kind = next(iter(kinds))
    if kind in _SCALARS:
        return _SCALARS[kind] + optional
    return _container(kind, known) + optional


def _union(kinds: set[type], known: Sequence[object]) -> str:
    if len(kinds) > 3:
        return "object"
    hints = {hint_of([value for value in known if type(value) is kind]) for kind in kinds}
    return "object" if "object" in hints else " | ".join(sorted(hints))


def _container(kind: type, values: Sequence[object]) -> str:
    if kind is dict:
        mappings = cast("Sequence[dict[object, object]]", values)
        keys = [key for each in mappings for key in each]
        items = [value for each in mappings for value in each.values()]
        return f"dict[{hint_of(keys)}, {hint_of(items)}]"
    sequences = cast("Sequence[Iterable[object]]", values)
    if kind is tuple:
        rows = [tuple(each) for each in sequences]
        lengths = {len(each) for each in rows}
        if len(lengths) == 1 and lengths != {0}:
            return f"tuple[{', '.join(hint_of(list(column)) for column in zip(*rows, strict=True))}]"
        return f"tuple[{hint_of([value for each in rows for value in each])}, ...]"
    if kind in (list, set, frozenset):
        return f"{kind.__name__}[{hint_of([value for each in sequences for value in each])}]"
    return "object"


def same(left: object, right: object) -> bool:
    """Equal in value and in type, all the way down; floats within a relative 1e-9; NaN equals NaN."""
    if type(left) is not type(right):
        return False
    if isinstance(left, float) and isinstance(right, float):
        return (
            left == right or (left != left and right != right) or abs(left - right) <= 1e-9 * max(abs(left), abs(right))
        )
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        a, b = cast("Sequence[object]", left), cast("Sequence[object]", right)
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        first, second = cast("dict[object, object]", left), cast("dict[object, object]", right)
        return (
            len(first) == len(second)
            and {(type(key), key) for key in first} == {(type(key), key) for key in second}
            and all(same(value, second[key]) for key, value in first.items())
        )
    return left == right
