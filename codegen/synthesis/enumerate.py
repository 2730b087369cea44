"""The search: all programs over the components, cheapest first, one of each behaviour.

A program is kept with its values on every input; one whose values equal those of a cheaper program is dropped
(observational equivalence). Inputs are the examples', on which a program must not fail, and *probes*, further inputs
without a known result, on which it may: they tell apart programs that agree on the examples.

The body of a comprehension, filter or sort key is found by a nested search over the elements of what is iterated.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from ..words import words_of
from .collection_components import COLLECTIONS
from .components import MAX_LENGTH, MAX_NUMBER, Component, Expr, constant, uses, variable
from .number_components import NUMBERS
from .text_components import TEXT
from .types import element_of, matches, vector_type

COMPONENTS: tuple[Component, ...] = (*TEXT, *COLLECTIONS, *NUMBERS)

#: Name → (cost, words that make it cheaper, pattern of the body's type).
HIGHER_ORDER: dict[str, tuple[int, frozenset[str], str]] = {
    "map": (2, words_of("each every all per map"), "any"),
    "filter": (2, words_of("filter only keep remove without even odd where except drop"), "bool"),
    "sort_by": (3, words_of("sort sorted order by rank"), "ord"),
    "max_by": (3, words_of("longest largest max most highest"), "ord"),
    "min_by": (3, words_of("shortest smallest min least lowest nearest closest"), "ord"),
    "group_by": (4, words_of("group groups by bucket index partition"), "key"),
    "dict_map": (3, words_of("dict map mapping length lengths"), "any"),
}

_MAX_ELEMENTS = 120
_MAX_NODES = 250_000


class _Error:
    """A program's value on a probe that it cannot handle."""

    def __repr__(self) -> str:
        return "<error>"


ERROR = _Error()


class OutOfTime(Exception):
    """The budget is spent or the person stopped it."""


@dataclass(slots=True)
class Clock:
    """Asked every few hundred candidates; raises :class:`OutOfTime`."""

    deadline: float
    cancel: Callable[[], bool]
    candidates: int = 0

    def tick(self) -> None:
        self.candidates += 1
        if self.candidates % 256 == 0 and (time.monotonic() > self.deadline or self.cancel()):
            raise OutOfTime


@dataclass(slots=True)
class Node:
    """A kept program with its behaviour."""

    expr: Expr
    kind: str
    cost: int
    values: tuple[object, ...]
    partial: bool = False  # fails on some probe


@dataclass(slots=True)
class Search:
    """One search. ``strict`` is the number of leading inputs on which a program must have a value."""

    leaves: Sequence[tuple[Expr, tuple[object, ...], int]]  # what programs start from: (leaf, values, cost)
    strict: int
    slots: Mapping[str, Sequence[tuple[object, int]]]
    hints: frozenset[str]
    clock: Clock
    depth: int = 0
    bank: list[dict[str, list[Node]]] = field(default_factory=list[dict[str, list[Node]]])
    seen: set[int] = field(default_factory=set[int])  # hashes of behaviours
    inner: dict[tuple[int, bool], tuple[Search, list[list[int] | None]] | None] = field(
        default_factory=dict[tuple[int, bool], "tuple[Search, list[list[int] | None]] | None"]
    )
    grown: dict[int, list[Node]] = field(default_factory=dict[int, list[Node]])
    size: int = 0
    pools: dict[tuple[str, int], list[Node]] = field(default_factory=dict[tuple[str, int], list[Node]])

    @property
    def width(self) -> int:
        return len(self.leaves[0][1])

    def level(self, cost: int) -> Iterator[Node]:
        """The new programs of exactly this cost; levels are asked for in order, each once."""
        assert cost == len(self.bank)
        self.bank.append({})
        for leaf, values, price in self.leaves:
            if price == cost:
                yield from self._keep(leaf, values, cost)
        for each in COMPONENTS:
            if self.size > _MAX_NODES:
                return
            if each.block is not None and self.depth:
                continue
            price = self.price(each.cost, each.words)
            if price < cost:
                for args in self._arguments(each.args, cost - price):
                    self.clock.tick()
                    values = self.apply(each.meaning, args)
                    if values is not None:
                        expr = Expr(each.name, each, tuple(arg.expr for arg in args))
                        yield from self._keep(expr, values, cost)
        if self.depth < 2:
            yield from self._higher_order(cost)

    def grow(self, cost: int) -> list[Node]:
        """All programs of exactly ``cost``, growing the bank as far as needed."""
        while len(self.bank) <= cost:
            for _ in self.level(len(self.bank)):
                pass
        return [node for nodes in self.bank[cost].values() for node in nodes]

    def price(self, cost: int, words: frozenset[str]) -> int:
        return max(1, cost - 2) if words & self.hints else cost

    def _keep(self, expr: Expr, values: tuple[object, ...], cost: int) -> Iterator[Node]:
        key = hash(repr(values))
        if key in self.seen:
            return
        self.seen.add(key)
        kind = vector_type([value for value in values[: self.strict] if value is not ERROR])
        node = Node(expr, kind, cost, values, ERROR in values)
        self.bank[cost].setdefault(kind, []).append(node)
        self.size += 1
        yield node

    def pool(self, pattern: str, cost: int) -> list[Node]:
        """Programs of exactly ``cost`` that fit ``pattern``; for a slot, its constants and parameters."""
        if not 0 < cost < len(self.bank):
            return []
        key = (pattern, cost)
        found = self.pools.get(key)
        if found is not None:
            return found
        if pattern.startswith("@"):
            found = [
                Node(constant(value), "", cost, (value,) * self.width)
                for value, price in self.slots.get(pattern, ())
                if price == cost
            ]
            wanted = "int" if pattern in ("@int", "@count", "@index", "@step", "@digits", "@base") else "str"
            if pattern in (
                "@sep",
                "@str",
                "@joiner",
                "@int",
                "@count",
                "@index",
                "@step",
                "@digits",
                "@base",
                "@default",
            ):
                found += [
                    node
                    for node in self.pool("any" if pattern == "@default" else wanted, cost)
                    if node.expr.op == "var" and not node.expr.name.startswith("$")
                ]
        else:
            found = [node for kind, nodes in self.bank[cost].items() if matches(pattern, kind) for node in nodes]
        if cost < len(self.bank) - 1:  # a finished level
            self.pools[key] = found
        return found

    def _arguments(self, patterns: tuple[str, ...], budget: int) -> Iterator[tuple[Node, ...]]:
        if len(patterns) == 1:
            for node in self.pool(patterns[0], budget):
                yield (node,)
            return
        for cost in range(1, budget - len(patterns) + 2):
            first = self.pool(patterns[0], cost)
            others = list(self._arguments(patterns[1:], budget - cost)) if first else []
            for node in first:  # the first argument outermost, so that parameters keep their order
                for rest in others:
                    yield (node, *rest)

    def apply(self, meaning: Callable[..., object], args: tuple[Node, ...]) -> tuple[object, ...] | None:
        """The values on all inputs, or None if an example's input makes it fail."""
        result: list[object] = []
        strict = self.strict
        careful = any(arg.partial for arg in args)
        for row in zip(*(arg.values for arg in args), strict=True):
            try:
                value = ERROR if careful and ERROR in row else meaning(*row)
            except Exception:  # noqa: BLE001 - a component may refuse its arguments in any way
                value = ERROR
            if not _acceptable(value):
                if len(result) < strict:
                    return None
                value = ERROR
            result.append(value)
        return tuple(result)

    # --- bodies --------------------------------------------------------------------------------------------------

    def _higher_order(self, cost: int) -> Iterator[Node]:
        longest = 9 if self.depth == 0 else 3
        for source_cost in range(1, min(cost - 2, longest) + 1):
            for source in self.pool("iter", source_cost):
                for is_open in (False, True):
                    found = self._inner(source, is_open)
                    if found is not None:
                        yield from self._over(source, *found, cost, cost - source_cost, is_open)

    def _over(
        self, source: Node, inner: Search, rows: list[list[int] | None], cost: int, rest: int, is_open: bool
    ) -> Iterator[Node]:
        """The programs of ``cost`` that iterate over ``source`` with a body from the search ``inner``."""
        for name, (base, words, pattern) in HIGHER_ORDER.items():
            budget = rest - self.price(base, words)
            if budget < 1 or (is_open and budget > 6):
                continue
            if (source.kind == "str" or self.depth) and (name not in ("map", "filter") or (self.depth and budget > 6)):
                continue
            for body in inner.bodies(budget, is_open):
                if not _body_fits(pattern, body.kind) or (name == "map" and body.expr.op == "var"):
                    continue
                self.clock.tick()
                values = _combine(name, source, rows, body, self.strict)
                if values is not None:
                    expr = Expr(name, None, (source.expr,), body=body.expr, depth=self.depth)
                    yield from self._keep(expr, values, cost)

    def bodies(self, cost: int, is_open: bool) -> list[Node]:
        """Programs of exactly ``cost`` for a body; those of an open search read the element and something outside."""
        found = self.grown.get(cost)
        if found is None:
            found = self.grow(cost)
            if is_open:
                own, outside = f"${self.depth - 1}", [leaf.name for leaf, _, _ in self.leaves if leaf.op == "var"][1:]
                found = [
                    node for node in found if uses(node.expr, own) and any(uses(node.expr, name) for name in outside)
                ]
            self.grown[cost] = found
        return found

    def _inner(self, source: Node, is_open: bool) -> tuple[Search, list[list[int] | None]] | None:
        """The search over the elements of ``source``, and where each input's elements are among its inputs.

        A closed search knows the element only, so that equal elements of all inputs are one; an open one also knows
        what is outside."""
        if source.kind.startswith("list[?") or element_of(source.kind) == "any" or (is_open and self.depth):
            return None
        key = (hash(repr(source.values)), is_open)
        if key in self.inner:
            return self.inner[key]
        elements: list[tuple[object, int]] = []  # (element, input)
        rows: list[list[int] | None] = []
        places: dict[str, int] = {}
        strict = 0
        for position, value in enumerate(source.values):
            if value is ERROR:
                rows.append(None)
                continue
            row: list[int] = []
            places = {} if is_open else places
            for element in _elements(value):
                mark = repr(element)
                if mark not in places:
                    places[mark] = len(elements)
                    elements.append((element, position))
                row.append(places[mark])
            rows.append(row)
            if position < self.strict:
                strict = len(elements)
        self.inner[key] = None
        if strict < 2 or len(elements) > _MAX_ELEMENTS:
            return None
        values = tuple(element for element, _ in elements)
        own = variable(f"${self.depth}")
        leaves: list[tuple[Expr, tuple[object, ...], int]] = [(own, values, 1), *_parts_of_pairs(own, values)]
        if is_open:
            for leaf, outer, price in self.leaves:
                leaves.append((leaf, tuple(outer[position] for _, position in elements), price + 1))
        found = Search(leaves, strict, self.slots, self.hints, self.clock, self.depth + 1), rows
        self.inner[key] = found
        return found


def _parts_of_pairs(own: Expr, values: tuple[object, ...]) -> list[tuple[Expr, tuple[object, ...], int]]:
    """If all elements are tuples of one length (2 or 3): their parts, as if they were variables."""
    rows = [cast("tuple[object, ...]", value) for value in values if isinstance(value, tuple)]
    lengths = {len(row) for row in rows}
    if len(rows) < len(values) or len(lengths) != 1 or lengths & {0, 1} or max(lengths) > 3:
        return []
    return [
        (Expr("part", None, (own,), value=(place, max(lengths))), tuple(row[place] for row in rows), 1)
        for place in range(max(lengths))
    ]


def _elements(value: object) -> list[object]:
    if isinstance(value, (set, frozenset)):
        return sorted(cast("set[object]", value), key=repr)
    return list(cast("Sequence[object]", value))


def _body_fits(pattern: str, kind: str) -> bool:
    if pattern == "ord":
        return kind in ("str", "int", "float") or kind.startswith("tuple[")
    if pattern == "key":
        return kind in ("str", "int", "bool")
    return pattern == "any" or kind == pattern


def _combine(
    name: str, source: Node, rows: list[list[int] | None], body: Node, strict: int
) -> tuple[object, ...] | None:
    """The values of a higher-order component, from those of its source and its body."""
    result: list[object] = []
    for position, row in enumerate(rows):
        value: object = ERROR
        if row is not None:
            images = [body.values[place] for place in row]
            if ERROR not in images:
                try:
                    value = _fold(name, _elements(source.values[position]), images)
                except (TypeError, ValueError):
                    value = ERROR
        if value is ERROR and position < strict:
            return None
        result.append(value)
    return tuple(result)


def _fold(name: str, elements: list[object], images: list[object]) -> object:
    pairs = list(zip(elements, images, strict=True))
    match name:
        case "map":
            return images
        case "filter":
            return [element for element, keep in pairs if keep]
        case "dict_map":
            return dict(pairs)
        case "group_by":
            groups: dict[object, list[object]] = {}
            for element, key in pairs:
                groups.setdefault(key, []).append(element)
            return groups
        case _:
            order = sorted(range(len(pairs)), key=lambda place: cast(int, images[place]))
            if name == "sort_by":
                return [elements[place] for place in order]
            if not order:
                return ERROR
            if name == "min_by":
                return elements[order[0]]
            best = images[order[-1]]
            return elements[next(place for place in order if images[place] == best)]


def _acceptable(value: object) -> bool:
    """Not None (a component's refusal), and small enough to go on with."""
    kind = type(value)
    if kind is str or kind is list or kind is tuple or kind is dict or kind is set:
        return len(cast("Sequence[object]", value)) <= MAX_LENGTH
    if kind is bool:
        return True
    if kind is int:
        return -MAX_NUMBER < cast(int, value) < MAX_NUMBER
    return kind is float and math.isfinite(cast(float, value))
