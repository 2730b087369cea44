"""Values of Suture's own classes as JSON and back, without loss: what rules over a whole program know of each file.

Plain values, bytes, tuples, lists, sets, mappings, named tuples and dataclasses are understood, whatever is in them.
A class is written by its name; only classes of :mod:`suture.analyzers` that are loaded already are made of what is
read, by their fields, so that a file which somebody else wrote cannot run anything.

Invariant: ``from_plain(to_plain(value)) == value``, with the same types. A value of another class is a TypeError.
"""

from __future__ import annotations

import binascii
import dataclasses
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

_PACKAGE = f"{__package__}."

#: Written as they are.
_AS_IS = frozenset({type(None), bool, int, float, str})


def to_plain(value: Any) -> Any:
    """A value that :mod:`json` can write. Raises TypeError for what has no such form."""
    kind = cast(Any, type(value))
    if kind in _AS_IS:
        return value
    if kind is bytes:
        return ["b", binascii.b2a_base64(cast(bytes, value), newline=False).decode("ascii")]
    if kind is tuple:
        items = cast("tuple[object, ...]", value)
        if all(type(each) in _AS_IS for each in items):
            return ["T", *items]
        return ["t", *map(to_plain, items)]
    if kind is list:
        return ["l", *map(to_plain, cast("list[object]", value))]
    if kind in (frozenset, set):
        # In one order, so that equal values are written alike.
        items = sorted(map(to_plain, cast("set[object]", value)), key=repr)
        return ["f" if kind is frozenset else "s", *items]
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return ["c", _name(kind), *map(to_plain, cast("tuple[object, ...]", value))]
    if dataclasses.is_dataclass(kind):
        return ["c", _name(kind), *[to_plain(getattr(cast(Any, value), each)) for each in _fields(kind)]]
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return ["d", *(each for pair in pairs for each in map(to_plain, pair))]
    raise TypeError(f"a {kind.__name__} has no plain form")


def from_plain(value: Any) -> Any:
    """The inverse of :func:`to_plain`; raises TypeError, ValueError, LookupError, AttributeError for anything else."""
    if type(value) is not list:
        if type(value) not in _AS_IS:
            raise TypeError(f"a {type(value).__name__} is no plain value")
        return value
    items = cast("list[Any]", value)
    mark, rest = items[0], items[1:]
    if mark == "T":
        return tuple(rest)
    if mark == "t":
        return tuple(map(from_plain, rest))
    if mark == "b":
        return binascii.a2b_base64(rest[0])
    if mark == "c":
        made = _class(rest[0])
        return made(*map(from_plain, rest[1:]))
    if mark == "l":
        return list(map(from_plain, rest))
    if mark == "f":
        return frozenset(map(from_plain, rest))
    if mark == "s":
        return set(map(from_plain, rest))
    if mark == "d":
        return dict(zip(map(from_plain, rest[::2]), map(from_plain, rest[1::2]), strict=True))
    raise ValueError(f"no plain value begins with {mark!r}")


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple([each.name for each in dataclasses.fields(kind)])


@cache
def _name(kind: type) -> str:
    module, qualified = kind.__module__, kind.__qualname__
    if not module.startswith(_PACKAGE) or "." in qualified:
        raise TypeError(f"{module}.{qualified} is not one of ours")
    if dataclasses.is_dataclass(kind) and not all(each.init for each in dataclasses.fields(kind)):
        raise TypeError(f"{qualified} is not made of its fields alone")
    return f"{module.removeprefix(_PACKAGE)}:{qualified}"


_known: dict[str, Any] = {}


def _class(name: str) -> Any:
    made = _known.get(name)
    if made is None:
        module, _, qualified = name.partition(":")
        found: Any = getattr(sys.modules[_PACKAGE + module], qualified)
        is_value = dataclasses.is_dataclass(found) or hasattr(found, "_fields")
        if not (isinstance(found, type) and is_value and found.__module__ == _PACKAGE + module):
            raise TypeError(f"{name} is not a value of ours")
        made = cast(Any, found)
        _known[name] = made
    return made
