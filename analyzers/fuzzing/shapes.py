"""The assumed domain of a parameter, as a small tree of shapes: what annotations and inference both end in.

A shape says which values are ordinary for a parameter. It knows nothing of Hypothesis, of the oracle or of the
module under test; :mod:`.boundaries` and :mod:`.strategies` read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from .plans import Deep, Made, Plan, Ref, kind_of, render

Certainty = Literal["annotated", "documented", "inferred", "guessed"]
CERTAINTIES: tuple[Certainty, ...] = ("annotated", "documented", "inferred", "guessed")


@dataclass(frozen=True, slots=True)
class Num:
    """``int``, ``float``, ``bool`` or ``complex``, both bounds inclusive."""

    kind: str = "int"
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """``str``, ``bytes`` or ``bytearray``; sizes in characters. ``char``: exactly one character."""

    kind: str = "str"
    min_size: int = 0
    max_size: int | None = None


@dataclass(frozen=True, slots=True)
class Lit:
    """One of these plans."""

    values: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Seq:
    """``list``, ``tuple``, ``set``, ``frozenset``, ``deque`` or ``iterator`` of one shape."""

    kind: str
    item: Shape
    min_size: int = 0


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
    """An object made by calling ``callee``; ``rest`` are keyword arguments."""

    callee: str
    args: tuple[Shape, ...] = ()
    kwargs: tuple[tuple[str, Shape], ...] = ()


@dataclass(frozen=True, slots=True)
class Anything:
    """Nothing is known. ``hashable`` leaves out lists and dicts."""

    hashable: bool = False


@dataclass(frozen=True, slots=True)
class Recursive:
    """A reference to the shape of a class that is being described already (a linked node, a tree)."""

    name: str


Shape = Num | Text | Lit | Seq | Tup | Map | Record | Alt | Obj | Anything | Recursive

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


def describe(shape: Shape) -> str:
    """The shape as a person would annotate it."""
    if isinstance(shape, Num):
        low = "" if shape.low is None else f" ≥ {shape.low:g}"
        return shape.kind + low + ("" if shape.high is None else f" ≤ {shape.high:g}")
    if isinstance(shape, Text):
        return shape.kind + (", not empty" if shape.min_size else "")
    if isinstance(shape, Lit):
        shown = ", ".join(render(value) for value in shape.values[:6])
        return "None" if shape.values == (None,) else f"one of {shown}{' …' if len(shape.values) > 6 else ''}"
    if isinstance(shape, Seq):
        inner = describe(shape.item)
        shown = f"tuple[{inner}, ...]" if shape.kind == "tuple" else f"{shape.kind}[{inner}]"
        return shown + (", not empty" if shape.min_size else "")
    if isinstance(shape, Tup):
        return f"tuple[{', '.join(describe(each) for each in shape.items)}]"
    if isinstance(shape, Map):
        return f"{shape.kind}[{describe(shape.key)}, {describe(shape.value)}]"
    if isinstance(shape, Record):
        shown = ", ".join(f"{name!r}: {describe(each)}" for name, each in (*shape.fields, *shape.optional))
        return f"dict {{{shown}}}"
    if isinstance(shape, Alt):
        return " | ".join(describe(each) for each in shape.options)
    if isinstance(shape, Obj):
        return shape.callee.removeprefix("MOD.")
    return shape.name if isinstance(shape, Recursive) else "anything"


def less_certain(*certainties: Certainty) -> Certainty:
    """The least certain of them (``annotated`` for none)."""
    return CERTAINTIES[max((CERTAINTIES.index(each) for each in certainties), default=0)]


def admits(shape: Shape, plan: Plan) -> bool:
    """Whether a plan lies in the domain (a shrunk input may not leave it)."""
    if isinstance(shape, Num):
        if type(plan).__name__ != shape.kind:
            return False
        low, high = shape.low, shape.high
        return (low is None or plan >= low) and (high is None or plan <= high)
    if isinstance(shape, Text):
        inner = plan.args[0] if isinstance(plan, Made) and shape.kind == "bytearray" else plan
        if not isinstance(inner, str if shape.kind == "str" else bytes):
            return False
        return len(inner) >= shape.min_size and (shape.max_size is None or len(inner) <= shape.max_size)
    if isinstance(shape, Lit):
        return any(type(plan) is type(each) and plan == each for each in shape.values)
    if isinstance(shape, Alt):
        return any(admits(each, plan) for each in shape.options)
    if isinstance(shape, Seq):
        return _admits_sequence(shape, plan)
    if isinstance(shape, Tup):
        same = kind_of(plan) is tuple and len(plan) == len(shape.items)
        return same and all(admits(each, part) for each, part in zip(shape.items, plan, strict=True))
    if isinstance(shape, Map):
        if isinstance(plan, Made):
            plan = plan.args[-1] if plan.args else {}
        if not isinstance(plan, dict) or len(plan) < shape.min_size:  # pyright: ignore[reportUnknownArgumentType]
            return False
        return all(admits(shape.key, key) and admits(shape.value, value) for key, value in plan.items())  # pyright: ignore[reportUnknownVariableType]
    if isinstance(shape, Record):
        known = {**dict(shape.fields), **dict(shape.optional)}
        if not isinstance(plan, dict) or not {name for name, _ in shape.fields} <= set(plan) <= set(known):  # pyright: ignore[reportUnknownArgumentType]
            return False
        return all(admits(known[key], value) for key, value in plan.items())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(shape, Obj):
        return _admits_object(shape, plan)
    return True


def _admits_sequence(shape: Seq, plan: Plan) -> bool:
    if isinstance(plan, Deep):
        return shape.kind == "list"
    if isinstance(plan, Made) and len(plan.args) == 1:
        plan = plan.args[0]
        size_only = True
    else:
        size_only = type(plan).__name__ == shape.kind
    if not size_only or not isinstance(plan, list | tuple | set | frozenset):
        return False
    items: list[Plan] = list(plan)  # pyright: ignore[reportUnknownArgumentType]
    return len(items) >= shape.min_size and all(admits(shape.item, each) for each in items)


def _admits_object(shape: Obj, plan: Plan) -> bool:
    if not isinstance(plan, Made) or plan.callee != shape.callee or len(plan.args) != len(shape.args):
        return False
    named = dict(shape.kwargs)
    return all(admits(each, part) for each, part in zip(shape.args, plan.args, strict=True)) and all(
        name in named and admits(named[name], value) for name, value in plan.kwargs
    )
