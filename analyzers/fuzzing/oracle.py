"""Runs one callable on one input and asks the oracles: the step from an outcome to a verdict.

Every call is judged for exceptions, hangs, return types, changed defaults, documented immutability and the difference
from the base version. The oracles that call the target again (see :mod:`.oracles`) see the first few hundred calls and
a share of the rest; once one of them has found something they see all, so that the input can be shrunk.

Invariant: a target that does not do the same twice gets no verdict that rests on what it returns.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import functools
import inspect
import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from .calls import Call
from .oracles import prepare_all
from .oracles.descriptors import descriptors, opens_files, sweep
from .oracles.difference import Outcome, compare, compare_state, deliberate, is_ordinary
from .oracles.equality import realised, same
from .oracles.exceptions import judge_error
from .oracles.hangs import gradual, judge_hang
from .oracles.mutation import judge_default, judge_mutation
from .oracles.returns import judge_value
from .oracles.verdict import Case, Facts, Oracle, Trial, Verdict, tiny
from .plans import Builder, Made, render
from .running import Result, Runner
from .shapes import Certainty, less_certain

__all__ = ["Case", "Judge", "Outcome", "Verdict", "tiny"]

#: Calls after which open descriptors are counted, and how many may be left open.
_SWEEP_EACH, _SWEEP_ABOVE = 20, 200
#: Calls that all oracles see, the share of those after them (one in …), and how many after something was found.
_EVERY_FIRST, _ONE_IN, _AFTER_FINDING = 400, 8, 3000
#: What makes it likely that a function does not do the same twice.
_CHANGING = frozenset(
    (
        *("random", "randint", "choice", "shuffle", "uniform", "uuid4", "uuid1", "token_hex", "urandom", "secrets"),
        *("time", "now", "utcnow", "today", "monotonic", "perf_counter", "getpid", "id", "hash", "count", "next"),
    )
)


@dataclass
class Judge:
    """The oracles of one module, with what they have learned of its target so far."""

    path: str
    root: str
    module: ModuleType
    tree: ast.Module
    builder: Builder
    runner: Runner
    oracles: tuple[Oracle, ...] = ()
    facts: Facts | None = None
    base: Judge | None = None
    unstable: bool = False
    replaying: bool = False  # the search has looked at a hang's growth already
    private: bool = False
    _calls: int = 0
    _eager_until: int = _EVERY_FIRST
    _abrupt: bool = False  # a hang was seen whose smaller neighbours end at once
    _prints: bool = field(init=False, default=False)
    _opens: bool = field(init=False, default=False)
    _kept: frozenset[str] = field(init=False, default=frozenset())
    _executions: int = 0

    def __post_init__(self) -> None:
        names = {each.id for each in ast.walk(self.tree) if isinstance(each, ast.Name)}
        attributes = {each.attr for each in ast.walk(self.tree) if isinstance(each, ast.Attribute)}
        self._prints = "print" in names or "stdout" in attributes
        self._kept = descriptors()
        self._opens = bool(self._kept) and opens_files(self.tree)

    def prepare(self, name: str, call: Call, samples: tuple[Made, ...]) -> None:
        """Chooses the oracles for the target ``name``."""
        domain = call.domain
        parameters = domain.parameters
        if call.method and parameters and parameters[0].name == "self":
            parameters = parameters[1:]
        self.facts = Facts(
            name=name,
            module=self.module,
            root=self.root,
            path=self.path,
            tree=self.tree,
            node=domain.node,
            function=call.function,
            doc=inspect.getdoc(call.function) or "",
            contract=domain.contract,
            parameters=parameters,
            certainty=call.certainty,
            method=call.method,
            samples=samples,
        )
        self.oracles = prepare_all(self.facts)

    def build(self, plan: Made) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return tuple([self.builder.build(each) for each in plan.args]), {
            name: self.builder.build(each) for name, each in plan.kwargs
        }

    def execute(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], limit_s: float
    ) -> Outcome:
        """One call; what it prints is kept only where there is a base version to compare it with."""
        self._executions += 1
        if self._opens and self._executions % _SWEEP_EACH == 0 and len(descriptors()) > _SWEEP_ABOVE:
            sweep(self._kept)
        if not self._prints or self.base is None:
            return Outcome(self.runner.call(function, args, kwargs, limit_s), args)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            result = self.runner.call(function, args, kwargs, limit_s)
        return Outcome(result, args, printed.getvalue() if not printed.closed else "")

    def run(self, call: Call, plan: Made, limit_s: float) -> tuple[Verdict | None, Result | None]:
        """One call of a function or method. The result is None if the input could not even be built."""
        outcome, verdict = self.step(call, plan, limit_s, self.case(call, plan))
        if outcome is None:
            return None, None
        case = self.case(call, plan)
        if verdict is None and not outcome.result.hung:
            verdict = self._properties(call, case, outcome, limit_s)
        if verdict is None and self.base is not None:
            verdict = self._difference(call, case, outcome, limit_s)
        return verdict, outcome.result

    def step(self, call: Call, plan: Made, limit_s: float, case: Case) -> tuple[Outcome | None, Verdict | None]:
        """A call with the oracles that need nothing but its outcome."""
        try:
            args, kwargs = self.build(plan)
        except Exception:  # noqa: BLE001 - a constructor that refuses these arguments
            return None, None
        defaults = _defaults(call.function)
        try:
            before = copy.deepcopy(tuple(defaults.values())) if defaults else ()
        except Exception:  # noqa: BLE001 - a default that cannot be copied
            defaults, before = {}, ()
        outcome = self.execute(call.function, args, kwargs, limit_s)
        result = outcome.result
        if result.hung:
            return outcome, self._hang(call, case, result)
        verdict = judge_error(result.error, case) if result.error is not None else judge_value(result.value, case)
        if verdict is None and case.contract.left_alone:
            verdict = judge_mutation(self.build(plan)[0], args, result.value, case)
        if defaults:
            verdict = verdict or judge_default(before, tuple(defaults.values()), tuple(defaults), case)
            _put_back(defaults, before)
        return outcome, verdict

    def case(self, call: Call, plan: Made, earlier: Sequence[tuple[Made, Certainty]] = ()) -> Case:
        """``earlier`` steps matter as well: what they were given, and how well that was known."""
        domain = call.domain
        known: list[Certainty] = [call.certainty, *(each for _, each in earlier)]
        certainty = less_certain(*known)
        whole = Made("", (*(step for step, _ in earlier), plan)) if earlier else plan
        return Case(
            self.path,
            self.root,
            self.tree,
            domain.node,
            domain.contract,
            certainty,
            tuple(each.shape for each in domain.parameters),
            whole,
            domain.returns,
            call.method,
            self.private,
        )

    def _hang(self, call: Call, case: Case, result: Result) -> Verdict | None:
        def timed(function: Callable[..., Any], args: tuple[Any, ...], limit_s: float) -> Result:
            return self.runner.call(function, args, {}, limit_s)

        verdict = judge_hang(case, result.in_regex, result.error, None if self.replaying else timed)
        if (
            verdict is None
            or result.in_regex
            or self._abrupt
            or self.replaying
            or case.plan.callee
            or any(isinstance(each, Made) and each.callee == "__init__" for each in case.plan.args)
        ):
            return verdict

        def seconds(plan: Made, limit_s: float) -> float | None:
            try:
                args, kwargs = self.build(plan)
            except Exception:  # noqa: BLE001 - not an input
                return 0.0
            started = time.process_time()
            again = self.runner.call(call.function, args, kwargs, limit_s)
            return None if again.hung else time.process_time() - started

        if gradual(case.plan, seconds):
            return None
        self._abrupt = True
        return verdict

    def _due(self) -> bool:
        self._calls += 1
        return self._calls <= self._eager_until or self._calls % _ONE_IN == 0

    def _properties(self, call: Call, case: Case, outcome: Outcome, limit_s: float) -> Verdict | None:
        """What the other oracles say, if the target does the same twice."""
        if not self.oracles or self.unstable or not self._due():
            return None

        def again(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Result:
            return self.runner.call(function, args, kwargs, limit_s)

        trial = Trial(
            case, outcome.args, dict(case.plan.kwargs), outcome.result, lambda: self.build(case.plan), again, render
        )
        for oracle in self.oracles:
            verdict = oracle(trial)
            if verdict is not None and self._repeats(call, case.plan, outcome, limit_s):
                self._eager_until = self._calls + _AFTER_FINDING
                return verdict
            if self.unstable:
                return None
        return None

    def _repeats(self, call: Call, plan: Made, outcome: Outcome, limit_s: float) -> bool:
        """Whether the target does the same again (time, chance, counters and hash order give themselves away)."""
        if self.unstable:
            return False
        node = call.domain.node
        parts = ast.walk(node) if node is not None else iter(())
        names: set[str] = {str(getattr(each, "id", getattr(each, "attr", ""))) for each in parts}
        first = realised(outcome.result.value)
        for _ in range(6 if names & _CHANGING else 2):
            again = self.execute(call.function, *self.build(plan), limit_s)
            kinds = type(outcome.error), type(again.error)
            if kinds[0] is not kinds[1] or not same(first, realised(again.result.value), close=True):
                self.unstable = True
                return False
        return True

    def _difference(self, call: Call, case: Case, outcome: Outcome, limit_s: float) -> Verdict | None:
        base = self.base
        if base is None or base.facts is None or self.unstable:
            return None
        try:
            args, kwargs = base.build(case.plan)
        except Exception:  # noqa: BLE001 - the base version's constructor refuses
            return None
        started = time.process_time()
        was = base.execute(base.facts.function, args, kwargs, limit_s * 2)
        took = time.process_time() - started
        documented = was.error is not None and base.facts.contract.documents(type(was.error))
        if not is_ordinary(was, deliberate(was.error, base.tree, documented)):
            return None
        if outcome.result.hung:
            return self._slower(case, took, limit_s)
        verdict = compare(was, outcome, case.line, self.module.__name__, unordered=base.has_sets())
        if verdict is None and case.method and args and not outcome.error and not was.error:
            verdict = compare_state(args[0], outcome.args[0], case.line)
        if verdict is None or not self._repeats(call, case.plan, outcome, limit_s):
            return None
        again = base.execute(base.facts.function, *base.build(case.plan), limit_s * 2)
        if not same(realised(was.result.value), realised(again.result.value), close=True):
            self.unstable = True
            return None
        return verdict

    @staticmethod
    def _slower(case: Case, took: float, limit_s: float) -> Verdict | None:
        """No end where the base version ends at once."""
        if took > limit_s / 20:
            return None
        message = f"does not end; the base version does within {max(took, 0.001):.3f} s"
        return Verdict("hang", "Hang", message, case.line, 0.85)

    def has_sets(self) -> bool:
        """Whether the order of the target's results may be that of a set."""
        node = self.facts.node if self.facts is not None else None
        for each in ast.walk(node) if node is not None else ():
            if isinstance(each, ast.Set | ast.SetComp) or (
                isinstance(each, ast.Name) and each.id in ("set", "frozenset")
            ):
                return True
        return False


@functools.lru_cache(maxsize=256)
def _defaults(function: Callable[..., Any]) -> dict[str, Any]:
    """Mutable defaults by parameter name."""
    inner = inspect.unwrap(function)
    try:
        parameters = inspect.signature(inner).parameters
    except (TypeError, ValueError):
        return {}
    return {name: each.default for name, each in parameters.items() if type(each.default) in (list, dict, set)}


def _put_back(defaults: dict[str, Any], before: tuple[Any, ...]) -> None:
    for value, was in zip(defaults.values(), before, strict=True):
        value.clear()
        (value.extend if hasattr(value, "extend") else value.update)(was)
