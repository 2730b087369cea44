"""The control flow of one function, with what each step reads and binds; and what follows from it.

A step is an evaluation without a jump inside. Liveness and definite assignment are the classic data-flow problems
over it (Aho, Lam, Sethi and Ullman, "Compilers", ch. 9).

Invariant: edges are over-approximated, never left out: every step inside a ``try`` may go to its handlers, and what
leaves a ``finally`` may go wherever anything that entered it wanted to go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst

from .reads import (
    NOTHING,
    Names,
    definition_names,
    inside,
    names,
    parameter_names,
    parts,
    target_names,
    target_reads,
)

#: Context managers whose name says that they may swallow an exception.
_SWALLOWS = ("suppress", "raises", "ignore", "catch", "swallow", "warns", "subTest")


@dataclass(slots=True)
class Step:
    """One evaluation: reads come first, then the writes. ``next`` are the steps after it, ``raises`` those that an
    exception in it leads to (inside the function)."""

    reads: frozenset[str]
    kept: frozenset[str]
    writes: frozenset[str]
    unbinds: frozenset[str]
    next: set[int] = field(default_factory=set[int])
    raises: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Guard:
    """Where exceptions go from here."""

    outer: _Guard | None
    entries: list[int] = field(default_factory=list[int])
    passes: bool = True  # an exception may also leave it

    def targets(self) -> Iterator[int]:
        yield from self.entries
        if self.passes and self.outer is not None:
            yield from self.outer.targets()


@dataclass(slots=True)
class _Loop:
    breaks: list[int] = field(default_factory=list[int])
    continues: list[int] = field(default_factory=list[int])


@dataclass(slots=True)
class _Final:
    pending: dict[str, list[int]] = field(default_factory=dict[str, list[int]])


@dataclass(frozen=True)
class Flow:
    """Steps by number; ``spans`` gives the half-open range of steps of each statement and suite."""

    function: cst.FunctionDef
    steps: Sequence[Step]
    spans: dict[cst.CSTNode, range]
    exit: int

    @cached_property
    def parameters(self) -> frozenset[str]:
        return frozenset(parameter_names(self.function.params))

    @cached_property
    def foreign(self) -> frozenset[str]:
        """Names declared ``global`` or ``nonlocal``."""
        declared = inside(self.function, cst.Global, cst.Nonlocal)
        return frozenset(each.name.value for statement in declared for each in statement.names)

    @cached_property
    def variables(self) -> frozenset[str]:
        """The function's own names."""
        bound = {name for step in self.steps for name in step.writes | step.unbinds}
        return (self.parameters | bound) - self.foreign

    @cached_property
    def kept(self) -> frozenset[str]:
        """Own names that a nested function may read at any time."""
        return frozenset(name for step in self.steps for name in step.kept) & self.variables

    @cached_property
    def live(self) -> Sequence[frozenset[str]]:
        """For each step, the own names whose value may be read from there on."""
        found: list[frozenset[str]] = [frozenset()] * len(self.steps)

        def update(number: int) -> bool:
            step = self.steps[number]
            after = frozenset[str]().union(*(found[each] for each in step.next))
            caught = frozenset[str]().union(*(found[each] for each in step.raises))
            value = (((after - step.writes - step.unbinds) | caught | step.reads) & self.variables) | self.kept
            changed = value != found[number]
            found[number] = value
            return changed

        _settle(range(len(self.steps) - 1, -1, -1), update)
        return found

    @cached_property
    def bound(self) -> Sequence[frozenset[str]]:
        """For each step, the own names that surely have a value when it begins."""
        return self.bound_from(0, self.parameters, range(len(self.steps)))

    def bound_from(self, start: int, given: frozenset[str], region: range) -> list[frozenset[str]]:
        """The same if the run began at ``start`` with only ``given`` bound, and stayed inside ``region``."""
        found = [self.variables] * len(self.steps)
        before: dict[int, list[tuple[int, bool]]] = {}
        for number in region:
            for target in self.steps[number].next:
                before.setdefault(target, []).append((number, False))
            for target in self.steps[number].raises:
                before.setdefault(target, []).append((number, True))

        def update(number: int) -> bool:
            value = given if number == start else self.variables
            for source, failed in before.get(number, ()):
                step = self.steps[source]
                at = found[source] - step.unbinds
                value = value & (at if failed else at | step.writes)
            changed = value != found[number]
            found[number] = value
            return changed

        places = [*region, *(target for target in before if target not in region)]
        _settle(places, update)
        return found


def _settle(order: Iterable[int], update: Callable[[int], bool]) -> None:
    places = list(order)
    while sum([update(number) for number in places]):
        continue


class _Builder:
    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.guards: list[_Guard | None] = []
        self.spans: dict[cst.CSTNode, range] = {}
        self.frontier: list[int] = []
        self.frames: list[_Loop | _Final] = []
        self.guard: _Guard | None = None
        self.returns: list[int] = []

    def step(
        self, read: Names = NOTHING, writes: Iterable[str] = (), unbinds: Iterable[str] = (), joined: bool = True
    ) -> int:
        number = len(self.steps)
        self.steps.append(Step(read.reads, read.kept, frozenset(writes), frozenset(unbinds)))
        self.guards.append(self.guard)
        if joined:
            for each in self.frontier:
                self.steps[each].next.add(number)
        self.frontier = [number]
        return number

    def leave(self, kind: str, sources: list[int], depth: int) -> None:
        """Send ``sources`` off by a jump: to the loop, through a ``finally`` on the way, or out of the function."""
        for frame in reversed(self.frames[:depth]):
            if isinstance(frame, _Final):
                frame.pending.setdefault(kind, []).extend(sources)
                return
            if kind == "break":
                frame.breaks.extend(sources)
                return
            if kind == "continue":
                frame.continues.extend(sources)
                return
        self.returns.extend(sources)

    def suite(self, suite: cst.BaseSuite) -> None:
        start = len(self.steps)
        for each in suite.body:
            self.statement(each)
        self.spans[suite] = range(start, len(self.steps))

    def statement(self, node: cst.CSTNode) -> None:
        start = len(self.steps)
        if isinstance(node, cst.SimpleStatementLine):
            for each in node.body:
                self.statement(each)
        elif isinstance(node, cst.If):
            self.branch(node)
        elif isinstance(node, cst.While):
            self.loop(node)
        elif isinstance(node, cst.For):
            self.for_loop(node)
        elif isinstance(node, cst.Try | cst.TryStar):
            self.attempt(node)
        elif isinstance(node, cst.With):
            self.with_block(node)
        elif isinstance(node, cst.Match):
            self.match(node)
        elif isinstance(node, cst.FunctionDef | cst.ClassDef):
            self.step(definition_names(node), {node.name.value})
        elif isinstance(node, cst.BaseSmallStatement):
            self.small(node)
        self.spans[node] = range(start, len(self.steps))

    def small(self, node: cst.BaseSmallStatement) -> None:
        if isinstance(node, cst.Assign):
            self.expression(node.value)
            for each in node.targets:
                self.step(target_reads(each.target), target_names(each.target))
        elif isinstance(node, cst.AnnAssign):
            if node.value is not None:
                self.expression(node.value)
                self.step(target_reads(node.target), target_names(node.target))
            else:
                self.step()
        elif isinstance(node, cst.AugAssign):
            self.step(names(node.target))
            self.expression(node.value)
            self.step(writes=target_names(node.target))
        elif isinstance(node, cst.Return):
            self.expression(node.value)
            self.leave("return", self.frontier, len(self.frames))
            self.frontier = []
        elif isinstance(node, cst.Raise):
            self.expression(node.exc)
            self.expression(node.cause.item if node.cause is not None else None)
            self.frontier = []
        elif isinstance(node, cst.Break | cst.Continue):
            self.step()
            self.leave("break" if isinstance(node, cst.Break) else "continue", self.frontier, len(self.frames))
            self.frontier = []
        elif isinstance(node, cst.Del):
            self.step(target_reads(node.target), unbinds=target_names(node.target))
        elif isinstance(node, cst.Import | cst.ImportFrom):
            self.step(writes=imported_names(node))
        elif isinstance(node, cst.Assert):
            self.expression(node.test)
            passed = self.frontier
            self.expression(node.msg)
            self.frontier = passed
        elif isinstance(node, cst.Expr):
            self.expression(node.value)
        else:
            self.step()

    def expression(self, node: cst.CSTNode | None) -> None:
        """One step, or several where assignment expressions bind names on the way."""
        if node is None or not any(True for _ in inside(node, cst.NamedExpr)):
            self.step(names(node))
        elif isinstance(node, cst.NamedExpr):
            self.expression(node.value)
            self.step(writes=target_names(node.target))
        elif isinstance(node, cst.BooleanOperation):
            self.expression(node.left)
            short = list(self.frontier)
            self.expression(node.right)
            self.frontier += short
        elif isinstance(node, cst.IfExp):
            self.expression(node.test)
            tested = list(self.frontier)
            self.expression(node.body)
            done = self.frontier
            self.frontier = tested
            self.expression(node.orelse)
            self.frontier += done
        elif isinstance(node, cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp):
            self.step(names(node))
            before = list(self.frontier)
            self.step(writes={name for each in inside(node, cst.NamedExpr) for name in target_names(each.target)})
            self.frontier += before
        else:
            for each in parts(node):
                if isinstance(each, cst.BaseExpression | cst.Arg | cst.BaseElement | cst.ComparisonTarget) or any(
                    True for _ in inside(each, cst.NamedExpr)
                ):
                    self.expression(each)

    def branch(self, node: cst.If) -> None:
        self.expression(node.test)
        tested = list(self.frontier)
        self.suite(node.body)
        done = self.frontier
        self.frontier = tested
        if isinstance(node.orelse, cst.If):
            self.statement(node.orelse)
        elif node.orelse is not None:
            self.suite(node.orelse.body)
        self.frontier = self.frontier + done

    def loop(self, node: cst.While) -> None:
        head = len(self.steps)
        self.expression(node.test)
        tested = [] if isinstance(node.test, cst.Name) and node.test.value == "True" else list(self.frontier)
        self.body(node.body, head, tested, node.orelse)

    def for_loop(self, node: cst.For) -> None:
        self.expression(node.iter)
        head = self.step()
        self.step(target_reads(node.target), target_names(node.target))
        self.body(node.body, head, [head], node.orelse)

    def body(self, suite: cst.BaseSuite, head: int, ended: list[int], orelse: cst.Else | None) -> None:
        loop = _Loop()
        self.frames.append(loop)
        self.suite(suite)
        self.frames.pop()
        for each in (*self.frontier, *loop.continues):
            self.steps[each].next.add(head)
        self.frontier = list(ended)
        if orelse is not None:
            self.suite(orelse.body)
        self.frontier += loop.breaks

    def with_block(self, node: cst.With) -> None:
        for each in node.items:
            self.expression(each.item)
            if each.asname is not None:
                self.step(target_reads(each.asname.name), target_names(each.asname.name))
        swallows = any(word in _called(each.item) for each in node.items for word in _SWALLOWS)
        outer = self.guard
        guard = _Guard(outer)
        if swallows:
            self.guard = guard
        self.suite(node.body)
        self.guard = outer
        if swallows:
            guard.entries.append(self.step())

    def match(self, node: cst.Match) -> None:
        self.expression(node.subject)
        done: list[int] = []
        for case in node.cases:
            refused = [self.step(_pattern_reads(case.pattern))]
            self.step(writes=_captures(case.pattern))
            if case.guard is not None:
                self.expression(case.guard)
                refused += self.frontier
            elif isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None:
                refused = []
            self.suite(case.body)
            done += self.frontier
            self.frontier = refused
        self.frontier = self.frontier + done

    def attempt(self, node: cst.Try | cst.TryStar) -> None:
        outer = self.guard
        final = _Final()
        late = outer
        if node.finalbody is not None:
            self.frames.append(final)
            late = _Guard(outer)
        guard = _Guard(late)
        guard.passes = not any(each.type is None for each in node.handlers)
        self.guard = guard
        self.suite(node.body)
        self.guard = late
        if node.orelse is not None:
            self.suite(node.orelse.body)
        ends = list(self.frontier)
        for handler in node.handlers:
            ends += self.handler(handler, guard)
        self.frontier = ends
        self.guard = outer
        if node.finalbody is None:
            return
        self.frames.pop()
        self.frontier = [*ends, *(each for sources in final.pending.values() for each in sources)]
        start = self.step()
        if late is not None:
            late.entries.append(start)
        self.suite(node.finalbody.body)
        finished = list(self.frontier)
        self.step()  # from here an exception that was on its way goes on
        for kind in final.pending:
            self.leave(kind, finished, len(self.frames))
        self.frontier = finished if ends else []

    def handler(self, handler: cst.ExceptHandler | cst.ExceptStarHandler, guard: _Guard) -> list[int]:
        start = len(self.steps)
        self.frontier = []
        caught = handler.name.name if handler.name is not None else None
        guard.entries.append(self.step(names(handler.type), target_names(caught)))
        self.suite(handler.body)
        if caught is not None and self.frontier:
            self.step(unbinds=target_names(caught))
        self.spans[handler] = range(start, len(self.steps))
        return self.frontier


def _called(node: cst.BaseExpression) -> str:
    target = node.func if isinstance(node, cst.Call) else node
    return target.attr.value if isinstance(target, cst.Attribute) else getattr(target, "value", "") or ""


def imported_names(node: cst.Import | cst.ImportFrom) -> Iterator[str]:
    """The local names that an import binds."""
    if isinstance(node.names, cst.ImportStar):
        return
    for each in node.names:
        if each.asname is not None:
            yield from target_names(each.asname.name)
            continue
        name: cst.BaseExpression = each.name
        while isinstance(name, cst.Attribute):
            name = name.value
        yield from target_names(name)


def _captures(pattern: cst.MatchPattern) -> Iterator[str]:
    for each in inside(pattern, cst.MatchAs, cst.MatchStar, cst.MatchMapping):
        name = each.rest if isinstance(each, cst.MatchMapping) else each.name
        if name is not None:
            yield name.value


def _pattern_reads(pattern: cst.MatchPattern) -> Names:
    found = NOTHING
    for each in inside(pattern, cst.MatchValue, cst.MatchClass, cst.MatchMappingElement):
        if isinstance(each, cst.MatchClass):
            found |= names(each.cls)
        elif isinstance(each, cst.MatchValue):
            found |= names(each.value)
    return found


def flow_of(function: cst.FunctionDef) -> Flow:
    """The flow of a function's body."""
    builder = _Builder()
    builder.step()
    builder.suite(function.body)
    for each in builder.returns:
        builder.frontier.append(each)
    end = builder.step()
    for step, guard in zip(builder.steps, builder.guards, strict=True):
        step.raises = frozenset(guard.targets()) if guard is not None else frozenset()
    return Flow(function, builder.steps, builder.spans, end)
