"""The stages of a search, over one child's life: inputs that are asked for, boundary values, then generation.

Generation is a handful of ways to make inputs that take turns: plain random plans, Hypothesis, changes of inputs that
reached new branches, solutions of comparisons (:mod:`.solving`), and symbolic search when the others have stalled. A
way that reaches new branches gets more turns. Turns are measured in executions, not in time, so a seed repeats itself;
what remains bound to the clock is the end of the budget, the end of a slow target's boundary stage, and when answers
of the symbolic search arrive.

Invariant: whatever made an input, it runs through :meth:`Search.attempt`, and only the oracle's verdict counts.
"""

from __future__ import annotations

import contextlib
import functools
import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .board import Board, encode
from .coverage import Coverage
from .mutation import Mutator, spots
from .oracle import Verdict
from .plans import Made, Plan, kind_of, parse
from .sampling import call_sampler
from .shrinking import shrink
from .signatures import signature
from .solving import Goal, Observer, descend, substitutions
from .subject import Subject, render_input
from .symbolic import Symbolic
from .task import Task

#: Processor seconds after which a call is suspected of not ending.
SUSPECT_S = 0.3
#: The boundary stage: at most so many inputs, and seconds.
BOUNDARY_INPUTS, BOUNDARY_S = 5000, 0.5
#: Executions of a turn.
TURN = 250
#: Executions without a new branch after which the symbolic search begins.
STALLED = 3000
_MOST_KEPT, _MOST_SEEN, _MOST_TOLD = 400, 400_000, 48
_SHRINK_S, _SHRINK_HANG_S, _HANGS_AGAIN_S, _FELT_S = 1.0, 0.5, 0.15, 0.01

Found = tuple[Plan, Verdict]


class _Stop(BaseException):
    """Ends Hypothesis from inside: a candidate is there, or time is up."""


@dataclass
class _Way:
    """One way to make inputs. ``spent`` are executions, weighted by what they cost and by what they brought."""

    name: str
    turn: Callable[[], Found | None]
    cost: float
    worth: float = 1.0
    spent: float = 0.0
    dry: bool = False  # its last turn brought no input that had not run before


class Search:
    """See the module."""

    def __init__(
        self, subject: Subject, task: Task, seed: int, position: int, deadline: float, board: Board, coverage: Coverage
    ) -> None:
        self.subject, self.task, self.board, self.coverage = subject, task, board, coverage
        self.known = frozenset(task.known)
        self.start = position
        self.deadline = deadline
        self.stage = "import"
        self.stages: dict[str, int] = {}
        self.points: list[tuple[int, int]] = []
        self.tried_first = 0
        self._rng = random.Random(seed)
        self._seed = seed
        self._troubles = 0  # inputs that could not be judged
        self._quick = 0  # calls that came to an end
        self._kept: list[Plan] = []
        self._seen: set[bytes] = set()
        self._last_new = 0
        self._turns = 0
        self._drawn = 0  # inputs of the last turn, those that had run before included

    def find(self) -> tuple[Found | None, str]:
        """The first failing input and the stage that found it."""
        self._enter("first")
        found = self._first(self.task.first)
        if found is not None:
            return found, "first"
        if self.start >= 0:
            self._enter("boundary")
            found = self._boundary()
            if found is not None:
                return found, "boundary"
        self.board.position = 0
        self._enter("generation")
        found = self._first(self.task.seeds) or self._generate()
        return found, self.stage

    def inputs(self) -> list[list[str]]:
        """What reached new branches, as expressions; the newest, of all stages."""
        told: list[list[str]] = []
        for plan in self._kept[-_MOST_TOLD:]:
            with contextlib.suppress(TypeError, RecursionError):
                told.append(list(render_input(plan)))
        return told

    def _enter(self, stage: str) -> None:
        self.stage = stage
        self.board.enter(stage)

    def attempt(self, plan: Plan, limit_s: float = SUSPECT_S, name: bytes | None = None) -> Verdict | None:
        """One execution; a verdict that is known already, or expected, counts as none."""
        board = self.board
        board.about_to_try(name or encode(plan))
        try:
            verdict, result = self.subject.run(plan, limit_s)
        except Exception:  # an object of the target that cannot be copied, compared or shown: not an input to judge
            self._troubles += 1
            if self._troubles > 20 and self._troubles * 2 > board.executions:
                raise
            verdict = result = None
        board.idle()
        self.stages[self.stage] = self.stages.get(self.stage, 0) + 1
        if result is not None and not result.hung:
            self._quick += 1
        if self.coverage.fresh():
            self._keep(plan)
        if verdict is None or verdict.signature in self.known:
            return None
        stable = signature(verdict.kind, verdict.exception, verdict.line, self.task.source)
        return None if stable in self.task.expected else verdict

    def _keep(self, plan: Plan) -> None:
        self.board.branches = self.coverage.branches
        self._last_new = self.board.executions
        if not self.points or self.points[-1][1] != self.board.branches:
            self.points.append((self.board.executions, self.board.branches))
        if len(self._kept) < _MOST_KEPT:
            self._kept.append(plan)

    def _new(self, plan: Plan) -> Found | None:
        """Runs an input if it has not run before."""
        name = encode(plan)
        if name in self._seen:
            return None
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen.add(name)
        verdict = self.attempt(plan, name=name)
        return (plan, verdict) if verdict is not None and self._believable(plan, verdict, 0) else None

    def _over(self) -> bool:
        return time.monotonic() > self.deadline or bool(self.task.most and self.board.executions >= self.task.most)

    def _first(self, inputs: Iterable[tuple[str, str]]) -> Found | None:
        """Inputs that the caller wants tried; those outside of today's domain are left out."""
        for args, kwargs in inputs:
            self.tried_first += self.stage == "first"
            if self._over():
                return None
            try:
                plan = read_input(self.subject, args, kwargs)
                admitted = self.subject.admits(plan)
            except (SyntaxError, ValueError, TypeError, AttributeError, RecursionError, MemoryError):
                continue
            found = self._new(plan) if admitted else None
            if found is not None:
                return found
        return None

    def _boundary(self) -> Found | None:
        end = min(self.deadline, time.monotonic() + BOUNDARY_S)
        for number, plan in enumerate(self.subject.cases(), start=1):
            if number < self.start:
                continue
            self.board.position = number
            if number > BOUNDARY_INPUTS or time.monotonic() > end or self._over():
                return None
            name = encode(plan)
            if name in self._seen:
                continue
            self._seen.add(name)
            verdict = self.attempt(plan, name=name)
            if verdict is not None and self._believable(plan, verdict, number):
                return plan, verdict
        return None

    def _believable(self, plan: Plan, verdict: Verdict, number: int) -> bool:
        """A hang counts only if some other call ends (a server's main loop is not a bug), and if the cost does not
        just grow fast: then the next smaller inputs end, but take their time."""
        if verdict.kind != "hang":
            return True
        if "pattern" not in verdict.message and self._grows(plan):
            return False
        if self._quick:
            return True
        for _, other in zip(range(number + 12), self.subject.cases(), strict=False):
            if self._over():
                return False
            self.attempt(other, 0.1)
            if self._quick:
                return True
        return False

    def _grows(self, plan: Plan) -> bool:
        """Whether a somewhat smaller input ends after a time that can be felt, and a still smaller one much sooner."""
        for step in (1, 2, 4):
            smaller = _reduced(plan, step)
            if smaller is None:
                return False
            cost = self._cost(smaller)
            if cost is not None:
                further = _reduced(smaller, 2)
                before = self._cost(further) if further is not None and cost > _FELT_S else None
                return before is not None and cost > 1.6 * before
        return False

    def _cost(self, plan: Plan) -> float | None:
        """Processor seconds of one call; None if it does not end soon, or is none of the domain's."""
        if self._over() or not self.subject.admits(plan):
            return None
        ended, begin = self._quick, time.process_time()
        self.attempt(plan, _HANGS_AGAIN_S)
        return time.process_time() - begin if self._quick > ended else None

    def _generate(self) -> Found | None:
        draw = self._draw()
        self._mutator = Mutator(self.subject.call.domain.hints, draw)
        self._observer = Observer(self.subject.module, self.task.source)
        self._solutions = self._solve(draw)
        ways = [
            _Way("sample", lambda: self._sample(draw), 1),
            _Way("change", lambda: self._change(draw), 1),
            _Way("solve", self._solution, 1.5),
            _Way("hypothesis", self._hypothesis, 12, spent=4 * TURN),  # it takes a while to begin
        ]
        symbolic = Symbolic(self.subject, self.deadline, self.coverage.stop) if self.task.symbolic else None
        try:
            while not self._over():
                way = min(ways, key=lambda each: each.spent)
                found = self._turn(way)
                if found is None and symbolic is not None:
                    found = self._ask(symbolic)
                if found is not None:
                    return found
                if all(each.dry for each in ways) and not (symbolic and symbolic.running):
                    return None  # the domain is exhausted
        finally:
            if symbolic is not None:
                symbolic.end()
        return None

    def _turn(self, way: _Way) -> Found | None:
        before, branches = self.board.executions, self.coverage.branches
        self._turns += 1
        self._drawn = 0
        found = way.turn()
        used = self.board.executions - before
        way.dry = used < 5
        gained = self.coverage.branches - branches
        way.worth = 0.7 * way.worth + 0.3 * (1 + 4 * min(gained, 8))
        way.spent += (max(used, self._drawn / 3, 20) * way.cost) / way.worth
        return found

    def _ask(self, symbolic: Symbolic) -> Found | None:
        """Starts the symbolic search once the others have stalled, and tries what it has come up with."""
        if not symbolic.running:
            if not symbolic.started and self.board.executions - self._last_new > STALLED:
                symbolic.start()
            return None
        proposals = symbolic.proposals()
        if not proposals:
            return None
        self._enter("symbolic")
        found = self._first(proposals)
        if found is None:
            self._enter("generation")
        return found

    def _draw(self) -> Callable[[random.Random], Plan]:
        """Draws one input of the subject."""
        domain = self.subject.call.domain
        start = call_sampler("__init__" if self.subject.is_class else "", domain.parameters, domain.hints)
        if not self.subject.is_class:
            return start
        steps = [
            call_sampler(name, each.domain.parameters, each.domain.hints) for name, each in self.subject.steps.items()
        ]
        return lambda rng: [start(rng), *(rng.choice(steps)(rng) for _ in range(rng.randint(1, 7)))]

    def _tries(self, plans: Iterable[Plan], count: int = TURN) -> Found | None:
        """Runs plans of an endless supply, new ones only: at most ``count`` executions."""
        before = self.board.executions
        for drawn, plan in enumerate(plans, start=1):
            self._drawn = drawn
            found = self._new(plan)
            if found is not None:
                return found
            used = self.board.executions - before
            if used >= count or drawn > 4 * count or self._over():
                return None
        return None

    def _sample(self, draw: Callable[[random.Random], Plan]) -> Found | None:
        return self._tries(iter(lambda: draw(self._rng), None))

    def _change(self, draw: Callable[[random.Random], Plan]) -> Found | None:
        if not self._kept:
            return None
        return self._tries(self._changes(draw))

    def _changes(self, draw: Callable[[random.Random], Plan]) -> Iterator[Plan]:
        rng = self._rng
        while True:
            # The newest inputs are the deepest; half of the changes start from one of the last eight.
            roll = rng.random()
            start = draw(rng) if roll < 0.1 else rng.choice(self._kept[-8:] if roll < 0.5 else self._kept)
            plan = self._mutator.mutate(start, self._kept, rng)
            yield plan if self.subject.admits(plan) else start  # which has run before, so it only counts as drawn

    def _solution(self) -> Found | None:
        return self._tries(self._solutions)

    def _solve(self, draw: Callable[[random.Random], Plan]) -> Iterator[Plan]:
        """Solutions of comparisons, for each kept input once, then for the goals nobody has reached. Ends never; where
        there is nothing left to solve it repeats an input."""
        observed = 0
        nearest: dict[Goal, tuple[float, Plan]] = {}
        attempts: dict[Goal, int] = {}
        while True:
            if observed < len(self._kept):
                plan = self._kept[observed]
                observed += 1
                seen, _ = self._observe(plan, nearest)
                for each in seen:
                    self._mutator.learn(each.left)
                    self._mutator.learn(each.right)
                for candidate in substitutions(plan, seen):
                    if self.subject.admits(candidate):
                        yield candidate
                continue
            goals = [goal for goal in nearest if goal not in self._observer.outcomes and attempts.get(goal, 0) < 6]
            if not goals:
                yield self._kept[0] if self._kept else draw(self._rng)
                continue
            goal = min(goals, key=lambda each: (attempts.get(each, 0), nearest[each][0]))
            attempts[goal] = attempts.get(goal, 0) + 1
            far, plan = nearest[goal]

            def measure(candidate: Plan, goal: Goal = goal) -> float:
                if self._over() or not self.subject.admits(candidate):
                    return float("inf")
                return self._observe(candidate, nearest)[1].get(goal, float("inf"))

            if attempts[goal] > 1:
                plan = self._mutator.mutate(plan, self._kept, self._rng)
                far = measure(plan)
            for candidate, _ in descend(plan, far, measure, 300):
                yield candidate

    def _observe(self, plan: Plan, nearest: dict[Goal, tuple[float, Plan]]) -> Any:
        """One execution that tells its comparisons; what it returns or raises does not count."""
        self.board.about_to_try(encode(plan))
        seen, near = self._observer.observe(lambda: self.subject.run(plan, SUSPECT_S))
        self.board.idle()
        for goal, far in near.items():
            if far and (goal not in nearest or far < nearest[goal][0]):
                nearest[goal] = (far, plan)
        return seen, near

    def _hypothesis(self) -> Found | None:
        from hypothesis import HealthCheck, Phase, Verbosity, given, settings
        from hypothesis import seed as with_seed

        found: list[Found] = []

        def trial(plan: Plan) -> None:
            if self._over():
                raise _Stop
            new = self._new(plan)
            if new is not None:
                found.append(new)
                raise _Stop

        test = settings(
            max_examples=TURN // 2,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=[*_checks(HealthCheck)],
            verbosity=Verbosity.quiet,
        )(with_seed(self._seed * 10_000 + self._turns)(given(self._strategy())(trial)))
        with contextlib.suppress(_Stop):
            test()
        return found[0] if found else None

    @functools.cache  # noqa: B019 - one search per process
    def _strategy(self) -> Any:
        from hypothesis import strategies as st

        from .strategies import arguments

        def made(name: str, pair: tuple[tuple[Any, ...], dict[str, Any]]) -> Made:
            return Made(name, pair[0], tuple(pair[1].items()))

        def call(name: str, parameters: Any, hints: Any) -> Any:
            return arguments(parameters, hints).map(functools.partial(made, name))

        domain = self.subject.call.domain
        if not self.subject.is_class:
            return call("", domain.parameters, domain.hints)
        steps = [call(name, each.domain.parameters, each.domain.hints) for name, each in self.subject.steps.items()]
        start = call("__init__", domain.parameters, domain.hints)
        return st.tuples(start, st.lists(st.one_of(steps), min_size=1, max_size=8)).map(
            lambda each: [each[0], *each[1]]
        )

    def smaller(self, plan: Plan, verdict: Verdict) -> tuple[Plan, Verdict, bool]:
        """Shrinks while the same verdict comes out; a pattern's hang is left as it is (shorter is only faster)."""
        if verdict.kind == "hang" and "pattern" in verdict.message:
            return plan, verdict, False
        self._enter("shrink")
        hang = verdict.kind == "hang"
        best = [verdict]
        end = min(self.deadline, time.monotonic() + (_SHRINK_HANG_S if hang else _SHRINK_S))

        def fails(candidate: Plan) -> bool:
            if time.monotonic() > end or not self.subject.admits(candidate):
                return False
            again = self.attempt(candidate, _HANGS_AGAIN_S if hang else SUSPECT_S)
            if again is None or again.kind != verdict.kind or again.exception != verdict.exception:
                return False
            if again.signature != verdict.signature:
                return False
            best[0] = again
            return True

        return shrink(plan, fails), best[0], True


def _checks(kinds: Any) -> Iterator[Any]:
    """Hypothesis's health checks, without those that it has given up; what they warn of is no matter here."""
    yield from kinds


def _reduced(plan: Plan, step: int) -> Plan | None:
    """The plan with every whole number and row of four and more made smaller; None if there is none."""
    changed = False
    for place, spot in enumerate(list(spots(plan))):
        part = spot.part
        kind = kind_of(part)
        if kind is int and abs(part) >= 4:
            new: Any = part - step if part > 0 else part + step
        elif (kind in (str, bytes, tuple) and len(part) >= 4) or (kind is list and len(part) >= 4 and place):
            new = part[:-step]
        else:
            continue
        here = list(spots(plan))
        if place < len(here):
            plan, changed = here[place].put(new), True
    return plan if changed else None


def read_input(subject: Subject, args_text: str, kwargs_text: str) -> Plan:
    """The plan of a printed input."""
    args, kwargs = parse(args_text), parse(kwargs_text)
    if subject.is_class:
        return [Made(method, tuple(values)) for method, values in args]
    return Made("", tuple(args), tuple(kwargs.items()))
