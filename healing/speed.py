"""Two versions of a function, timed on inputs that grow: inside the sandbox.

Rows, texts and mappings of the domain are made longer, in several ways (distinct elements that other rows have too,
distinct ones that they do not have, few different ones, random ones); larger numbers where there is nothing else.
Both versions are timed in turns, and the least of several runs counts. The clock is the thread's: the processor clock
of the process only ticks while a timer runs on it.

Invariant: inputs have the same result in both versions, or there is no timing of them; a way in which the version
after is clearly slower spoils the claim.
"""

from __future__ import annotations

import contextlib
import gc
import io
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..analyzers.fuzzing.boundaries import Hints, mapping, sequence
from ..analyzers.fuzzing.plans import Made, Plan
from ..analyzers.fuzzing.sampling import sampler
from ..analyzers.fuzzing.shapes import Alt, Map, Num, Obj, Parameter, Record, Seq, Shape, Text, Tup, admits
from ..analyzers.fuzzing.subject import Subject

#: The sizes: 32, 128, 512 … as long as the version before takes less than this, in seconds.
FIRST, FACTOR, LARGEST, LONG_S = 32, 4, 40_000, 0.03
#: A version that takes more than this times the other's is slower.
SLOWER = 1.4
#: … where it takes at least so many seconds; below this the clock and its neighbours decide.
CLEAR_S = 1e-4
#: A gain below this is timed so many times more, for at most so many seconds.
CLEAR_RATIO, AGAIN, AGAIN_S = 2.0, 4, 1.0
#: Runs of each version for one input, and inputs that are drawn for one size until one has a result.
REPEATS, TRIES = 5, 3
_LIMIT_S = 0.5
WAYS = ("shared", "apart", "few", "random")


@dataclass(frozen=True, slots=True)
class Runs:
    """One version: what makes its inputs, and what is called with them."""

    subject: Subject
    function: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Timed:
    n: int
    before_s: float
    after_s: float

    @property
    def ratio(self) -> float:
        return self.before_s / max(self.after_s, 1e-9)


def compare_speed(
    old: Runs, new: Runs, same: Callable[[Made], bool], rng: random.Random, deadline: float
) -> list[Timed]:
    """The rows of the way in which the version after gains most; none if some way makes it slower, or none can be
    timed. ``same`` tells whether an input has one result, and raises if it has two."""
    best: list[Timed] = []
    largest: Made | None = None
    for way in WAYS:
        rows, plan = _grow(old, new, same, rng, way, deadline)
        if not rows:
            continue
        if rows[-1].ratio < 1 / SLOWER and rows[-1].before_s > CLEAR_S:
            return []
        if not best or rows[-1].ratio > best[-1].ratio:
            best, largest = rows, plan
    return [*best[:-1], _confirmed(best[-1], old, new, largest)] if best and largest is not None else best


def _confirmed(row: Timed, old: Runs, new: Runs, plan: Made) -> Timed:
    """The least gain of several timings of an input, where the first one is small: the best of several ways is what
    noise favours, and on a busy machine a version is a quarter faster than itself now and then."""
    ends = time.monotonic() + AGAIN_S
    for _ in range(AGAIN if row.ratio < CLEAR_RATIO else 0):
        again = _time(old, new, plan, row.n, ends)
        if again is not None and again.ratio < row.ratio:
            row = again
        if time.monotonic() > ends:
            break
    return row


def _grow(
    old: Runs, new: Runs, same: Callable[[Made], bool], rng: random.Random, way: str, deadline: float
) -> tuple[list[Timed], Made | None]:
    """The rows, and the input of the last one."""
    rows: list[Timed] = []
    largest: Made | None = None
    sizes = _sizes(_grows_by_rows(old.subject))
    for n in sizes:
        if time.monotonic() > deadline:
            break
        plans = (grown_plan(old.subject, n, way, rng) for _ in range(TRIES))
        plan = next((each for each in plans if each is not None and same(each)), None)
        row = _time(old, new, plan, n, deadline) if plan is not None else None
        if plan is None or row is None:
            break
        if row.ratio < 1 / SLOWER:  # perhaps it was only another process that had its turn
            again = _time(old, new, plan, n, deadline)
            row = max(row, again or row, key=lambda each: each.ratio)
        rows.append(row)
        largest = plan
        if row.before_s > LONG_S:
            break
    return rows, largest


def _sizes(rows: bool) -> Iterator[int]:
    """Rows grow by a factor; numbers slowly at first, as the cost may double with each."""
    n = FIRST if rows else 2
    while n <= LARGEST:
        yield n
        n = n * FACTOR if rows else n + 2 if n < 40 else 2 * n


def _time(old: Runs, new: Runs, plan: Made, n: int, deadline: float) -> Timed | None:
    times: dict[int, float] = {}
    for _ in range(REPEATS):
        for place, version in enumerate((old, new)):
            took = _once(version, plan)
            if took is None:
                return None
            times[place] = min(took, times.get(place, took))
        if time.monotonic() > deadline:
            break
    return Timed(n, times[0], times[1])


def _once(version: Runs, plan: Made) -> float | None:
    """Processor seconds of one call; None if it does not end."""
    subject = version.subject
    args, kwargs = subject.judge.build(plan)
    forget = getattr(version.function, "cache_clear", None)
    if callable(forget):
        forget()
    random.seed(0)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        gc.disable()
        begin = time.thread_time()
        result = subject.judge.runner.call(version.function, args, kwargs, _LIMIT_S)
        took = time.thread_time() - begin
        gc.enable()
    return None if result.hung else took


def _grows_by_rows(subject: Subject) -> bool:
    grower = _Grower(subject.call.domain.hints, 2, "shared", random.Random(0))
    for each in subject.call.domain.parameters:
        if each.kind != "var_keyword":
            grower.parameter(each)
    return bool(grower.grown)


def grown_plan(subject: Subject, n: int, way: str, rng: random.Random) -> Made | None:
    """An input of size ``n``; None if nothing in the domain has a size."""
    parameters = [each for each in subject.call.domain.parameters if each.kind != "var_keyword"]
    hints = subject.call.domain.hints
    grower = _Grower(hints, n, way, rng)
    args: list[Plan] = []
    kwargs: list[tuple[str, Plan]] = []
    for each in parameters:
        if each.kind == "keyword":
            if not each.omit:
                kwargs.append((each.name, grower.parameter(each)))
        elif each.kind == "var_positional":
            args += [grower.parameter(each) for _ in range(2)]
        elif not each.omit or _grows(each.shape):
            args.append(grower.parameter(each))
        else:
            break
    if not grower.grown:
        grower.numbers = True
        args = [grower.parameter(each) for each in parameters if each.kind == "positional" and not each.omit]
    return Made("", tuple(args), tuple(kwargs)) if grower.grown else None


def _grows(shape: Shape) -> bool:
    return isinstance(shape, Seq | Map) or (isinstance(shape, Text) and not shape.pattern)


class _Grower:
    def __init__(self, hints: Hints, n: int, way: str, rng: random.Random) -> None:
        self.hints, self.n, self.way, self.rng = hints, n, way, rng
        self.grown = 0
        self.numbers = False  # nothing else grows

    def parameter(self, parameter: Parameter) -> Plan:
        return self.grow(parameter.shape, 0)

    def grow(self, shape: Shape, depth: int) -> Plan:
        if isinstance(shape, Alt):
            sized = [each for each in shape.options if isinstance(each, Seq | Map | Text)]
            return self.grow(sized[0], depth) if sized else self._draw(shape)
        if isinstance(shape, Seq) and shape.max_size is None:
            self.grown += 1
            items = list(self._items(shape.item, self.n, self.grown))
            return next(sequence(shape.kind, items), items)
        if isinstance(shape, Map) and shape.max_size is None:
            self.grown += 1
            keys = list(self._items(shape.key, self.n, self.grown))
            return mapping(shape.kind, {key: self._draw(shape.value) for key in keys})
        if isinstance(shape, Text) and shape.max_size is None and not shape.pattern:
            self.grown += 1
            return self._text(shape)
        if isinstance(shape, Tup):
            return tuple([self.grow(each, depth + 1) for each in shape.items])
        if isinstance(shape, Obj) and depth < 3:
            return Made(
                shape.callee,
                tuple([self.grow(each, depth + 1) for each in shape.args]),
                tuple([(name, self.grow(each, depth + 1)) for name, each in shape.kwargs]),
            )
        if isinstance(shape, Record):
            return {name: self.grow(each, depth + 1) for name, each in shape.fields}
        if self.numbers and isinstance(shape, Num) and shape.kind == "int" and not depth and admits(shape, self.n):
            self.grown += 1
            return self.n
        return self._draw(shape)

    def _draw(self, shape: Shape) -> Plan:
        return sampler(shape, self.hints)(self.rng)

    def _text(self, shape: Text) -> Plan:
        draw = sampler(shape, self.hints)
        parts: list[Any] = []
        size = 0
        for _ in range(self.n):
            part = draw(self.rng)
            if not isinstance(part, str | bytes):
                return part
            parts.append(part)
            size += len(part)
            if size >= self.n:
                break
        filler: Any = "a" if shape.kind == "str" else b"a"
        joined = filler[:0].join(parts)
        return joined + filler * max(0, self.n - len(joined))

    def _items(self, shape: Shape, n: int, number: int) -> Iterator[Plan]:
        """``number`` tells the rows of an input apart: each has its own elements if the way is to keep them apart."""
        start = number * n if self.way == "apart" else 0
        many = n if self.way != "few" else 8
        if self.way != "random" and isinstance(shape, Num) and shape.kind in ("int", "float"):
            values: list[Plan] = [start + each % many for each in range(n)]
        elif self.way != "random" and isinstance(shape, Text) and shape.kind in ("str", "bytes"):
            texts = [f"w{start + each % many}" for each in range(n)]
            values = [each.encode() if shape.kind == "bytes" else each for each in texts]
        else:
            draw = sampler(shape, self.hints, 1)
            yield from (draw(self.rng) for _ in range(n))
            return
        if isinstance(shape, Num) and shape.kind == "float":
            values = [float(each) for each in values]
        fits = [each for each in values if admits(shape, each)]
        if len(fits) < n:
            draw = sampler(shape, self.hints, 1)
            fits += [draw(self.rng) for _ in range(n - len(fits))]
        self.rng.shuffle(fits)
        yield from fits
