"""Laws of comparing: sort keys that can be compared with each other, comparators that agree with themselves.

A function named ``…_key`` (or documented as a sort key) must give keys of which any two can be ordered; one named
``compare`` or ``cmp`` must give 0 for a value and itself, and opposite signs for a pair and its reverse.
"""

from __future__ import annotations

import re
from typing import Any

from ..plans import Made
from .equality import same
from .verdict import Facts, Oracle, Trial, Verdict, shown

_KEY_DOC = re.compile(r"\bsort(?:ing)?[- ]key\b|\bkey (?:for|to) sort", re.IGNORECASE)
_PARTNERS = 12


def prepare(facts: Facts) -> Oracle | None:
    if facts.method or facts.certainty not in ("annotated", "documented"):
        return None
    words = facts.words
    if len(facts.required) == 1 and (_KEY_DOC.search(facts.doc) or facts.last_name in ("sort_key", "sorting_key")):
        return _keys(facts)
    if len(facts.required) != 2 or words[:1] not in (("compare",), ("cmp",)) or len(facts.parameters) != 2:
        return None
    alike = facts.parameters[0].shape == facts.parameters[1].shape
    return _comparator(facts) if alike and not facts.contract.precondition else None


def _keys(facts: Facts) -> Oracle:
    partners: list[tuple[Made, Any]] = []

    def judge(trial: Trial) -> Verdict | None:
        if trial.result.error is not None or type(trial.value) not in (tuple, list, str, int, float):
            return None
        if not partners:
            for plan in facts.samples[:_PARTNERS]:
                other = trial.call(facts.function, _built(trial, plan), {})
                if other.error is None and not other.hung:
                    partners.append((plan, other.value))
        for plan, key in partners:
            try:
                sorted([trial.value, key])
                sorted([key, trial.value])
            except TypeError as error:
                other = f"{facts.last_name}({', '.join(map(trial.render, plan.args))})"
                message = f"its key {shown(trial.value)} cannot be ordered with {shown(key)}: {error}"
                return Verdict("property", "SortKey", message, trial.case.line, 0.75, f"sorted([result, MOD.{other}])")
        return None

    return judge


def _built(trial: Trial, plan: Made) -> tuple[Any, ...]:
    return tuple(plan.args)


def _comparator(facts: Facts) -> Oracle:
    def judge(trial: Trial) -> Verdict | None:
        if trial.result.error is not None or trial.kwargs or len(trial.args) != 2 or type(trial.value) is not int:
            return None
        first, second = trial.build()[0]
        back = trial.call(facts.function, (second, first), {})
        if back.error is None and type(back.value) is int and _sign(trial.value) != -_sign(back.value):
            given = ", ".join(map(trial.render, reversed(trial.plan.args)))
            message = f"gives {trial.value} one way round and {back.value} the other"
            condition = f"result * MOD.{facts.last_name}({given}) < 0"
            if 0 in (trial.value, back.value):
                condition = f"abs(result) == abs(MOD.{facts.last_name}({given}))"
            return Verdict("property", "Comparison", message, trial.case.line, 0.75, condition)
        if trial.value and same(first, second):
            return Verdict(
                "property",
                "Comparison",
                f"gives {trial.value} for a value and itself",
                trial.case.line,
                0.75,
                "result == 0",
            )
        return None

    return judge


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
