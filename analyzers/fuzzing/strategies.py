"""Hypothesis strategies for shapes; they generate plans (see :mod:`.plans`), not the objects themselves.

Floats are finite and of ordinary size, text has no surrogates, unless the documentation puts more into the domain:
what nobody would call with proves nothing. Constants of the source are mixed in.
"""

from __future__ import annotations

from typing import Any

from .boundaries import Hints, boundaries, hashable, mapping, sequence
from .plans import Made, render
from .shapes import Alt, Lit, Map, Num, Obj, Parameter, Record, Seq, Shape, Text, Tup, admits, in_order

_LARGEST = 1e9


def strategy(shape: Shape, hints: Hints, depth: int = 0) -> Any:
    """A ``SearchStrategy`` of plans of ``shape``."""
    from hypothesis import strategies as st

    plain = _plain(shape, hints, depth)
    if (
        depth < 2
        and isinstance(shape, Num | Text | Seq | Map)
        and not (isinstance(shape, Num) and shape.kind == "bool")
    ):
        telling = boundaries(shape, hints, 60 >> depth)
        if telling:
            return st.one_of(plain, st.sampled_from(telling))
    return plain


def _plain(shape: Shape, hints: Hints, depth: int) -> Any:
    from hypothesis import strategies as st

    if isinstance(shape, Num):
        return _number(shape, hints)
    if isinstance(shape, Text):
        return _text(shape, hints)
    if isinstance(shape, Lit):
        return st.sampled_from(shape.values)
    if isinstance(shape, Alt):
        return st.one_of([strategy(each, hints, depth) for each in shape.options])
    if isinstance(shape, Seq):
        return _sequence(shape, hints, depth)
    if isinstance(shape, Tup):
        return st.tuples(*[strategy(each, hints, depth + 1) for each in shape.items])
    if isinstance(shape, Map):
        keys = strategy(shape.key, hints, depth + 1).filter(hashable)
        values = strategy(shape.value, hints, depth + 1)
        longest = _longest(shape.max_size, shape.min_size, 8)
        return st.dictionaries(keys, values, min_size=shape.min_size, max_size=longest).map(
            lambda each: mapping(shape.kind, each)
        )
    if isinstance(shape, Record):
        return st.fixed_dictionaries(
            {name: strategy(each, hints, depth + 1) for name, each in shape.fields},
            optional={name: strategy(each, hints, depth + 1) for name, each in shape.optional},
        )
    if isinstance(shape, Obj):
        return _object(shape, hints, depth)
    base = st.one_of(st.integers(-100, 100), st.text(max_size=8), st.booleans())
    return base if shape.hashable else st.one_of(base, st.lists(st.integers(-100, 100), max_size=5))


def _object(shape: Obj, hints: Hints, depth: int) -> Any:
    from hypothesis import strategies as st

    edges = st.sampled_from(shape.edges) if shape.edges else st.nothing()
    if shape.edges and not shape.args and not shape.kwargs:
        return edges
    names = [name for name, _ in shape.kwargs]
    inner = (*shape.args, *(each for _, each in shape.kwargs))
    parts = st.tuples(*[strategy(each, hints, depth + 1) for each in inner])
    split = len(shape.args)
    made = parts.map(lambda each: Made(shape.callee, each[:split], tuple(zip(names, each[split:], strict=True))))
    return st.one_of(made, edges) if shape.edges else made


def _number(shape: Num, hints: Hints) -> Any:
    from hypothesis import strategies as st

    if shape.kind == "bool":
        return st.booleans()
    if shape.kind == "int":
        low = None if shape.low is None else int(shape.low)
        high = None if shape.high is None else int(shape.high)
        if shape.multiple:
            step = shape.multiple
            least = None if low is None else -(-low // step)
            return st.integers(least, None if high is None else high // step).map(lambda each: each * step)
        return st.integers(low, high)
    if shape.kind == "complex":
        return st.complex_numbers(max_magnitude=1e6, allow_nan=False, allow_infinity=False)
    if hints.huge and shape.low is None and shape.high is None:
        return st.floats(allow_nan=hints.special_floats, allow_infinity=hints.special_floats)
    low = -_LARGEST if shape.low is None else max(shape.low, -1e300)
    high = max(low, _LARGEST) if shape.high is None else shape.high
    return st.floats(low, high, allow_nan=False, allow_subnormal=False)


def _text(shape: Text, hints: Hints) -> Any:
    from hypothesis import strategies as st

    size = {"min_size": shape.min_size, "max_size": _longest(shape.max_size, shape.min_size, 40)}
    if shape.kind == "bytes":
        return st.binary(**size)
    if shape.kind == "bytearray":
        return st.binary(**size).map(lambda each: Made("bytearray", (each,)))
    if shape.pattern and _usable(shape.pattern):
        return st.from_regex(shape.pattern).filter(lambda each: admits(shape, each))
    letters = "".join(dict.fromkeys("".join(hints.strings) + "a0 A.-"))
    options = [
        st.text(st.characters(exclude_categories=("Cs",)), **size),
        st.text(st.sampled_from(letters), **size),
    ]
    if len(hints.strings) > 1 and shape.max_size is None:
        pieces = st.lists(st.one_of(st.sampled_from(hints.strings), st.sampled_from(["a", "0", " "])), max_size=8)
        options.append(pieces.map("".join).filter(lambda each: len(each) >= shape.min_size))
    for pattern in hints.patterns[:3]:
        if shape.min_size == 0 and shape.max_size is None and _usable(pattern):
            options.append(st.from_regex(pattern, fullmatch=True).filter(lambda each: len(each) <= 200))
    return st.one_of(options)


def _longest(asked: int | None, least: int, usual: int) -> int:
    """The greatest size to draw: what is asked, but not far more than usual."""
    return max(least, min(usual if asked is None else asked, max(usual, least + 4)))


def _usable(pattern: str) -> bool:
    """Whether Hypothesis can generate from the pattern at all."""
    import re

    from hypothesis import strategies as st
    from hypothesis.errors import HypothesisException

    try:
        st.from_regex(pattern).validate()
    except (re.error, HypothesisException, ValueError, NotImplementedError):
        return False
    return True


def _sequence(shape: Seq, hints: Hints, depth: int) -> Any:
    from hypothesis import strategies as st

    items = strategy(shape.item, hints, depth + 1)
    longest = _longest(shape.max_size, shape.min_size, 12 >> min(depth, 2))
    if shape.distinct:
        plain = st.lists(items, min_size=shape.min_size, max_size=longest, unique_by=render)
    else:
        plain = st.lists(items, min_size=shape.min_size, max_size=longest)
    if shape.ordered:
        plain = plain.map(in_order)
    return plain.map(lambda each: next(sequence(shape.kind, each), None)).filter(lambda each: each is not None)


def arguments(parameters: tuple[Parameter, ...], hints: Hints) -> Any:
    """A strategy of ``(args, kwargs)`` plans for a signature."""
    from hypothesis import strategies as st

    @st.composite
    def build(draw: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        stopped = False
        for parameter, values in drawn:
            if parameter.kind == "var_positional":
                if not stopped:
                    args += draw(st.lists(values, max_size=5))
            elif parameter.kind == "keyword":
                if not parameter.omit or draw(st.booleans()):
                    kwargs[parameter.name] = draw(values)
            elif parameter.kind == "positional" and not stopped:
                if parameter.omit and draw(st.booleans()):
                    stopped = True
                else:
                    args.append(draw(values))
        return tuple(args), kwargs

    drawn = [(each, strategy(each.shape, hints)) for each in parameters if each.kind != "var_keyword"]
    return build()
