"""The assumed domain of a parameter, as a small tree of shapes: what annotations and inference both end in.

A shape says which values are ordinary for a parameter. It knows nothing of Hypothesis, of the oracle or of the
module under test; :mod:`.boundaries` and :mod:`.strategies` read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .plans import WITH, Deep, Made, Plan, Ref, kind_of, render

#: An object of which only its attributes are known.
NAMESPACE = "types.SimpleNamespace"

Certainty = Literal["annotated", "documented", "inferred", "guessed"]
CERTAINTIES: tuple[Certainty, ...] = ("annotated", "documented", "inferred", "guessed")


@dataclass(frozen=True, slots=True)
class Num:
    """``int``, ``float``, ``bool`` or ``complex``, both bounds inclusive; ``multiple``: of this whole number only."""

    kind: str = "int"
    low: float | None = None
    high: float | None = None
    multiple: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """``str``, ``bytes`` or ``bytearray``; sizes in characters. ``pattern``: a regular expression found in the text."""

    kind: str = "str"
    min_size: int = 0
    max_size: int | None = None
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Lit:
    """One of these plans."""

    values: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Seq:
    """``list``, ``tuple``, ``set``, ``frozenset``, ``deque`` or ``iterator`` of one shape.

    ``ordered``: ascending only; ``distinct``: no element twice."""

    kind: str
    item: Shape
    min_size: int = 0
    max_size: int | None = None
    ordered: bool = False
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Tup:
    """A tuple with one shape per place."""

    items: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Map:
    """A mapping; ``kind`` is the constructor (``dict``, ``collections.OrderedDict`` …)."""

    key: Shape
    value: Shape
    kind: str = "dict"
    min_size: int = 0
    max_size: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A dict with known keys (a TypedDict, or keys the body asks for by name)."""

    fields: tuple[tuple[str, Shape], ...]
    optional: tuple[tuple[str, Shape], ...] = ()


@dataclass(frozen=True, slots=True)
class Alt:
    """One of several shapes."""

    options: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Obj:
    """An object made by calling ``callee``.

    ``edges``: telling values, which are in the domain though they need not fit ``args``. ``required``: how many
    positional arguments cannot be left out (None: all). ``certainty``: how well the arguments are known. ``name``: what
    a person calls it, where that is not ``callee``."""

    callee: str
    args: tuple[Shape, ...] = ()
    kwargs: tuple[tuple[str, Shape], ...] = ()
    edges: tuple[Plan, ...] = ()
    required: int | None = None
    certainty: Certainty = "annotated"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Anything:
    """Nothing is known. ``hashable`` leaves out lists and dicts."""

    hashable: bool = False


Shape = Num | Text | Lit | Seq | Tup | Map | Record | Alt | Obj | Anything

INT, FLOAT, BOOL, STR, BYTES = Num("int"), Num("float"), Num("bool"), Text("str"), Text("bytes")
NONE = Lit((None,))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter with its domain. ``omit``: it has a default, so it can be left out."""

    name: str
    kind: Literal["positional", "keyword", "var_positional", "var_keyword"]
    shape: Shape
    certainty: Certainty
    omit: bool = False
    examples: tuple[Plan, ...] = field(default=())


def alt(*options: Shape) -> Shape:
    """The union, flattened and without repetition."""
    flat: dict[Shape, None] = {}
    for option in options:
        for each in option.options if isinstance(option, Alt) else (option,):
            flat.setdefault(each)
    return next(iter(flat)) if len(flat) == 1 else Alt(tuple(flat))


def walk(shape: Shape) -> Iterator[Shape]:
    """The shape and all shapes inside it."""
    yield shape
    inner: tuple[Shape, ...] = ()
    if isinstance(shape, Seq):
        inner = (shape.item,)
    elif isinstance(shape, Tup):
        inner = shape.items
    elif isinstance(shape, Map):
        inner = (shape.key, shape.value)
    elif isinstance(shape, Record):
        inner = tuple(each for _, each in (*shape.fields, *shape.optional))
    elif isinstance(shape, Alt):
        inner = shape.options
    elif isinstance(shape, Obj):
        inner = (*shape.args, *(each for _, each in shape.kwargs))
    for each in inner:
        yield from walk(each)


def vague(shape: Shape) -> bool:
    """Whether some part of the domain is unknown (or a made-up function), so that a type error proves nothing."""
    return any(
        isinstance(each, Anything) or (isinstance(each, Lit) and any(map(_made_up, each.values)))
        for each in walk(shape)
    )


def _made_up(plan: Plan) -> bool:
    return isinstance(plan, Ref) and plan.expression.startswith("lambda")


def admits_none(shape: Shape) -> bool:
    return any(isinstance(each, Lit) and None in each.values for each in walk(shape))


def replaced(shape: Shape, change: Callable[[Shape], Shape]) -> Shape:
    """The shape with ``change`` applied to every part, the innermost first."""

    def inner(each: Shape) -> Shape:
        return replaced(each, change)

    if isinstance(shape, Seq):
        shape = replace(shape, item=inner(shape.item))
    elif isinstance(shape, Tup):
        shape = Tup(tuple([inner(each) for each in shape.items]))
    elif isinstance(shape, Map):
        shape = replace(shape, key=inner(shape.key), value=inner(shape.value))
    elif isinstance(shape, Record):
        fields = tuple([(name, inner(each)) for name, each in shape.fields])
        shape = Record(fields, tuple([(name, inner(each)) for name, each in shape.optional]))
    elif isinstance(shape, Alt):
        shape = alt(*[inner(each) for each in shape.options])
    elif isinstance(shape, Obj):
        kwargs = tuple([(name, inner(each)) for name, each in shape.kwargs])
        shape = replace(shape, args=tuple([inner(each) for each in shape.args]), kwargs=kwargs)
    return change(shape)


def describe(shape: Shape, depth: int = 0) -> str:
    """The shape as a person would annotate it."""
    if isinstance(shape, Num):
        low = "" if shape.low is None else f" ≥ {shape.low:g}"
        high = "" if shape.high is None else f" ≤ {shape.high:g}"
        return shape.kind + low + high + (f", a multiple of {shape.multiple}" if shape.multiple else "")
    if isinstance(shape, Text):
        return shape.kind + _size(shape) + (f", matching {shape.pattern!r}" if shape.pattern else "")
    if isinstance(shape, Lit):
        return _described_values(shape)
    if isinstance(shape, Seq):
        inner = describe(shape.item, depth + 1)
        shown = f"tuple[{inner}, ...]" if shape.kind == "tuple" else f"{shape.kind}[{inner}]"
        return shown + _size(shape) + (", sorted" if shape.ordered else "") + (", distinct" if shape.distinct else "")
    if isinstance(shape, Tup):
        return f"tuple[{', '.join(describe(each, depth + 1) for each in shape.items)}]"
    if isinstance(shape, Map):
        return f"{shape.kind}[{describe(shape.key, depth + 1)}, {describe(shape.value, depth + 1)}]" + _size(shape)
    if isinstance(shape, Record):
        shown = [f"{name!r}: {describe(each, depth + 1)}" for name, each in shape.fields]
        shown += [f"{name!r} (optional): {describe(each, depth + 1)}" for name, each in shape.optional]
        return f"dict {{{', '.join(shown)}}}"
    if isinstance(shape, Alt):
        return " | ".join(dict.fromkeys(describe(each, depth) for each in shape.options))
    return _described_object(shape, depth) if isinstance(shape, Obj) else "anything"


def _size(shape: Text | Seq | Map) -> str:
    low, high = shape.min_size, shape.max_size
    if high is not None:
        return ", empty" if not high else f", size {low}" if low == high else f", size {low} to {high}"
    return "" if not low else ", not empty" if low == 1 else f", size at least {low}"


def _described_values(shape: Lit) -> str:
    if shape.values == (None,):
        return "None"
    if all(map(_made_up, shape.values)):
        return "function"
    shown = ", ".join(render(value) for value in shape.values[:6])
    return f"one of {shown}{' …' if len(shape.values) > 6 else ''}".replace("MOD.", "")


def _described_object(shape: Obj, depth: int) -> str:
    """Classes by their name; an object that only has attributes by these."""
    if shape.callee != NAMESPACE:
        return shape.name or shape.callee.removeprefix("MOD.")
    if depth > 2:
        return "object"
    return "object with " + ", ".join(f"{name}: {describe(each, depth + 1)}" for name, each in shape.kwargs)


def less_certain(*certainties: Certainty) -> Certainty:
    """The least certain of them (``annotated`` for none)."""
    return CERTAINTIES[max((CERTAINTIES.index(each) for each in certainties), default=0)]


def certainty_of(shape: Shape, otherwise: Certainty = "annotated") -> Certainty:
    """How well all of the shape is known, its objects' constructors included."""
    known: list[Certainty] = [each.certainty for each in walk(shape) if isinstance(each, Obj)]
    return less_certain(otherwise, *known)


def admits(shape: Shape, plan: Plan) -> bool:
    """Whether a plan lies in the domain (a shrunk input may not leave it)."""
    if isinstance(shape, Num):
        return _admits_number(shape, plan)
    if isinstance(shape, Text):
        return _admits_text(shape, plan)
    if isinstance(shape, Lit):
        return any(_equal(plan, each) for each in shape.values)
    if isinstance(shape, Alt):
        return any(admits(each, plan) for each in shape.options)
    if isinstance(shape, Seq):
        return _admits_sequence(shape, plan)
    if isinstance(shape, Tup):
        same = kind_of(plan) is tuple and len(plan) == len(shape.items)
        return same and all(admits(each, part) for each, part in zip(shape.items, plan, strict=True))
    if isinstance(shape, Map):
        return _admits_mapping(shape, plan)
    if isinstance(shape, Record):
        known = {**dict(shape.fields), **dict(shape.optional)}
        if not isinstance(plan, dict) or not {name for name, _ in shape.fields} <= set(plan) <= set(known):  # pyright: ignore[reportUnknownArgumentType]
            return False
        return all(admits(known[key], value) for key, value in plan.items())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return _admits_object(shape, plan) if isinstance(shape, Obj) else True


def _equal(first: Plan, second: Plan) -> bool:
    return kind_of(first) is kind_of(second) and (first == second or (first != first and second != second))


def _admits_number(shape: Num, plan: Plan) -> bool:
    if kind_of(plan).__name__ != shape.kind:
        return False
    if shape.multiple and plan % shape.multiple:
        return False
    return (shape.low is None or plan >= shape.low) and (shape.high is None or plan <= shape.high)


def _admits_text(shape: Text, plan: Plan) -> bool:
    if isinstance(plan, Made) != (shape.kind == "bytearray"):
        return False
    inner: Any = plan.args[0] if isinstance(plan, Made) and len(plan.args) == 1 else plan
    if not isinstance(inner, str if shape.kind == "str" else bytes):
        return False
    if len(inner) < shape.min_size or (shape.max_size is not None and len(inner) > shape.max_size):
        return False
    return not shape.pattern or (isinstance(inner, str) and re.search(shape.pattern, inner) is not None)


#: What makes a sequence or mapping of a kind that has no literal.
CONSTRUCTORS = {"iterator": "iter", "deque": "collections.deque"}


def _admits_sequence(shape: Seq, plan: Plan) -> bool:
    if isinstance(plan, Deep):
        return shape.kind == "list" and shape.max_size is None
    if isinstance(plan, Made):
        if plan.callee != CONSTRUCTORS.get(shape.kind, shape.kind) or len(plan.args) != 1:
            return False
        plan = plan.args[0]
        if not isinstance(plan, list | tuple):
            return False
    elif kind_of(plan).__name__ != shape.kind:
        return False
    items: list[Plan] = list(plan)  # pyright: ignore[reportUnknownArgumentType]
    if len(items) < shape.min_size or (shape.max_size is not None and len(items) > shape.max_size):
        return False
    if shape.ordered and items != in_order(items):
        return False
    if shape.distinct and len({render(each) for each in items}) < len(items):
        return False
    return all(admits(shape.item, each) for each in items)


def in_order(items: list[Plan]) -> list[Plan]:
    """Sorted; as they are where they cannot be compared."""
    try:
        return sorted(items)
    except TypeError:
        return items


def _admits_mapping(shape: Map, plan: Plan) -> bool:
    if isinstance(plan, Made):
        if plan.callee != shape.kind or not plan.args:
            return False
        plan = plan.args[-1]
    elif shape.kind != "dict":
        return False
    if not isinstance(plan, dict):
        return False
    items: dict[Plan, Plan] = plan  # pyright: ignore[reportUnknownVariableType]
    if len(items) < shape.min_size or (shape.max_size is not None and len(items) > shape.max_size):
        return False
    return all(admits(shape.key, key) and admits(shape.value, value) for key, value in items.items())


def _admits_object(shape: Obj, plan: Plan) -> bool:
    if any(_equal(plan, each) for each in shape.edges):
        return True
    if not isinstance(plan, Made) or plan.callee != shape.callee or len(plan.args) > len(shape.args):
        return False
    if shape.edges and not shape.args and not shape.kwargs:
        return False  # these values and no others
    if len(plan.args) < (len(shape.args) if shape.required is None else shape.required):
        return False
    named = dict(shape.kwargs)
    if shape.callee in (NAMESPACE, WITH) and len(plan.kwargs) < len(named):
        return False  # an attribute that is read cannot be left out
    return all(admits(each, part) for each, part in zip(shape.args, plan.args, strict=False)) and all(
        name in named and admits(named[name], value) for name, value in plan.kwargs
    )
