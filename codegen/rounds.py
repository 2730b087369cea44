"""One drafter and its rounds: a draft is placed and checked, and goes back with what failed while that helps.

An answer may hold several candidates: they are checked in their order, the first that passes counts; if none does, the
feedback is about the one that got furthest. What passes is compared with further opinions (:mod:`.opinions`). It ends
with an offer, when the rounds are spent, or when a round repeats an earlier one. If nothing
but an odd input speaks against the last draft, it is asked for once more: a drafter that stands by it is believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..analyzers.errors import Cancelled, Unavailable
from ..analyzers.findings import Evidence
from ..analyzers.fuzzing.project import import_spot
from . import own_tests
from .artifacts import recording
from .conforming import conformed
from .drafter import Declined, Draft, Drafter, Feedback, Task
from .governor import forget
from .offering import proposal_of
from .opinions import ASKED_FOR_EACH, another, settled
from .placement import Placed, place
from .proposal import Proposal
from .validation import INSISTS, Subject, Validated, validate
from .writing import example_tests

#: The name under which independent drafts that disagree refuse one, beside the levels of validation.
OPINIONS = "opinions"


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one drafter: an offer, or the reason why not; ``record`` is how it came about."""

    proposal: Proposal
    record: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A draft in its place with its verdict; ``ident`` is its record in the store."""

    draft: Draft
    placed: Placed
    tests: str
    checked: Validated
    ident: str


@dataclass(slots=True)
class _Spent:
    """What was paid so far in US dollars; None once a price is not known."""

    usd: float | None = 0.0

    def add(self, cost: float | None) -> None:
        self.usd = None if self.usd is None or cost is None else self.usd + cost


def tried_by(task: Task, drafter: Drafter) -> Tried:
    """Ask a drafter until it offers, declines, repeats itself, or the rounds are spent. Raises Cancelled."""
    replies: list[str] = []
    tried = _tried_by(task, drafter, replies)
    if tried.proposal.status == "refused":  # asked again, the model is to answer anew
        forget(replies, task.store)
    return tried


def _tried_by(task: Task, drafter: Drafter, replies: list[str]) -> Tried:
    feedback: tuple[Feedback, ...] = ()
    last: Tried | None = None
    spent = _Spent()
    ident = tests = ""
    number, most = 0, min(drafter.rounds, task.request.rounds + 1)
    may_stand = most > 1  # a drafter that hears no feedback cannot
    while number < most:
        number += 1
        if task.cancel():
            raise Cancelled
        try:
            draft = drafter.propose(task, feedback)
        except Unavailable as error:
            draft = Declined(str(error))
        spent.add(draft.cost_usd)
        replies.append(draft.reply if isinstance(draft, Declined) else draft.record.get("reply", ""))
        if isinstance(draft, Declined):
            return _declined(draft, drafter, last, spent.usd, number - 1)
        tests = draft.tests or tests  # a repair need not write the tests again
        candidates = _candidates(task, drafter, replace(draft, tests=tests), ident, number)
        found, others = _best(candidates)
        for each in others:
            _put_down(task, drafter, each, spent, number)
        repeats = any(each.code == found.draft.code and each.check != OPINIONS for each in feedback)
        if repeats:
            found = _insisted(task, drafter, found, spent, number)
            tests = found.draft.tests
        found = _compared(task, drafter, found, feedback, spent, number)
        ident = found.ident
        proposal = proposal_of(
            task, drafter.name, found.draft, found.checked, found.placed, found.tests, spent.usd, number
        )
        last = Tried(recording.with_id(task, proposal, recording.checked(task, ident, proposal)), found.draft.record)
        if last.proposal.status == "offered":
            return last
        checked = found.checked
        if repeats and checked.failed != OPINIONS:
            break  # a round that repeats itself will not be the last one either
        if number == most and may_stand and [level for level, _ in checked.reasons] in (["fuzz"], [OPINIONS]):
            most, may_stand = most + 1, False  # it may still say that it stands by it
        feedback = (*feedback, Feedback(found.draft.code, checked.failed, checked.feedback, checked.reasons))
    assert last is not None
    return last


def _declined(draft: Declined, drafter: Drafter, last: Tried | None, spent: float | None, attempts: int) -> Tried:
    if last is None:
        return Tried(Proposal("refused", draft.reason, provider=drafter.name, cost_usd=spent, attempts=attempts), {})
    told = f"{last.proposal.reason}; {draft.reason}" if draft.reason else last.proposal.reason
    return replace(last, proposal=replace(last.proposal, cost_usd=spent, reason=told))


# --- one round -------------------------------------------------------------------------------------------------------


def _candidates(task: Task, drafter: Drafter, draft: Draft, parent: str, number: int) -> Iterator[_Candidate]:
    """Each candidate of an answer with its verdict, as they are checked."""
    for each in (draft, *draft.alternatives):
        yield _judged(task, drafter, replace(each, tests=each.tests or draft.tests), parent, number)


def _best(candidates: Iterator[_Candidate]) -> tuple[_Candidate, list[_Candidate]]:
    """The first that passes, else the one with the highest score; and those that failed besides."""
    failed: list[_Candidate] = []
    for each in candidates:
        if not each.checked.failed:
            return each, failed
        failed.append(each)
    best = max(failed, key=lambda each: each.checked.score)
    return best, [each for each in failed if each is not best]


def _judged(task: Task, drafter: Drafter, draft: Draft, parent: str, number: int) -> _Candidate:
    code, problem = conformed(task.target, draft.code)
    draft = replace(draft, code=code)
    if problem:
        placed, tests, isolated = Placed((), "", 0, 0, ()), "", ""
    else:
        placed, tests, isolated = _placed(task, draft)
    ident = recording.drafted(task, drafter.name, draft, tests, parents=(parent,), round=number)
    if problem:
        return _Candidate(draft, placed, tests, _refused("signature", problem), ident)
    return _Candidate(draft, placed, tests, _checked(task, draft, placed, tests, isolated), ident)


def _placed(task: Task, draft: Draft) -> tuple[Placed, str, str]:
    """The draft in its file, its tests, and the same tests for a module of its own."""
    request, spec, target = task.request, task.spec, task.target
    module = import_spot(request.path).module
    full = f"{module}.__init__" if request.path.name == "__init__.py" else module
    placed = place(request.text, target, draft.code, draft.imports, full)
    if target.in_function:
        tests = isolated = ""  # a nested function cannot be imported
    elif target.tests:
        tests, isolated = target.tests, ""
    elif spec.examples:
        tests = example_tests(spec, module, class_name=target.class_name)
        isolated = "" if target.class_name else example_tests(spec, "suture_isolated")
    elif draft.tests:
        tests = own_tests.file_of(task, draft, module)
        isolated = "" if target.class_name else own_tests.file_of(task, draft, "suture_isolated")
    else:
        tests = isolated = ""
    return placed, tests, isolated


def _checked(task: Task, draft: Draft, placed: Placed, tests: str, isolated: str) -> Validated:
    subject = Subject(
        task.request,
        placed,
        draft.code,
        draft.imports,
        task.spec,
        tests,
        isolated,
        task.target.class_name,
        task.target.in_function,
        draft.by_model,
        task.sandbox,
        task.cancel,
        task.on_progress,
        tests_folder=_folder(task),
        memo=dict(draft.extras),
    )
    checked = validate(subject, draft.checks)
    if task.cancel():
        raise Cancelled
    return checked


def _folder(task: Task) -> str:
    """Where the tests of a failing test stand."""
    path, root = task.target.tests_path, task.request.root
    return path.parent.relative_to(root).as_posix() if path is not None and path.is_relative_to(root) else ""


def _refused(check: str, reason: str) -> Validated:
    return Validated((), (), check, reason, ((check, reason),))


# --- a drafter that stands by its answer -----------------------------------------------------------------------------


def _insisted(task: Task, drafter: Drafter, found: _Candidate, spent: _Spent, number: int) -> _Candidate:
    """The candidate that was written again although it was refused, if there is a reason to believe it; else as it was.

    An odd input on which it does not end is then a remark for the person; a test that the model wrote itself gives way
    to an independent draft that fails it too."""
    checked, draft = found.checked, found.draft
    if [level for level, _ in checked.reasons] == ["fuzz"]:
        insists = replace(draft, extras={**draft.extras, INSISTS: "yes"})
        return _preferred(task, drafter, _judged(task, drafter, insists, found.ident, number), found, spent, number)
    wrong = own_tests.failing(checked)
    if not own_tests.written_by_model(task, draft) or not own_tests.may_be_wrong(draft.tests, wrong):
        return found
    for sample in range(1, task.request.opinions * ASKED_FOR_EACH + 1):
        other = another(task, drafter, sample)
        spent.add(other.cost_usd)
        if isinstance(other, Declined):
            return found
        judged = _judged(task, drafter, replace(other, tests=draft.tests), found.ident, number)
        if not judged.checked.failed:
            return _preferred(task, drafter, judged, found, spent, number)
        _put_down(task, drafter, judged, spent, number)
        if own_tests.failing(judged.checked) == wrong:
            note = f"a test that the model wrote was left out, as two independent drafts fail it: {checked.reason}"
            kept = own_tests.without(draft.tests, wrong)
            again = replace(draft, tests=kept, notes=(*draft.notes, note))
            return _preferred(task, drafter, _judged(task, drafter, again, found.ident, number), found, spent, number)
    return found


def _preferred(
    task: Task, drafter: Drafter, new: _Candidate, old: _Candidate, spent: _Spent, number: int
) -> _Candidate:
    """``new`` if it passes, else ``old``; the other one is put down."""
    lost, kept = (new, old) if new.checked.failed else (old, new)
    _put_down(task, drafter, lost, spent, number)
    return kept


# --- further opinions ------------------------------------------------------------------------------------------------


def _compared(
    task: Task, drafter: Drafter, found: _Candidate, feedback: tuple[Feedback, ...], spent: _Spent, number: int
) -> _Candidate:
    """The candidate after further opinions: as it was, refused for now, or another one in its place."""
    checked = found.checked
    if checked.failed or not checked.verified or not task.request.opinions:
        return found
    if feedback and feedback[-1].check == OPINIONS and feedback[-1].code == found.draft.code:
        note = f"it was written twice, though {feedback[-1].reason}"
        stood = Evidence("equivalent", note, {"same": False, "insisted": True})
        evidence = (*checked.evidence, stood)
        return replace(found, checked=replace(checked, evidence=evidence, notes=(*checked.notes, note)))
    view = settled(task, drafter, found.draft, found.placed, found.tests)
    spent.add(view.cost_usd)
    left_open = (f"open: {view.reason}; most do as this one",) if view.reason else ()
    if view.kind == "agreed":
        notes = (*checked.notes, *left_open)
        return replace(found, checked=replace(checked, evidence=(*checked.evidence, *view.evidence), notes=notes))
    if view.kind == "alone":
        return replace(found, checked=replace(checked, evidence=(*checked.evidence, *view.evidence)))
    reasons = ((OPINIONS, view.reason),)
    refused = replace(
        found, checked=replace(checked, failed=OPINIONS, reason=view.reason, reasons=reasons, verified=False)
    )
    if view.winner is None:
        return refused
    evidence = (*view.winner.evidence, *view.evidence)
    notes = (*view.winner.notes, *left_open)
    winner = replace(view.winner, tests=view.winner.tests or found.draft.tests, evidence=evidence, notes=notes)
    return _preferred(task, drafter, _judged(task, drafter, winner, found.ident, number), refused, spent, number)


def _put_down(task: Task, drafter: Drafter, lost: _Candidate, spent: _Spent, number: int) -> None:
    """The record of a candidate that another one of the same round was preferred to."""
    checked = lost.checked
    proposal = proposal_of(task, drafter.name, lost.draft, checked, lost.placed, lost.tests, spent.usd, number)
    recording.checked(task, lost.ident, proposal)
