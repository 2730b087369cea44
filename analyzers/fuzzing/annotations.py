"""Annotations, as the objects they are at run time, to shapes.

Best effort and honest: what is not understood becomes :class:`~.shapes.Anything`, and a class that cannot be made
from simple arguments raises :class:`Unsupported`, which ends the target as "unsupported" rather than as a false alarm.
Classes themselves are made in :mod:`.classes`.
"""

from __future__ import annotations

import ast
import collections
import collections.abc
import contextlib
import dataclasses
import enum
import sys
import types
import typing
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, cast

from .constraints import constrained
from .naming import Names, evaluate, names_of
from .plans import Ref, render
from .shapes import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    NONE,
    STR,
    Anything,
    Certainty,
    Lit,
    Map,
    Num,
    Seq,
    Shape,
    Text,
    Tup,
    alt,
)
from .standard import BINARY_FILE, PROTOCOLS, STANDARD, TEXT_FILE

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
    typing.LiteralString: STR,
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
_WRAPPERS = (typing.Required, typing.NotRequired, typing.ClassVar, typing.Final)
_CALLABLE: Any = getattr(collections.abc, "Callable")  # as an object, not as a type form  # noqa: B009
#: How many classes deep an object may be, and how many classes one object may take to describe.
MAX_OPEN = 3
_MAX_DEPTH = 14
_MAX_PARTS = 150


class Unsupported(Exception):
    """This target cannot be called from simple arguments; the text says why."""


class TooDeep(Unsupported):
    """A class that contains itself, as deep as objects are made; an alternative without it is taken."""


@dataclass(frozen=True, slots=True)
class Field:
    """An argument of a constructor. ``kind``: "positional" or "keyword"."""

    name: str
    kind: str
    shape: Shape
    optional: bool = False
    certainty: Certainty = "annotated"


class Describer:
    """Shapes of annotations, seen from one module. ``fields`` describes a class's constructor."""

    def __init__(
        self,
        module: ModuleType,
        fields: Callable[[Any], list[Field]],
        names: Names | None = None,
        nodes: Mapping[str, ast.AST] | None = None,
    ) -> None:
        self.module = module
        self.nodes = nodes or {}  # the module's definitions by qualified name
        self.fields = fields
        self.owner: Any = None  # what ``Self`` stands for
        self.open: list[type] = []
        self._names = names or Names(module, None)
        self._texts: list[str] = []
        self._variables: list[Mapping[Any, Shape]] = []
        self._made: dict[type, Shape] = {}
        self._parts = 0
        self._cuts = 0
        self._depth = 0

    def shape(self, annotation: Any) -> Shape:
        """The shape of an annotation object. Raises Unsupported for a class that cannot be made."""
        self._parts = self._parts if self._depth else 0
        if self._depth > _MAX_DEPTH:
            raise self.too_deep("it refers to itself without end")
        self._depth += 1
        try:
            return self._shape(annotation)
        finally:
            self._depth -= 1

    def _shape(self, annotation: Any) -> Shape:
        if isinstance(annotation, typing.ForwardRef):
            annotation = annotation.__forward_arg__
        if isinstance(annotation, str):
            return self._alias(annotation, lambda: evaluate(annotation, self._names))
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
            return self._alias(annotation.__name__, lambda: annotation.__value__)
        if isinstance(annotation, dataclasses.InitVar):
            return self.shape(cast("Any", annotation).type)
        if annotation is typing.Self:
            return self.shape(self.owner) if self.owner is not None else Anything()
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        return self._class(annotation, ()) if origin is None else self._generic(annotation, origin, args)

    def names_for(self, cls: type) -> Names:
        """The names that annotations of a class may use."""
        home = sys.modules.get(cls.__module__, self.module)
        return self._names if home is self.module else names_of(home)

    def _alias(self, name: str, value: Callable[[], Any]) -> Shape:
        """A named type, which may name itself (JSON values, nested lists)."""
        if self._texts.count(name) >= MAX_OPEN:
            raise self.too_deep(f"{name} refers to itself without end")
        self._texts.append(name)
        try:
            return self.shape(value())
        finally:
            self._texts.pop()

    def _type_variable(self, variable: typing.TypeVar) -> Shape:
        """One type for the whole call, so that elements can be compared with each other."""
        for known in reversed(self._variables):
            if variable in known:
                return known[variable]
        if variable.__constraints__:
            return self.shape(variable.__constraints__[0])
        return self.shape(variable.__bound__) if variable.__bound__ not in (None, Any, object) else INT

    def _generic(self, annotation: Any, origin: Any, args: tuple[Any, ...]) -> Shape:
        if origin is typing.Annotated:
            return constrained(self.shape(args[0]), args[1:], self.module)
        if origin is typing.Literal:
            return Lit(tuple(constant(each) for each in args))
        if origin in (typing.Union, types.UnionType):
            return self._union(args)
        if origin is type:
            return self._types(args)
        if origin is tuple:
            if len(args) == 2 and args[1] is Ellipsis:
                return self._sequence("tuple", args[0])
            return Tup(tuple(self.shape(each) for each in args if each != ()))
        if origin in _WRAPPERS or getattr(origin, "__name__", "") == "ReadOnly":
            return self.shape(args[0])
        if origin is _CALLABLE:
            return self.callables(args)
        if type(origin).__name__ == "TypeAliasType":
            with self.known(origin.__type_params__, args):
                return self._alias(origin.__name__, lambda: origin.__value__)
        return self._class(origin, args)

    @contextlib.contextmanager
    def known(self, variables: Sequence[Any], args: Sequence[Any]) -> Generator[None]:
        """Inside, these type variables stand for these arguments."""
        self._variables.append({each: self.shape(arg) for each, arg in zip(variables, args, strict=False)})
        try:
            yield
        finally:
            self._variables.pop()

    def _union(self, args: tuple[Any, ...]) -> Shape:
        """The options that can be made; a union of which none can is unsupported."""
        options: list[Shape] = []
        reason = Unsupported("no option of the union can be made")
        for each in args:
            try:
                options.append(self.shape(each))
            except Unsupported as error:
                reason = error
        if not options or (all(option == NONE for option in options) and not isinstance(reason, TooDeep)):
            raise reason
        return alt(*options)

    def _types(self, args: tuple[Any, ...]) -> Shape:
        """Classes as values: the one named and what is below it, or a few plain ones."""
        wanted = args[0] if args and isinstance(args[0], type) and args[0] not in (object, Any) else None
        if wanted is None:
            return Lit(tuple(Ref(each.__name__) for each in (int, str, list)))
        below = [each for each in wanted.__subclasses__() if each.__module__ == wanted.__module__][:3]
        return Lit(tuple(Ref(self.name_of(each)) for each in (wanted, *below)))

    def _sequence(self, kind: str, item: Any, hashable: bool = False) -> Shape:
        try:
            return Seq(kind, self.shape(item) if item is not None else Anything(hashable=hashable))
        except TooDeep:
            return Seq(kind, NONE, 0, 0)

    def _class(self, cls: Any, args: tuple[Any, ...]) -> Shape:
        if not isinstance(cls, type):
            name = getattr(cls, "__name__", "") or str(cls)
            return self.callables(()) if cls is _CALLABLE or name == "Callable" else Anything()
        if cls is tuple:
            return Seq("tuple", Anything())
        if cls in _SCALARS:
            return _SCALARS[cls]
        if cls in _SEQUENCES:
            return self._sequence(_SEQUENCES[cls], args[0] if args else None, cls in (set, frozenset))
        if cls in _MAPPINGS:
            return self._mapping(_MAPPINGS[cls], args)
        if cls is collections.abc.ItemsView:
            return Seq("list", Tup(tuple(self.shape(each) for each in args)) if args else Anything())
        if cls is type:
            return self._types(())
        known = self._standard(cls, args)
        if known is not None:
            return known
        from .classes import instance

        if cls in self._made:
            return self._made[cls]
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise self.too_deep(f"{cls.__name__} leads to too many other classes")
        cuts = self._cuts
        with self.known(getattr(cls, "__parameters__", ()), args):
            shape = instance(self, cls)
        if cuts == self._cuts and not getattr(cls, "__parameters__", ()):
            self._made[cls] = shape  # the same wherever it is met: nothing was left out of it
        return shape

    def too_deep(self, reason: str) -> TooDeep:
        """The error for what is left out because of where it is met."""
        self._cuts += 1
        return TooDeep(reason)

    def _mapping(self, kind: str, args: tuple[Any, ...]) -> Shape:
        try:
            key, value = (self.shape(args[0]), self.shape(args[1])) if len(args) == 2 else (STR, Anything())
        except TooDeep:
            return Map(STR, NONE, kind, 0, 0)
        return Map(key, value, kind)

    def _standard(self, cls: type[Any], args: tuple[Any, ...]) -> Shape | None:
        name = f"{cls.__module__.lstrip('_')}.{cls.__qualname__}"
        if name == "typing.IO":
            return BINARY_FILE if args == (bytes,) else TEXT_FILE
        if name == "collections.Counter" and args:
            return Map(self.shape(args[0]), Num("int", 0), "collections.Counter")
        if name == "enum.Enum" or not isinstance(cls, enum.EnumType):
            found = STANDARD.get(name)
            if found is not None:
                return found
        return PROTOCOLS.get(cls.__name__) if cls.__module__ in _PROTOCOL_HOMES else None

    def callables(self, args: tuple[Any, ...]) -> Shape:
        """A few functions that accept anything and return what is declared."""
        returns = args[-1] if args else Any
        later = typing.get_origin(returns) in (collections.abc.Awaitable, collections.abc.Coroutine)
        if later:
            returns = typing.get_args(returns)[-1]
        if returns is Any or (isinstance(returns, typing.TypeVar) and len(args) == 2):
            values = ["args[0] if args else None"]
        else:
            try:
                values = [render(each) for each in few(self.shape(returns))]
            except Unsupported:
                values = ["args[0] if args else None"]
        if len(args) == 2 and isinstance(args[0], list) and args[0] == [returns]:  # from a type to itself
            values.insert(0, "args[0]")
        form = "lambda *args: asyncio.sleep(0, {})" if later else "lambda *args: {}"
        return Lit(tuple(Ref(form.format(each)) for each in values))

    def name_of(self, cls: type[Any]) -> str:
        """A dotted expression for a class: ``MOD.Point`` where the module has it."""
        from .classes import name_of

        return name_of(self.module, cls)


_PROTOCOL_HOMES = frozenset(("typing", "typing_extensions", "collections.abc", "numbers", "os", "_typeshed"))


def few(shape: Shape) -> list[Any]:
    """Two or three telling values."""
    from .boundaries import Hints, boundaries

    return boundaries(shape, Hints(), 2)


def callables() -> Shape:
    """A function of which nothing is known: it gives back its argument."""
    return Lit((Ref("lambda *args: args[0] if args else None"),))


def constant(value: Any) -> Any:
    """A value of ``Literal`` as a plan."""
    from .plans import MODULE

    return Ref(f"{MODULE}.{type(value).__name__}.{value.name}") if isinstance(value, enum.Enum) else value


__all__ = ["Describer", "Field", "TooDeep", "Unsupported", "callables"]
