"""Which program is offered, and how sure we are of it.

From the stream of programs, cheapest first: those that satisfy all examples; conditionals made of programs that each
satisfy a part of them; rivals that satisfy all examples but behave differently on the probes.
Confidence falls with rivals of like cost, with a costly program for few examples, and when leaving an example out
would have led to another answer (leave-one-out).
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from ..specification import Specification
from ..valuetypes import same
from .components import Expr, constant, uses, variable
from .enumerate import ERROR, HIGHER_ORDER, Clock, Node, OutOfTime, Search
from .inputs import goal_constants, hint_words, probes, slots

#: Programs at most this much dearer than the best are looked at as rivals.
RIVAL_MARGIN = 1
_MAX_COST = 24


@dataclass(frozen=True, slots=True)
class Rival:
    """A program that satisfies the examples too, and an input on which it differs from the offered one."""

    expr: Expr
    args: tuple[object, ...]
    offered: object
    other: object


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a search. ``expr`` is None if no program satisfies all examples within the budget."""

    expr: Expr | None
    cost: int = 0
    confidence: float = 0.0
    left_out: tuple[int, int] = (0, 0)  # leave-one-out: (predicted, tried)
    rivals: tuple[Rival, ...] = ()
    candidates: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class _State:
    wanted: tuple[object, ...]
    full: int
    names: tuple[str, ...]
    matches: list[Node] = field(default_factory=list[Node])
    by_mask: dict[int, Node] = field(default_factory=dict[int, Node])
    conditions: dict[int, Node] = field(default_factory=dict[int, Node])


def synthesise(spec: Specification, *, budget_s: float = 5.0, cancel: Callable[[], bool] = lambda: False) -> Found:
    """Search for the function that ``spec`` describes, for at most ``budget_s`` seconds."""
    started = time.monotonic()
    names = [each.name for each in spec.parameters]
    examples = [
        (_bound(spec, position), each.expected) for position, each in enumerate(spec.examples) if not each.raises
    ]
    if not examples or not names:
        return Found(None)
    inputs, wanted = [each for each, _ in examples], [each for _, each in examples]
    rows = [*inputs, *probes(inputs)]
    hints = hint_words(f"{spec.name} {spec.description}")
    leaves = [(variable(name), tuple(row[position] for row in rows), 1) for position, name in enumerate(names)]
    clock = Clock(started + budget_s, cancel)
    search = Search(leaves, len(inputs), slots(inputs, wanted, spec.description, hints), hints, clock)
    state = _State(tuple(wanted), (1 << len(wanted)) - 1, tuple(names))
    for value in goal_constants(wanted):
        _note(state, Node(constant(value), "", 3, (value,) * len(rows)))
    collecting = gc.isenabled()
    gc.disable()  # a search makes many small values and no cycles; collecting them costs more than it frees
    try:
        best = _run(search, state, budget_s)
    finally:
        if collecting:
            gc.enable()
    seconds = time.monotonic() - started
    if best is None:
        return Found(None, candidates=clock.candidates, seconds=seconds)
    chosen, share, rivals = _elect(state, best, rows, len(inputs))
    predicted, tried = _leave_one_out(state, chosen)
    bits = sum(map(information, wanted)) + 3.0 * _hinted(chosen.expr, hints)
    confidence = _confidence(chosen.cost, bits, share, len(inputs), predicted, tried)
    return Found(chosen.expr, chosen.cost, confidence, (predicted, tried), rivals, clock.candidates, seconds)


def _run(search: Search, state: _State, budget_s: float) -> Node | None:
    """The cheapest program that satisfies all examples; its rivals are in ``state.matches``."""
    clock = search.clock
    best: Node | None = None
    limit = _MAX_COST
    search.bank.append({})
    try:
        for cost in range(1, _MAX_COST):
            if cost > limit:
                break
            for node in search.level(cost):
                _note(state, node)
                if best is None and state.matches:
                    best = state.matches[0]
                    limit = best.cost + RIVAL_MARGIN
                    clock.deadline = min(clock.deadline, time.monotonic() + max(0.5, budget_s / 4))
            if best is None:
                branched = _conditional(state, state.full, cost + 2)
                if branched is not None and _branches_hold(state):
                    return branched
    except OutOfTime:
        pass
    if best is None and _branches_hold(state):
        return _conditional(state, state.full, _MAX_COST)
    return best


def _bound(spec: Specification, position: int) -> tuple[object, ...]:
    """The arguments of an example in the order of the parameters."""
    example = spec.examples[position]
    named = dict(example.kwargs)
    values: list[object] = []
    for place, parameter in enumerate(spec.parameters):
        values.append(example.args[place] if place < len(example.args) else named[parameter.name])
    return tuple(values)


def _note(state: _State, node: Node) -> None:
    """Remember which examples a program satisfies, and the truth value it has on them."""
    mask = 0
    for position, wanted in enumerate(state.wanted):
        if same(node.values[position], wanted):
            mask |= 1 << position
    if mask == state.full:
        if not all(uses(node.expr, name) for name in state.names):
            return  # a function that ignores what it is given is not what was meant
        state.matches.append(node)
    if mask and (mask not in state.by_mask or state.by_mask[mask].cost > node.cost):
        state.by_mask[mask] = node
    if node.kind == "bool":
        truth = sum(1 << position for position in range(len(state.wanted)) if node.values[position] is True)
        state.conditions.setdefault(truth, node)


def _conditional(state: _State, wanted: int, budget: int) -> Node | None:
    """The cheapest ``a if condition else b`` that satisfies the examples in ``wanted``, nested up to three deep."""
    if len(state.wanted) < 3:
        return None
    conditions = sorted(state.conditions.items(), key=lambda item: item[1].cost)[:80]
    straight: dict[int, Node | None] = {}
    memo: dict[tuple[int, int], Node | None] = {}

    def cover(mask: int) -> Node | None:
        if mask not in straight:
            straight[mask] = _cheapest(state, mask)
        return straight[mask]

    def split(mask: int, depth: int) -> Node | None:
        key = (mask, depth)
        if key not in memo:
            memo[key] = None
            best: Node | None = None
            for truth, condition in conditions:
                yes, no = truth & mask, mask & ~truth
                left = cover(yes) if yes and no else None
                if left is None:
                    continue
                right = cover(no) or (split(no, depth + 1) if depth < 2 else None)
                if right is None:
                    continue
                cost = condition.cost + left.cost + right.cost + 1
                if cost <= budget * (depth + 2) and (best is None or cost < best.cost):
                    best = Node(Expr("if", args=(condition.expr, left.expr, right.expr)), "", cost,
                                _switched(condition, left, right))  # fmt: skip
            memo[key] = best
        return memo[key]

    found = split(wanted, 0)
    return found if found is not None and all(uses(found.expr, name) for name in state.names) else None


def _switched(condition: Node, yes: Node, no: Node) -> tuple[object, ...]:
    return tuple(
        ERROR if c is ERROR else (a if c is True else b)
        for c, a, b in zip(condition.values, yes.values, no.values, strict=True)
    )


def _cheapest(state: _State, mask: int) -> Node | None:
    """The cheapest program that satisfies at least the examples in ``mask``."""
    fitting = (node for each, node in state.by_mask.items() if each & mask == mask)
    return min(fitting, key=lambda node: node.cost, default=None)


def _branches_hold(state: _State) -> bool:
    """Leave-one-out for conditionals: for at least half of the examples the others alone lead to the same result.

    A conditional can memorise anything; one that does predicts nothing."""
    total = len(state.wanted)
    good = tried = 0
    for position in range(total):
        rest = state.full & ~(1 << position)
        found = _conditional(state, rest, _MAX_COST) or _cheapest(state, rest)
        if found is not None:
            tried += 1
            good += same(found.values[position], state.wanted[position])
    return tried > 0 and good * 2 >= total


def _leave_one_out(state: _State, chosen: Node) -> tuple[int, int]:
    """For how many examples the cheapest program that satisfies all others also satisfies it."""
    total = len(state.wanted)
    if total < 2:
        return 0, 0
    good = 0
    for position in range(total):
        rest = state.full & ~(1 << position)
        cheaper = [
            node
            for mask, node in state.by_mask.items()
            if mask & rest == rest and mask != state.full and node.cost < chosen.cost
        ]
        good += not cheaper
    return good, total


def _elect(
    state: _State, best: Node, rows: Sequence[tuple[object, ...]], strict: int
) -> tuple[Node, float, tuple[Rival, ...]]:
    """The winner among the programs that satisfy all examples, its share of the weight, and its rivals.

    Programs that agree on all probes vote together; a program's weight halves with each unit of cost, and halves for
    each probe that it fails on."""
    pool = state.matches or [best]
    groups: dict[str, list[Node]] = {}
    for node in pool:
        groups.setdefault(repr(node.values[strict:]), []).append(node)

    def weight(nodes: list[Node]) -> float:
        errors = sum(value is ERROR for value in nodes[0].values[strict:])
        return sum(2.0 ** -(node.cost - best.cost) for node in nodes) * 0.5**errors

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
    """Roughly how many bits an expected result gives: a truth value one, a text two and a half for each character."""
    match value:
        case bool() | None:
            return 1.0
        case int() | float():
            return min(1 + math.log2(abs(value) + 1), 10.0) + (2 if isinstance(value, float) else 0)
        case str():
            return min(2.5 * len(value), 40.0)
        case dict():
            return sum(information(each) for pair in cast("dict[object, object]", value).items() for each in pair) + 1
        case list() | tuple() | set():
            return sum(information(each) for each in cast("list[object]", value)) + 1
        case _:
            return 4.0


def _hinted(expr: Expr, hints: frozenset[str]) -> int:
    """How many components the description asked for by a word."""
    own = (
        expr.component.words
        if expr.component is not None
        else HIGHER_ORDER[expr.op][1]
        if expr.op in HIGHER_ORDER
        else None
    )
    inner = (*expr.args, *((expr.body,) if expr.body is not None else ()))
    return int(own is not None and bool(own & hints)) + sum(_hinted(each, hints) for each in inner)


def _confidence(cost: int, bits: float, share: float, examples: int, predicted: int, tried: int) -> float:
    """A probability estimate. Its shape is a judgement, not fitted: more examples, results that say more than the
    program is long, a larger share of the votes and better leave-one-out raise it; it stays within 0.02 and 0.97."""
    evidence = 1 - 0.5 ** (examples + 0.5)
    said = min(1.0, bits / (2.0 * cost))
    held = (predicted + 1) / (tried + 1) if tried else 0.6
    return max(0.02, min(0.97, evidence * said * (0.4 + 0.6 * held) * share))
