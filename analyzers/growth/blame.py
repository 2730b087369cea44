"""Which line makes a function grow: from the counts of each site to lines with exponents, kinds and guilt.

A line is guilty if what it does once costs more the larger the input is, and that makes its whole cost superlinear; a
line that only is *reached* too often is not, the loop that reaches it is. A loop is guilty if it turns more often each
time it is entered. A call is guilty if the function calls itself exponentially often.
Where the result itself grows as fast as the cost, building it is no problem: nothing smaller can be returned.

Invariant: pure; reads counts, runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .fit import EXPONENTIAL, SUPERLINEAR, Fit, fit
from .values import UNSEEN, LineGrowth, Operation

#: By how much the exponent of the cost must exceed that of how often a place is reached, to blame the place itself.
OWN = 0.4
#: The least share of the whole cost at the largest size that is worth a word.
LEAST_SHARE = 0.02

#: What the meter calls an operation → the kind of finding that it makes; what is missing makes none.
KINDS = {
    "membership": "membership",
    "linear_search": "linear_search",
    "list_shift": "list_shift",
    "str_concat": "str_concat",
    "list_concat": "list_concat",
    "slice": "copy",
    "copy": "copy",
    "extend": "copy",
    "sort": "sort_in_loop",
    "recompute": "recompute",
    "join": "recompute",
    "text": "recompute",
    "regex": "recompute",
    "library": "recompute",
}
#: Kinds that do nothing but make a part of the result.
_BUILDS = frozenset({"copy", "list_concat", "str_concat", "nested_loop", "slice_consume"})
_BUILDING = frozenset({"join", "text", "extend"})
#: What a superlinear cost is at least at the largest size, in steps for each element; less is noise.
_STEPS = 4
#: What kept its length while the input became so many times as large is taken to be bounded.
_LATE = 8
#: Of several guilty operations on a line: the one that names the problem best, first.
_TELLING = (
    *("caching", "membership", "linear_search", "list_shift", "str_concat", "list_concat", "sort_in_loop"),
    *("slice_consume", "recompute", "nested_loop", "copy"),
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A site, as the worker told it, with the kind of operation that was seen there."""

    place: int
    line: int
    form: str
    function: str
    text: str
    consumes: bool
    invariant: bool
    loops: tuple[int, ...]
    operation: str
    column: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Blame:
    """What one recipe showed: the whole function and its lines."""

    title: str
    table: tuple[tuple[int, int], ...]
    whole: Fit
    output: float
    lines: tuple[LineGrowth, ...]


def spots(answer: Mapping[str, Any]) -> tuple[Spot, ...]:
    rows = zip(answer["sites"], answer["kinds"], strict=True)
    found: list[Spot] = []
    for (place, line, form, function, text, consumes, invariant, loops, column, end), kind in rows:
        found.append(Spot(place, line, form, function, text, consumes, invariant, tuple(loops), kind, column, end))
    return tuple(found)


def blame(found: Sequence[Spot], recipe: Mapping[str, Any]) -> Blame:
    """Judge the counts of one recipe: ``sizes``, ``outputs``, and for each spot ``runs``, ``costs`` and ``lengths``."""
    sizes: Sequence[int] = recipe["sizes"]
    totals = [sum(row[place] for row in (*recipe["runs"], *recipe["costs"])) for place in range(len(sizes))]
    table = tuple(zip(sizes, totals, strict=True))
    output = fit(tuple(zip(sizes, recipe["outputs"], strict=True))).exponent
    rows: list[_Row] = []
    numbers, alone = bool(recipe["numbers"]), bool(recipe["alone"])
    counted = zip(found, recipe["runs"], recipe["costs"], recipe["lengths"], strict=True)
    for spot, runs, costs, lengths in counted:
        if runs and runs[-1]:
            rows.append(_row(spot, sizes, runs, costs, lengths, max(totals[-1], 1)))
    recursion = [row for row in rows if row.runs.exponential and _calls_itself(row.spot, rows)]
    lines: dict[int, list[LineGrowth]] = {}
    loops = {row.spot.place: row for row in rows if row.spot.form in ("loop", "while", "comprehension")}
    for row in rows:
        kind = "caching" if row in recursion else _kind(row, loops)
        # So many rounds may be just what a number asks for; and where there are data, a number is mostly a small one.
        counts = not numbers or (alone and kind != "nested_loop")
        guilty = bool(kind) and counts and (row in recursion if recursion else _guilty(row, kind, output))
        cost = row.runs if row in recursion else row.costs if row.cost_table[-1][1] else row.runs
        points = row.cost_table if row.cost_table[-1][1] and row not in recursion else row.run_table
        spot, title = row.spot, recipe["title"]
        one = Operation(
            *(spot.form, kind, spot.column, spot.end, cost.exponent, row.seen, guilty, points, title, row.bounded)
        )
        lines.setdefault(spot.line, []).append(
            LineGrowth(
                *(spot.line, cost.exponent, round(row.share, 3), kind, row.runs.exponent, guilty, points, title),
                *(spot.column, spot.end, (one,)),
            )
        )
    merged = tuple(_merged(each) for _, each in sorted(lines.items()))
    return Blame(recipe["title"], table, fit(table), output, merged)


@dataclass(frozen=True, slots=True)
class _Row:
    spot: Spot
    runs: Fit
    costs: Fit
    run_table: tuple[tuple[int, int], ...]
    cost_table: tuple[tuple[int, int], ...]
    share: float
    seen: float
    bounded: bool


def _row(
    spot: Spot, sizes: Sequence[int], runs: Sequence[int], costs: Sequence[int], lengths: Sequence[int], total: int
) -> _Row:
    run_table, cost_table = tuple(zip(sizes, runs, strict=True)), tuple(zip(sizes, costs, strict=True))
    run, cost = fit(run_table), fit(cost_table)
    if spot.form == "function":
        seen = run.exponent
    elif spot.form == "while":
        seen = cost.exponent  # nothing is gone through: it is its turns that are many or few
    elif max(lengths) >= 0:
        seen = fit(tuple(zip(sizes, lengths, strict=True))).exponent
    elif spot.form in ("loop", "comprehension"):
        turns = [round(turned / entered) if entered else 0 for turned, entered in zip(costs, runs, strict=True)]
        seen = fit(tuple(zip(sizes, turns, strict=True))).exponent
    else:
        seen = UNSEEN
    share = (runs[-1] + costs[-1]) / total
    return _Row(spot, run, cost, run_table, cost_table, share, seen, _bounded(sizes, lengths))


def _bounded(sizes: Sequence[int], lengths: Sequence[int]) -> bool:
    """Whether something was filled on small inputs, and then kept its length: what holds a few by its making, unlike
    what merely stays empty."""
    late = [length for size, length in zip(sizes, lengths, strict=True) if size * _LATE >= sizes[-1]]
    return len(late) > 3 and len(set(late)) == 1 and late[0] > max(lengths[0], 0)


def _calls_itself(spot: Spot, rows: Iterable[_Row]) -> bool:
    """Whether a call is one of the functions that were entered exponentially often."""
    entered = {
        row.spot.function.rpartition(".")[2] for row in rows if row.spot.form == "function" and row.runs.exponential
    }
    return spot.form == "call" and spot.text.lstrip(".") in entered


def _kind(row: _Row, loops: Mapping[int, _Row]) -> str:
    spot = row.spot
    if spot.form in ("loop", "while"):
        return "nested_loop"
    if spot.form == "comprehension":
        return "recompute" if spot.invariant else "nested_loop"
    if spot.operation == "slice" and spot.consumes:
        return "slice_consume"
    if spot.form == "display" and spot.consumes:
        return "list_concat"  # ``items = [*items, x]``
    return KINDS.get(spot.operation, "")


def _guilty(row: _Row, kind: str, output: float) -> bool:
    size, cost = row.cost_table[-1]
    if not row.costs.superlinear or row.share < LEAST_SHARE or cost < _STEPS * size:
        return False
    builds = kind in _BUILDS or row.spot.operation in _BUILDING
    if builds and output >= SUPERLINEAR and output >= row.costs.exponent - 0.3:
        return False
    return row.costs.exponential or row.costs.exponent - row.runs.exponent >= OWN


def _merged(rows: list[LineGrowth]) -> LineGrowth:
    """A line's sites as one: the guilty one that names the problem best, or the one that costs most."""
    guilty = [each for each in rows if each.guilty]
    share = round(min(1.0, sum(each.share for each in rows)), 3)
    reached = max(each.reached for each in rows)
    if guilty:
        told = min(guilty, key=lambda each: (_TELLING.index(each.kind), -each.share))
    else:
        told = max(rows, key=lambda each: (each.share, each.exponent))
    return replace(
        told, share=share, reached=reached, operations=tuple(one for each in rows for one in each.operations)
    )


def steepest(blames: Sequence[Blame]) -> Blame:
    """The recipe on which the function grew most."""
    usable = [each for each in blames if each.whole.points >= 3] or list(blames)
    return max(
        usable, key=lambda each: (any(line.guilty for line in each.lines), each.whole.exponent, each.table[-1][1])
    )


def worst_lines(blames: Sequence[Blame]) -> tuple[LineGrowth, ...]:
    """Each line as it was on the recipe where it was worst."""
    found: dict[int, LineGrowth] = {}
    for each in blames:
        for line in each.lines:
            old = found.get(line.line)
            if old is None:
                found[line.line] = line
                continue
            worse, better = (line, old) if _badness(line) > _badness(old) else (old, line)
            reached = max(line.reached, old.reached)
            both = _worst_operations((*worse.operations, *better.operations))
            found[line.line] = replace(worse, reached=reached, operations=both)
    return tuple(found[each] for each in sorted(found))


def _worst_operations(told: Iterable[Operation]) -> tuple[Operation, ...]:
    """Each operation as it was where it was worst, its object as it was where that grew most."""
    found: dict[tuple[str, int, int], Operation] = {}
    for each in told:
        key = each.form, each.column, each.end
        old = found.setdefault(key, each)
        worse = max(old, each, key=lambda one: (one.guilty, one.exponent))
        found[key] = replace(worse, seen=max(old.seen, each.seen), bounded=old.bounded or each.bounded)
    return tuple(found[each] for each in sorted(found))


def _badness(line: LineGrowth) -> tuple[bool, int, float, float]:
    """A guilty operation that names the problem better is told, on whatever input it was guilty."""
    telling = -_TELLING.index(line.kind) if line.guilty else 0
    return line.guilty, telling, min(line.exponent, EXPONENTIAL), line.share
