"""What drafts of one function do, side by side: they run in the sandbox on the same inputs near those of the tests.

Where tests hold no plain calls (methods, objects with a state), the tests themselves are run with other values and
looked at (:mod:`.validation.variations`).

Invariant: this says in what drafts are the same or differ, and decides nothing.
"""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from ..analyzers.errors import Cancelled, Unavailable
from ..analyzers.findings import Json
from ..analyzers.fuzzing.project import import_spot, search_path
from ..analyzers.sandbox.interface import Limits
from .drafter import Draft, Task
from .placement import Placed, place
from .validation.mutants import mutants
from .validation.neighbours import Row, limits_of, near, rows_of
from .validation.opinions_worker import NOT_TRIED, shown
from .validation.variations import programs_of, steps_in

log = logging.getLogger(__name__)

_EXCEPTION = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Iteration)\b")

#: Inputs of which several drafts make nothing (all raise) say nothing; fewer others than this are no comparison.
FEWEST_INPUTS = 4
#: Inputs on which a draft may be too slow before it is tried on no more.
MOST_SLOW = 3

Outcomes = Sequence[str]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What drafts are compared on: ``rows`` of arguments, or ``programs``, the first ``plain`` of which are the tests
    as they are."""

    rows: tuple[Row, ...] = ()
    programs: tuple[str, ...] = ()
    plain: int = 0

    def __len__(self) -> int:
        return len(self.rows) or len(self.programs)

    def call(self, place: int, name: str) -> str:
        """An input as a person reads it."""
        if self.rows:
            return f"{name}({', '.join(map(repr, self.rows[place]))})"
        return steps_in(self.programs[place])


def inputs_for(task: Task, drafts: Sequence[Draft], tests: str) -> Inputs:
    """The inputs of the examples or tests, then others near them and where one of the drafts draws its lines."""
    plain = not task.target.class_name and not task.target.signature.startswith("class")
    rows = _rows_for(task, drafts, tests) if plain else []
    if rows:
        return Inputs(tuple(rows))
    found = programs_of(tests, import_spot(task.request.path.resolve()).module, stateful=bool(task.target.class_name))
    return Inputs((), tuple(found.programs), found.plain)


def _rows_for(task: Task, drafts: Sequence[Draft], tests: str) -> list[Row]:
    rows = [each.args for each in task.spec.examples if not each.kwargs]
    limits = list(dict.fromkeys(limit for each in drafts for limit in limits_of(each.code)))
    return near(rows or rows_of(tests, task.spec.name), limits=limits, words=task.spec.description)


def text_with(task: Task, draft: Draft) -> str:
    """The whole file with a draft in it."""
    return place(task.request.text, task.target, draft.code, draft.imports).text


def behaviours(
    task: Task, texts: Sequence[str], inputs: Inputs, slow: int = MOST_SLOW
) -> list[list[str] | None] | None:
    """For each text the outcomes on the inputs, None if it could not be started; None if nothing could be run."""
    assert task.sandbox is not None
    root = task.request.root.resolve()
    spot = import_spot(task.request.path.resolve())
    worker = "opinions_worker" if inputs.rows else "programs_worker"
    payload: dict[str, Json] = {
        "paths": [str(each) for each in search_path(root, spot)],
        "module": spot.module,
        "file": str(task.request.path.resolve()),
        "name": task.spec.name,
        "texts": list(texts),
        "inputs": [repr(each) for each in inputs.rows],
        "programs": list(inputs.programs),
        "slow": slow,
    }
    try:
        result = task.sandbox.call(
            f"suture.codegen.validation.{worker}:behaviours",
            payload,
            root=root,
            limits=Limits(wall_s=60.0, cpu_s=20.0),
            python=task.request.python,
            cancel=task.cancel,
        )
    except Unavailable as error:
        log.info("no opinions are compared: %s", error)
        return None
    if task.cancel():
        raise Cancelled
    found = read_outcomes(result.value, len(texts), len(inputs)) if result.reason == "exit" else None
    return found and [each and named_results(task.spec.text, each) for each in found]


def read_outcomes(value: Json, texts: int, inputs: int) -> list[list[str] | None] | None:
    """The worker's answer if it has the form that was asked for: a draft runs in the same process."""
    if not isinstance(value, list) or len(value) != texts:
        return None
    for each in value:
        if each is None:
            continue
        if not isinstance(each, list) or len(each) != inputs or not all(isinstance(item, str) for item in each):
            return None
    return cast("list[list[str] | None]", value)


def named_results(words: str, outcomes: Outcomes) -> list[str]:
    """The same, an exception that the description names being a result like any other."""
    named = set(_EXCEPTION.findall(words))
    return [f"= {one}" if one.removeprefix("raises ") in named else one for one in outcomes]


def satisfies(task: Task, outcomes: Outcomes, first: Outcomes, inputs: Inputs) -> bool:
    """Whether a draft agrees with the examples, as far as they are among the inputs; with tests as ``first`` does."""
    if not inputs.rows:
        return not any(differ(a, b) for a, b in zip(first[: inputs.plain], outcomes, strict=False))
    known = {repr(row): outcome for row, outcome in zip(inputs.rows, outcomes, strict=True)}
    for each in task.spec.examples:
        outcome = known.get(repr(each.args))
        if outcome is None or each.kwargs:
            continue
        if each.raises:
            if not outcome.removeprefix("= ").startswith("raises"):
                return False
        elif outcome != f"= {shown(each.expected)}":
            return False
    return True


def same_on(one: Outcomes, other: Outcomes) -> int:
    """On how many inputs they do the same, if they do so on all; else 0. Where both raise, what does not matter."""
    if any(differ(a, b) for a, b in zip(one, other, strict=True)):
        return 0
    compared = sum(a.startswith("=") and b.startswith("=") for a, b in zip(one, other, strict=True))
    return compared if compared >= FEWEST_INPUTS else 0


def differ(one: str, other: str) -> bool:
    return NOT_TRIED not in (one, other) and _plain(one) != _plain(other)


def _plain(outcome: str) -> str:
    return "raises" if outcome.startswith("raises") else outcome


def difference(name: str, mine: Outcomes, others: Sequence[Outcomes], inputs: Inputs) -> str:
    """The shortest input on which the first draft and another one differ, as a sentence."""
    found = [
        (inputs.call(place, name), mine[place], other[place])
        for place in range(len(inputs))
        for other in others
        if differ(mine[place], other[place])
    ]
    if not found:
        return "too few inputs gave a result"
    call, this, that = min(found, key=lambda each: (len(each[0]), each[0]))
    return f"independent answers that pass the same tests differ on {call}: one {_told(this)}, another {_told(that)}"


def _told(outcome: str) -> str:
    if outcome.startswith("= raises "):
        return outcome[2:]
    if outcome.startswith("= "):
        return f"gives {outcome[2:]}"
    return "does not end" if outcome == "slow" else outcome


# --- what the examples leave open ------------------------------------------------------------------------------------


def mutants_seen(task: Task, draft: Draft, placed: Placed, inputs: Inputs) -> tuple[int, int, bool]:
    """(mutants that the examples tell from the draft, those that they do not although another input does, whether the
    draft fails on an input that is no example); (0, 0, False) without examples of a person."""
    rows = [each.args for each in task.spec.examples if not each.kwargs]
    if not inputs.rows or not rows or len(rows) != len(task.spec.examples):
        return 0, 0, False  # what a model wrote as tests is no word of the person
    texts = [place(task.request.text, task.target, each, draft.imports).text for each in mutants(draft.code)]
    found = behaviours(task, [placed.text, *texts], inputs, 1) if texts else None
    if found is None or found[0] is None:
        return 0, 0, False
    return counted(found[0], found[1:], len(rows))


def counted(mine: Outcomes, others: Sequence[Outcomes | None], examples: int) -> tuple[int, int, bool]:
    """The same of outcomes, the first ``examples`` of which are those of the examples."""
    told = survived = 0
    for each in others:
        if each is None or not any(differ(a, b) for a, b in zip(mine, each, strict=True)):
            continue  # it cannot be told from the draft at all
        if any(differ(a, b) for a, b in zip(mine[:examples], each, strict=False)):
            told += 1
        else:
            survived += 1
    return told, survived, any(not each.startswith("=") for each in mine[examples:])


def plain_text(code: str) -> str:
    """What remains of code if its wording is taken away: comments, docstrings, hints and the names of its own."""
    try:
        return _without_wording(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError):
        return code


def _without_wording(tree: ast.Module) -> str:
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    numbers: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
            if not isinstance(node, ast.ClassDef):
                node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.Name) and node.id in own:
            node.id = numbers.setdefault(node.id, f"_{len(numbers)}")
    return ast.dump(tree)
