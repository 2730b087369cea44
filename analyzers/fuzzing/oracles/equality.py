"""Whether two values are the same for a person: deep, with nan equal to itself, sets without order, no addresses.

Invariant: what cannot be compared counts as the same, so that an odd ``__eq__`` makes no finding.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Iterator
from enum import Enum
from itertools import islice
from typing import Any

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")
#: Two ways of adding up the same numbers differ by less (a few thousand roundings).
_RELATIVE = 1e-9
_DEPTH = 60


def same(first: Any, second: Any, *, close: bool = False) -> bool:
    """Equality of plain values; types count. ``close``: the last digits of floats do not, nor what a refactoring
    leaves open (the class object of another version of the module, an iterator instead of a list)."""
    try:
        return _same(first, second, close, 0)
    except Exception:  # noqa: BLE001 - comparing is the target's code as well
        return True


def realised(value: Any) -> Any:
    """An iterator's items as a list (files and the like are left alone); anything else unchanged."""
    items: Any = value
    if not isinstance(value, Iterator) or hasattr(items, "read") or hasattr(items, "__enter__"):
        return items
    try:
        return list[Any](islice(items, 1000))  # pyright: ignore[reportUnknownArgumentType]
    except Exception:  # noqa: BLE001 - it fails in the same way when it is read
        return items


def without_addresses(text: str) -> str:
    return _ADDRESS.sub("0x", text)


def _same(first: Any, second: Any, close: bool, depth: int) -> bool:
    if first is second or depth > _DEPTH:
        return True
    if type(first).__name__ != type(second).__name__:
        return False
    if isinstance(first, float):
        if first == second or (first != first and second != second):
            return True
        return close and math.isclose(first, second, rel_tol=_RELATIVE, abs_tol=1e-12)
    if isinstance(first, str):
        return first == second or (close and "0x" in first and without_addresses(first) == without_addresses(second))
    if isinstance(first, Enum):
        return first.name == getattr(second, "name", None)
    if isinstance(first, list | tuple | deque):
        return len(first) == len(second) and all(  # pyright: ignore[reportUnknownArgumentType]
            _same(a, b, close, depth + 1)
            for a, b in zip(first, second, strict=True)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        )
    if isinstance(first, dict):
        return _same_dicts(first, second, close, depth)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(first, set | frozenset):
        if first == second:
            return True
        mine: list[Any] = sorted(first, key=_key)  # pyright: ignore[reportUnknownArgumentType]
        pairs = zip(mine, sorted(second, key=_key), strict=False)
        return len(mine) == len(second) and all(_same(a, b, close, depth + 1) for a, b in pairs)
    if isinstance(first, BaseException):
        return _same(first.args, second.args, close, depth + 1)
    if type(first).__eq__ is object.__eq__ or type(first) is not type(second):
        return _same_state(first, second, close, depth)
    return bool(first == second)


def _same_dicts(first: dict[Any, Any], second: dict[Any, Any], close: bool, depth: int) -> bool:
    """Order does not count, as it does not for ``==``."""
    if len(first) != len(second):
        return False
    if first.keys() == second.keys():
        kinds: dict[Any, Any] = {key: type(key) for key in second}  # 1 and True are one key
        return all(
            _same(value, second[key], close, depth + 1) and kinds.get(key) is type(key) for key, value in first.items()
        )
    pairs = zip(sorted(first, key=_key), sorted(second, key=_key), strict=True)
    return all(_same(a, b, close, depth + 1) and _same(first[a], second[b], close, depth + 1) for a, b in pairs)


def _same_state(first: Any, second: Any, close: bool, depth: int) -> bool:
    """Objects by what they hold: the attributes that both have (a private one may have been renamed)."""
    held, other = _state(first), _state(second)
    if not held and not other:
        return (
            not close
            or type(first) is type(second)
            or without_addresses(repr(first)) == without_addresses(repr(second))
        )
    common = [name for name in held if name in other]
    public = [name for name in common if not name.startswith("_")] if close else common
    return all(_same(held[name], other[name], close, depth + 1) for name in public or common)


def _state(value: Any) -> dict[str, Any]:
    held: dict[str, Any] = dict(getattr(value, "__dict__", {}))
    for cls in type(value).__mro__:
        slots: Any = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(value, name) and name not in ("__dict__", "__weakref__"):
                held[name] = getattr(value, name)
    return held


def _key(value: Any) -> str:
    return without_addresses(f"{type(value).__name__} {value!r}")
