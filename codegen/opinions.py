"""Further opinions: where the tests leave open what a draft does, another draft of the same task is compared with it.

Drafts that pass the same tests are run in the sandbox on inputs near those of the tests. Two independent ones that do
the same on all of them are right far more often than one that passes a few examples. If they differ, more are asked
for until one side leads by two; at the end the majority holds. If there is none, the draft goes back with the input
on which they differ. A drafter that stands by its answer with that input before its eyes is believed, and the person
is told of the input.

A further opinion is a further call of the model. It is asked for only where the examples do not decide: they do if
they tell the draft from every one of its mutants that behaves differently on any input near them, and it fails on none.

Invariant: an opinion is never offered unchecked: one that wins goes through every level itself.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from ..analyzers.errors import Cancelled, Unavailable
from ..analyzers.findings import Evidence, Json
from ..analyzers.fuzzing.project import import_spot, search_path
from ..analyzers.sandbox.interface import Limits
from .drafter import Declined, Draft, Drafter, Task
from .placement import Placed, place
from .validation.mutants import mutants
from .validation.neighbours import Row, limits_of, near, rows_of
from .validation.opinions_worker import NOT_TRIED

log = logging.getLogger(__name__)

_EXCEPTION = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Iteration)\b")

#: How many drafts are asked for at most for each opinion that is wanted: one that fails the tests has no say.
ASKED_FOR_EACH = 2
#: By how many drafts a side must lead before nobody else is asked.
LEAD = 2
#: Inputs of which several drafts make nothing (all raise) say nothing; fewer others than this are no comparison.
FEWEST_INPUTS = 4
#: Mutants that the examples must have told from the draft, at least, before they are trusted to decide.
FEWEST_MUTANTS = 4
#: Inputs on which a draft may be too slow before it is tried on no more.
MOST_SLOW = 8


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of the comparison. ``agreed``: another draft does the same, or the examples decide. ``outvoted``:
    ``winner`` is what most do. ``undecided``: they differ and nobody has a majority. ``alone``: there was nobody, or
    nothing, to compare with.

    ``reason`` names an input on which they differ, ``cost_usd`` what was asked for has cost (None: not known)."""

    kind: Literal["agreed", "outvoted", "undecided", "alone"]
    winner: Draft | None = None
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    cost_usd: float | None = 0.0
    asked: int = 0


def settled(task: Task, drafter: Drafter, draft: Draft, placed: Placed, tests: str) -> Settled:
    """Compare a draft that passed its tests with further ones. Raises Cancelled."""
    inputs = _inputs(task, draft, tests)
    if not inputs or not _comparable(task, draft):
        return Settled("alone")
    told = _mutants_told(task, draft, placed, inputs)
    if told >= FEWEST_MUTANTS:
        summary = f"the examples tell it from {told} of {told} versions with one small change each"
        return Settled("agreed", None, "", (Evidence("tested", summary, {"mutants": told, "killed": told}),))
    texts, drafts = [placed.text], [draft]
    behaviours: list[list[str]] = []
    cost: float | None = 0.0
    asked = 0
    waiting = list(draft.alternatives)
    wanted = task.request.opinions
    decided: Settled | None = None
    while asked < wanted * ASKED_FOR_EACH and (decided is not None or len(drafts) <= wanted):
        if task.cancel():
            raise Cancelled
        if waiting:
            other: Draft | Declined = waiting.pop(0)
        else:
            asked += 1
            other = another(task, drafter, asked)
            cost = None if cost is None or other.cost_usd is None else cost + other.cost_usd
        if isinstance(other, Declined):
            break
        text = place(task.request.text, task.target, other.code, other.imports).text
        found = _behaviours(task, [*texts, text], inputs)
        if found is None or found[0] is None:
            return Settled("alone", cost_usd=cost, asked=asked)
        if found[-1] is None or not _satisfies(task, found[-1], inputs):
            continue  # it could not be started, or fails the examples: no opinion
        texts.append(text)
        drafts.append(other)
        behaviours = [each for each in found if each is not None]
        decided, lead = _decided(task, drafts, behaviours, inputs)
        if lead >= LEAD:
            break
    if decided is not None:
        return replace(decided, cost_usd=cost, asked=asked)
    if len(drafts) < 2:
        return Settled("alone", cost_usd=cost, asked=asked)
    return Settled("undecided", None, _difference(task, behaviours, inputs), cost_usd=cost, asked=asked)


def _comparable(task: Task, draft: Draft) -> bool:
    """Plain functions that a model drafted, where code can run."""
    target = task.target
    return draft.by_model and task.sandbox is not None and not target.class_name and not target.in_function


def _inputs(task: Task, draft: Draft, tests: str) -> list[Row]:
    rows = [each.args for each in task.spec.examples if not each.kwargs]
    return near(rows or rows_of(tests, task.spec.name), limits=limits_of(draft.code))


def another(task: Task, drafter: Drafter, number: int) -> Draft | Declined:
    """A draft of the same task that was made without a look at the others; ``number`` from 1 on says which."""
    task.on_progress("asking for a further opinion")
    try:
        # A memo of its own: an independent draft shares what was gathered, and nothing that was answered.
        return drafter.propose(replace(task, sample=number, memo=dict(task.memo)), ())
    except Unavailable as error:
        return Declined(str(error))


def _behaviours(
    task: Task, texts: Sequence[str], inputs: Sequence[Row], slow: int = MOST_SLOW
) -> list[list[str] | None] | None:
    """For each text the outcomes on the inputs, None if it could not be started; None if nothing could be run."""
    assert task.sandbox is not None
    root = task.request.root.resolve()
    spot = import_spot(task.request.path.resolve())
    try:
        result = task.sandbox.call(
            "suture.codegen.validation.opinions_worker:behaviours",
            {
                "paths": [str(each) for each in search_path(root, spot)],
                "module": spot.module,
                "file": str(task.request.path.resolve()),
                "name": task.spec.name,
                "texts": list(texts),
                "inputs": [repr(each) for each in inputs],
                "slow": slow,
            },
            root=root,
            limits=Limits(wall_s=30.0, cpu_s=20.0),
            python=task.request.python,
            cancel=task.cancel,
        )
    except Unavailable as error:
        log.info("no opinions are compared: %s", error)
        return None
    if task.cancel():
        raise Cancelled
    found = _outcomes(result.value, len(texts), len(inputs)) if result.reason == "exit" else None
    return found and _told_of(task, found)


def _outcomes(value: Json, texts: int, inputs: int) -> list[list[str] | None] | None:
    """The worker's answer if it has the form that was asked for: a draft runs in the same process."""
    if not isinstance(value, list) or len(value) != texts:
        return None
    for each in value:
        if each is None:
            continue
        if not isinstance(each, list) or len(each) != inputs or not all(isinstance(item, str) for item in each):
            return None
    return cast("list[list[str] | None]", value)


def _satisfies(task: Task, outcomes: Sequence[str], inputs: Sequence[Row]) -> bool:
    """Whether an opinion agrees with the examples, as far as they are among the inputs."""
    from .validation.opinions_worker import shown

    known = {repr(row): outcome for row, outcome in zip(inputs, outcomes, strict=True)}
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


def _decided(
    task: Task, drafts: Sequence[Draft], behaviours: Sequence[Sequence[str]], inputs: Sequence[Row]
) -> tuple[Settled | None, int]:
    """(the verdict if one side has two drafts and more than any other, by how many it leads)."""
    sides: list[list[int]] = []
    for number, each in enumerate(behaviours):
        mine = next((side for side in sides if _same(behaviours[side[0]], each)), None)
        if mine is None:
            sides.append([number])
        else:
            mine.append(number)
    first, *others = sorted(sides, key=len, reverse=True)
    lead = len(first) - (len(others[0]) if others else 0)
    if len(first) < 2 or not lead:
        return None, 0
    if first[0] != 0:
        return Settled("outvoted", drafts[first[0]], _difference(task, behaviours, inputs)), lead
    compared = _same(behaviours[first[0]], behaviours[first[1]])
    summary = f"{len(drafts)} drafts, made independently: {len(first)} do the same on {compared} inputs"
    evidence = Evidence("equivalent", summary, {"inputs": compared, "same": True, "drafts": len(drafts)})
    return Settled("agreed", None, "", (evidence,)), lead


def _mutants_told(task: Task, draft: Draft, placed: Placed, inputs: Sequence[Row]) -> int:
    """How many mutants the examples tell from the draft; 0 if one goes unnoticed that differs on an input near them."""
    rows = [each.args for each in task.spec.examples if not each.kwargs]
    if not rows or len(rows) != len(task.spec.examples):
        return 0  # what a model wrote as tests is no word of the person
    texts = [place(task.request.text, task.target, each, draft.imports).text for each in mutants(draft.code)]
    found = _behaviours(task, [placed.text, *texts], inputs, 1) if len(texts) >= FEWEST_MUTANTS else None
    if found is None or found[0] is None:
        return 0
    mine, told = found[0], 0
    if any(not each.startswith("=") for each in mine[len(rows) :]):
        return 0  # it fails on an input near them: whether it may, no example says
    for each in found[1:]:
        if each is None or not any(_differ(a, b) for a, b in zip(mine, each, strict=True)):
            continue  # it cannot be told from the draft at all
        if not any(_differ(a, b) for a, b in zip(mine[: len(rows)], each, strict=False)):
            return 0
        told += 1
    return told


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """On how many inputs they do the same, if they do so on all; else 0. Where both raise, what does not matter."""
    if any(_differ(a, b) for a, b in zip(one, other, strict=True)):
        return 0
    compared = sum(a.startswith("=") and b.startswith("=") for a, b in zip(one, other, strict=True))
    return compared if compared >= FEWEST_INPUTS else 0


def _differ(one: str, other: str) -> bool:
    return NOT_TRIED not in (one, other) and _plain(one) != _plain(other)


def _plain(outcome: str) -> str:
    return "raises" if outcome.startswith("raises") else outcome


def _told_of(task: Task, outcomes: list[list[str] | None]) -> list[list[str] | None]:
    """The same, an exception that the description names being a result like any other."""
    named = set(_EXCEPTION.findall(task.spec.text))
    return [each and [f"= {one}" if one.removeprefix("raises ") in named else one for one in each] for each in outcomes]


def _difference(task: Task, behaviours: Sequence[Sequence[str]], inputs: Sequence[Row]) -> str:
    """The shortest input on which the first draft and another one differ, as a sentence."""
    found = [
        (row, behaviours[0][place], other[place])
        for place, row in enumerate(inputs)
        for other in behaviours[1:]
        if _differ(behaviours[0][place], other[place])
    ]
    if not found:
        return "too few inputs gave a result"
    row, mine, its = min(found, key=lambda each: (len(repr(each[0])), repr(each[0])))
    call = f"{task.spec.name}({', '.join(map(repr, row))})"
    return f"independent answers that pass the same tests differ on {call}: one {_told(mine)}, another {_told(its)}"


def _told(outcome: str) -> str:
    if outcome.startswith("= raises "):
        return outcome[2:]
    if outcome.startswith("= "):
        return f"gives {outcome[2:]}"
    return "does not end" if outcome == "slow" else outcome
