"""Runs a class as a sequence of calls, on both versions side by side where there is a base version.

A crash or a hang counts at any step; laws of the object and differences only at the end of a sequence, so that what is
asserted after the last step is what a test can assert (shorter sequences are tried as well).
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from .calls import Call
from .oracle import Judge, Outcome, Verdict
from .oracles.difference import compare, compare_state, deliberate, is_ordinary
from .oracles.invariants import Broken, Law, judge_hash, laws_of
from .plans import Made, Plan
from .running import Result
from .shapes import Certainty

#: Sequences that are run to see whether a class keeps a convention.
_WARM_UP = 80
_ENOUGH = 4

Done = list[tuple[Made, Any]]


@dataclass
class Sequencer:
    """One class: its constructor, its methods and its laws. ``cases`` gives sequences for the warm-up."""

    name: str
    judge: Judge
    constructor: Call
    steps: dict[str, Call]
    cases: Callable[[], Iterator[Plan]]
    base: Sequencer | None = None
    laws: tuple[Law, ...] = field(init=False, default=())
    _kept: dict[str, bool] = field(init=False, default_factory=dict[str, bool])

    def __post_init__(self) -> None:
        cls: Any = self.constructor.function
        node = next(
            (
                each
                for each in ast.walk(self.judge.tree)
                if isinstance(each, ast.ClassDef) and each.name == cls.__name__
            ),
            None,
        )
        positional = [each.name for each in self.constructor.domain.parameters if each.kind == "positional"]
        self.laws = laws_of(cls, node, positional)

    @property
    def line(self) -> int:
        cls: Any = self.constructor.function
        try:
            return inspect.getsourcelines(cls)[1]
        except (OSError, TypeError):
            return 1

    def run(self, plan: Plan, limit_s: float) -> tuple[Verdict | None, Result | None]:
        """The whole sequence. The result is the last step's."""
        base = self.base if not self.judge.unstable else None
        old: _Other | None = _Other(base) if base is not None else None
        receiver: Any = None
        done: Done = []
        earlier: list[tuple[Made, Certainty]] = []
        outcome: Outcome | None = None
        last = len(plan) - 1
        for place, step in enumerate(plan):
            call = self._call(receiver, step.callee)
            if call is None:
                return None, None
            case = self.judge.case(call, step, earlier)
            outcome, verdict = self.judge.step(call, step, limit_s, case)
            if outcome is None:
                return None, None
            if verdict is not None and (verdict.kind in ("crash", "hang") or place == last):
                return verdict, outcome.result
            if old is not None:
                old.step(step, limit_s)
            failed = outcome.error is not None or outcome.result.hung
            if (failed or place == last) and old is not None and place == last:
                verdict = old.differs(outcome, receiver if place else outcome.result.value, self._line_of(call))
                if verdict is not None and self._repeats(plan, limit_s, outcome):
                    return verdict, outcome.result
            if failed or (old is not None and old.lost):
                return None, outcome.result
            if place == 0:
                receiver = outcome.result.value
            done.append((step, outcome.result.value))
            earlier.append((step, call.certainty))
        verdict = self._laws(receiver, done, plan, limit_s) if outcome is not None else None
        return verdict, outcome.result if outcome is not None else None

    def _call(self, receiver: Any, name: str) -> Call | None:
        if name == "__init__":
            return self.constructor
        call = self.steps.get(name)
        bound = getattr(receiver, name, None)
        return Call(bound, call.domain, True) if call is not None and bound is not None else None

    @staticmethod
    def _line_of(call: Call) -> int:
        return call.domain.node.lineno if call.domain.node is not None else 1

    def _laws(self, receiver: Any, done: Done, plan: Plan, limit_s: float) -> Verdict | None:
        for law in self.laws:
            broken = self._ask(law, receiver, done, limit_s)
            if isinstance(broken, Broken) and (not law.convention or self._keeps(law, limit_s)):
                return self._told(law.name, broken, done)
        if len(plan) == 1 and any(law.name == "NotItself" for law in self.laws):
            other = self.judge.step(self.constructor, plan[0], limit_s, self.judge.case(self.constructor, plan[0]))[0]
            broken = judge_hash(receiver, other.result.value) if other is not None and other.error is None else None
            if broken is not None:
                return self._told("HashMismatch", broken, done)
        return None

    def _told(self, name: str, broken: Broken, done: Done) -> Verdict:
        last = done[-1][0].callee
        call = self.constructor if last == "__init__" else self.steps[last]
        where = f"after {last}(): " if last != "__init__" else "when it is new: "
        return Verdict("property", name, where + broken.message, self._line_of(call), 0.8, broken.condition)

    def _ask(self, law: Law, receiver: Any, done: Done, limit_s: float) -> Broken | bool | None:
        """The law's answer; what hangs in the target's own methods is no answer."""
        result = self.judge.runner.call(law.holds, (receiver, done), {}, limit_s)
        return None if result.hung or result.error is not None else result.value

    def _keeps(self, law: Law, limit_s: float) -> bool:
        """Whether the class nearly always keeps a convention: asked over a fixed set of sequences."""
        if law.name not in self._kept:
            kept = broken = 0
            for plan in islice(self._varied(), _WARM_UP):
                made = self._replay(plan, limit_s)
                if made is None:
                    continue
                answer = self._ask(law, made[0], made[1], limit_s)
                kept += answer is True
                broken += isinstance(answer, Broken)
            self._kept[law.name] = kept >= _ENOUGH and kept >= law.convention * (kept + broken)
        return self._kept[law.name]

    def _varied(self) -> Iterator[Plan]:
        """Every few sequences of the usual order, so that long ones are among them."""
        return islice(self.cases(), 0, None, 3)

    def _replay(self, plan: Sequence[Made], limit_s: float) -> tuple[Any, Done] | None:
        receiver: Any = None
        done: Done = []
        for step in plan:
            call = self._call(receiver, step.callee)
            if call is None:
                return None
            try:
                args, kwargs = self.judge.build(step)
            except Exception:  # noqa: BLE001 - not an input
                return None
            result = self.judge.runner.call(call.function, args, kwargs, limit_s)
            if result.error is not None or result.hung:
                return None
            if step.callee == "__init__":
                receiver = result.value
            done.append((step, result.value))
        return receiver, done

    def _repeats(self, plan: Sequence[Made], limit_s: float, outcome: Outcome) -> bool:
        """Whether the sequence ends the same way again."""
        from .oracles.equality import realised, same

        for _ in range(2):
            again = self._replay(plan, limit_s)
            if (again is None) != (outcome.error is not None or outcome.result.hung):
                self.judge.unstable = True
                return False
            if again is None or len(plan) == 1:
                continue
            if not same(realised(outcome.result.value), realised(again[1][-1][1]), close=True):
                self.judge.unstable = True
                return False
        return True


@dataclass
class _Other:
    """The base version going through the same steps."""

    sequencer: Sequencer
    receiver: Any = None
    outcome: Outcome | None = None
    lost: bool = False  # it failed, or has no such method: nothing more to compare

    def step(self, step: Made, limit_s: float) -> None:
        self.outcome = None
        if self.lost:
            return
        call = self.sequencer._call(self.receiver, step.callee)  # pyright: ignore[reportPrivateUsage]
        if call is None:
            self.lost = True
            return
        judge = self.sequencer.judge
        try:
            args, kwargs = judge.build(step)
        except Exception:  # noqa: BLE001 - the base version's constructor refuses
            self.lost = True
            return
        self.outcome = judge.execute(call.function, args, kwargs, limit_s * 2)
        if self.outcome.error is not None or self.outcome.result.hung:
            self.lost = True
        elif step.callee == "__init__":
            self.receiver = self.outcome.result.value

    def differs(self, now: Outcome, receiver: Any, line: int) -> Verdict | None:
        was = self.outcome
        if was is None:
            return None
        judge = self.sequencer.judge
        documented = was.error is not None and any(
            call.domain.contract.documents(type(was.error))
            for call in (self.sequencer.constructor, *self.sequencer.steps.values())
        )
        if not is_ordinary(was, deliberate(was.error, judge.tree, documented)):
            return None
        if now.result.hung:
            return None
        made = self.receiver is was.result.value
        if not made or now.error is not None or was.error is not None:  # the outcome of a constructor is its object
            verdict = compare(was, now, line, judge.module.__name__)
            if verdict is not None:
                return verdict
        if was.error is None and now.error is None:
            return compare_state(self.receiver, receiver, line)
        return None
