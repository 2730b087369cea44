"""Which of the programs that satisfy all examples is offered, and how sure we are of it.

Confidence rises with the number of examples and with what they say (in bits) against the length of the program; it
falls with rivals that behave differently on the probes, with words of the description that the program does not
account for, and if leaving an example out would have led to another program.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from ..valuetypes import same
from ..words import words_of
from .components import Expr
from .enumerate import COMPONENTS, ERROR, HIGHER_ORDER, Node

#: Every word that some component answers to.
_KNOWN = frozenset(
    word
    for words in (*(each.words for each in COMPONENTS), *(each[1] for each in HIGHER_ORDER.values()))
    for word in words
)
#: Words that say little by themselves: they may stand in any description.
_WEAK = words_of(
    """a all and by each every first in is list not number of the text to up word words string values value letters
    letter numbers than one add or from at two integer same name names key keys title line character characters convert
    parse format last size turn string"""
)


@dataclass(frozen=True, slots=True)
class Rival:
    """A program that satisfies the examples too, and an input on which it differs from the offered one."""

    expr: Expr
    args: tuple[object, ...]
    offered: object
    other: object


def elect(
    matches: Sequence[Node], rows: Sequence[tuple[object, ...]], strict: int
) -> tuple[Node, float, tuple[Rival, ...]]:
    """The winner, its share of the weight, and its rivals.

    Programs that agree on all probes vote together; a program's weight halves with each unit of cost, and halves for
    each probe that it fails on."""
    least = min(node.cost for node in matches)
    groups: dict[str, list[Node]] = {}
    for node in sorted(matches, key=lambda each: each.cost):
        groups.setdefault(repr(node.values[strict:]), []).append(node)

    def weight(nodes: list[Node]) -> float:
        errors = sum(value is ERROR for value in nodes[0].values[strict:])
        return sum(2.0 ** -(node.cost - least) for node in nodes[:3]) * 0.5**errors

    ordered = sorted(groups.values(), key=weight, reverse=True)
    winner = ordered[0][0]
    rivals: list[Rival] = []
    for nodes in ordered[1:]:
        other = nodes[0]
        for position in range(strict, len(rows)):
            left, right = winner.values[position], other.values[position]
            if left is not ERROR and right is not ERROR and not same(left, right):
                rivals.append(Rival(other.expr, rows[position], left, right))
                break
    mass = sum(map(weight, ordered))
    agreed = sum(weight(nodes) * _agreement(winner, nodes[0], strict) for nodes in ordered)
    return winner, agreed / mass, tuple(rivals[:3])


def _agreement(left: Node, right: Node, strict: int) -> float:
    """On how many of the probes two programs behave alike."""
    pairs = list(zip(left.values[strict:], right.values[strict:], strict=True))
    return sum(a is b or same(a, b) for a, b in pairs) / len(pairs) if pairs else 1.0


def information(value: object) -> float:
    """Roughly how many bits an expected result gives: a truth value under one, a text two and a half a character."""
    match value:
        case bool() | None:
            return 0.7  # half of all conditions give a truth value by chance
        case int() | float():
            return min(1 + math.log2(abs(value) + 1), 10.0) + (2 if isinstance(value, float) else 0)
        case str():
            return min(2.5 * len(value), 40.0)
        case dict():
            pairs = cast("dict[object, object]", value).items()
            return sum(information(each) for pair in pairs for each in pair) + 1
        case list() | tuple() | set():
            return sum(information(each) for each in cast("list[object]", value)) + 1
        case _:
            return 4.0


def _words(expr: Expr) -> Iterator[frozenset[str]]:
    """The words that each component of a program answers to."""
    if expr.component is not None:
        yield expr.component.words
    elif expr.op in HIGHER_ORDER:
        yield HIGHER_ORDER[expr.op][1]
    for each in (*expr.args, *((expr.body,) if expr.body is not None else ())):
        yield from _words(each)


def _constants(expr: Expr) -> Iterator[object]:
    if expr.op == "const":
        yield expr.value
    for each in (*expr.args, *((expr.body,) if expr.body is not None else ())):
        yield from _constants(each)


def coverage(expr: Expr, hints: frozenset[str], numbers: frozenset[int]) -> float:
    """How much of the description the program accounts for: words that components answer to, and numbers."""
    used = [words & hints for words in _words(expr)]
    answered = frozenset(word for words in used for word in words)
    asked = (hints & _KNOWN) - _WEAK
    constants = {value for value in _constants(expr) if isinstance(value, int)}
    texts = "".join(str(value) for value in _constants(expr))
    missed = sum(number not in constants and str(number) not in texts for number in numbers)
    open_words = len(_stems(asked - answered) - _stems(answered))
    total = len(_stems(asked)) + len(numbers)
    return 1.0 if not total else 1 - (open_words + missed) / total


def _stems(words: frozenset[str]) -> set[str]:
    """Words cut to their first five letters, so that plural and past forms count once."""
    return {word[:5] for word in words}


def confidence(
    node: Node, wanted: Sequence[object], hints: frozenset[str], numbers: frozenset[int], share: float, left_out: float
) -> float:
    """A probability estimate within 0.02 and 0.97. Its shape is a judgement; the benchmark says how it fares."""
    hinted = sum(bool(words & hints) for words in _words(node.expr))
    bits = sum(map(information, wanted)) + 3.0 * hinted
    evidence = 1 - 0.5 ** (len(wanted) + 0.5)
    said = min(1.0, bits / (2.0 * node.cost)) ** 1.5
    told = 0.4 + 0.6 * coverage(node.expr, hints, numbers)
    return max(0.02, min(0.97, evidence * said * told * (0.55 + 0.45 * left_out) * share))
