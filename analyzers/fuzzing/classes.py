"""Objects of classes: records, enumerations, models, protocols, linked nodes.

A class is made by its own constructor from shapes of its arguments. A class that contains itself (a tree, a linked
list) is made a few levels deep, and ends with ``None``, an empty list, or what else ends it.
"""

from __future__ import annotations

import ast
import dataclasses
import enum
import functools
import inspect
import sys
import types
import typing
from collections.abc import Iterator
from types import ModuleType
from typing import Any, cast

from .annotations import MAX_OPEN, Describer, Field, TooDeep, Unsupported
from .naming import hints_of
from .plans import MODULE, WITH, Ref
from .shapes import (
    NAMESPACE,
    NONE,
    STR,
    Anything,
    Certainty,
    Lit,
    Num,
    Obj,
    Record,
    Shape,
    Text,
    alt,
    certainty_of,
    less_certain,
    replaced,
)
from .standard import by_special_methods

#: Attributes of a node that lead to another node of its class.
LINKS = frozenset(("next", "next_node", "nxt", "left", "right", "child", "rest", "tail", "left_child", "right_child"))
_MAX_CANDIDATES = 600


def instance(describer: Describer, cls: type[Any]) -> Shape:
    """The shape of objects of ``cls``. Raises Unsupported."""
    if isinstance(cls, enum.EnumType):
        return _members(describer, cls)
    if describer.open.count(cls) >= MAX_OPEN or len(describer.open) > 8:
        raise describer.too_deep(f"every {cls.__name__} needs another {cls.__name__}")
    describer.open.append(cls)
    try:
        if typing.is_typeddict(cls):
            return _typed_dict(describer, cls)
        if getattr(cls, "_is_protocol", False) or inspect.isabstract(cls):
            return _implementation(describer, cls)
        return _constructed(describer, cls)
    finally:
        describer.open.pop()


def _members(describer: Describer, cls: enum.EnumType) -> Shape:
    """All members; of flags also none, and all, together."""
    name = describer.name_of(cls)
    members: list[Any] = [Ref(f"{name}.{each}") for each in cls.__members__]
    if not members:
        raise Unsupported(f"{cls.__name__} has no members")
    if issubclass(cls, enum.Flag):
        joined = " | ".join(each.expression for each in members[:6])
        members += [Ref(joined)] if len(members) > 1 else []
        try:
            cls(0)
        except ValueError:
            return Lit(tuple(members))
        members.append(Ref(f"{name}(0)"))
    return Lit(tuple(members[:40]))


def _typed_dict(describer: Describer, cls: type) -> Shape:
    hints = hints_of(cls, describer.names_for(cls))
    required: frozenset[str] = getattr(cls, "__required_keys__", frozenset(hints))

    def needed(name: str, annotation: Any) -> bool:
        """What the annotation says counts before what the class believes: it cannot read annotations in quotes."""
        said = typing.get_origin(annotation)
        return said is typing.Required or (said is not typing.NotRequired and name in required)

    fields: list[tuple[str, Shape]] = []
    optional: list[tuple[str, Shape]] = []
    for name, annotation in hints.items():
        try:
            shape = describer.shape(annotation)
        except TooDeep:
            if needed(name, annotation):
                raise
            continue
        (fields if needed(name, annotation) else optional).append((name, shape))
    return Record(tuple(fields), tuple(optional))


def _implementation(describer: Describer, cls: type) -> Shape:
    """Concrete classes that have what a protocol or an abstract class asks for, else an object made up to have it."""
    protocol: bool = getattr(cls, "_is_protocol", False)
    asked = asked_of(cls) if protocol else frozenset[str]()
    special = by_special_methods(asked)
    if special is not None:
        return special
    found: list[Shape] = []
    for candidate in _candidates(describer.module, cls):
        related = cls in candidate.__mro__[1:] or (protocol and asked and all(_has(candidate, a) for a in asked))
        if not related or len(found) > 5 or describer.open.count(candidate) >= MAX_OPEN:
            continue
        try:
            found.append(instance(describer, candidate))
        except Unsupported:
            continue
    if found:
        return alt(*found)
    if len(describer.open) > 1 and describer.open.count(cls) > 1:
        raise describer.too_deep(f"every {cls.__name__} needs another {cls.__name__}")
    made = _made_up(describer, cls, asked) if protocol else None
    if made is None:
        raise Unsupported(f"{cls.__name__} is abstract, and no class here implements it")
    return made


def _has(cls: type, name: str) -> bool:
    return hasattr(cls, name) and getattr(cls, name) is not getattr(object, name, None)


def asked_of(cls: type) -> frozenset[str]:
    """The attributes that a protocol asks for."""
    names = getattr(cls, "__protocol_attrs__", None)
    if names is None:
        plumbing = {*dir(typing.Protocol), "__annotations__", "__orig_bases__", "__parameters__", "__weakref__"}
        plumbing |= {"__non_callable_proto_members__", "__protocol_attrs__", "__static_attributes__"}
        plumbing |= {"__dict__", "__firstlineno__", "__type_params__", "__abstractmethods__", "_is_runtime_protocol"}
        own = [each for each in cls.__mro__ if getattr(each, "_is_protocol", False) and each.__name__ != "Protocol"]
        names = {name for each in own for name in (*vars(each), *vars(each).get("__annotations__", {}))} - plumbing
        names |= {name for each in own for name in ("__eq__", "__lt__", "__hash__", "__call__") if name in vars(each)}
        names = {name for name in names if not name.startswith("_abc") and name not in ("_is_protocol", "__init__")}
    return frozenset(names)


def _made_up(describer: Describer, cls: type, asked: frozenset[str]) -> Shape | None:
    """An object with the attributes of a protocol; its methods return what they declare."""
    if not asked or any(each.startswith("__") for each in asked):
        return None
    hints = hints_of(cls, describer.names_for(cls))
    attributes: list[tuple[str, Shape]] = []
    for name in sorted(asked):
        value = inspect.getattr_static(cls, name, None)
        if isinstance(value, property) and value.fget is not None:
            attributes.append((name, describer.shape(_returns(describer, cls, value.fget))))
        elif inspect.isfunction(value):
            attributes.append((name, describer.callables((_returns(describer, cls, value),))))
        else:
            attributes.append((name, describer.shape(hints.get(name, Any))))
    return Obj(NAMESPACE, (), tuple(attributes), certainty="inferred")


def _returns(describer: Describer, cls: type, function: Any) -> Any:
    return hints_of(function, describer.names_for(cls)).get("return", Any)


def _candidates(module: ModuleType, cls: type) -> Iterator[type[Any]]:
    """Concrete classes of the module, of the class's own module, and those known to be below the class."""
    seen: set[type] = {cls}
    homes = [vars(module), vars(sys.modules.get(cls.__module__, module))]
    own = [each for space in homes for each in list(space.values()) if isinstance(each, type)]
    local = {module.__name__, cls.__module__}
    for each in (*(each for each in own if each.__module__ in local), *_below(cls)):
        if each in seen or inspect.isabstract(each) or getattr(each, "_is_protocol", False):
            continue
        seen.add(each)
        yield each


def _below(cls: type) -> Iterator[type[Any]]:
    top = cls.__module__.partition(".")[0]
    try:
        subclasses = type.__subclasses__(cls)
    except TypeError:
        return
    for each in subclasses[:20]:
        if each.__module__.partition(".")[0] == top and "<locals>" not in each.__qualname__:
            yield each
            yield from _below(each)


def _constructed(describer: Describer, cls: type[Any]) -> Shape:
    if issubclass(cls, BaseException) and (cls.__module__ == "builtins" or "__init__" not in vars(cls)):
        if issubclass(cls, UnicodeError) and cls is not UnicodeError:
            raise Unsupported(f"{cls.__name__} objects are not made here")
        return Obj(describer.name_of(cls), (STR,))
    if cls.__module__ == "builtins" or issubclass(cls, type | types.ModuleType):
        raise Unsupported(f"{cls.__name__} objects are not made here")
    args: list[Shape] = []
    kwargs: list[tuple[str, Shape]] = []
    certainty: Certainty = "annotated"
    for field in describer.fields(cls):
        if field.optional and not _worthwhile(cls, field):
            continue
        certainty = less_certain(certainty, certainty_of(field.shape, field.certainty))
        if field.kind == "keyword" or field.optional or kwargs:
            kwargs.append((field.name, field.shape))
        else:
            args.append(field.shape)
    made = Obj(describer.name_of(cls), tuple(args), tuple(kwargs), certainty=certainty)
    return _linked(describer, cls, made)


def _worthwhile(cls: type, field: Field) -> bool:
    """Whether an argument with a default is given at all: fields of records, and what is plain."""
    if isinstance(field.shape, Anything):
        return False
    record = any(hasattr(cls, each) for each in ("__dataclass_fields__", "__attrs_attrs__", "model_fields"))
    return record or field.name in LINKS or isinstance(field.shape, Num | Text | Lit)


def _linked(describer: Describer, cls: type[Any], made: Obj) -> Shape:
    """The same with the links set that the constructor leaves empty: ``self.next = None``."""
    links = [name for name in empty_links(describer, cls) if name not in dict(made.kwargs)]
    if not links or describer.open.count(cls) >= MAX_OPEN:
        return made
    inner = alt(NONE, instance(describer, cls))
    return alt(made, Obj(WITH, (made,), tuple((name, inner) for name in links), name=cls.__name__))


def empty_links(describer: Describer, cls: type[Any]) -> list[str]:
    """Attributes named like links that ``__init__`` sets to None itself, or to an argument that is None by default."""
    node = initialiser(describer, cls)
    if node is None:
        return []
    found: list[str] = []
    for each in ast.walk(node):
        if not isinstance(each, ast.Assign | ast.AnnAssign):
            continue
        target, value = each.targets[0] if isinstance(each, ast.Assign) else each.target, each.value
        if isinstance(target, ast.Attribute) and target.attr in LINKS and isinstance(value, ast.Constant):
            found += [target.attr] if value.value is None and target.attr not in found else []
    return found


def initialiser(describer: Describer, cls: type[Any]) -> ast.FunctionDef | None:
    """The syntax of ``__init__``, where the class has one of its own and its source is there."""
    init = vars(cls).get("__init__")
    if not inspect.isfunction(init):
        return None
    if cls.__module__ == describer.module.__name__:
        node = describer.nodes.get(f"{cls.__qualname__}.__init__")
        return node if isinstance(node, ast.FunctionDef) else None
    import textwrap

    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(init)))
    except (OSError, TypeError, SyntaxError):
        return None
    return tree.body[0] if tree.body and isinstance(tree.body[0], ast.FunctionDef) else None


def name_of(module: ModuleType, cls: type[Any]) -> str:
    """A dotted expression for a class: ``MOD.Point`` where the module has it."""
    if getattr(module, cls.__name__, None) is cls:
        return f"{MODULE}.{cls.__name__}"
    if "<locals>" in cls.__qualname__:
        raise Unsupported(f"{cls.__name__} is local to a function")
    if cls.__module__ == module.__name__:
        return f"{MODULE}.{cls.__qualname__}"
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def with_attributes(describer: Describer, names: frozenset[str], hint: str) -> Shape | None:
    """An object of a class of the project that has all these attributes; of several, the one that fits best.

    One attribute alone tells only where the parameter is named like the class."""
    best: tuple[tuple[bool, bool, int], type[Any]] | None = None
    for cls in _project_classes(describer.module):
        if inspect.isabstract(cls) or getattr(cls, "_is_protocol", False) or not names <= attributes_of(describer, cls):
            continue
        called = _called_like(cls, hint)
        here = cls.__module__ == describer.module.__name__
        if len(names) < 2 and not called and not here:
            continue
        rank = (called, here, -len(attributes_of(describer, cls)))
        if best is None or rank > best[0]:
            best = (rank, cls)
    if best is None:
        return None
    (called, here, _), cls = best
    try:
        shape = describer.shape(cls)
    except Unsupported:
        return None
    sure: Certainty = "inferred" if called or (here and len(names) > 1) else "guessed"
    return replaced(shape, lambda each: _less_sure(each, sure))


def _less_sure(shape: Shape, certainty: Certainty) -> Shape:
    if not isinstance(shape, Obj):
        return shape
    return dataclasses.replace(shape, certainty=less_certain(shape.certainty, certainty))


def _called_like(cls: type, hint: str) -> bool:
    lowered, name = hint.lower().replace("_", ""), cls.__name__.lower().replace("_", "")
    return len(lowered) > 2 and (name == lowered or name.endswith(lowered) or lowered.endswith(name))


@functools.lru_cache(maxsize=4)
def _project_classes(module: ModuleType) -> tuple[type[Any], ...]:
    """Classes that the module names, then those of other loaded modules of its package."""
    top = module.__name__.partition(".")[0]
    others = [each for name, each in sorted(sys.modules.items()) if name.partition(".")[0] == top and each]
    found: dict[type[Any], None] = {}
    for space in (module, *others):
        for each in list(vars(space).values()):
            if isinstance(each, type) and len(found) < _MAX_CANDIDATES:
                home = each.__module__.partition(".")[0]
                if home == top or (space is module and home not in sys.stdlib_module_names):
                    found.setdefault(each)
    return tuple(found)


_attributes: dict[type, frozenset[str]] = {}


def _annotated(cls: type[Any]) -> set[str]:
    found: Any = vars(cls).get("__annotations__")
    return set(cast("dict[str, Any]", found)) if isinstance(found, dict) else set()


def attributes_of(describer: Describer, cls: type[Any]) -> frozenset[str]:
    """Attributes that objects of the class have: of its bases, annotated, and set on ``self`` in ``__init__``."""
    if cls not in _attributes:
        names = {*dir(cls)}
        for each in cls.__mro__[:-1]:
            names |= _annotated(each)
            node = initialiser(describer, each)
            if node is not None and node.args.args:
                own = node.args.args[0].arg
                names |= {
                    part.attr
                    for part in ast.walk(node)
                    if isinstance(part, ast.Attribute)
                    and isinstance(part.value, ast.Name)
                    and part.value.id == own
                    and isinstance(part.ctx, ast.Store)
                }
        _attributes[cls] = frozenset(names)
    return _attributes[cls]
