"""Further opinions: where the tests leave open what a draft does, another draft of the same task is compared with it.

Drafts that pass the same tests are run in the sandbox on inputs near those of the tests. Two independent ones that do
the same on all of them are right far more often than one that passes a few examples. If they differ, one more is asked
for and the majority holds; if there is none, the draft goes back with the input on which they differ. A drafter that
stands by its answer with that input before its eyes is believed, and the person is told of the input.

Invariant: an opinion is never offered unchecked: one that wins goes through every level itself.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from ..analyzers.errors import Cancelled, Unavailable
from ..analyzers.findings import Evidence, Json
from ..analyzers.fuzzing.project import import_spot, search_path
from ..analyzers.sandbox.interface import Limits
from .drafter import Declined, Draft, Drafter, Task
from .placement import Placed, place
from .validation.neighbours import Row, near, rows_of

log = logging.getLogger(__name__)

#: How many drafts are asked for at most for each opinion that is wanted: one that fails the tests has no say.
ASKED_FOR_EACH = 2
#: Inputs of which several drafts make nothing (all raise) say nothing; fewer others than this are no comparison.
FEWEST_INPUTS = 4


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of the comparison. ``agreed``: another draft does the same. ``outvoted``: ``winner`` is what most do.
    ``undecided``: they differ and nobody has a majority. ``alone``: there was nobody, or nothing, to compare with.

    ``reason`` names an input on which they differ, ``cost_usd`` what was asked for has cost (None: not known)."""

    kind: Literal["agreed", "outvoted", "undecided", "alone"]
    winner: Draft | None = None
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    cost_usd: float | None = 0.0
    asked: int = 0


def settled(task: Task, drafter: Drafter, draft: Draft, placed: Placed, tests: str) -> Settled:
    """Compare a draft that passed its tests with further ones. Raises Cancelled."""
    inputs = _inputs(task, tests)
    if not inputs or not _comparable(task, draft):
        return Settled("alone")
    texts, drafts = [placed.text], [draft]
    behaviours: list[list[str]] = []
    cost: float | None = 0.0
    asked = 0
    waiting = list(draft.alternatives)
    wanted = task.request.opinions
    while len(drafts) <= wanted and asked < wanted * ASKED_FOR_EACH:
        if task.cancel():
            raise Cancelled
        if waiting:
            other: Draft | Declined = waiting.pop(0)
        else:
            asked += 1
            other = _another(task, drafter, asked)
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
        decided = _decided(task, drafts, behaviours, inputs)
        if decided is not None:
            return replace(decided, cost_usd=cost, asked=asked)
    if len(drafts) < 2:
        return Settled("alone", cost_usd=cost, asked=asked)
    return Settled("undecided", None, _difference(task, behaviours, inputs), cost_usd=cost, asked=asked)


def _comparable(task: Task, draft: Draft) -> bool:
    """Plain functions that a model drafted, where code can run."""
    target = task.target
    return draft.by_model and task.sandbox is not None and not target.class_name and not target.in_function


def _inputs(task: Task, tests: str) -> list[Row]:
    rows = [each.args for each in task.spec.examples if not each.kwargs]
    return near(rows or rows_of(tests, task.spec.name))


def _another(task: Task, drafter: Drafter, number: int) -> Draft | Declined:
    task.on_progress("asking for a further opinion")
    try:
        # A memo of its own: an independent draft shares what was gathered, and nothing that was answered.
        return drafter.propose(replace(task, sample=number, memo=dict(task.memo)), ())
    except Unavailable as error:
        return Declined(str(error))


def _behaviours(task: Task, texts: Sequence[str], inputs: Sequence[Row]) -> list[list[str] | None] | None:
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
    return _outcomes(result.value, len(texts), len(inputs)) if result.reason == "exit" else None


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
            if not outcome.startswith("raises"):
                return False
        elif outcome != f"= {shown(each.expected)}":
            return False
    return True


def _decided(
    task: Task, drafts: Sequence[Draft], behaviours: Sequence[Sequence[str]], inputs: Sequence[Row]
) -> Settled | None:
    """The verdict once two drafts do the same; the first draft's own side wins if it has one."""
    for one in range(len(drafts)):
        for other in range(one + 1, len(drafts)):
            compared = _same(behaviours[one], behaviours[other])
            if not compared:
                continue
            if one == 0:
                summary = f"{len(drafts)} drafts, made independently: 2 do the same on {compared} inputs"
                evidence = Evidence("equivalent", summary, {"inputs": compared, "same": True, "drafts": len(drafts)})
                return Settled("agreed", None, "", (evidence,))
            return Settled("outvoted", drafts[one], _difference(task, behaviours, inputs))
    return None


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """On how many inputs they do the same, if they do so on all; else 0. Where both raise, what does not matter."""
    if any(_plain(a) != _plain(b) for a, b in zip(one, other, strict=True)):
        return 0
    compared = sum(1 for each in one if each.startswith("="))
    return compared if compared >= FEWEST_INPUTS else 0


def _plain(outcome: str) -> str:
    return "raises" if outcome.startswith("raises") else outcome


def _difference(task: Task, behaviours: Sequence[Sequence[str]], inputs: Sequence[Row]) -> str:
    """The shortest input on which the first draft and another one differ, as a sentence."""
    found = [
        (row, behaviours[0][place], other[place])
        for place, row in enumerate(inputs)
        for other in behaviours[1:]
        if _plain(behaviours[0][place]) != _plain(other[place])
    ]
    if not found:
        return "too few inputs gave a result"
    row, mine, its = min(found, key=lambda each: (len(repr(each[0])), repr(each[0])))
    call = f"{task.spec.name}({', '.join(map(repr, row))})"
    return f"independent answers that pass the same tests differ on {call}: one {_told(mine)}, another {_told(its)}"


def _told(outcome: str) -> str:
    if outcome.startswith("= "):
        return f"gives {outcome[2:]}"
    return "does not end" if outcome == "slow" else outcome
