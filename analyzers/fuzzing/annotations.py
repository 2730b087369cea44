"""Annotations, as the objects they are at run time, to shapes.

Best effort and honest: what is not understood becomes :class:`~.shapes.Anything`, and a class that cannot be made
from simple arguments raises :class:`Unsupported`, which ends the target as "unsupported" rather than as a false alarm.
"""

from __future__ import annotations

import collections
import collections.abc
import dataclasses
import enum
import inspect
import types
import typing
from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

from .plans import MODULE, Made, Ref
from .shapes import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    NONE,
    STR,
    Anything,
    Lit,
    Map,
    Num,
    Obj,
    Record,
    Seq,
    Shape,
    Text,
    Tup,
    alt,
)

_SCALARS: dict[Any, Shape] = {
    int: INT,
    float: FLOAT,
    bool: BOOL,
    complex: Num("complex"),
    str: STR,
    bytes: BYTES,
    bytearray: Text("bytearray"),
    type(None): NONE,
    None: NONE,
    object: Anything(),
    Any: Anything(),
    collections.abc.Hashable: Anything(hashable=True),
    typing.Hashable: Anything(hashable=True),
}
_SEQUENCES: dict[Any, str] = {
    list: "list",
    set: "set",
    frozenset: "frozenset",
    collections.deque: "deque",
    collections.abc.Sequence: "list",
    collections.abc.MutableSequence: "list",
    collections.abc.Iterable: "list",
    collections.abc.Collection: "list",
    collections.abc.Reversible: "list",
    collections.abc.Container: "list",
    collections.abc.Sized: "list",
    collections.abc.Set: "set",
    collections.abc.MutableSet: "set",
    collections.abc.KeysView: "list",
    collections.abc.ValuesView: "list",
    collections.abc.Iterator: "iterator",
    collections.abc.Generator: "iterator",
}
_MAPPINGS: dict[Any, str] = {
    dict: "dict",
    collections.abc.Mapping: "dict",
    collections.abc.MutableMapping: "dict",
    collections.OrderedDict: "collections.OrderedDict",
    collections.defaultdict: "collections.defaultdict",
}


def _made(callee: str, *arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(Made(callee, each) for each in arguments)


_TEXTS = (("",), ("a",), ("a\n",), ("a\nb\n",), ("\n",))
_BLOBS = ((b"",), (b"a",), (b"a\n",), (b"\x00\xff",))
_PATHS = (("a",), (".",), ("a/b",), ("a.txt",), ("/",), ("..",), ("a/b.tar.gz",))
#: Classes of the standard library that take simple arguments; each plan is an ordinary value, the edges first.
_MADE: dict[str, tuple[Any, ...]] = {
    "datetime.date": _made("datetime.date", (2000, 1, 1), (2024, 2, 29), (1999, 12, 31), (1, 1, 1), (9999, 12, 31)),
    "datetime.datetime": _made(
        "datetime.datetime",
        (2000, 1, 1),
        (2024, 2, 29, 23, 59, 59),
        (1970, 1, 1),
        (1, 1, 1),
        (9999, 12, 31, 23, 59, 59),
    ),
    "datetime.time": _made("datetime.time", (0, 0), (12, 30), (23, 59, 59)),
    "datetime.timedelta": _made("datetime.timedelta", (0,), (1,), (-1,), (0, 1), (0, 0, 1), (365,)),
    "datetime.timezone": (Ref("datetime.timezone.utc"),),
    "decimal.Decimal": _made("decimal.Decimal", ("0",), ("1",), ("-1",), ("0.1",), ("1.50",), ("1E+3",), ("1000000",)),
    "fractions.Fraction": _made("fractions.Fraction", (0,), (1,), (-1,), (1, 2), (-3, 7)),
    "pathlib.Path": _made("pathlib.Path", *_PATHS),
    "pathlib.PurePath": _made("pathlib.PurePosixPath", *_PATHS),
    "pathlib.PurePosixPath": _made("pathlib.PurePosixPath", *_PATHS),
    "uuid.UUID": _made(
        "uuid.UUID", ("00000000-0000-0000-0000-000000000000",), ("12345678-1234-5678-1234-567812345678",)
    ),
    "ipaddress.IPv4Address": _made("ipaddress.IPv4Address", (0,), ("127.0.0.1",)),
    "re.Pattern": _made("re.compile", ("",), ("a",), (r"\d+",), ("(a)|b",)),
    "io.StringIO": _made("io.StringIO", *_TEXTS),
    "typing.TextIO": _made("io.StringIO", *_TEXTS),
    "io.BytesIO": _made("io.BytesIO", *_BLOBS),
    "typing.BinaryIO": _made("io.BytesIO", *_BLOBS),
    "builtins.range": _made("range", (0,), (1,), (3,), (2, 5), (5, 0, -1)),
    "builtins.slice": _made("slice", (None,), (1,), (0, 2), (None, None, -1)),
    "collections.Counter": _made("collections.Counter", (), ("a",), ("aab",)),
    "random.Random": _made("random.Random", (0,)),
    "logging.Logger": _made("logging.getLogger", ("suture",)),
}
_PROTOCOLS: dict[str, Shape] = {
    "SupportsInt": alt(INT, FLOAT),
    "SupportsFloat": alt(FLOAT, INT),
    "SupportsIndex": INT,
    "SupportsAbs": alt(INT, FLOAT),
    "SupportsRound": alt(FLOAT, INT),
    "SupportsBytes": BYTES,
    "PathLike": Lit(_MADE["pathlib.Path"]),
    "Buffer": BYTES,
    "ByteString": BYTES,
    "Number": alt(INT, FLOAT),
    "Real": alt(FLOAT, INT),
    "Rational": INT,
    "Integral": INT,
    "Complex": alt(FLOAT, INT),
}


_CALLABLE: Any = getattr(collections.abc, "Callable")  # as an object, not as a type form  # noqa: B009


class Unsupported(Exception):
    """This target cannot be called from simple arguments; the text says why."""


class Describer:
    """Shapes of annotations, seen from one module. ``parameters`` describes a constructor's parameters."""

    def __init__(self, module: ModuleType, parameters: Callable[[Any], list[tuple[str, str, Shape, bool]]]) -> None:
        self._module = module
        self._parameters = parameters
        self._open: list[type] = []

    def shape(self, annotation: Any) -> Shape:
        """The shape of an annotation object. Raises Unsupported for a class that cannot be made."""
        if isinstance(annotation, str):
            return self._text(annotation)
        try:
            if annotation in _SCALARS:
                return _SCALARS[annotation]
        except TypeError:
            return Anything()
        if isinstance(annotation, typing.TypeVar):
            return self._type_variable(annotation)
        if isinstance(annotation, typing.NewType):
            return self.shape(annotation.__supertype__)
        if type(annotation).__name__ == "TypeAliasType":
            return self.shape(annotation.__value__)
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is None:
            return self._class(annotation, ())
        return self._generic(annotation, origin, args)

    def _text(self, annotation: str) -> Shape:
        try:
            return self.shape(eval(annotation, {**vars(typing), **vars(self._module)}))
        except (NameError, SyntaxError, TypeError, AttributeError):
            return Anything()

    def _type_variable(self, variable: typing.TypeVar) -> Shape:
        """One type for the whole call, so that elements can be compared with each other."""
        if variable.__constraints__:
            return self.shape(variable.__constraints__[0])
        return self.shape(variable.__bound__) if variable.__bound__ not in (None, Any) else INT

    def _generic(self, annotation: Any, origin: Any, args: tuple[Any, ...]) -> Shape:
        if origin is typing.Annotated:
            return self._constrained(self.shape(args[0]), args[1:])
        if origin is typing.Literal:
            return Lit(tuple(_constant(each) for each in args))
        if origin in (typing.Union, types.UnionType):
            return self._union(args)
        if origin is type:
            return Lit(tuple(Ref(each.__name__) for each in (int, str, list)))
        if origin is tuple:
            if len(args) == 2 and args[1] is Ellipsis:
                return Seq("tuple", self.shape(args[0]))
            return Tup(tuple(self.shape(each) for each in args if each != ()))
        if origin in (typing.Required, typing.NotRequired, typing.ClassVar, typing.Final):
            return self.shape(args[0])
        if origin is _CALLABLE:
            return callables(args)
        return self._class(origin, args)

    def _union(self, args: tuple[Any, ...]) -> Shape:
        """The options that can be made; a union of which none can is unsupported."""
        options: list[Shape] = []
        reason = Unsupported("no option of the union can be made")
        for each in args:
            try:
                options.append(self.shape(each))
            except Unsupported as error:
                reason = error
        if all(option == NONE for option in options):
            raise reason
        return alt(*options)

    def _class(self, cls: Any, args: tuple[Any, ...]) -> Shape:
        if not isinstance(cls, type):
            name = getattr(cls, "__name__", "") or str(cls)
            if cls is _CALLABLE or name == "Callable":
                return callables(())
            return Anything()
        if cls is tuple:
            return Seq("tuple", Anything())
        if cls in _SCALARS:
            return _SCALARS[cls]
        if cls in _SEQUENCES:
            return Seq(_SEQUENCES[cls], self.shape(args[0]) if args else Anything(hashable=cls in (set, frozenset)))
        if cls in _MAPPINGS:
            key, value = (self.shape(args[0]), self.shape(args[1])) if len(args) == 2 else (STR, Anything())
            return Map(key, value, _MAPPINGS[cls])
        if cls is _CALLABLE:
            return callables(args)
        made = _MADE.get(f"{cls.__module__}.{cls.__qualname__}") or _MADE.get(f"typing.{cls.__name__}")
        if made:
            return Lit(made)
        if issubclass(cls, enum.Enum):
            members = tuple(Ref(f"{self.name_of(cls)}.{each.name}") for each in cls)
            if not members:
                raise Unsupported(f"{cls.__name__} has no members")
            return Lit(members)
        if cls.__name__ in _PROTOCOLS:
            return _PROTOCOLS[cls.__name__]
        return self._instance(cast("type[Any]", cls))

    def _instance(self, cls: type[Any]) -> Shape:
        if cls in self._open:
            raise Unsupported(f"{cls.__name__} needs another {cls.__name__}")
        self._open.append(cls)
        try:
            if typing.is_typeddict(cls):
                return self._typed_dict(cls)
            if getattr(cls, "_is_protocol", False) or inspect.isabstract(cls):
                return self._implementation(cls)
            return self._constructed(cls)
        finally:
            self._open.pop()

    def _typed_dict(self, cls: type) -> Shape:
        hints = typing.get_type_hints(cls)
        required: frozenset[str] = getattr(cls, "__required_keys__", frozenset(hints))
        shapes = [(name, self.shape(annotation)) for name, annotation in hints.items()]
        return Record(
            tuple(each for each in shapes if each[0] in required),
            tuple(each for each in shapes if each[0] not in required),
        )

    def _implementation(self, cls: type) -> Shape:
        """A concrete class of the same module that has what a protocol or abstract class asks for."""
        asked = {name for name in vars(cls) if not name.startswith("_")} - {"register"}
        for candidate in vars(self._module).values():
            if not isinstance(candidate, type) or candidate is cls or inspect.isabstract(candidate):
                continue
            if getattr(candidate, "_is_protocol", False) or candidate in self._open:
                continue
            related = cls in candidate.__mro__[1:] or (
                getattr(cls, "_is_protocol", False) and asked and all(hasattr(candidate, each) for each in asked)
            )
            if related and candidate.__module__ == self._module.__name__:
                try:
                    return self._instance(candidate)
                except Unsupported:
                    continue
        raise Unsupported(f"nothing here implements {cls.__name__}")

    def _constructed(self, cls: type[Any]) -> Shape:
        if issubclass(cls, BaseException):
            return Obj(self.name_of(cls), (STR,))
        if cls.__module__ == "builtins" or issubclass(cls, type | types.ModuleType):
            raise Unsupported(f"{cls.__name__} objects are not made here")
        args: list[Shape] = []
        kwargs: list[tuple[str, Shape]] = []
        for name, kind, shape, optional in self._parameters(cls):
            if optional and not (dataclasses.is_dataclass(cls) or isinstance(shape, Num | Text | Lit)):
                continue
            if isinstance(shape, Anything) and optional:
                continue
            if kind == "keyword" or optional or kwargs:
                kwargs.append((name, shape))
            elif kind == "positional":
                args.append(shape)
        return Obj(self.name_of(cls), tuple(args), tuple(kwargs))

    def _constrained(self, shape: Shape, metadata: tuple[Any, ...]) -> Shape:
        """``annotated_types`` and pydantic style: ``Ge(0)``, ``Len(1)``, anything with ``ge``, ``min_length`` …"""
        low = high = None
        size = 0
        for each in metadata:
            step = 1 if isinstance(shape, Num) and shape.kind == "int" else 1e-9
            low = _first(getattr(each, "ge", None), _plus(getattr(each, "gt", None), step), low)
            high = _first(getattr(each, "le", None), _plus(getattr(each, "lt", None), -step), high)
            size = _first(getattr(each, "min_length", None), size) or 0
        if isinstance(shape, Num):
            return Num(shape.kind, low, high)
        if isinstance(shape, Text):
            return Text(shape.kind, size, shape.max_size)
        if isinstance(shape, Seq):
            return Seq(shape.kind, shape.item, size)
        return Map(shape.key, shape.value, shape.kind, size) if isinstance(shape, Map) else shape

    def name_of(self, cls: type[Any]) -> str:
        """A dotted expression for a class: ``MOD.Point`` where the module has it."""
        if getattr(self._module, cls.__name__, None) is cls:
            return f"{MODULE}.{cls.__name__}"
        if "<locals>" in cls.__qualname__:
            raise Unsupported(f"{cls.__name__} is local to a function")
        if cls.__module__ == self._module.__name__:
            return f"{MODULE}.{cls.__qualname__}"
        return f"{cls.__module__}.{cls.__qualname__}"


def callables(args: tuple[Any, ...]) -> Shape:
    """A few functions that accept anything; the declared return type picks among them."""
    returns = args[-1] if args else Any
    by_type: dict[Any, tuple[str, ...]] = {
        bool: ("lambda *args: True", "lambda *args: False"),
        int: ("lambda *args: 0", "lambda *args: 1"),
        float: ("lambda *args: 0.0", "lambda *args: 1.0"),
        str: ("lambda *args: ''", "lambda *args: 'a'"),
        type(None): ("lambda *args: None",),
        None: ("lambda *args: None",),
    }
    try:
        known = by_type.get(returns)
    except TypeError:
        known = None
    return Lit(tuple(Ref(each) for each in known or ("lambda *args: args[0] if args else None",)))


def _constant(value: Any) -> Any:
    return Ref(f"{MODULE}.{type(value).__name__}.{value.name}") if isinstance(value, enum.Enum) else value


def _first(*values: Any) -> Any:
    return next((each for each in values if each is not None), None)


def _plus(value: Any, step: float) -> Any:
    return None if value is None else value + step
