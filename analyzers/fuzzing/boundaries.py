"""Awkward values first: the boundary values of a shape, plus constants taken from the function's own source.

Deterministic; the simplest come first. Most bugs that fuzzing finds fall to one of these within a few hundred calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from .formats import formatted, matching
from .plans import Deep, Made, Plan, render
from .shapes import Alt, Lit, Map, Num, Obj, Record, Seq, Shape, Text, Tup, admits, in_order


@dataclass(frozen=True, slots=True)
class Hints:
    """Constants and facts of the source that make some values more telling than others.

    ``special_floats``/``huge``/``deep``: the documentation (or the body) speaks of nan and infinity, of numbers of any
    size, of any depth, so they belong to the domain."""

    ints: tuple[int, ...] = ()
    floats: tuple[float, ...] = ()
    strings: tuple[str, ...] = ()
    blobs: tuple[bytes, ...] = ()
    patterns: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()  # of dates, for strptime
    words: frozenset[str] = frozenset()  # names of functions that read texts of a known form
    special_floats: bool = False
    huge: bool = False
    deep: bool = False
    regex: bool = False
    zones: bool = False


_INTS = (
    0,
    1,
    -1,
    2,
    3,
    -2,
    5,
    7,
    8,
    10,
    -10,
    16,
    31,
    32,
    63,
    64,
    99,
    100,
    127,
    128,
    255,
    256,
    1000,
    -1000,
    1024,
    65535,
)
_BIG_INTS = (10**6, 2**31 - 1, 2**31, -(2**31), 10**12, 2**63, -(2**63) - 1, 10**15, 10**20)
_FLOATS = (0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 1.5, 3.0, 0.1, -0.0, 10.0, 100.0, -100.0, 1e-3, 1e3, 1e6, -1e6, 1e-9)
_SPECIAL = (float("nan"), float("inf"), float("-inf"))
_BIG_FLOATS = (1e15, 1e300, -1e300, 1e308, 5e-324)
_STRINGS = (
    "", "a", " ", "0", "A", "1", "\n", "ab", "aa", "a b", " a", "a ", "  ", "-1", "10", "1.5", "é", "ß", "²", "٣", "İ",
    "\t", "-", ".", ",", "_", "/", ":", "=", "#", "%", "%s", "{", "{}", "\\", "\\n", '"', "'", "(", ")", "[", "<", "*",
    "\x00", "a\nb", "a,b", "a=b", "a:b", "a-b", "a/b", "a.b", "1,2", "00", "0x1", "1e5", "nan", "None", "abc", "Abc",
    "a  b", "😀", "e\u0301", "ǆ", "ﬁ", "½", "\u00a0", "\u2028", "\r\n", "\ufeffa", "+1", "1_0", "A1", "aA", "aba", "()",
    "a" * 30, "a" * 1000,
)  # fmt: skip
_BYTES = (
    b"",
    b"a",
    b"\x00",
    b"\xff",
    b"ab",
    b"0",
    b"\n",
    b"\x80",
    b"\xc3",
    b"\xe2\x82",
    b"\x00\x01\x02\x03",
    b"a" * 30,
)


def boundaries(shape: Shape, hints: Hints, limit: int = 80) -> list[Plan]:
    """Up to ``limit`` values of ``shape``, without repetition."""
    return list(islice(_unique(_admitted(shape, hints, 0)), limit))


def _unique(values: Iterable[Plan]) -> Iterator[Plan]:
    seen: set[str] = set()
    for value in values:
        key = render(value)
        if key not in seen:
            seen.add(key)
            yield value


def _values(shape: Shape, hints: Hints, depth: int) -> Iterator[Plan]:
    if isinstance(shape, Num):
        yield from _raw_numbers(shape, hints)
    elif isinstance(shape, Text):
        yield from _texts(shape, hints)
    elif isinstance(shape, Lit):
        yield from shape.values
    elif isinstance(shape, Alt):
        yield from _interleave([_values(each, hints, depth) for each in shape.options])
    elif isinstance(shape, Seq):
        yield from _sequences(shape, hints, depth)
    elif isinstance(shape, Tup):
        yield from _products([_some(each, hints, depth) for each in shape.items], tuple)
    elif isinstance(shape, Map):
        yield from _mappings(shape, hints, depth)
    elif isinstance(shape, Record):
        yield from _records(shape, hints, depth)
    elif isinstance(shape, Obj):
        yield from _objects(shape, hints, depth)
    else:
        yield from (0, 1, "", "a", -1, 2.5, True, (), ("a", 1), None)
        if not shape.hashable:
            yield from ([], {}, [0], ["a"], {"a": 1})


def _objects(shape: Obj, hints: Hints, depth: int) -> Iterator[Plan]:
    yield from shape.edges
    if shape.edges and not shape.args and not shape.kwargs:
        return
    names = [name for name, _ in shape.kwargs]
    split = len(shape.args)
    parts = [_some(each, hints, depth) for each in (*shape.args, *(each for _, each in shape.kwargs))]
    for values in _products(parts, tuple):
        yield Made(shape.callee, values[:split], tuple(zip(names, values[split:], strict=True)))


def _some(shape: Shape, hints: Hints, depth: int) -> list[Plan]:
    """Fewer values the deeper we are."""
    return list(islice(_unique(_admitted(shape, hints, depth + 1)), max(3, 24 >> depth)))


def _admitted(shape: Shape, hints: Hints, depth: int) -> Iterator[Plan]:
    """Only what is in the domain; a number no float can compare with is not."""
    return (each for each in _values(shape, hints, depth) if admits(shape, each))


def _raw_numbers(shape: Num, hints: Hints) -> Iterator[Any]:
    edges = [edge for edge in (shape.low, shape.high) if edge is not None]
    if shape.kind == "bool":
        yield from (False, True)
    elif shape.kind == "int":
        yield from (0, 1, -1)
        for edge in edges:
            yield from (int(edge), int(edge) + 1, int(edge) - 1)
        if shape.multiple:
            yield from (size * shape.multiple for size in (0, 1, -1, 2, 3, 10, -10))
            yield from (int(edge) // shape.multiple * shape.multiple for edge in edges)
            yield from (-(-int(edge) // shape.multiple) * shape.multiple for edge in edges)
        yield from _INTS[3:10]
        for constant in hints.ints:
            yield from (constant, constant + 1, constant - 1, -constant)
        yield from _INTS[10:]
        yield from (len(each) for each in hints.strings)
        yield from _BIG_INTS
        if hints.huge:
            yield from (10**40, -(10**40), 10**400)
    elif shape.kind == "float":
        yield from _FLOATS[:4]
        if hints.special_floats:
            yield from _SPECIAL
        for edge in edges:
            yield from (float(edge), float(edge) + 0.5, float(edge) - 0.5)
        if len(edges) == 2:
            yield (edges[0] + edges[1]) / 2
        for constant in (*hints.floats, *hints.ints):
            if abs(constant) < 1e9:
                yield from (float(constant), constant + 0.5, constant - 0.5, -float(constant))
        yield from _FLOATS[4:]
        if hints.huge:
            yield from _BIG_FLOATS
    else:
        yield from (0j, 1 + 0j, 1j, -1 - 1j)


def _texts(shape: Text, hints: Hints) -> Iterator[Plan]:
    if shape.pattern:
        yield from matching(shape.pattern, 9)
    for value in _raw_texts(shape, hints):
        yield Made("bytearray", (value,)) if shape.kind == "bytearray" else value
    if shape.min_size > 1 or (shape.max_size or 0) > 1:  # both ends of the length
        for size in (shape.min_size, shape.max_size):
            if size and size <= 5000:
                yield "a" * size if shape.kind == "str" else b"a" * size


def _raw_texts(shape: Text, hints: Hints) -> Iterator[Any]:
    if shape.kind != "str":
        yield from _BYTES[:4]
        blobs = [*hints.blobs, *(each.encode("utf-8", "replace") for each in hints.strings)]
        for blob in blobs:
            yield from (blob, blob + b"\x00", blob + b"a", blob[:-1], b"a" + blob)
        for size in _sizes(hints):
            yield from (b"\x00" * size, b"\xff" * size)
        yield from _BYTES[4:]
        for first, second in product(blobs[:6], repeat=2):
            yield first + second
        return
    yield from _STRINGS[:4]
    for separator in [each for each in hints.strings if len(each) <= 2][:6]:
        yield from (f"a{separator}b", separator)
    yield from _STRINGS[4:12]
    for pattern in hints.patterns[:6]:
        yield from matching(pattern)
    yield from formatted(hints.words, tuple(each for each in hints.strings if len(each) <= 3), hints.formats)
    for constant in hints.strings:
        yield from (constant, constant + "a", "a" + constant, constant + constant, constant[:-1])
    separators = [each for each in hints.strings if 0 < len(each) <= 2] or []
    for separator in separators:
        for size in sorted({2, 3, *(each for each in _sizes(hints) if each <= 16)}):
            yield from (separator.join(["a"] * size), separator.join(["1"] * size), separator.join([""] * size))
        yield from (f"a{separator}b", f"1{separator}2", f"1{separator}a", f"a{separator}", f"{separator}a")
    for size in _sizes(hints):
        yield from ("a" * size, "0" * size, "z" * size, " " * size, "é" * size, "²" * size)
    yield from _STRINGS[12:]
    for first, second in product(hints.strings[:8], repeat=2):
        yield from (first + second, f"{first}a{second}", f"{first}1{second}")
    for constant in hints.strings:
        yield from (f"a{constant}b", constant.upper(), constant.lower(), f" {constant}", f"{constant} ", f"1{constant}")
    if hints.regex:
        yield from _pumped(hints.patterns)


def _pumped(patterns: tuple[str, ...]) -> Iterator[str]:
    """Strings that make a backtracking pattern work: many repetitions and then something that does not match."""
    letters = [char for pattern in patterns for char in pattern if char.isalnum() or char in " -_.,:;/@=#\"'<"]
    for char in dict.fromkeys(["a", "0", " ", "-", ".", *letters]):
        for tail in ("!", "\x00", "\n\n"):
            yield char * 36 + tail
    for pair in ("a ", "a.", "a-", "a,", "0.", "a@"):
        yield pair * 18 + "!"


def _sizes(hints: Hints) -> list[int]:
    return sorted({size for each in hints.ints for size in (each - 1, each, each + 1) if 0 < size <= 64})


def _sequences(shape: Seq, hints: Hints, depth: int) -> Iterator[Plan]:
    items = _some(shape.item, hints, depth)
    lists: list[list[Plan]] = [[]]
    if items:
        first = items[0]
        second = items[1] if len(items) > 1 else first
        third = items[2] if len(items) > 2 else second
        lists += [[first], [second], [second, first], [first, second], [first, first], [third, second, first]]
        lists += [[each] for each in items[2:]]
        lists += [[first, second, third], [third, first, second, first]]
        lists += [[first] * size for size in _sizes(hints) if 1 < size <= 20]
        lists += [[second, each] for each in items[2:8]] + [[each, each] for each in items[2:8]]
        if depth == 0:
            lists += [items[:10], list(reversed(items[:10])), [second] * 50, (items * 4)[:60]]
    if items and (shape.min_size > 1 or (shape.max_size or 0) > 1):
        lists += [(items * size)[:size] for size in {shape.min_size, shape.max_size or 0} if 0 < size <= 200]
    for plan in lists:
        if shape.ordered:
            plan = in_order(plan)
        yield from sequence(shape.kind, plan)
    if hints.deep and depth == 0 and shape.kind == "list":
        yield from (Deep(50), Deep(5000))


def sequence(kind: str, plan: list[Plan]) -> Iterator[Plan]:
    """The list ``plan`` as the asked kind; nothing where its elements cannot be hashed."""
    if kind == "list":
        yield plan
    elif kind == "tuple":
        yield tuple(plan)
    elif kind in ("set", "frozenset"):
        if all(hashable(each) for each in plan):
            yield set(plan) if kind == "set" else frozenset(plan)
    elif kind == "iterator":
        yield Made("iter", (plan,))
    else:
        yield Made("collections.deque" if kind == "deque" else kind, (plan,))


def hashable(plan: Plan) -> bool:
    try:
        hash(plan)
    except TypeError:
        return False
    return True


def mapping(kind: str, plan: dict[Plan, Plan]) -> Plan:
    if kind == "dict":
        return plan
    return Made(kind, (plan,)) if kind != "collections.defaultdict" else Made(kind, (None, plan))


def _mappings(shape: Map, hints: Hints, depth: int) -> Iterator[Plan]:
    keys = [key for key in _some(shape.key, hints, depth) if hashable(key)]
    if isinstance(shape.key, Text) and shape.key.kind == "str":
        keys = ["a", *(each for each in hints.strings[:6] if each), *keys]
    values = _some(shape.value, hints, depth)
    plans: list[dict[Plan, Plan]] = [{}]
    if keys and values:
        plans += [{keys[0]: value} for value in values[:8]]
        plans += [{key: values[0]} for key in keys[1:12]]
        plans += [
            dict(zip(keys[:size], (values * size)[:size], strict=True)) for size in (2, 3, 5) if len(keys) >= size
        ]
        plans += [{key: values[-1] for key in keys[:4]}, {keys[-1]: values[min(1, len(values) - 1)]}]
    for plan in plans:
        yield mapping(shape.kind, plan)


def _records(shape: Record, hints: Hints, depth: int) -> Iterator[Plan]:
    names = [name for name, _ in shape.fields]
    for values in _products([_some(each, hints, depth) for _, each in shape.fields], tuple):
        yield dict(zip(names, values, strict=True))
    if shape.optional:
        names += [name for name, _ in shape.optional]
        parts = [_some(each, hints, depth) for _, each in (*shape.fields, *shape.optional)]
        for values in _products(parts, tuple):
            yield dict(zip(names, values, strict=True))


def _interleave(streams: list[Iterator[Plan]]) -> Iterator[Plan]:
    while streams:
        for stream in list(streams):
            try:
                yield next(stream)
            except StopIteration:
                streams.remove(stream)


def _products(parts: list[list[Plan]], make: Any) -> Iterator[Plan]:
    """Combinations: all simplest, then one place varied at a time, then pairs, then a walk over all."""
    yield from (make(each) for each in combinations(parts))


def combinations(parts: list[list[Plan]]) -> Iterator[tuple[Plan, ...]]:
    """Tuples with one value of each part, the most telling first; may repeat. Empty if a part is empty."""
    if any(not part for part in parts):
        return
    if len(parts) == 1:
        yield from ((value,) for value in parts[0])
        return
    simplest = [part[0] for part in parts]
    yield tuple(simplest)
    ordinary = [part[min(1, len(part) - 1)] for part in parts]
    yield tuple(ordinary)
    for size in range(1, max((len(part) for part in parts), default=0)):
        for place, part in enumerate(parts):
            if size < len(part):
                for base in (ordinary, simplest):
                    yield tuple([*base[:place], part[size], *base[place + 1 :]])
    for place, part in enumerate(parts):
        for other in range(place + 1, len(parts)):
            for first, second in product(part[:12], parts[other][:12]):
                combo = list(ordinary)
                combo[place], combo[other] = first, second
                yield tuple(combo)
    longest = max((len(part) for part in parts), default=0)
    for step in range(longest):
        yield tuple(part[(step * (place + 1)) % len(part)] for place, part in enumerate(parts))
