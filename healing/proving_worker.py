"""Runs inside the sandbox: calls two versions of a function on the same inputs and looks for a difference.

The inputs are those of fuzzing (examples, boundary values, call sites, random draws, changes of inputs that reached
new lines), for the domain that the version before has. Whatever a caller can notice is put into a fingerprint
(:mod:`.fingerprints`) and must be the same. Where speed is promised both versions are timed on growing inputs
(:mod:`.speed`).

Invariant: called through ``Sandbox.call`` only; it needs nothing but the standard library and Hypothesis.
Invariant: an input counts only if both versions were built for it and came to an end; an exception that the version
before raises by accident (a wrong type) is no result. Nothing is said of a function that does not do the same twice.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

from ..analyzers.findings import Json
from ..analyzers.fuzzing.annotations import Unsupported
from ..analyzers.fuzzing.board import encode
from ..analyzers.fuzzing.loading import CannotLoad, load, load_text
from ..analyzers.fuzzing.mutation import Mutator
from ..analyzers.fuzzing.oracles.difference import deliberate
from ..analyzers.fuzzing.plans import Made, Plan, render
from ..analyzers.fuzzing.running import Result, Runner
from ..analyzers.fuzzing.sampling import call_sampler
from ..analyzers.fuzzing.shapes import Anything, Certainty, walk
from ..analyzers.fuzzing.subject import Subject, open_subject
from ..analyzers.fuzzing.task import Task
from .fingerprints import fingerprint, state_of
from .input_changes import crossed, small, widened
from .line_hits import Lines, lines_of, loop_lines
from .one_function import undecorated
from .speed import WAYS, Runs, Timed, compare_speed, grown_plan

#: Processor seconds of one call; an input that takes longer is left out.
CALL_S = 0.1
#: … and of one with a large input that is to be timed.
LARGE_S = 0.5
#: Fewest inputs that ended, and of those that ran changed lines; each changed line; a changed line of a loop twice.
LEAST, LEAST_REACHED, LEAST_LINE, LEAST_AGAIN = 25, 15, 2, 5
#: Enough: so many inputs end the comparison before its time is over.
MOST = 800
#: Inputs that both versions get twice: whether they repeat themselves, and whether they share what they return.
TWICE = 60
#: Sizes of the larger inputs that are mixed in.
SIZES = (4, 9, 20, 45)
#: Inputs of unknown types that are tried with elements of other types as well.
WIDENED = 60
#: Where so much of the budget is over and no input has reached the changed lines, none will.
GIVEN_UP = 0.4
_SAID: tuple[Certainty, ...] = ("annotated", "documented")
#: How much longer than its budget a proof may take by the clock on the wall.
PATIENCE = 3.0
#: Share of the budget that goes into the comparison where speed is to be measured as well.
SHARE = 0.55


class _NotProven(Exception):
    """The text says why."""


def run(payload: Mapping[str, Json], emit: Callable[[Json], None]) -> Json:
    """``{"inputs", "reached", "domain", "speed"}``, or ``{"reason"}``."""
    task = Task.of(payload)
    given: Any = payload
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - for the life of this process
    try:
        trial = _open(task, given["old_lines"], given["new_lines"])
        trial.doubts = bool(given.get("doubts"))
        trial.shifts = tuple(given.get("shifts", (0, 0)))
        share = SHARE if given["speed"] else 0.9
        trial.compare(Budget(share * task.budget_s))
        rows: list[Timed] = []
        if given["speed"]:
            rows = trial.speed(time.monotonic() + (1 - share) * task.budget_s * PATIENCE)
    except _NotProven as error:
        return {"reason": str(error)}
    return {
        "inputs": trial.inputs,
        "reached": trial.reached,
        "domain": dict(trial.old.subject.describe()),
        "speed": [[each.n, each.before_s, each.after_s] for each in rows],
    }


class Budget:
    """So many seconds of the processor: a busy machine proves no less, it only takes longer, up to a point."""

    def __init__(self, seconds: float) -> None:
        self._cpu, self._wall, self._seconds = time.thread_time(), time.monotonic(), seconds

    def over(self, share: float = 1.0) -> bool:
        """Whether it, or a share of it, is used up."""
        seconds = share * self._seconds
        return time.thread_time() - self._cpu > seconds or time.monotonic() - self._wall > PATIENCE * seconds


@dataclass
class Version:
    """One text of the module, loaded."""

    module: ModuleType
    subject: Subject
    function: Callable[..., Any]
    lines: Lines


@dataclass
class Seen:
    """What one call did. ``ended`` is false for an input that could not be built, or whose call took too long."""

    ended: bool
    mark: Any = None
    error: BaseException | None = None


@dataclass
class Trial:
    """The comparison, as far as it has come."""

    old: Version
    new: Version
    rng: random.Random
    inputs: int = 0
    reached: int = 0
    again: int = 0
    refused: int = 0  # inputs on which the version before fails by accident
    doubts: bool = False  # what is said of the parameters does not say what they hold
    shifts: tuple[int, ...] = (0, 0)  # how many lines further down each function stands than where people see it
    kept: list[Plan] = field(default_factory=list[Plan])

    def compare(self, budget: Budget) -> None:
        """Raises _NotProven at the first difference, or if too little was seen within the budget."""
        for plan in self._plans():
            if budget.over() or self.inputs >= MOST or (not self.reached and budget.over(GIVEN_UP)):
                break
            self._one(plan)
        self._state()
        self._enough()

    def _one(self, plan: Made) -> None:
        hits = (self.old.lines, self.new.lines)
        for each in hits:
            each.begin()
        was = self._call(self.old, plan)
        if not was.ended:
            return
        now = self._call(self.new, plan)
        if not now.ended:
            raise _NotProven(f"does not end for {_shown(plan)}")
        if self._accident(was.error):
            self.refused += 1
            return
        if was.mark != now.mark:
            self._repeats(plan, was)
            raise _NotProven(f"differs for {_shown(plan)}")
        self.inputs += 1
        if any(each.changed_hit for each in hits) or not any(each.changed for each in hits):
            self.reached += 1
        self.again += any(each.hit_again for each in hits)
        if any([each.end() for each in hits]):
            self.kept.append(plan)
        if self.inputs <= TWICE:
            self._twice(plan, was)

    def _call(self, version: Version, plan: Made, limit_s: float = CALL_S, *, traced: bool = True) -> Seen:
        seen, result, parts = self._run(version, plan, limit_s, traced=traced)
        if seen is None:
            return Seen(False)
        return Seen(True, fingerprint((result.value, *parts), _error(result, version), seen), result.error)

    def _run(
        self, version: Version, plan: Made, limit_s: float = CALL_S, *, traced: bool = True
    ) -> tuple[str | None, Result, tuple[Any, ...]]:
        """(what was printed, the result, the arguments afterwards); None as text if it did not come to an end."""
        judge, runner = version.subject.judge, version.subject.runner
        try:
            args, kwargs = judge.build(plan)
        except Exception:  # noqa: BLE001 - a constructor that refuses these arguments
            return None, Result(), ()
        printed = io.StringIO()
        random.seed(0)
        watching = version.lines.watching() if traced else contextlib.nullcontext()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), watching:
            result = runner.call(version.function, args, kwargs, limit_s)
        if result.hung:
            return None, result, ()
        return ("" if printed.closed else printed.getvalue()), result, (args, kwargs)

    def _twice(self, plan: Made, was: Seen) -> None:
        """The same call again: do both versions repeat themselves, and do they give the same object again?"""
        marks: list[Any] = []
        for version in (self.old, self.new):
            first, second = self._run(version, plan), self._run(version, plan)
            if version is self.old and None in (first[0], second[0]):
                return  # so slow that it does not always end in time: that says nothing about what it does
            both = (first[1].value, second[1].value, first[2], second[2])
            marks.append(fingerprint(both, _error(second[1], version), f"{first[0]}\0{second[0]}"))
        self._repeats(plan, was)
        if marks[0] != marks[1]:
            raise _NotProven(f"differs when it is called again, for {_shown(plan)}")

    def _repeats(self, plan: Made, was: Seen) -> None:
        """Raises _NotProven if the version before does something else the next time; not ending in time is nothing
        else: an input may take almost as long as it may."""
        again = self._call(self.old, plan)
        if again.ended and again.mark != was.mark:
            raise _NotProven("it does not do the same twice")

    def _accident(self, error: BaseException | None) -> bool:
        """A type error that the version before does not raise by a statement of its own."""
        if not isinstance(error, TypeError | AttributeError | MemoryError | RecursionError | OSError):
            return False
        return not deliberate(error, self.old.subject.tree, False)

    @property
    def _known(self) -> bool:
        """Whether annotations or the documentation say what the function takes."""
        return not self.doubts and self.old.subject.certainty in _SAID

    @cached_property
    def _sure(self) -> frozenset[int]:
        """The places of the parameters of which it is said what they hold, down to the elements."""
        parameters = self.old.subject.call.domain.parameters
        return frozenset(
            place
            for place, each in enumerate(parameters)
            if each.certainty in _SAID and not any(isinstance(part, Anything) for part in walk(each.shape))
        )

    def _plans(self) -> Iterator[Made]:
        call = self.old.subject.call
        seen: set[bytes] = set()
        draw = call_sampler("", call.domain.parameters, call.domain.hints)
        for plan in self._supply(draw):
            name = encode(plan)
            if name not in seen:
                seen.add(name)
                yield plan

    def _supply(self, draw: Callable[[random.Random], Made]) -> Iterator[Made]:
        """Boundary values take turns with random draws; then draws with changes of what reached new lines."""
        cases = self.old.subject.call.cases()
        for case, number in zip(cases, range(600), strict=False):
            drawn = draw(self.rng)
            yield from (case, drawn)
            yield from self._within(small(drawn, self.rng))
            yield from self._related(drawn)
            grown = grown_plan(self.old.subject, self.rng.choice(SIZES), self.rng.choice(WAYS), self.rng)
            if grown is not None and number % 4 == 0:
                yield grown
            if number < WIDENED and not self._known:
                yield from (widened(each, self._sure) for each in (case, drawn))
        mutator = Mutator(self.old.subject.call.domain.hints, draw)
        for _ in range(20 * MOST):
            drawn = draw(self.rng)
            yield drawn
            yield from self._related(drawn)
            yield from self._within(small(drawn, self.rng))
            grown = grown_plan(self.old.subject, self.rng.choice(SIZES), self.rng.choice(WAYS), self.rng)
            if grown is not None:
                yield grown
            if self.kept:
                plan = mutator.mutate(self.rng.choice(self.kept), self.kept, self.rng)
                if self.old.subject.call.admits(plan):
                    yield plan

    def _within(self, plan: Made) -> Iterator[Made]:
        """The plan, if it lies in the domain."""
        if self.old.subject.call.admits(plan):
            yield plan

    def _related(self, plan: Made) -> Iterator[Made]:
        """The same input with elements of one row in another, so that what is looked for is there."""
        mixed = crossed(plan, self.rng)
        if mixed is not None and (not self._known or self.old.subject.call.admits(mixed)):
            yield mixed

    def _state(self) -> None:
        if state_of(self.old.module, self.new.module) != state_of(self.new.module, self.old.module):
            raise _NotProven("leaves the module's own variables in another state")

    def _enough(self) -> None:
        if self.inputs < LEAST:
            accidents = f", {self.refused} failed by a wrong type" if self.refused else ""
            raise _NotProven(f"only {self.inputs} inputs came to a result{accidents}")
        if self.reached < LEAST_REACHED:
            raise _NotProven(f"only {self.reached} of {self.inputs} inputs reached the changed lines")
        for version, shift, text in zip((self.old, self.new), self.shifts, ("", " of the new text"), strict=True):
            missed = version.lines.missed(LEAST_LINE)
            if missed:
                raise _NotProven(f"no input reached line {missed[0] - shift}{text}")
        if self.old.lines.in_loop and self.again < LEAST_AGAIN:
            raise _NotProven(f"only {self.again} inputs came through the loop more than once")

    def speed(self, deadline: float) -> list[Timed]:
        """Timings on growing inputs; they must have the same results as well."""

        def same(plan: Made) -> bool:
            was, now = (self._call(each, plan, LARGE_S, traced=False) for each in (self.old, self.new))
            if not was.ended or not now.ended or self._accident(was.error) or was.error is not None:
                return False
            if was.mark != now.mark:
                raise _NotProven("differs for a large input")
            self.inputs += 1
            self.reached += 1
            return True

        old, new = Runs(self.old.subject, self.old.function), Runs(self.new.subject, self.new.function)
        return compare_speed(old, new, same, self.rng, deadline)


def _open(task: Task, old_lines: Sequence[int], new_lines: Sequence[int]) -> Trial:
    after = task.base or ""
    runner = Runner()
    try:
        module = load(task.path, task.module, task.search)
        place = module.__file__ or task.path
        old = open_subject(module, task.name, place, task.root, task.source, runner, calls=task.calls)
        if old.is_class:
            raise Unsupported("it is a class, not a function")
        try:
            other = load_text(after, module)
        except CannotLoad as error:  # a module that registers itself cannot be run twice
            return _with_function(task, old, module, old_lines, new_lines, error)
        new = open_subject(other, task.name, place, task.root, after, runner, calls=task.calls)
    except (CannotLoad, Unsupported, LookupError, SyntaxError) as error:
        raise _NotProven(str(error)) from error
    if new.is_class:
        raise _NotProven("it is a class, not a function")
    was, now = old.call.function, new.call.function
    return Trial(
        Version(module, old, was, _lines(was, task.source, old_lines)),
        Version(other, new, now, _lines(now, after, new_lines)),
        random.Random(task.seed),
    )


def _with_function(
    task: Task,
    subject: Subject,
    module: ModuleType,
    old_lines: Sequence[int],
    new_lines: Sequence[int],
    error: CannotLoad,
) -> Trial:
    """Only the function anew, in a copy of the module's names; both versions without what decorates them."""
    space = ModuleType(module.__name__)
    space.__dict__.update(vars(module))
    after = task.base or ""
    new = undecorated(after, task.name, space)
    old = inspect.unwrap(subject.call.function)
    if new is None or not inspect.isfunction(old):
        raise _NotProven(str(error)) from error
    new.__defaults__, new.__kwdefaults__ = old.__defaults__, old.__kwdefaults__
    return Trial(
        Version(module, subject, old, _lines(old, task.source, old_lines)),
        Version(space, subject, new, _lines(new, after, new_lines)),
        random.Random(task.seed),
    )


def _lines(function: Callable[..., Any], source: str, changed: Sequence[int]) -> Lines:
    codes, executable = lines_of(function)
    inside = executable & set(changed)
    return Lines(codes, frozenset(inside), bool(inside & loop_lines(ast.parse(source))))


def _error(result: Result, version: Version) -> tuple[str, ...]:
    """An exception's type, and its text where it is the function's own."""
    error = result.error
    if error is None:
        return ()
    own = deliberate(error, version.subject.tree, False)
    return (type(error).__name__, str(error) if own else "")


def _shown(plan: Made) -> str:
    try:
        text = render(plan.args) + (f", {render(dict(plan.kwargs))}" if plan.kwargs else "")
    except TypeError:
        text = "an input"
    return text if len(text) <= 160 else text[:157] + "…"
