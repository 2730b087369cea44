"""Further opinions: where the tests leave open what a draft does, another draft of the same task is compared with it.

Drafts that pass the same tests are run in the sandbox on inputs near those of the tests. Independent ones that do the
same on all of them are right far more often than one that passes a few examples. How much they count depends on how
independent they are: another text that does the same counts whole, the very same text once more counts half, since
models repeat their mistakes word for word. More are asked for until one side leads by two; at the end the
majority holds, and an input on which another draft differs is shown to the person. If there is no majority, the draft
goes back with that input. A drafter that stands by its answer with that input before its eyes is believed, and the
person is told of the input.

A further opinion is a further call of the model. It is asked for only where the examples do not decide: they do if
they tell the draft from every one of its mutants that behaves differently on any input near them, and it fails on none.
A draft that fails the examples or a check that only reads has no say, and neither has one that breaks what the words of
the description promise of every result (sorted, without repetition, never negative, in lower case); the first draft
goes back if it does.

Invariant: an opinion is never offered unchecked: one that wins goes through every level itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..analyzers.errors import Cancelled, Unavailable
from ..analyzers.findings import Evidence, Json
from .comparing import (
    Inputs,
    behaviours,
    difference,
    inputs_for,
    mutants_seen,
    plain_text,
    same_on,
    satisfies,
    text_with,
)
from .drafter import Declined, Draft, Drafter, Task
from .placement import Placed, place
from .promises import Promise, broken_by, promises_of
from .validation import Subject, refused_by_text

#: How many drafts are asked for at most for each opinion that is wanted: one that fails the tests has no say.
ASKED_FOR_EACH = 3
#: By how much a side must lead before nobody else is asked; what the same text counts when it comes again.
LEAD, REPEATED = 2.0, 0.5
#: By how much it must lead in the end, when nobody else is asked.
MAJORITY = 1.0
#: Mutants that the examples must have told from the draft, at least, before they are trusted to decide.
FEWEST_MUTANTS = 4


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of the comparison. ``agreed``: another draft does the same, or the examples decide. ``outvoted``:
    ``winner`` is what most do. ``undecided``: they differ and nobody has a majority. ``alone``: there was nobody, or
    nothing, to compare with.

    ``reason`` names an input on which they differ (with ``agreed``: on which a minority does), ``cost_usd`` what was
    asked for has cost (None: not known)."""

    kind: Literal["agreed", "outvoted", "undecided", "alone"]
    winner: Draft | None = None
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    cost_usd: float | None = 0.0
    asked: int = 0


def settled(task: Task, drafter: Drafter, draft: Draft, placed: Placed, tests: str) -> Settled:
    """Compare a draft that passed its tests with further ones. Raises Cancelled."""
    inputs = inputs_for(task, [draft], tests) if _comparable(task, draft) else Inputs()
    if not len(inputs):
        return Settled("alone")
    told, survived, fails = mutants_seen(task, draft, placed, inputs)
    seen = _open(told, survived)
    promises = promises_of(task.spec) if inputs.rows else []
    if promises and (broken := _breaks(task, promises, placed.text, inputs)):
        return Settled("undecided", None, broken, seen)
    if told >= FEWEST_MUTANTS and not survived and not fails:
        return Settled("agreed", None, "", seen)
    drafts = [draft]
    outcomes: list[list[str]] = []
    cost: float | None = 0.0
    asked = 0
    waiting = list(draft.alternatives)
    wanted = task.request.opinions
    decided: Settled | None = None
    ahead = False
    while asked < wanted * ASKED_FOR_EACH and (ahead or len(drafts) <= wanted):
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
        if _refused(task, other):
            continue  # it would not be offered: no opinion
        inputs = inputs_for(task, [*drafts, other], tests)
        found = behaviours(task, [text_with(task, each) for each in (*drafts, other)], inputs)
        if found is None or None in found[:-1]:
            return Settled("alone", None, "", seen, cost, asked)
        if found[-1] is None or not satisfies(task, found[-1], found[0] or (), inputs):
            continue  # it could not be started, or fails the examples: no opinion
        if broken_by(promises, found[-1], _calls(task, inputs)):
            continue
        drafts.append(other)
        outcomes = [each for each in found if each is not None]
        vote = voted([plain_text(each.code) for each in drafts], outcomes)
        ahead = vote.lead > 0
        decided = _decided(task, drafts, outcomes, inputs, vote)
        if decided is not None and vote.lead >= LEAD:
            break
    if decided is not None:
        mine = seen if decided.winner is None else ()  # they are the mutants of the first draft
        return replace(decided, evidence=(*decided.evidence, *mine), cost_usd=cost, asked=asked)
    if len(drafts) < 2:
        return Settled("alone", None, "", seen, cost, asked)
    reason = difference(task.spec.name, outcomes[0], outcomes[1:], inputs)
    return Settled("undecided", None, reason, seen, cost, asked)


@dataclass(frozen=True, slots=True)
class Vote:
    """``side`` holds the places of the drafts of the strongest side, ``texts`` how many different texts they are,
    ``lead`` by how much they weigh more than the next side; ``against`` is how many drafts do otherwise."""

    side: tuple[int, ...]
    texts: int
    lead: float
    against: int

    @property
    def majority(self) -> bool:
        """Whether several drafts weigh clearly more than any other side: one text twice against another does not."""
        return len(self.side) > 1 and self.lead >= MAJORITY


def voted(texts: Sequence[str], outcomes: Sequence[Sequence[str]]) -> Vote:
    """Who does the same as whom: ``texts`` of the drafts, and what each of them does on the inputs."""
    sides: list[list[int]] = []
    for number, each in enumerate(outcomes):
        mine = next((side for side in sides if same_on(outcomes[side[0]], each)), None)
        if mine is None:
            sides.append([number])
        else:
            mine.append(number)
    weights = [_weight([texts[each] for each in side]) for side in sides]
    ranked = sorted(range(len(sides)), key=lambda each: -weights[each])
    first = sides[ranked[0]]
    second = weights[ranked[1]] if len(ranked) > 1 else 0.0
    return Vote(
        tuple(first), len({texts[each] for each in first}), weights[ranked[0]] - second, len(texts) - len(first)
    )


def _weight(texts: Sequence[str]) -> float:
    different = len(set(texts))
    return different + REPEATED * (len(texts) - different)


def _decided(
    task: Task, drafts: Sequence[Draft], outcomes: Sequence[Sequence[str]], inputs: Inputs, vote: Vote
) -> Settled | None:
    """The verdict if there is a majority."""
    if not vote.majority:
        return None
    first, second = vote.side[:2]
    others = [each for number, each in enumerate(outcomes) if number not in vote.side]
    compared = same_on(outcomes[first], outcomes[second])
    summary = f"{len(drafts)} drafts, made independently: {len(vote.side)} do the same on {compared} inputs"
    if vote.texts == 1:
        summary += ", all word for word"
    data: dict[str, Json] = {
        "inputs": compared, "same": True, "drafts": len(drafts), "agree": len(vote.side), "texts": vote.texts,
    }  # fmt: skip
    reason = difference(task.spec.name, outcomes[first], others, inputs) if others else ""
    evidence = (Evidence("equivalent", summary, data),)
    return Settled("outvoted" if first else "agreed", drafts[first] if first else None, reason, evidence)


def _open(told: int, survived: int) -> tuple[Evidence, ...]:
    """What the examples leave open."""
    if not told + survived:
        return ()
    summary = f"the examples tell it from {told} of {told + survived} versions with one small change each"
    return (Evidence("tested", summary, {"mutants": told + survived, "killed": told}),)


def _comparable(task: Task, draft: Draft) -> bool:
    """What a model drafted, where code can run and can be imported."""
    return draft.by_model and task.sandbox is not None and not task.target.in_function


def _breaks(task: Task, promises: Sequence[Promise], text: str, inputs: Inputs) -> str:
    """What of its description the draft breaks on an input near the examples, as a sentence; empty if nothing."""
    found = behaviours(task, [text], inputs)
    return broken_by(promises, found[0], _calls(task, inputs)) if found and found[0] else ""


def _calls(task: Task, inputs: Inputs) -> list[str]:
    return [inputs.call(place, task.spec.name) for place in range(len(inputs))]


def _refused(task: Task, draft: Draft) -> bool:
    """Whether a check that only reads refuses it."""
    placed = place(task.request.text, task.target, draft.code, draft.imports)
    subject = Subject(
        task.request,
        placed,
        draft.code,
        draft.imports,
        task.spec,
        class_name=task.target.class_name,
        by_model=True,
        cancel=task.cancel,
    )
    return bool(refused_by_text(subject, draft.checks))


def another(task: Task, drafter: Drafter, number: int) -> Draft | Declined:
    """A draft of the same task that was made without a look at the others; ``number`` from 1 on says which."""
    task.on_progress("asking for a further opinion")
    try:
        # A memo of its own: an independent draft shares what was gathered, and nothing that was answered.
        return drafter.propose(replace(task, sample=number, memo=dict(task.memo)), ())
    except Unavailable as error:
        return Declined(str(error))
