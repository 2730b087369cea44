"""The search from end to end: examples in, a program and how sure we are of it out.

From the stream of programs, cheapest first: those that satisfy all examples; those that do after one more step, looked
at ahead of their turn; texts put together by alignment; conditionals of programs that each satisfy a part.
"""

from __future__ import annotations

import ast
import gc
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..specification import Specification
from .branches import Parts, conditional, predicts
from .components import Component, Expr, constant, uses, variable
from .confidence import Rival, confidence, elect
from .enumerate import COMPONENTS, ERROR, Clock, Node, OutOfTime, Search
from .inputs import goal_constants, hint_words, probes, slots
from .templates import templates
from .types import matches, type_of

#: Programs at most this much dearer than the best are looked at as rivals.
RIVAL_MARGIN = 1
_MAX_COST = 24

#: Components that often come last: tried on every program at once, ahead of their turn.
_LAST = {
    each.name: each
    for each in COMPONENTS
    if each.name
    in (
        *("join", "lower", "upper", "strip_chars", "sum", "len", "sorted", "unique", "dict_of", "set", "tuple_of"),
        *(
            "round_k",
            "reverse",
            "min",
            "max",
            "any_of",
            "all_of",
            "to_int",
            "to_float",
            "counter",
            "title",
            "capitalize",
        ),
    )
}


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
    parts: Parts
    rows: list[tuple[object, ...]]
    goal: str
    matches: list[Node] = field(default_factory=list[Node])
    pieces: list[Node] = field(default_factory=list[Node])


def synthesise(spec: Specification, *, budget_s: float = 5.0, cancel: Callable[[], bool] = lambda: False) -> Found:
    """Search for the function that ``spec`` describes, for at most ``budget_s`` seconds."""
    started = time.monotonic()
    names = tuple(each.name for each in spec.parameters)
    try:
        examples = [(_bound(spec, place), each.expected) for place, each in enumerate(spec.examples) if not each.raises]
    except ValueError:
        return Found(None)
    if not examples or not names:
        return Found(None)
    inputs, wanted = [each for each, _ in examples], tuple(each for _, each in examples)
    rows = [*inputs, *probes(inputs)]
    hints = hint_words(f"{spec.name} {spec.description}")
    leaves = [(variable(name), tuple(row[place] for row in rows), 1) for place, name in enumerate(names)]
    clock = Clock(started + budget_s, cancel)
    search = Search(leaves, len(inputs), slots(inputs, wanted, spec.description, hints), hints, clock)
    state = _State(Parts(wanted, names), rows, type_of(wanted[0]))
    for value in goal_constants(wanted):
        node = Node(constant(value), "", 3, (value,) * len(rows))
        state.parts.note(node, state.parts.mask_of(node.values))
    collecting = gc.isenabled()
    gc.disable()  # a search makes many small values and no cycles; collecting them costs more than it frees
    try:
        _run(search, state, budget_s)
    finally:
        if collecting:
            gc.enable()
    seconds = time.monotonic() - started
    if not state.matches:
        return Found(None, candidates=clock.candidates, seconds=seconds)
    chosen, share, rivals = elect(state.matches, rows, len(inputs))
    left_out = _leave_one_out(state, chosen)
    held = (left_out[0] + 1) / (left_out[1] + 1) if left_out[1] else 0.6
    numbers = frozenset(int(each) for each in re.findall(r"(?<![\w.])\d{1,6}(?![\w.])", spec.description))
    sure = confidence(chosen, wanted, hints, numbers, share, held)
    return Found(chosen.expr, chosen.cost, sure, left_out, rivals, clock.candidates, seconds)


def _run(search: Search, state: _State, budget_s: float) -> None:
    """Fill ``state.matches`` with programs that satisfy all examples: the cheapest, and its rivals."""
    limit, known = _MAX_COST, 0
    search.bank.append({})
    try:
        for cost in range(1, _MAX_COST):
            if cost > limit:
                return
            for node in search.level(cost):
                for each in (node, *_ahead(search, state, node)):
                    _note(state, each)
                if len(state.matches) > known:
                    if not known:
                        deadline = time.monotonic() + max(0.5, budget_s / 4)
                        search.clock.deadline = min(search.clock.deadline, deadline)
                    known = len(state.matches)
                    limit = min(each.cost for each in state.matches) + RIVAL_MARGIN
            if state.goal == "str" and 3 <= cost <= 9:
                for each in templates(state.pieces, state.parts.wanted, state.parts.names, search.width):
                    if each.cost <= cost + 4:
                        _note(state, each)
            if not state.matches and _branched(state, cost + 1):
                return
            if state.matches:
                limit = min(limit, min(each.cost for each in state.matches) + RIVAL_MARGIN)
    except OutOfTime:
        pass  # what was found so far counts
    if not state.matches and state.goal == "str":
        for each in templates(state.pieces, state.parts.wanted, state.parts.names, search.width):
            _note(state, each)
    if not state.matches:
        _branched(state, 10 * _MAX_COST)


def _branched(state: _State, budget: int) -> bool:
    """Offer a conditional if there is one that predicts."""
    found = conditional(state.parts, state.parts.full, budget)
    if found is None or not predicts(state.parts, 10 * _MAX_COST):
        return False
    state.matches.append(found)
    return True


def _bound(spec: Specification, place: int) -> tuple[object, ...]:
    """The arguments of an example in the order of the parameters; defaults where it leaves one out.

    Raises ValueError if a default is not a literal."""
    example = spec.examples[place]
    named = dict(example.kwargs)
    values: list[object] = []
    for position, parameter in enumerate(spec.parameters):
        if position < len(example.args):
            values.append(example.args[position])
        elif parameter.name in named:
            values.append(named[parameter.name])
        else:
            try:
                values.append(ast.literal_eval(parameter.default))
            except SyntaxError as error:
                raise ValueError(f"{parameter.name} has no value") from error
    return tuple(values)


def _note(state: _State, node: Node) -> None:
    mask = state.parts.mask_of(node.values)
    if mask == state.parts.full:
        if not all(uses(node.expr, name) for name in state.parts.names):
            return  # a function that ignores what it is given is not what was meant
        state.matches.append(node)
    state.parts.note(node, mask)
    if state.goal == "str" and node.kind in ("str", "int") and node.cost <= 8:
        state.pieces.append(node)


def _ahead(search: Search, state: _State, node: Node) -> Iterator[Node]:
    """Programs one usual last step away from ``node`` that satisfy all examples."""
    wanted = state.parts.wanted
    for name, last in _LAST.items():
        patterns = last.args
        place = 1 if name == "join" else 0
        if not matches(patterns[place], node.kind):
            continue
        for value, price in search.slots.get(patterns[1 - place], ()) if len(patterns) == 2 else ((None, 0),):
            args = (value, node.values[0]) if place else (node.values[0], value)[: len(patterns)]
            try:
                first = last.meaning(*args)
            except Exception:  # noqa: BLE001 - a component may refuse its arguments in any way
                continue
            if type(first) is not type(wanted[0]) or first != wanted[0]:
                continue
            finished = _finished(
                search, last, node, value, place, node.cost + search.price(last.cost, last.words) + price
            )
            if finished is not None and state.parts.mask_of(finished.values) == state.parts.full:
                yield finished


def _finished(search: Search, last: Component, node: Node, value: object, place: int, cost: int) -> Node | None:
    fixed = Node(constant(value), "", 1, (value,) * search.width)
    args = (fixed, node) if place else (node, fixed)[: len(last.args)]
    values = search.apply(last.meaning, args)
    if values is None:
        return None
    return Node(Expr(last.name, last, tuple(each.expr for each in args)), "", cost, values, ERROR in values)


def _leave_one_out(state: _State, chosen: Node) -> tuple[int, int]:
    """For how many examples the cheapest program that satisfies all others also satisfies it."""
    parts = state.parts
    total = len(parts.wanted)
    if total < 2:
        return 0, 0
    good = 0
    for place in range(total):
        rest = parts.full & ~(1 << place)
        good += not any(
            mask & rest == rest and mask != parts.full and node.cost < chosen.cost
            for mask, node in parts.by_mask.items()
        )
    return good, total
