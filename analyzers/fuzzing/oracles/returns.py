"""A returned value that the return annotation rules out.

Unions, ``Optional``, ``Literal``, containers one level deep, TypedDicts, dataclasses and other plain classes. What is
sloppy, common and harmless is left alone: a number of another kind, a value where ``-> None`` is written, a subclass,
anything that protocols, type variables and abstract classes could admit.
"""

from __future__ import annotations

import abc
import ast
import collections.abc
import enum
import functools
import inspect
import numbers
import types
import typing
from itertools import islice
from typing import Any

from ..plans import kind_of
from .places import called_name
from .verdict import Case, Verdict, shown

_BUILTIN = (bool, int, float, complex, str, bytes, bytearray, list, dict, tuple, set, frozenset)
_LOOKED_AT = 50
_DECODERS = ("load", "loads", "literal_eval", "safe_load", "eval", "json", "cast", "getattr", "decode", "unpack")
_ITERATORS = (
    collections.abc.Iterator,
    collections.abc.Iterable,
    collections.abc.Generator,
    collections.abc.AsyncIterator,
    collections.abc.AsyncIterable,
    collections.abc.AsyncGenerator,
)


def judge_value(value: Any, case: Case) -> Verdict | None:
    """None unless the value is plainly of another type than annotated."""
    expected = case.returns
    if (
        case.node is None
        or expected in (None, type(None), inspect.Signature.empty)
        or case.certainty not in ("annotated", "documented")
    ):
        return None
    if fits(value, expected) or case.contract.precondition or _hands_on(case.node):
        return None
    return Verdict(
        "property",
        "WrongReturnType",
        f"returns {shown(value)}, annotated {type_text(expected)}",
        case.line,
        0.7,
        _condition(value, expected),
    )


@functools.lru_cache(maxsize=256)
def _hands_on(node: ast.AST) -> bool:
    """Whether it returns what a decoder gives: of whatever type the caller's text says."""
    for each in ast.walk(node):
        if isinstance(each, ast.Return) and each.value is not None:
            value = each.value.value if isinstance(each.value, ast.Await) else each.value
            if isinstance(value, ast.Call) and called_name(value) in _DECODERS:
                return True
    return False


def fits(value: Any, expected: Any, depth: int = 0) -> bool:
    """Whether ``value`` may be of this annotation. True for everything that is not understood."""
    if expected is None or expected is type(None):
        return value is None
    if isinstance(expected, typing.NewType):
        return fits(value, expected.__supertype__, depth)
    alias: Any = getattr(expected, "__value__", None)
    if alias is not None and type(expected).__name__ == "TypeAliasType":
        return fits(value, alias, depth)
    origin: Any = typing.get_origin(expected)
    arguments: tuple[Any, ...] = typing.get_args(expected)
    if origin is typing.Annotated:
        return fits(value, arguments[0], depth)
    if origin is typing.Union or origin is types.UnionType:
        return any(fits(value, each, depth) for each in arguments)
    if origin is typing.Literal:
        return any(value == each and type(value) is type(each) for each in arguments) or isinstance(value, enum.Enum)
    if origin is typing.ClassVar or origin is typing.Final:
        return not arguments or fits(value, arguments[0], depth)
    kind: Any = origin or expected
    if not isinstance(kind, type) or kind is object:
        return True
    if not _of_class(value, kind):
        return False
    return depth > 0 or not arguments or _items_fit(value, kind, arguments)


def _of_class(value: Any, kind: Any) -> bool:
    if kind is int and isinstance(value, float):
        return value.is_integer()
    if kind in (int, float, bool) and isinstance(value, int | float):
        return True
    if kind is bytes:
        return isinstance(value, bytes | bytearray | memoryview) or type(value) not in (*_BUILTIN, type(None))
    if kind in (set, frozenset):
        return isinstance(value, collections.abc.Set) or type(value) not in (*_BUILTIN, type(None))
    if kind in _ITERATORS:  # a generator has been read to a list
        return isinstance(value, collections.abc.Iterable) or type(value) not in (*_BUILTIN, type(None))
    if typing.is_typeddict(kind):
        return _typed_dict(value, kind)
    if value is None:
        return _never_none(kind)
    if isinstance(value, numbers.Number) and _numeric(kind):
        return True
    if type(value) not in _BUILTIN or not _plain(kind):
        return True  # an object of a class that we know nothing of may stand in for anything
    return isinstance(value, kind)


def _never_none(kind: Any) -> bool:
    """``True`` (fits) only where None could pass for an instance: protocols and classes of odd metaclasses."""
    return not _plain(kind)


def _plain(kind: Any) -> bool:
    """A class whose ``isinstance`` means what it says."""
    if getattr(kind, "_is_protocol", False):
        return False
    return type(kind) in (type, abc.ABCMeta, enum.EnumMeta)


def _numeric(kind: Any) -> bool:
    return issubclass(kind, numbers.Number) or kind.__name__ in ("Decimal", "Fraction", "SupportsFloat", "SupportsInt")


def _typed_dict(value: Any, kind: Any) -> bool:
    if not isinstance(value, dict):
        return value is not None and type(value) not in _BUILTIN  # pyright: ignore[reportUnknownArgumentType]
    required: frozenset[str] = getattr(kind, "__required_keys__", frozenset())
    if not all(name in value for name in required):
        return False
    try:
        hints = typing.get_type_hints(kind)
    except Exception:  # noqa: BLE001 - names that are not there at run time
        return True
    return all(fits(value[name], hint, 1) for name, hint in hints.items() if name in value)


def _items_fit(value: Any, kind: Any, arguments: tuple[Any, ...]) -> bool:
    if kind is tuple and isinstance(value, tuple):
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return all(fits(each, arguments[0], 1) for each in value[:_LOOKED_AT])  # pyright: ignore[reportUnknownVariableType]
        if arguments == ((),):
            arguments = ()
        if any(typing.get_origin(each) is typing.Unpack for each in arguments):
            return True
        return len(value) == len(arguments) and all(  # pyright: ignore[reportUnknownArgumentType]
            fits(each, hint, 1)
            for each, hint in zip(value, arguments, strict=True)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        )
    if isinstance(value, dict) and issubclass(kind, collections.abc.Mapping) and len(arguments) == 2:
        pairs = islice(value.items(), _LOOKED_AT)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType, reportUnknownMemberType]
        return all(fits(key, arguments[0], 1) and fits(item, arguments[1], 1) for key, item in pairs)  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | set | frozenset) and issubclass(kind, collections.abc.Iterable) and arguments:
        if issubclass(kind, collections.abc.Mapping):
            return True
        return all(fits(each, arguments[0], 1) for each in islice(value, _LOOKED_AT))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return True


def type_text(expected: Any) -> str:
    """The annotation as it is written."""
    if isinstance(expected, type) and not typing.get_args(expected):
        return expected.__name__
    return inspect.formatannotation(expected).replace("typing.", "").replace("collections.abc.", "")


def _condition(value: Any, expected: Any) -> str:
    """What a test asserts of ``result``: the part of the annotation that does not hold, where it can be said."""
    if isinstance(expected, type) and expected in _BUILTIN and not typing.get_args(expected):
        return f"isinstance(result, {expected.__name__})"
    if value is None:
        return "result is not None"
    origin: Any = typing.get_origin(expected) or expected
    arguments: tuple[Any, ...] = typing.get_args(expected)
    if origin is typing.Literal:
        return f"result in {arguments!r}"
    if origin in _BUILTIN and not isinstance(value, origin):
        return f"isinstance(result, {origin.__name__})"
    if origin is tuple and isinstance(value, tuple) and Ellipsis not in arguments and len(value) != len(arguments):  # pyright: ignore[reportUnknownArgumentType]
        return f"len(result) == {len(arguments)}"
    if origin in (list, set, frozenset) and arguments and arguments[0] in _BUILTIN:
        return f"all(isinstance(each, {arguments[0].__name__}) for each in result)"
    if origin is dict and len(arguments) == 2 and isinstance(value, dict):
        if arguments[1] in _BUILTIN and not all(fits(each, arguments[1], 1) for each in value.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
            return f"all(isinstance(each, {arguments[1].__name__}) for each in result.values())"
        if arguments[0] in _BUILTIN:
            return f"all(isinstance(each, {arguments[0].__name__}) for each in result)"
    required: Any = getattr(expected, "__required_keys__", None)
    if required is not None and isinstance(value, dict):
        return f"{{{', '.join(map(repr, sorted(required)))}}} <= set(result)"
    kinds = [each for each in (arguments or (expected,)) if each in (*_BUILTIN, type(None))]
    if kinds and origin in (typing.Union, types.UnionType) and len(kinds) == len(arguments):
        names = " | ".join("None" if each is type(None) else each.__name__ for each in kinds)
        return f"isinstance(result, {names})"
    got = kind_of(value)  # pyright: ignore[reportUnknownArgumentType]
    if got in _BUILTIN:
        return f"not isinstance(result, {got.__name__})"
    return ""
