"""Inputs that satisfy a comparison which random inputs never do: by what the comparison saw.

Each comparison of the target tells its operands while an input runs. If one side of it stands in the input (as it is,
as digits, as a character's code, as a length), it is replaced by the other side: magic constants, prefixes, lengths,
checksums (REDQUEEN, Aschermann et al., NDSS 2019). What remains is approached step by step: one number or character
at a time moves in the direction in which the operands come closer (the alternating variable method, Korel 1990).

Invariant: the rewritten functions run for observation only. What is found here runs again in the ordinary way, and
only that counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from .instrument import Rewritten, with_comparisons
from .mutation import MOST_CHARACTERS, Spot, spots
from .plans import Plan, kind_of

_SCALARS = (int, float, str, bytes, bool)
_FAR = 1e30
_RECORDS, _PER_SITE, _CANDIDATES = 400, 24, 500
_LONGEST = 200
_NEGATIONS = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", "<=": ">", ">": "<=", "in": "not in", "not in": "in"}


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison as it was evaluated."""

    site: int
    operator: str
    left: Any
    right: Any


Goal = tuple[int, bool]


@dataclass
class Observer:
    """Runs inputs with the comparing functions in place."""

    module: ModuleType
    source: str
    outcomes: dict[Goal, bool] = field(default_factory=dict[Goal, bool])  # those that some input had
    _rewritten: Rewritten | None = None
    _seen: list[Compared] = field(default_factory=list[Compared])
    _counts: dict[int, int] = field(default_factory=dict[int, int])
    _near: dict[Goal, float] = field(default_factory=dict[Goal, float])

    def observe(self, run: Callable[[], Any]) -> tuple[list[Compared], dict[Goal, float]]:
        """What was compared during ``run``, and how far each comparison was from either outcome."""
        if self._rewritten is None:
            self._rewritten = with_comparisons(self.module, self.source, self._compare, self._test)
        self._seen, self._counts, self._near = [], {}, {}
        self._rewritten.install()
        try:
            run()
        finally:
            self._rewritten.remove()
        return self._seen, self._near

    def _compare(self, site: int, operator: str, left: Any, right: Any, truth: bool = False) -> Any:
        if truth:
            result: Any = left
            outcome = bool(left)
        else:
            result = _OPERATIONS[operator](left, right)
            outcome = result if type(result) is bool else None
        if outcome is not None:
            self._note(site, operator, left, right, outcome)
        return result

    def _test(self, site: int, method: str, text: Any, part: Any) -> Any:
        result = getattr(text, method)(part)
        if type(result) is bool:
            self._note(site, method, text, part, result)
        return result

    def _note(self, site: int, operator: str, left: Any, right: Any, outcome: bool) -> None:
        self.outcomes[(site, outcome)] = True
        self._near[(site, outcome)] = 0.0
        count = self._counts.get(site, 0)
        if count >= _PER_SITE * 8:
            return
        self._counts[site] = count + 1
        if not _known(left) or not (_known(right) or operator in ("in", "not in")):
            return
        goal = (site, not outcome)
        wanted = operator if not outcome else _NEGATIONS.get(operator, "")
        far = distance(wanted, left, right) if wanted else 1.0
        if far < self._near.get(goal, _FAR):
            self._near[goal] = far
        if count < _PER_SITE and len(self._seen) < _RECORDS:
            self._seen.append(Compared(site, operator, left, right))


def _plain(value: Any) -> bool:
    kind = kind_of(value)
    return kind in (int, float, bool) or (kind in (str, bytes) and len(value) <= MOST_CHARACTERS)


def _known(value: Any) -> bool:
    """A plain value, or a short row of them."""
    return _plain(value) or (kind_of(value) in (list, tuple) and len(value) <= 40 and all(map(_plain, value)))


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
    "not in": lambda a, b: a not in b,
}


def distance(operator: str, left: Any, right: Any) -> float:
    """How far ``left operator right`` is from being true; 0 if it is. Zero to a very large number."""
    if operator in ("in", "not in"):
        if operator == "not in" or not isinstance(right, list | tuple | set | frozenset | dict | str):
            return 1.0
        if isinstance(right, str):
            return float(len(left)) if isinstance(left, str) else _FAR
        return min((distance("==", left, each) for each in list(right)[:40] if _plain(each)), default=_FAR)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if operator == "startswith":
        return _texts(left[: len(right)], right) if type(left) is type(right) else _FAR
    if operator == "endswith":
        return _texts(left[len(left) - len(right) :], right) if type(left) is type(right) and right else _FAR
    if isinstance(left, int | float) and isinstance(right, int | float):
        try:
            gap = float(left - right)
        except OverflowError:
            return _FAR
        return min(_FAR, _number_distance(operator, gap)) if gap == gap else _FAR
    if type(left) is type(right) and isinstance(left, str | bytes):
        if operator == "==":
            return _texts(left, right)
        return float(left == right) if operator == "!=" else _texts(left, right) + 1
    if kind_of(left) in (list, tuple) and kind_of(right) is kind_of(left) and operator == "==":
        return _rows(left, right)
    return _FAR


def _rows(left: Any, right: Any) -> float:
    apart = [distance("==", one, other) for one, other in zip(left, right, strict=False)]
    return min(_FAR, sum(min(each, 1000.0) for each in apart) + 1000.0 * abs(len(left) - len(right)))


def _number_distance(operator: str, gap: float) -> float:
    if operator == "==":
        return abs(gap)
    if operator == "!=":
        return float(gap == 0)
    if operator in (">", ">="):
        gap = -gap
    if operator in ("<", ">"):
        return 0.0 if gap < 0 else gap + 1
    return max(0.0, gap)


def _texts(left: Any, right: Any) -> float:
    first = left if isinstance(left, bytes) else [ord(each) for each in left]
    second = right if isinstance(right, bytes) else [ord(each) for each in right]
    apart = sum(min(abs(one - other), 255) for one, other in zip(first, second, strict=False))
    return float(apart + 256 * abs(len(first) - len(second)))


def substitutions(plan: Plan, seen: list[Compared]) -> Iterator[Plan]:
    """The plan with one side of a comparison put where the other side stood. The most direct first; not repeated."""
    places = [each for each in spots(plan) if kind_of(each.part) in _SCALARS or kind_of(each.part) is list]
    pairs = list(dict.fromkeys(each for each in _pairs(seen) if _plain(each[1]) and _plain(each[2])))
    count = 0
    for produce in (_direct, _by_length, _whole):
        for _, have, want in pairs:
            for spot in places:
                for part in produce(spot, have, want):
                    yield spot.put(part)
                    count += 1
                    if count >= _CANDIDATES:
                        return


def _pairs(seen: list[Compared]) -> Iterator[tuple[str, Any, Any]]:
    """(type names, what is there, what is wanted): both sides of each comparison, once each."""
    for each in seen:
        left, right = each.left, each.right
        if each.operator in ("in", "not in") and isinstance(right, list | tuple | set | frozenset | dict):
            for one in list(right)[:12]:  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
                if _plain(one):
                    yield _named(left, one)
        elif each.operator == "startswith" and isinstance(right, str | bytes):
            yield _named(left[: len(right)], right)
            yield _named(left, right + left)
        elif each.operator == "endswith" and isinstance(right, str | bytes):
            yield _named(left[len(left) - len(right) :], right)
            yield _named(left, left + right)
        elif kind_of(left) in (list, tuple) and kind_of(right) in (list, tuple):
            for one, other in zip(left, right, strict=False):
                if one != other:
                    yield _named(one, other)
        elif _plain(right):
            yield _named(left, right)
            yield _named(right, left)


def _named(have: Any, want: Any) -> tuple[str, Any, Any]:
    return f"{type(have).__name__} {type(want).__name__}", have, want  # 1, 1.0 and True are not the same pair


def _direct(spot: Spot, have: Any, want: Any) -> Iterator[Plan]:
    """The value itself stands in the input, in one of its spellings."""
    part = spot.part
    kind = kind_of(part)
    if kind in (int, float) and type(have) in (int, float) and type(want) in (int, float):
        if part == have and abs(want) < 2**70:
            for each in (want, want + 1, want - 1):
                yield kind(each)
    elif kind is str:
        if isinstance(have, str) and isinstance(want, str):
            yield from _replaced(part, have, want)
        elif type(have) is int and type(want) is int:
            yield from _digits(part, have, want)
    elif kind is bytes:
        if isinstance(have, bytes) and isinstance(want, bytes):
            yield from _replaced(part, have, want)
        elif type(have) is int and type(want) is int:
            yield from _packed(part, have, want)


def _replaced(text: Any, have: Any, want: Any) -> Iterator[Any]:
    """Up to 24 occurrences, one at a time. Nothing stands everywhere, so it is put at both ends."""
    if not have:
        yield from (want + text, text + want)
        return
    start = text.find(have)
    for _ in range(24):
        if start < 0:
            return
        yield (text[:start] + want + text[start + len(have) :])[:MOST_CHARACTERS]
        start = text.find(have, start + 1)


def _digits(text: str, have: int, want: int) -> Iterator[str]:
    """A number written in the text (decimal, hexadecimal, octal, binary), or as the code of a character."""
    forms = ("d", "x", "X", "o", "b") if have >= 0 and want >= 0 else ("d",)
    for written, new in dict.fromkeys((format(have, form), format(want, form)) for form in forms):
        for match in list(re.finditer(rf"0*{re.escape(written)}", text))[:6]:
            width = len(match[0]) if match[0] != written or len(new) < len(written) else 0
            yield text[: match.start()] + new.zfill(width) + text[match.end() :]
    if 0 <= have < 0x10FFFF and 0 <= want < 0xD800:
        yield from _replaced(text, chr(have), chr(want))


def _packed(blob: bytes, have: int, want: int) -> Iterator[bytes]:
    for size in (1, 2, 4, 8):
        if not (0 <= have < 256**size and 0 <= want < 256**size):
            continue
        for order in ("big", "little")[: 1 if size == 1 else 2]:
            yield from _replaced(blob, have.to_bytes(size, order), want.to_bytes(size, order))
    yield from (each.encode("latin-1") for each in _digits(blob.decode("latin-1"), have, want) if each.isascii())


def _by_length(spot: Spot, have: Any, want: Any) -> Iterator[Plan]:
    """The number is the length of a part."""
    part = spot.part
    if kind_of(part) not in (str, bytes, list) or type(have) is not int or type(want) is not int:
        return
    if len(part) != have or not 0 <= want <= _LONGEST or want == have:
        return
    for size in (want, want + 1, want - 1):
        if size < len(part):
            yield part[: max(size, 0)]
        else:
            filling: Any = part[-1:] or ("a" if kind_of(part) is str else b"a" if kind_of(part) is bytes else part)
            yield part + filling * (size - len(part))


def _whole(spot: Spot, _have: Any, want: Any) -> Iterator[Plan]:
    """The other side in the place of a whole part: what the target compares with may be made of it."""
    kind = kind_of(spot.part)
    if kind is type(want) and kind is not bool and spot.part != want:
        yield want
        if kind is str:
            others = dict.fromkeys((want.lower(), want.upper(), want.swapcase(), want[::-1]))
            yield from (each for each in others if each != want)
        elif kind in (int, float):
            yield from (want + 1, want - 1, -want)


Measure = Callable[[Plan], float]


def descend(plan: Plan, far: float, measure: Measure, budget: int) -> Iterator[tuple[Plan, float]]:
    """Ever closer plans, by ``measure``; each result is (plan, distance). Ends at 0, or when nothing helps."""
    left = budget
    improved = True
    while improved and left > 0 and far > 0:
        improved = False
        for number in range(sum(1 for _ in _leaves(plan))):
            leaves = list(_leaves(plan))
            if number >= len(leaves):  # a closer plan has fewer parts
                break
            for move in _moves(leaves[number].part):
                step = 1
                while left > 0:
                    here = list(_leaves(plan))
                    if number >= len(here):
                        break
                    part = move(here[number].part, step)
                    if part is None:
                        break
                    candidate = here[number].put(part)
                    left -= 1
                    closer = measure(candidate)
                    if closer >= far:
                        if step <= 1:
                            break
                        step = 1
                        continue
                    plan, far, improved = candidate, closer, True
                    yield plan, far
                    if far <= 0:
                        return
                    step *= 2


def _leaves(plan: Plan) -> Iterator[Spot]:
    return (each for each in spots(plan) if kind_of(each.part) in (int, float, str, bytes, bool, list))


Move = Callable[[Any, int], Any]


def _flipped(value: Any, step: int) -> Any:
    return not value if step == 1 else None


def _moves(part: Any) -> list[Move]:
    kind = kind_of(part)
    if kind is bool:
        return [_flipped]
    if kind in (int, float):
        return [_shifted(1), _shifted(-1), *([_shifted(0.01), _shifted(-0.01)] if kind is float else [])]
    moves: list[Move] = []
    if kind is list:
        return [lambda value, step: [*value, *value[-1:] * step] if len(value) + step <= 40 else None, _shorter]
    for place in range(min(len(part), 24)):
        moves += [_turned(place, 1), _turned(place, -1)]
    return [*moves, _longer, _shorter]


def _shifted(by: float) -> Move:
    return lambda value, step: value + by * step


def _longer(value: Any, step: int) -> Any:
    filling: Any = value[-1:] or ("a" if isinstance(value, str) else b"a")
    return value + filling * step if len(value) + step <= _LONGEST else None


def _shorter(value: Any, step: int) -> Any:
    return value[:-step] if step <= len(value) else None


def _turned(place: int, sign: int) -> Move:
    """Another character in one place."""

    def move(value: Any, step: int) -> Any:
        if place >= len(value):
            return None
        if isinstance(value, bytes):
            byte = value[place] + sign * step
            return value[:place] + bytes([byte]) + value[place + 1 :] if 0 <= byte < 256 else None
        code = ord(value[place]) + sign * step
        return value[:place] + chr(code) + value[place + 1 :] if 0 < code < 0xD800 else None

    return move
