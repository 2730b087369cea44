"""Inputs near those of the examples: what two drafts of one function are compared on.

Each argument is varied in small steps that keep its type and stay close: one element less, one more, another order, the
empty one, a number next to it; arguments of different examples are combined, and some steps are taken twice. Numbers
become negative, and texts get characters, only as the examples or the words of the description have them, so that
little is asked that nobody specified. Numbers that the description or the code names are crossed.

Invariant: deterministic; only literals come in and go out.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator, Sequence
from typing import cast

Row = tuple[object, ...]

MOST = 200
#: Inputs that a single step makes, at most; the rest is for two steps.
MOST_NEXT = 110
#: Numbers of a code that count as limits lie between these; so many of them are taken.
SMALL, LARGE, MOST_LIMITS = 10, 10_000, 3
#: Numbers of examples are multiplied up to here.
FAR = 1_000_000
#: Words by which a description says that numbers may be below zero.
_NEGATIVE = re.compile(r"(?i)\bnegative|\bsign(?:ed|s)?\b|\bbelow zero\b|\babsolute\b|(?<![\w-])-\d")
#: Words by which a description says that zero is a limit, so that one below it is worth a try.
_FROM_ZERO = re.compile(r"(?i)\b(?:from|between|than|least|below|under)\s+(?:zero|0\b)")
_NUMBER = re.compile(r"(?<![\w.-])-?\d{1,5}(?![\w.]*\d|\w)")


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


def limits_in(words: str) -> list[int]:
    """The whole numbers that a description names outside of its examples, and those next to them."""
    found = list(dict.fromkeys(int(each) for each in _NUMBER.findall(words)))[: 2 * MOST_LIMITS]
    near_them = dict.fromkeys(number for each in found for number in (each - 1, each, each + 1))
    below = min((*found, 0)) < 0 or _FROM_ZERO.search(words) is not None
    return [each for each in near_them if each >= 0 or below]


def near(rows: Sequence[Row], most: int = MOST, limits: Sequence[int] = (), words: str = "") -> list[Row]:
    """The rows, then up to ``most`` different ones near them.

    ``limits`` are numbers that are tried for every number: where a code draws its lines, they are crossed. ``words`` is
    the description: its numbers are limits too, and it may say that numbers are negative."""
    rows = [row for row in rows if row]
    if not rows:
        return []
    limits = list(dict.fromkeys((*limits_in(words), *limits)))
    below = _NEGATIVE.search(words) is not None
    made: list[Row] = []
    lengths = list(dict.fromkeys(len(row) for row in rows))
    for length in lengths:  # a parameter with a default may be left out
        some = [row for row in rows if len(row) == length]
        made += _near(some, most // len(lengths), limits, below=below)
    known = {repr(row) for row in rows}
    return [*rows, *(row for row in made if not (repr(row) in known or known.add(repr(row))))]


def _near(rows: Sequence[Row], most: int, limits: Sequence[int], *, below: bool) -> list[Row]:
    """Up to ``most`` rows near those of one length."""
    rng = random.Random(repr(rows))
    columns: list[list[object]] = [[row[place] for row in rows] for place in range(len(rows[0]))]
    if below:
        columns = [[*column, *_turned(column)] for column in columns]
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
        _step(base, columns, rng)
        made.append(tuple(base))
    known = {repr(row) for row in rows}
    different = [row for row in made if not (repr(row) in known or known.add(repr(row)))]
    first = most * MOST_NEXT // MOST
    if len(different) > first:
        edges, rest = different[: first // 2], different[first // 2 :]
        different = [*edges, *rng.sample(rest, first - len(edges))]
    return [*different, *_further([*rows, *different], columns, most - len(different), rng)]


def _further(rows: Sequence[Row], columns: Sequence[Sequence[object]], count: int, rng: random.Random) -> list[Row]:
    """Rows a step further away than ``rows``."""
    made: list[Row] = []
    for _ in range(max(count, 0)):
        base = list(rng.choice(rows))
        _step(base, columns, rng)
        made.append(tuple(base))
    return made


def _step(row: list[object], columns: Sequence[Sequence[object]], rng: random.Random) -> None:
    """One argument of a row becomes one next to it."""
    place = rng.randrange(len(columns))
    steps = list(_steps(row[place], columns[place], rng))
    if steps and rng.random() < 0.8:
        row[place] = rng.choice(steps)


def _lowest(column: Sequence[object]) -> float:
    return min((*(each for each in column if isinstance(each, (int, float))), 0))


def _turned(column: Sequence[object]) -> list[object]:
    """The numbers of a column with the other sign, those in lists too."""
    made: list[object] = []
    for each in column:
        if isinstance(each, (int, float)) and not isinstance(each, bool):
            made.append(-each)
        elif isinstance(each, list):
            items = cast("list[object]", each)
            if items and all(type(item) in (int, float) for item in items):
                made.append([-cast("float", item) for item in items])
    return made


def steps_of(value: object, rng: random.Random) -> Iterator[object]:
    """Values next to one, the simplest first."""
    return _steps(value, [value], rng)


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
    low = _lowest(column)
    for each in (0, 1, value - 1, value + 1, 2, 3, value * 2, value // 2, value + 2, -value, -1, 10, value * 100):
        if each != value and (each >= 0 or low < 0) and (abs(each) < FAR or abs(value) >= FAR):
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
    parts = re.split(r"(\W|_)", value)  # between separators
    if 1 < len(parts) < 40:
        yield "".join((*parts, *parts[-2:]))
        yield "".join((*parts[:2], *parts))
        yield "".join(parts[2:])
        yield "".join(parts[:-2])
        yield "".join(reversed(parts))
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
    yield value + value
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
