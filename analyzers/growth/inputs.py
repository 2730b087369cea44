"""Inputs of a chosen size for a function whose domain is known, in several shapes of content.

The size of an input is the number of its elements (characters, entries), so an input of size 2n is twice as large as
one of size n whatever it is nested of; a function that goes through a matrix once is linear. A mapping from keys to
collections of such keys is a graph: its neighbours are its own keys, and there are as many edges as nodes. One from
keys to such keys is a chain where elements ascend: each leads to the next, the last out of it.

Invariant: deterministic; a plan built twice gives equal, unshared objects. The first elements of different sizes agree
as far as the order allows, so that two sizes differ in size only.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ..fuzzing.domain import Domain
from ..fuzzing.plans import Made, Plan
from ..fuzzing.shapes import (
    CONSTRUCTORS,
    Alt,
    Anything,
    Lit,
    Map,
    Num,
    Obj,
    Parameter,
    Record,
    Seq,
    Shape,
    Text,
    Tup,
    walk,
)

Order = Literal["ascending", "shuffled", "equal", "few", "descending", "nearly"]
Wide = Literal["outer", "inner", "both"]
Scalar = Literal["small", "zero", "absent", "growing"]

#: The size of what does not grow.
FIXED = 4
#: How far apart the elements of two parameters are where they have none in common.
_APART = 10_000_019
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MIXED = "lorem ipsum, dolor (sit) [amet]; 42 = x + 7\n"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How inputs are made. ``apart``: no element of one parameter is in another; ``only``: the one parameter that
    grows ("": all); ``alone``: nothing but numbers can grow."""

    order: Order
    apart: bool = False
    scalar: Scalar = "small"
    wide: Wide = "outer"
    only: str = ""
    alone: bool = False

    @property
    def title(self) -> str:
        """For people: ``shuffled, nothing in common``."""
        words = {
            "ascending": "sorted",
            "shuffled": "shuffled",
            "equal": "all equal",
            "few": "many duplicates",
            "descending": "reversed",
            "nearly": "nearly sorted",
        }
        parts = [words[self.order]]
        parts += ["nothing in common"] if self.apart else []
        parts += {"absent": ["needle absent"], "growing": ["numbers growing"]}.get(self.scalar, [])
        parts += {"inner": ["few but long"], "both": ["square"]}.get(self.wide, [])
        parts += [f"only {self.only} growing"] if self.only else []
        return ", ".join(parts)


def recipes(domain: Domain) -> Iterator[Recipe]:
    """What is tried, the most telling first."""
    required = [each for each in domain.parameters if not each.omit]
    growing = [each.name for each in required if grows(each.shape)]
    numbers = any(_number(each.shape) for each in required)
    nested = any(_nested(each.shape) for each in required)
    if not growing:
        yield Recipe("ascending", scalar="growing", alone=True)
        return
    basic = [
        Recipe("ascending"),
        Recipe("shuffled"),
        Recipe("ascending", True, "absent"),
        Recipe("descending", scalar="zero"),
        Recipe("equal"),
        Recipe("few"),
        Recipe("shuffled", True, "absent"),
        Recipe("nearly", True),
    ]
    yield from basic
    if nested:
        yield from (Recipe("ascending", wide="inner"), Recipe("shuffled", True, "absent", "both"))
    if numbers:
        yield Recipe("shuffled", scalar="growing")
    if len(growing) > 1:
        yield from (Recipe("shuffled", True, "absent", only=name) for name in growing[:3])


def grows(shape: Shape) -> bool:
    """Whether there are larger and smaller values of the shape, beyond numbers."""
    if isinstance(shape, Seq | Map | Text):
        return shape.max_size is None or shape.max_size > 64
    if isinstance(shape, Tup):
        return any(map(grows, shape.items))
    if isinstance(shape, Record):
        return any(grows(each) for _, each in shape.fields)
    if isinstance(shape, Alt):
        return any(map(grows, shape.options))
    if isinstance(shape, Obj):
        return any(map(grows, shape.args)) or any(grows(each) for _, each in shape.kwargs)
    return isinstance(shape, Anything)


def _number(shape: Shape) -> bool:
    return any(
        isinstance(each, Num) and each.kind in ("int", "float") for each in [shape, *getattr(shape, "options", ())]
    )


def _nested(shape: Shape) -> bool:
    """Whether a collection holds collections."""
    return any(
        isinstance(inner, Seq | Map)
        for outer in walk(shape)
        if isinstance(outer, Seq | Map)
        for part in ([outer.item] if isinstance(outer, Seq) else [outer.value])
        for inner in walk(part)
    )


@dataclass(frozen=True)
class Maker:
    """Makes the arguments of one call: ``size`` elements for each parameter that grows."""

    recipe: Recipe
    size: int
    collections: bool  # whether some parameter is a collection; then texts are only elements

    @cached_property
    def places(self) -> Sequence[int]:
        """A permutation of the places of the elements, or what stands in each."""
        places = list(range(self.size))
        order = self.recipe.order
        if order == "descending":
            places.reverse()
        elif order == "shuffled":
            random.Random(self.size).shuffle(places)
        elif order == "nearly":
            for each in range(0, self.size - 8, 8):
                places[each], places[each + 7] = places[each + 7], places[each]
        return places

    def number(self, place: int, offset: int) -> int:
        """The element at a place. Shuffled ones are positive and negative."""
        order = self.recipe.order
        if order == "equal":
            return offset + 7
        if order == "few":
            return offset + place % 4
        value = self.places[place % self.size] if self.size else 0
        return offset + (value - self.size // 2 if order == "shuffled" and self.recipe.apart else value)

    # -- parameters -------------------------------------------------------------------------------------------------

    def argument(self, parameter: Parameter, index: int) -> Plan:
        offset = index * _APART if self.recipe.apart else 0
        size = self.size if self.recipe.only in ("", parameter.name) else FIXED
        return self._top(parameter.shape, size, offset)

    def _top(self, shape: Shape, size: int, offset: int) -> Plan:
        if isinstance(shape, Num):
            return self._scalar(shape)
        if isinstance(shape, Text):
            if self.collections:
                return self._text(shape, FIXED, offset) if shape.kind != "str" else self._word(FIXED, offset, shape)
            return self._text(shape, size, offset)
        if isinstance(shape, Tup):
            return tuple([self._top(each, size, offset) for each in shape.items])
        if isinstance(shape, Record):
            return {name: self._top(each, size, offset) for name, each in shape.fields}
        if isinstance(shape, Alt):
            return self._top(self._chosen(shape), size, offset)
        if isinstance(shape, Obj):
            return self._object(shape, lambda each: self._top(each, size, offset))
        if isinstance(shape, Anything):
            return self._top(Seq("list", Num("int")), size, offset)
        return self._collection(shape, size, offset) if isinstance(shape, Seq | Map) else self.element(shape, 0, offset)

    def _scalar(self, shape: Num) -> Plan:
        value: float = {"small": 3, "zero": 0, "absent": -1_000_003, "growing": self.size}[self.recipe.scalar]
        if shape.low is not None:
            value = max(value, math.ceil(shape.low))
        if shape.high is not None:
            value = min(value, math.floor(shape.high))
        if shape.multiple:
            value -= value % shape.multiple
        return _of_kind(shape.kind, int(value))

    def _collection(self, shape: Seq | Map, size: int, offset: int, depth: int = 0) -> Plan:
        count = self._count(shape, size, depth)
        if shape.max_size is not None:
            count = min(count, shape.max_size)
        count = max(count, shape.min_size)
        if isinstance(shape, Map):
            return self._mapping(shape, count, size, offset, depth)
        items = [self._inside(shape.item, place, count, size, offset, depth) for place in range(count)]
        if shape.ordered:
            items.sort(key=lambda each: (str(type(each)), each) if isinstance(each, int | float | str) else ("", 0))
        if shape.kind in ("set", "frozenset"):
            try:
                return set(items) if shape.kind == "set" else frozenset(items)
            except TypeError:
                return Made(shape.kind, (items,))
        if shape.kind == "tuple":
            return tuple(items)
        callee = CONSTRUCTORS.get(shape.kind)
        return Made(callee, (items,)) if callee else items

    def _count(self, shape: Seq | Map, size: int, depth: int) -> int:
        wide = self.recipe.wide
        if depth > 1:
            return 2
        if wide == "both" and (depth or _nested(shape)):
            return max(1, math.isqrt(size))
        if wide == "inner" and (depth or _nested(shape)):
            return size if depth else FIXED
        return 3 if depth else size

    def _mapping(self, shape: Map, count: int, size: int, offset: int, depth: int) -> Plan:
        keys = [
            self._key(shape.key, self.places[place] if count == self.size else place, offset) for place in range(count)
        ]
        if isinstance(shape.value, Seq | Map) and _alike(shape.key, _element_of(shape.value)):
            made: dict[Plan, Plan] = {key: self._neighbours(shape.value, keys, place) for place, key in enumerate(keys)}
        elif self.recipe.order == "ascending" and count == self.size and _alike(shape.key, shape.value):
            after = [*keys[1:], self._key(shape.key, count, offset)]
            made = dict(zip(keys, after, strict=True))
        else:
            made = {key: self._inside(shape.value, place, count, size, offset, depth) for place, key in enumerate(keys)}
        return made if shape.kind == "dict" else Made(shape.kind, (made,))

    def _neighbours(self, shape: Seq | Map, keys: Sequence[Plan], place: int) -> Plan:
        """Of a node: the next two (sorted …), its children in a binary tree, all others of the first (reversed)."""
        count = len(keys)
        order = self.recipe.order
        if order in ("few", "shuffled"):
            near = [2 * place + 1, 2 * place + 2]
        elif order == "descending":
            near = list(range(1, count)) if not place else [0]
        elif order == "equal":
            near = [place + 1]
        else:
            near = [place + 1, place + 2]
        found = [keys[each] for each in near if each < count]
        if isinstance(shape, Map):
            return {each: self.element(shape.value, place, 0) for each in found}
        if shape.kind in ("set", "frozenset"):
            return set(found) if shape.kind == "set" else frozenset(found)
        return tuple(found) if shape.kind == "tuple" else found

    def _inside(self, shape: Shape, place: int, count: int, size: int, offset: int, depth: int) -> Plan:
        """The element at a place of a collection of ``count``."""
        if isinstance(shape, Seq | Map):
            inner = self._collection(shape, size, offset, depth + 1)
            if isinstance(shape, Seq) and isinstance(shape.item, Num | Text) and isinstance(inner, list):
                length = len(inner)  # pyright: ignore[reportUnknownArgumentType]
                start = place * length if self.recipe.wide != "outer" else place + 1
                return [self.element(shape.item, (start + each) % max(size, 1), offset) for each in range(length)]
            if isinstance(shape, Map) and isinstance(inner, dict):
                values: list[Plan] = list(inner.values())  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType, reportUnknownVariableType]
                start = place * len(values)
                return {self._key(shape.key, start + each, offset): value for each, value in enumerate(values)}
            return inner
        return self.element(shape, place, offset)

    # -- elements ---------------------------------------------------------------------------------------------------

    def element(self, shape: Shape, place: int, offset: int) -> Plan:
        if isinstance(shape, Num):
            return self._numeric(shape, self.number(place, offset))
        if isinstance(shape, Text):
            return self._word(place, offset, shape)
        if isinstance(shape, Lit):
            return shape.values[place % len(shape.values)]
        if isinstance(shape, Tup):
            return tuple([self.element(each, place + index, offset) for index, each in enumerate(shape.items)])
        if isinstance(shape, Record):
            return {name: self.element(each, place, offset) for name, each in shape.fields}
        if isinstance(shape, Alt):
            return self.element(self._plain(shape), place, offset)
        if isinstance(shape, Obj):
            return self._object(shape, lambda each: self.element(each, place, offset))
        if isinstance(shape, Seq | Map):
            return self._collection(shape, FIXED, offset, 1)
        return self.number(place, offset)

    def _numeric(self, shape: Num, value: int) -> Plan:
        if shape.kind == "bool":
            return bool(value % 2)
        if shape.low is not None and value < shape.low:
            value = math.ceil(shape.low) + abs(value)
        if shape.high is not None and value > shape.high:
            low = math.ceil(shape.low) if shape.low is not None else math.floor(shape.high) - 1000
            value = low + value % max(1, math.floor(shape.high) - low + 1)
        return _of_kind(shape.kind, value)

    def _word(self, place: int, offset: int, shape: Text) -> Plan:
        value = self.number(place, offset) if self.size else place
        word = f"w{value:06d}"
        if shape.max_size is not None:
            word = word[-max(shape.max_size, 0) :] if shape.max_size else ""
        return word if shape.kind == "str" else self._as_bytes(word, shape.kind)

    def _text(self, shape: Text, size: int, offset: int) -> Plan:
        order = self.recipe.order
        if order == "equal":
            text = "a" * size
        elif order == "ascending":
            text = (_LETTERS * (size // 26 + 1))[:size]
        elif order == "few":
            text = ("ab " * (size // 3 + 1))[:size]
        elif order == "descending":
            text = "(" * (size // 2) + ")" * (size - size // 2)
        elif order == "nearly":
            text = "".join(f"key{each} = {each}\n" for each in range(size // 9 + 1))[:size]
        else:
            rng = random.Random(size + offset)
            text = "".join(rng.choice(_MIXED) for _ in range(size))
        return text if shape.kind == "str" else self._as_bytes(text, shape.kind)

    @staticmethod
    def _as_bytes(text: str, kind: str) -> Plan:
        return text.encode() if kind == "bytes" else Made("bytearray", (text.encode(),))

    def _key(self, shape: Shape, place: int, offset: int) -> Plan:
        """A key for each place, no two alike."""
        value = place + offset
        if isinstance(shape, Text):
            word = f"w{value:06d}"
            return word if shape.kind == "str" else word.encode()
        if isinstance(shape, Tup):
            return tuple([self._key(each, place + index, offset) for index, each in enumerate(shape.items)])
        if isinstance(shape, Alt):
            return self._key(self._plain(shape), place, offset)
        if isinstance(shape, Lit):
            return shape.values[place % len(shape.values)]
        return _of_kind(shape.kind, value) if isinstance(shape, Num) and shape.kind != "bool" else value

    def _object(self, shape: Obj, make: Callable[[Shape], Plan]) -> Plan:
        if shape.edges and not shape.args and not shape.kwargs:
            return shape.edges[0]
        required = len(shape.args) if shape.required is None else shape.required
        args = shape.args if any(map(grows, shape.args)) else shape.args[:required]
        return Made(shape.callee, tuple([make(each) for each in args]), tuple([(n, make(s)) for n, s in shape.kwargs]))

    def _chosen(self, shape: Alt) -> Shape:
        """The option that grows best: a collection, then text, then any."""
        for kind in (Seq, Map, Obj, Text):
            for each in shape.options:
                if isinstance(each, kind) and grows(each):
                    return each
        return self._plain(shape)

    @staticmethod
    def _plain(shape: Alt) -> Shape:
        return next((each for each in shape.options if each != Lit((None,))), shape.options[0])


def _element_of(shape: Seq | Map) -> Shape:
    return shape.item if isinstance(shape, Seq) else shape.key


def _alike(key: Shape, item: Shape) -> bool:
    return isinstance(key, Num | Text) and type(key) is type(item) and key.kind == getattr(item, "kind", "")


def _of_kind(kind: str, value: int) -> Plan:
    if kind == "bool":
        return bool(value)
    return float(value) if kind == "float" else complex(value) if kind == "complex" else value


def arguments(domain: Domain, recipe: Recipe, size: int) -> Made:
    """A call's arguments. Parameters that may be left out are."""
    required = [each for each in domain.parameters if not each.omit]
    if not any(grows(each.shape) or _number(each.shape) for each in required):
        required = [each for each in domain.parameters if not each.kind.startswith("var_")]
    collections = any(_holds(each.shape) for each in required)
    maker = Maker(recipe, size, collections)
    positional: list[Plan] = []
    named: list[tuple[str, Plan]] = []
    for index, each in enumerate(required):
        value = maker.argument(each, index)
        if each.kind == "keyword":
            named.append((each.name, value))
        else:
            positional.append(value)
    for each in domain.parameters:
        if each.kind == "var_positional" and each not in required and not any(grows(one.shape) for one in required):
            positional += [maker.element(each.shape, place, 0) for place in range(size)]
    return Made("", tuple(positional), tuple(named))


def _holds(shape: Shape) -> bool:
    return any(isinstance(each, Seq | Map) for each in walk(shape))
