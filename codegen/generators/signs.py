"""Signs that a task is of some kind: words of its specification, modules that its file imports, types it is given.

Signs add up like independent hints: with weights w the score is 1 - (1 - w1)(1 - w2)…; a file's imports alone stay
below what decides, since a file about a database also holds functions that are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from ...analyzers.syntax import imports_of, parse
from ..drafter import Task
from .strategy import Fit

_IMPORTS = ("import_statement", "import_from_statement")


@dataclass(frozen=True, slots=True)
class Signs:
    """``words`` are (pattern, weight) for the specification, ``types`` for hints of parameters and result, ``modules``
    top-level or dotted names of modules, each worth ``module_weight``."""

    words: Sequence[tuple[str, float]]
    modules: frozenset[str] = frozenset()
    types: Sequence[tuple[str, float]] = ()
    module_weight: float = 0.25


def fit_of(task: Task, signs: Signs) -> Fit:
    """What of ``signs`` the task shows."""
    words = said(task)
    weights: list[float] = []
    seen: list[str] = []
    for pattern, weight in signs.words:
        found = re.search(rf"\b(?:{pattern})\b", words, re.IGNORECASE)
        if found is not None:
            weights.append(weight)
            seen.append(f"“{found[0].lower()}”")
    reasons = [f"the specification says {', '.join(dict.fromkeys(seen))}"] if seen else []
    hints = " ".join((*(each.hint for each in task.spec.parameters), task.spec.returns))
    typed: list[str] = []
    for pattern, weight in signs.types:
        found = re.search(pattern, hints)
        if found is not None:
            weights.append(weight)
            typed.append(found[0])
    if typed:
        reasons.append(f"it is given {', '.join(dict.fromkeys(typed))}")
    imported = sorted(modules_of(task.request.text) & signs.modules)
    if imported:
        weights.append(signs.module_weight)
        reasons.append(f"the file imports {', '.join(imported)}")
    return Fit(1 - prod(1 - each for each in weights), tuple(reasons))


def said(task: Task) -> str:
    """Everything that says what is wanted: the specification, the name in words, the tests."""
    parts = (task.spec.text, task.spec.description, task.spec.name.replace("_", " "), task.target.docstring)
    return "\n".join((*parts, task.target.tests, task.target.text))


def modules_of(text: str) -> frozenset[str]:
    """The modules that a text imports at its top, and the packages they are in."""
    data = text.encode("utf-8", "surrogatepass")
    found: set[str] = set()
    for node in parse(data).root_node.children:
        if node.type in _IMPORTS:
            for _, origin in imports_of(node, data):
                parts = origin.lstrip(".").split(".")
                found |= {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
    return frozenset(found)
