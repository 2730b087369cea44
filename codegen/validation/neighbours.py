"""Inputs near those of the examples: what two drafts of one function are compared on.

Each argument is varied in small steps that keep its type and stay close: one element less, one more, another order, the
empty one, a number next to it; and arguments of different examples are combined. Numbers become negative, and texts
get characters, only as the examples have them, so that little is asked that nobody specified.

Invariant: deterministic; only literals come in and go out.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Sequence
from typing import cast

Row = tuple[object, ...]

MOST = 80
#: Numbers of a code that count as limits lie between these; so many of them are taken.
SMALL, LARGE, MOST_LIMITS = 10, 10_000, 3


def rows_of(source: str, name: str) -> list[Row]:
    """The literal positional arguments of every call of ``name`` in a test file, parametrised ones included."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return []
    found: list[Row] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not node.keywords and _called(node.func) == name:
            try:
                found.append(tuple(ast.literal_eval(each) for each in node.args))
            except (ValueError, TypeError, RecursionError):
                continue  # not literals
    return found


def _called(function: ast.expr) -> str:
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def limits_of(code: str) -> list[int]:
    """The whole numbers that a code compares or reckons with, but for small ones, and those next to them."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return []
    found = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is int}
    chosen = sorted(each for each in found if SMALL < each < LARGE)[:MOST_LIMITS]
    return list(dict.fromkeys(number for each in chosen for number in (each - 1, each, each + 1)))


def near(rows: Sequence[Row], most: int = MOST, limits: Sequence[int] = ()) -> list[Row]:
    """The rows, then up to ``most`` different ones near them; empty if the rows do not have one length.

    ``limits`` are numbers that are tried for every number: where a code draws its lines, they are crossed."""
    if not rows or len({len(row) for row in rows}) != 1 or not rows[0]:
        return []
    rng = random.Random(repr(rows))
    columns = [[row[place] for row in rows] for place in range(len(rows[0]))]
    made: list[Row] = [
        (*rows[0][:place], limit, *rows[0][place + 1 :])
        for place, column in enumerate(columns)
        for limit in limits
        if all(type(each) is int for each in column)
    ]
    for row in rows:
        for place, column in enumerate(columns):
            made += [(*row[:place], value, *row[place + 1 :]) for value in _steps(row[place], column, rng)]
    for _ in range(most if len(rows) > 1 or len(columns) > 1 else 0):
        base = [rng.choice(column) for column in columns]
        place = rng.randrange(len(columns))
        steps = list(_steps(base[place], columns[place], rng))
        base[place] = rng.choice(steps) if steps and rng.random() < 0.7 else base[place]
        made.append(tuple(base))
    known = {repr(row) for row in rows}
    different = [row for row in made if not (repr(row) in known or known.add(repr(row)))]
    if len(different) > most:
        edges, rest = different[: most // 2], different[most // 2 :]
        different = [*edges, *rng.sample(rest, most - len(edges))]
    return [*rows, *different]


def _steps(value: object, column: Sequence[object], rng: random.Random, depth: int = 0) -> Iterator[object]:
    """Values next to ``value``, the simplest first."""
    match value:
        case bool():
            yield not value
        case int():
            yield from _numbers(value, column)
        case float():
            yield from (float(each) for each in _numbers(value, column))
            yield value / 2
        case str():
            yield from _texts(value, rng)
        case list():
            yield from _lists(cast("list[object]", value), column, rng, depth)
        case tuple():
            items = list(cast("tuple[object, ...]", value))
            others = [list(cast("Row", each)) for each in column if isinstance(each, tuple)]
            free = len({len(each) for each in others}) > 1 or len(items) > 3
            yield from (tuple(each) for each in _lists(items, others, rng, depth) if free or len(each) == len(items))
        case dict():
            mapping = cast("dict[object, object]", value)
            yield {}
            yield dict(reversed(mapping.items()))
            for key in list(mapping)[:3]:
                yield {other: each for other, each in mapping.items() if other != key}
                for step in list(_steps(mapping[key], [mapping[key]], rng, depth + 1))[:2]:
                    yield {**mapping, key: step}
        case set() | frozenset():
            items = sorted(cast("set[object]", value), key=repr)
            yield from (type(cast("set[object]", value))(items[:-1]), type(cast("set[object]", value))(items[1:]))
        case _:
            return


def _numbers(value: float, column: Sequence[object]) -> Iterator[float]:
    numbers = [each for each in column if isinstance(each, (int, float))]
    low = min((*numbers, 0))
    for each in (0, 1, value - 1, value + 1, 2, 3, value * 2, value // 2, value + 2, -value, -1, 10):
        if each != value and (each >= 0 or low < 0):
            yield each


def _texts(value: str, rng: random.Random) -> Iterator[str]:
    yield ""
    yield value[:1]
    yield value[:-1]
    yield value[1:]
    yield value[::-1]
    yield value + value
    yield value.swapcase()
    if " " in value:
        words = value.split(" ")
        yield " ".join(reversed(words))
        yield words[0]
        yield value.replace(" ", "  ", 1)
        yield f" {value} "
    for _ in range(3 if value else 0):
        place = rng.randrange(len(value))
        yield value[:place] + value[place] + value[place:]
        yield value[:place] + value[place + 1 :]
        yield value[:place] + rng.choice(value) + value[place + 1 :]


def _lists(value: list[object], column: Sequence[object], rng: random.Random, depth: int) -> Iterator[list[object]]:
    yield []
    yield value[:1]
    yield value[:-1]
    yield value[1:]
    yield value[::-1]
    yield value + value[:1]
    yield value[-1:] + value
    if value and all(type(each) in (int, float) for each in value):
        yield [type(each)(0) for each in value]  # pyright: ignore[reportCallIssue]
    pool = [item for each in column if isinstance(each, list) for item in cast("list[object]", each)] or value
    if depth < 2:
        for _ in range(6 if value else 0):
            place = rng.randrange(len(value))
            steps = list(_steps(value[place], pool, rng, depth + 1))
            if steps:
                yield [*value[:place], rng.choice(steps), *value[place + 1 :]]
    for _ in range(3 if len(value) > 1 else 0):
        mixed = list(value)
        rng.shuffle(mixed)
        yield mixed
        yield [rng.choice(pool) for _ in value]
