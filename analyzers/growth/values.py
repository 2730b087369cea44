"""What measuring gives: frozen values, and the evidence they make. Lines are 1-based here, as in a table for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from ..findings import Evidence, Json
from .fit import EXPONENTIAL, SUPERLINEAR

Status = Literal["measured", "unsupported", "environment"]


#: What is known of how something grows if its size was never seen.
UNSEEN = -1.0


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a line, or one loop that begins there: ``form`` as in :class:`~.rewrite.Site`.

    ``seen``: how the thing that it is about grows with n (what is searched, moved, copied or gone through; of a
    function, how often it is entered), :data:`UNSEEN` where no size was seen; ``bounded``: it grew on small inputs and
    then no more. The rest is as in :class:`LineGrowth`."""

    form: str
    kind: str
    column: int
    end: int
    exponent: float
    seen: float = UNSEEN
    guilty: bool = False
    table: tuple[tuple[int, int], ...] = ()
    shape: str = ""
    bounded: bool = False


@dataclass(frozen=True, slots=True)
class LineGrowth:
    """One line: how its cost grows, and its ``share`` of all that was counted at the largest size.

    ``reached``: how the number of times grows at which it was come to. ``kind`` is the finding kind of its most costly
    operation ("" if that is none). ``guilty``: its cost is superlinear by what the line itself does, and not because a
    loop around it (another line) turns too often. ``column`` and ``end``: where that operation is, 0-based.
    ``operations``: all that were counted on the line."""

    line: int
    exponent: float
    share: float
    kind: str = ""
    reached: float = 0.0
    guilty: bool = False
    table: tuple[tuple[int, int], ...] = ()
    shape: str = ""
    column: int = 0
    end: int = 0
    operations: tuple[Operation, ...] = ()

    @property
    def superlinear(self) -> bool:
        return self.exponent >= SUPERLINEAR


@dataclass(frozen=True, slots=True)
class Growth:
    """How a function's cost grows. ``shape`` is the content of the inputs on which it grew most; ``table`` is (n,
    operations) on these, n the number of elements; ``exponent`` of ``n``, :data:`~.fit.EXPONENTIAL` where it is none.

    ``quality`` is R² of the fit. ``certain``: the function's domain is annotated or documented; what was guessed of a
    parameter may be wrong. ``timed`` is (n, processor seconds) of the function as it is, ``time_exponent`` their fit
    (0: too quick to tell). ``output`` is the exponent of the size of what is returned. Not measured: ``reason`` says
    why."""

    status: Status
    reason: str = ""
    shape: str = ""
    table: tuple[tuple[int, int], ...] = ()
    exponent: float = 0.0
    lines: tuple[LineGrowth, ...] = ()
    seconds: float = 0.0
    name: str = ""
    path: str = ""
    first: int = 0
    last: int = 0
    quality: float = 0.0
    output: float = 0.0
    certain: bool = False
    timed: tuple[tuple[int, float], ...] = ()
    time_exponent: float = 0.0
    shapes: int = 0

    @property
    def guilty(self) -> tuple[LineGrowth, ...]:
        return tuple(each for each in self.lines if each.guilty)

    @property
    def unseen(self) -> bool:
        """Whether time grows superlinearly though what was counted does not: something costs that nobody counted."""
        return self.exponent < SUPERLINEAR <= self.time_exponent

    def shifted(self, lines: int) -> Growth:
        """The same for a definition that lies ``lines`` further down."""
        if not lines:
            return self
        moved = tuple(replace(each, line=each.line + lines) for each in self.lines)
        return replace(self, first=self.first + lines, last=self.last + lines, lines=moved)

    def to_json(self) -> dict[str, Json]:
        """Every field; :meth:`from_json` gives it back."""
        return {
            **_plain(self),
            "lines": [{**_plain(each), "operations": [_plain(one) for one in each.operations]} for each in self.lines],
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Growth:
        given: dict[str, Any] = dict(value)
        lines: list[LineGrowth] = []
        for each in given["lines"]:
            told: list[Operation] = []
            for one in each["operations"]:
                operation: dict[str, Any] = {**one, "table": _rows(one["table"])}
                told.append(Operation(**operation))
            row: dict[str, Any] = {**each, "table": _rows(each["table"]), "operations": tuple(told)}
            lines.append(LineGrowth(**row))
        given |= {"lines": tuple(lines), "table": _rows(given["table"]), "timed": _rows(given["timed"])}
        return Growth(**given)

    def evidence(self, line: LineGrowth | None = None) -> Evidence:
        """The table as evidence, of the whole function or of one line. ValueError if nothing was measured."""
        if self.status != "measured":
            raise ValueError(f"{self.name} was not measured: {self.reason}")
        table, exponent = (line.table, line.exponent) if line is not None else (self.table, self.exponent)
        shape = (line.shape if line is not None else "") or self.shape
        where = f"line {line.line}" if line is not None else self.name
        summary = f"{where} costs {growth_text(exponent)}, measured: {table_text(table)} ({shape})"
        return Evidence(
            "measured",
            summary,
            {
                "table": [list(each) for each in table],
                "exponent": exponent,
                "quality": self.quality,
                "shape": shape,
                "function": self.name,
                "operations": "counted",
                "whole": [list(each) for each in self.table],
                "timed": [list(each) for each in self.timed],
            },
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions on the same inputs of ``n`` elements. ``ratio`` is how many times fewer processor seconds the second
    takes (``before_s / after_s``); ``same``: the results were equal on small inputs of every shape.

    ``table`` is (n, operations before, operations after). Not compared: ``status`` and ``reason`` say why, and the
    numbers are 0."""

    n: int = 0
    before_ops: int = 0
    after_ops: int = 0
    before_s: float = 0.0
    after_s: float = 0.0
    ratio: float = 0.0
    same: bool = False
    status: Status = "measured"
    reason: str = ""
    shape: str = ""
    table: tuple[tuple[int, int, int], ...] = ()

    @property
    def ops_ratio(self) -> float:
        """How many times fewer operations the second version needs at the largest size."""
        return self.before_ops / self.after_ops if self.after_ops else 0.0

    def evidence(self) -> Evidence:
        """Before and after, as evidence. ValueError if nothing was measured."""
        if self.status != "measured":
            raise ValueError(f"nothing was compared: {self.reason}")
        before, after = round(self.before_s * 1000, 2), round(self.after_s * 1000, 2)
        return Evidence(
            "measured",
            f"{before:g} ms → {after:g} ms on {self.n:,} elements, {self.ratio:.1f} times as fast",
            {
                "n": self.n,
                "before_s": self.before_s,
                "after_s": self.after_s,
                "ratio": round(self.ratio, 2),
                "shape": self.shape,
                "table": [list(each) for each in self.table],
            },
        )


def _plain(value: Growth | LineGrowth | Operation) -> dict[str, Json]:
    return {each.name: getattr(value, each.name) for each in fields(value)}


def _rows(value: Any) -> tuple[Any, ...]:
    return tuple(tuple(each) for each in value)


def growth_text(exponent: float) -> str:
    """``n^2.0``, ``linear`` …"""
    if exponent >= EXPONENTIAL:
        return "exponentially more with n"
    if exponent < 0.3:
        return "the same for every n"
    if exponent < SUPERLINEAR and exponent > 0.8:
        return "in proportion to n" if exponent < 1.12 else "a little more than in proportion to n"
    return f"n^{exponent:.1f}"


def table_text(table: Sequence[tuple[int, int]], most: int = 3) -> str:
    """``64 → 2,016, 128 → 8,128``: the last points."""
    return ", ".join(f"{n:,} → {cost:,}" for n, cost in table[-most:])
