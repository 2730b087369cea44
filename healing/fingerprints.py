"""What a caller can notice of a call, as a value that can be compared: inside the sandbox.

Types, values, the order of lists and dictionaries, the text of floats, the attributes of objects, and which of the
mutable objects are one and the same (so that a returned copy is not taken for the thing itself). Sets have no order.
An iterator is read, so a generator that one version has consumed is told from one that is untouched.

Invariant: two equal fingerprints mean that no difference was found, not that there is none: what lies deeper than
:data:`DEPTH`, or beyond the first :data:`MOST` parts, and what an object of an unknown kind holds, is not seen.
"""

from __future__ import annotations

import re
import types
from collections import deque
from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import islice
from types import ModuleType
from typing import Any, cast

DEPTH, MOST, ITEMS = 50, 200_000, 100_000

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


def fingerprint(value: Any, *more: Any) -> Any:
    """A tuple to compare with ``==``. ``more`` are plain values that belong to it."""
    return (_Reader().read(value, 0), *more)


_PLAIN = (list, dict, set, deque, str, int, float, tuple)


def state_of(module: ModuleType, like: ModuleType) -> Any:
    """The plain data that a module holds under names that ``like`` has as well."""
    held: dict[str, Any] = {}
    others = vars(like)
    for name, value in vars(module).items():
        if not name.startswith("__") and issubclass(_kind(value), _PLAIN) and _kind(value) is _kind(others.get(name)):
            held[name] = value
    return fingerprint(held)


def _kind(value: object) -> type[object]:
    return type(value)


class _Reader:
    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._kept: list[Any] = []  # alive, so that an address names one object
        self._parts = 0

    def read(self, value: Any, depth: int) -> Any:
        self._parts += 1
        if depth > DEPTH or self._parts > MOST:
            return ("…", type(value).__name__)
        kind = cast("type[Any]", type(value))
        if value is None or kind in (bool, int, str, bytes):
            return (kind.__name__, value)
        if kind is float or kind is complex:
            return (kind.__name__, repr(value))
        if kind is tuple:
            return ("tuple", *[self.read(each, depth + 1) for each in value])
        if id(value) in self._seen:
            return ("again", self._seen[id(value)])
        self._seen[id(value)] = len(self._seen)
        self._kept.append(value)
        return self._compound(value, kind, depth + 1)

    def _compound(self, value: Any, kind: type[Any], depth: int) -> Any:
        if isinstance(value, list | tuple | deque):
            items = cast("list[Any]", value)
            return (kind.__name__, *[self.read(each, depth) for each in items], self._attributes(value, depth))
        if isinstance(value, dict):
            pairs = cast("dict[Any, Any]", value).items()
            rows = [(self.read(key, depth), self.read(each, depth)) for key, each in pairs]
            return (kind.__name__, *rows, self._attributes(value, depth))
        if isinstance(value, set | frozenset):
            return (kind.__name__, *sorted((self.read(each, depth) for each in cast("set[Any]", value)), key=repr))
        if isinstance(value, bytearray | memoryview):
            return (kind.__name__, bytes(cast("bytearray", value)))
        if isinstance(value, Enum):
            return (kind.__name__, value.name)
        if isinstance(value, BaseException):
            return (kind.__name__, self.read(value.args, depth))
        if isinstance(value, type | ModuleType | types.FunctionType | types.BuiltinFunctionType | types.MethodType):
            return (kind.__name__, getattr(value, "__qualname__", getattr(value, "__name__", "")))
        reads = hasattr(value, "read")
        if isinstance(value, Iterator) and not reads:
            return ("iterator", *self._items(cast("Iterator[Any]", value), depth))
        if isinstance(value, Mapping):
            return (kind.__name__, *self._items(iter(cast("Mapping[Any, Any]", value).items()), depth))
        held = self._attributes(value, depth)
        return (kind.__name__, held or _ADDRESS.sub("0x", _repr(value)))

    def _items(self, items: Iterator[Any], depth: int) -> list[Any]:
        found: list[Any] = []
        try:
            for each in islice(items, ITEMS):
                found.append(self.read(each, depth))
        except Exception as error:  # noqa: BLE001 - reading it runs the target's code; that it fails is a fact as well
            found.append(("raises", type(error).__name__))
        return found

    def _attributes(self, value: Any, depth: int) -> tuple[Any, ...]:
        held: dict[str, Any] = dict(getattr(value, "__dict__", None) or {})
        for cls in type(value).__mro__:
            slots: Any = cls.__dict__.get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                    held[name] = getattr(value, name)
        return tuple([(name, self.read(each, depth)) for name, each in held.items()])


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - a repr of the target's that fails, fails in both versions
        return f"repr raises {type(error).__name__}"
