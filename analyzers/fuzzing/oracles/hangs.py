"""Calls that do not end, and patterns that backtrack without end.

Slow but correct is not a hang. A call counts only for a tiny input whose smaller neighbours end at once (work that
grows step by step is merely slow), or inside a pattern match. A pattern is measured by itself: on the text that it
was matching, pumped to growing lengths, its cost must at least treble from a few characters to a few more, or grow
faster than the length squared.
"""

from __future__ import annotations

import ast
import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from ..plans import Made, Plan, kind_of
from ..running import Result
from .places import frames_of, node_at
from .verdict import BASE_CONFIDENCE, Case, Verdict, tiny

#: Calls a function under a limit of processor seconds.
Timed = Callable[[Callable[..., Any], tuple[Any, ...], float], Result]

_METHODS = ("match", "search", "fullmatch", "sub", "subn", "findall", "finditer", "split")
#: Seconds that one match may take while it is measured, and those from which a measurement means something.
_LIMIT_S, _TELLING_S = 0.12, 0.002
#: Cost per length^2 that backtracking has at least: quadratic patterns on long lines are common and bearable.
_EXPONENT = 2.5
#: Seconds for a smaller neighbour of an input that did not end.
_SMALLER_S = 0.05


@dataclass(frozen=True, slots=True)
class Growth:
    """What a pattern costs on pumped texts: (characters, seconds), and how it grows."""

    pattern: str
    points: tuple[tuple[int, float], ...]
    exponential: bool

    def table(self) -> str:
        return ", ".join(f"{size} characters {seconds:.2g} s" for size, seconds in self.points[-4:])


def judge_hang(
    case: Case, in_regex: bool, stop: BaseException | None = None, timed: Timed | None = None
) -> Verdict | None:
    """No end: for a tiny input, or inside a pattern match. Large inputs may only be slow."""
    if case.contract.precondition and not (
        case.contract.bounds or case.contract.positive or case.contract.non_negative
    ):
        return None
    if case.private and not case.contract.promises:
        return None
    frames = list(frames_of(stop and stop.__traceback__))
    growth = None
    if in_regex and timed is not None:
        found = _match_in_progress(frames, case)
        if found is not None:
            growth = measure(*found, timed)
            if growth is None and not tiny(case.plan):
                return None
    if not in_regex and not tiny(case.plan):
        return None
    message = "does not end"
    if in_regex:
        message = "a pattern match backtracks without end"
        if growth is not None:
            message = f"the pattern {growth.pattern[:60]!r} backtracks without end: {growth.table()}"
    ours = [position[0] for frame, position in frames if frame.f_code.co_filename == case.path]
    line = ours[-1] if ours else case.line
    confidence = round(BASE_CONFIDENCE[case.certainty], 3)
    return Verdict("hang", "Hang", message, line, confidence, growth=growth.points if growth is not None else ())


def gradual(plan: Made, seconds: Callable[[Made, float], float | None]) -> bool:
    """Whether slightly smaller inputs already take a good part of the time: slow, but on its way.

    ``seconds`` is what a call takes, or None if it does not end within the limit."""
    current = plan
    for _ in range(6):
        smaller = list(_neighbours(current))[:2]
        if not smaller:
            return False
        took = [seconds(each, _SMALLER_S) for each in smaller]
        if any(each is not None and each > 0.003 for each in took):
            return True
        unfinished = [each for each, time_s in zip(smaller, took, strict=True) if time_s is None]
        if not unfinished:
            return False
        current = unfinished[0]
    return False


def _neighbours(plan: Plan) -> Iterator[Plan]:
    """One less in one place: a number nearer to zero, one element fewer."""
    kind = kind_of(plan)
    if kind is int and plan:
        yield plan - 1 if plan > 0 else plan + 1
    elif kind is float and abs(plan) >= 1:
        yield plan - 1.0 if plan > 0 else plan + 1.0
    elif kind in (str, bytes, list, tuple) and plan:
        yield plan[:-1]
    elif kind is dict and plan:
        yield dict(list(plan.items())[:-1])
    elif kind is Made:
        for place, part in enumerate(plan.args):
            for each in _neighbours(part):
                yield Made(plan.callee, (*plan.args[:place], each, *plan.args[place + 1 :]), plan.kwargs)


def _match_in_progress(frames: list[tuple[FrameType, Any]], case: Case) -> tuple[re.Pattern[Any], str, Any] | None:
    """(pattern, method, text) of the match that the clock ended."""
    for frame, position in reversed(frames):
        held = frame.f_locals
        if frame.f_globals.get("__name__") == "re" and {"pattern", "string"} <= held.keys():
            method = frame.f_code.co_name
            pattern = _compiled(held["pattern"], held.get("flags", 0))
            if pattern is not None and method in _METHODS and isinstance(held["string"], str | bytes):
                return pattern, method, held["string"]
        if frame.f_code.co_filename == case.path:
            return _called_pattern(node_at(case.tree, position), frame)
    return None


def _called_pattern(node: ast.AST | None, frame: FrameType) -> tuple[re.Pattern[Any], str, Any] | None:
    for call in ast.walk(node) if node is not None else ():
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr not in _METHODS:
            continue
        pattern = _value(call.func.value, frame)
        texts = [value for value in (_value(each, frame) for each in call.args) if isinstance(value, str | bytes)]
        if isinstance(pattern, re.Pattern) and texts:
            return pattern, call.func.attr, texts[-1]  # pyright: ignore[reportUnknownVariableType]
    return None


def _value(node: ast.expr, frame: FrameType) -> Any:
    """What a name or a chain of attributes holds in a frame; nothing is called."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if isinstance(node, ast.Attribute):
        return getattr(_value(node.value, frame), node.attr, None)
    return None


def _compiled(pattern: Any, flags: Any) -> re.Pattern[Any] | None:
    try:
        return re.compile(pattern, flags)
    except (re.error, TypeError, ValueError):
        return None


def measure(pattern: re.Pattern[Any], method: str, text: Any, timed: Timed) -> Growth | None:
    """The growth of a match on ``text`` pumped to growing lengths; None if it grows no faster than it may."""
    before = (text[:0],) if method in ("sub", "subn") else ()

    def run(value: Any) -> None:
        found = getattr(pattern, method)(*before, value)
        if method == "finditer":
            list(found)

    head, unit, count, tail = _pumped(text)
    points: list[tuple[int, float]] = []
    for repeats in _repeats(count):
        value = head + unit * repeats + tail
        started = time.process_time()
        result = timed(run, (value,), _LIMIT_S)
        took = time.process_time() - started
        if result.error is not None and not result.hung:
            return None
        points.append((len(value), took))
        if result.hung:
            break
    return _judge(pattern, points)


def _repeats(count: int) -> Iterator[int]:
    """Few at first, one by one where an exponential shows, then in steps."""
    at = 4
    while at <= max(count, 8):
        yield at
        at += 2 if at < 40 else max(2, at // 3)


def _judge(pattern: re.Pattern[Any], points: list[tuple[int, float]]) -> Growth | None:
    telling = [each for each in points if each[1] >= _TELLING_S]
    if len(telling) < 2:
        # From nothing to no end within a few characters is an exponential as well.
        if len(points) > 1 and points[-1][1] >= _LIMIT_S * 0.9 and points[-1][0] <= 200:
            return Growth(str(pattern.pattern), tuple(points), True)
        return None
    (small, little), (large, much) = telling[0], telling[-1]
    if large <= small:
        return None
    per_character = math.log(much / little) / (large - small)
    exponent = math.log(much / little) / math.log(large / small)
    exponential = per_character > 0.12 and large < 400
    if not exponential and exponent < _EXPONENT:
        return None
    return Growth(str(pattern.pattern), tuple(points), exponential)


def _pumped(text: Any) -> tuple[Any, Any, int, Any]:
    """(head, unit, count, tail) of the longest repetition of at most eight characters."""
    best = (0, 0, 1)  # length, start, size of the unit
    for size in range(1, 9):
        start = 0
        for place in range(size, len(text) + 1):
            if place == len(text) or text[place] != text[place - size]:
                if place - start > best[0] and place - start >= 2 * size:
                    best = (place - start, start, size)
                start = place - size + 1
    length, start, size = best
    count = length // size
    unit = text[start : start + size]
    return text[:start], unit, count, text[start + count * size :]
