"""What must hold of an object after every step of a sequence.

- its own check (``check_rep``, ``_check_invariants`` …) neither raises nor answers False;
- ``len()`` is as many as iterating gives, and no more than the capacity that the constructor was given;
- what was put under a key is there right afterwards; what was added is in it;
- an object equals itself, and equal objects have equal hashes.

Conventions rather than promises (all but the first) count only for classes that nearly always keep them: see
:attr:`Law.convention`.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..plans import Made, kind_of
from .verdict import literal

_CHECKS = (
    *("check_rep", "_check_rep", "check_invariant", "check_invariants", "_check_invariant", "_check_invariants"),
    *("invariant", "_invariant", "_invariants", "invariants", "rep_ok", "_rep_ok", "repr_ok", "_check", "check"),
    *("_assert_invariants", "_assert_invariant", "_verify_invariants", "verify_invariants", "_validate_invariants"),
)
_CAPACITIES = (
    *("capacity", "maxsize", "max_size", "maxlen", "max_len", "max_items", "max_entries", "max_length", "size_limit"),
)
_PUTS = (
    ("put", "get"),
    ("set", "get"),
    ("__setitem__", "__getitem__"),
    ("store", "load"),
    ("insert", "get"),
    ("add", "get"),
)
_FORGETS = ("ttl", "expir", "timeout", "time", "clock", "weak", "probab", "sample", "decay")
_GROWS = ("initial", "grow", "resize", "rehash", "hint")
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Broken:
    """A law that does not hold: for people, and as an expression over ``target`` that is False (or raises)."""

    message: str
    condition: str


@dataclass(frozen=True, slots=True)
class Law:
    """``holds`` answers True, None where it does not apply, or what is broken; it may change the object, so it is asked
    last. ``convention``: broken counts only if the class otherwise keeps it."""

    name: str
    holds: Callable[[Any, Sequence[tuple[Made, Any]]], Broken | bool | None]
    convention: float


def laws_of(cls: type[Any], node: ast.ClassDef | None, given: Sequence[str]) -> tuple[Law, ...]:
    """The laws that apply to a class; ``given`` are its constructor's positional parameters."""
    return tuple(_laws(cls, node, given))


def _laws(cls: type[Any], node: ast.ClassDef | None, given: Sequence[str]) -> Iterator[Law]:
    for name in _CHECKS:
        method = inspect.getattr_static(cls, name, None)
        if inspect.isfunction(method) and _no_arguments(method) and _is_check(name, node):
            yield Law("Invariant", _own_check(name), 0)
    text = ast.unparse(node).lower() if node is not None else ""
    has_length, has_items = _own(cls, "__len__"), _own(cls, "__iter__")
    if has_length and has_items:
        yield Law("LengthMismatch", _length_is_count, 0.6)
    capacity = next((place for place, name in enumerate(given) if name.lower() in _CAPACITIES), None)
    if has_length and capacity is not None and not any(word in text for word in _GROWS):
        yield Law("OverCapacity", _within(capacity), 0.5)
    if not any(word in text for word in _FORGETS):
        for put, get in _PUTS:
            if _own(cls, put) and _own(cls, get) and _required(cls, put) == 2 and _required(cls, get) == 1:
                yield Law("LostItem", _stored(put, get, capacity), 0.3)
                break
        if _own(cls, "add") and _own(cls, "__contains__") and _required(cls, "add") == 1 and capacity is None:
            yield Law("LostItem", _contained, 0.3)
    if _own(cls, "__eq__"):
        yield Law("NotItself", _equals_itself, 0)


def _own(cls: type[Any], name: str) -> bool:
    """Defined by the class or a base in its own package, not inherited from the standard library."""
    top = cls.__module__.partition(".")[0]
    return any(name in base.__dict__ and base.__module__.partition(".")[0] == top for base in cls.__mro__[:-1])


def _no_arguments(method: Any) -> bool:
    return len(inspect.signature(method).parameters) == 1


def _required(cls: type[Any], name: str) -> int:
    try:
        parameters = list(inspect.signature(getattr(cls, name)).parameters.values())[1:]
    except (TypeError, ValueError):
        return -1
    return sum(
        each.default is each.empty and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        for each in parameters
    )


def _is_check(name: str, node: ast.ClassDef | None) -> bool:
    """A method that is only called "check" must assert something to be one of invariants."""
    if name not in ("_check", "check", "invariant", "_invariant", "invariants", "_invariants"):
        return True
    method = (
        next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == name), None)
        if node
        else None
    )
    return method is not None and any(isinstance(each, ast.Assert) for each in ast.walk(method))


def _own_check(name: str) -> Callable[[Any, Sequence[tuple[Made, Any]]], Broken | bool | None]:
    def holds(target: Any, _done: Sequence[tuple[Made, Any]]) -> Broken | bool | None:
        try:
            answer = getattr(target, name)()
        except AssertionError as error:
            said = f": {error}" if str(error) else ""
            return Broken(f"{name}() fails{said}"[:160], f"target.{name}() is not False")
        except Exception:  # noqa: BLE001 - not a check that can be called here
            return None
        return Broken(f"{name}() answers False", f"target.{name}() is not False") if answer is False else True

    return holds


def _length_is_count(target: Any, _done: Sequence[tuple[Made, Any]]) -> Broken | bool | None:
    try:
        size = len(target)
        items = iter(target)
        if items is target:
            return None
        count = 0
        for _ in items:
            count += 1
            if count > _MOST:
                return None
    except ValueError as error:
        if "__len__() should return >= 0" in str(error):
            return Broken("its len() is negative", "len(target) >= 0")
        return None
    except Exception:  # noqa: BLE001 - judged where a step raises it
        return None
    if size == count:
        return True if size else None
    return Broken(f"its len() is {size}, iterating gives {count}", "len(target) == len(list(target))")


def _within(place: int) -> Callable[[Any, Sequence[tuple[Made, Any]]], Broken | bool | None]:
    def holds(target: Any, done: Sequence[tuple[Made, Any]]) -> Broken | bool | None:
        capacity = _capacity(done, place)
        if capacity is None or capacity < 1:
            return None
        try:
            size = len(target)
        except Exception:  # noqa: BLE001 - judged elsewhere
            return None
        if size <= capacity:
            return True if size else None
        return Broken(f"holds {size} with a capacity of {capacity}", f"len(target) <= {capacity}")

    return holds


def _capacity(done: Sequence[tuple[Made, Any]], place: int) -> int | None:
    start = done[0][0]
    value: Any = start.args[place] if place < len(start.args) else None
    return value if type(value) is int else None


def _stored(put: str, get: str, place: int | None) -> Callable[[Any, Sequence[tuple[Made, Any]]], Broken | bool | None]:
    def holds(target: Any, done: Sequence[tuple[Made, Any]]) -> Broken | bool | None:
        last, answer = done[-1]
        if last.callee != put or len(last.args) != 2 or last.kwargs or answer is False:
            return None
        key, value = last.args
        condition = f"target.{get}({key!r}) == {value!r}"
        if not isinstance(key, int | str) or value is None or not literal(value) or isinstance(value, float):
            return None
        if place is not None and (_capacity(done, place) or 0) < 1:
            return None
        try:
            found = getattr(target, get)(key)
        except Exception as error:  # noqa: BLE001 - that is the answer
            gone = isinstance(error, KeyError)
            return Broken(f"{get}({key!r}) raises KeyError right after it was put", condition) if gone else None
        if found == value:
            return True
        # another value may be a sum, a copy, a wrapped one; nothing at all means that it is lost
        return Broken(f"{get}({key!r}) gives None right after {value!r} was put", condition) if found is None else None

    return holds


def _contained(target: Any, done: Sequence[tuple[Made, Any]]) -> Broken | bool | None:
    last, answer = done[-1]
    if last.callee != "add" or len(last.args) != 1 or last.kwargs or answer is False:
        return None
    item = last.args[0]
    if not isinstance(item, int | str):
        return None
    try:
        return (
            True if item in target else Broken(f"{item!r} is not in it right after it was added", f"{item!r} in target")
        )
    except Exception:  # noqa: BLE001 - judged elsewhere
        return None


def _equals_itself(target: Any, _done: Sequence[tuple[Made, Any]]) -> Broken | bool | None:
    try:
        if "nan" in repr(getattr(target, "__dict__", "")):
            return None
        answer = target == target
    except Exception:  # noqa: BLE001 - judged elsewhere
        return None
    return Broken("it is not equal to itself", "target == target") if answer is False else True


def judge_hash(first: Any, second: Any) -> Broken | None:
    """Two objects made in the same way: equal ones must have equal hashes."""
    cls: Any = kind_of(first)
    if not _own(cls, "__eq__") or not _own(cls, "__hash__") or cls.__hash__ is None:
        return None
    try:
        if first == second and hash(first) != hash(second):
            return Broken("equal objects have different hashes", "")
    except Exception:  # noqa: BLE001 - unhashable content
        return None
    return None
