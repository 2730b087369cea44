"""From a comment to a proposal: the one entry point of code generation.

Drafters are asked in order, local ones first. Each draft goes through :mod:`.validation`; one that fails goes back to
its drafter with the evidence, until it passes, the rounds are spent, or a round repeats an earlier one.
The first draft that passes is offered; if none does, the proposal is refused with every reason.

Invariant: nothing is written anywhere but into the store; the edit is returned, not applied.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import cache

from ..analyzers.errors import Cancelled, Unavailable
from ..analyzers.findings import Edit, Evidence, FileEdit, text_hash
from ..analyzers.fuzzing.project import import_spot
from ..analyzers.plugins import discover
from ..analyzers.sandbox.interface import Sandbox
from ..analyzers.store import Store, new_ident, open_store
from .artifacts import recording
from .conforming import conformed
from .drafter import Declined, Draft, Drafter, Feedback, Task
from .files_of_tests import edit_of_tests
from .learning.confidence import of_draft
from .learning.history import finished
from .placement import Placed, place
from .proposal import Budget, CancelCheck, GenerationRequest, ModelSettings, Progress, Proposal
from .specification import Specification
from .triggers.comment import comment_at
from .triggers.locate import located
from .triggers.specified import specified
from .triggers.target import Target
from .validation import Subject, Validated, validate
from .writing import example_tests

__all__ = [
    "Budget",
    "GenerationRequest",
    "ModelSettings",
    "Proposal",
    "Target",
    "comment_at",
    "drafters",
    "generate",
]

#: What applies if nobody says otherwise: a dollar a day.
DEFAULT_BUDGET = Budget()

log = logging.getLogger(__name__)


@cache
def drafters() -> tuple[Drafter, ...]:
    """Every drafter by its order, local ones first: the files of ``drafters/``."""
    found = discover(f"{__package__}.drafters", "DRAFTER", Drafter)
    return tuple(sorted(found, key=lambda each: (each.order, each.name)))


def generate(
    request: GenerationRequest,
    *,
    sandbox: Sandbox | None,
    model: ModelSettings | tuple[ModelSettings, ...] | None,
    budget: Budget = DEFAULT_BUDGET,
    cancel: CancelCheck | None = None,
    on_progress: Progress | None = None,
    store: Store | None = None,
    given: Draft | None = None,
) -> Proposal:
    """Write what a comment, a stub, a failing test or a selection asks for. Raises Cancelled; everything else that can
    go wrong is a refusal.

    ``sandbox`` None (not trusted, or none here): nothing runs, and the proposal says that it is not verified.
    ``model`` None or (): nothing leaves the machine; several are asked in their order. ``store`` defaults to the
    workspace's own; if that cannot be opened, local drafters still work and a model is not called."""
    found = located(request)
    if isinstance(found, str):
        return Proposal("refused", found)
    request, target = found
    spec = specified(target, request.specification)
    problem = _problem(request, target, spec)
    if problem:
        return Proposal("refused", problem, name=spec.name)
    models = model if isinstance(model, tuple) else (model,) if model is not None else ()
    with _opened(store, request) as kept:
        task = Task(
            request, target, spec, sandbox, models, budget, kept, cancel or _never, on_progress or (lambda text: None)
        )
        task = replace(task, generation=new_ident(time.time()), given=given)
        try:
            tried = _ask_all(task)
        except Cancelled:
            recording.abandoned(task, "cancelled")
            raise
        return finished(task, tried.proposal, tried.record)


def _never() -> bool:
    return False


@contextlib.contextmanager
def _opened(store: Store | None, request: GenerationRequest) -> Generator[Store | None]:
    if store is not None:
        yield store
        return
    try:
        opened = open_store(request.root)
    except Unavailable as error:
        log.warning("%s; nothing is recorded and no model is called", error)
        yield None
        return
    with opened:
        yield opened


def _problem(request: GenerationRequest, target: Target, spec: Specification) -> str:
    """Why no function can be written at all, or empty."""
    if spec.problem:
        return spec.problem
    if target.replaces:
        return ""
    pattern = rf"(?m)^{re.escape(target.indent)}(?:async[ \t]+)?(?:def|class)[ \t]+{re.escape(spec.name)}\b"
    for found in re.finditer(pattern, request.text):
        line = request.text.count("\n", 0, found.start())
        if not target.class_name or _same_class(request.text, target, line):
            return f"{spec.name} is already defined on line {line + 1}"
    return ""


def _same_class(text: str, target: Target, line: int) -> bool:
    """Whether no line between the target and ``line`` has less indentation: they share a body."""
    lines = text.split("\n")
    low, high = sorted((target.first, line))
    between = [each for each in lines[low : high + 1] if each.strip()]
    return all(each.startswith(target.indent) for each in between)


# --- asking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Tried:
    """What became of one drafter: an offer, or the reason why not."""

    proposal: Proposal
    record: dict[str, str]


def _ask_all(task: Task) -> _Tried:
    reasons: list[str] = []
    refused: _Tried | None = None
    cost: float | None = 0.0
    attempts = 0
    for drafter in drafters() if task.given is None else (_again(task.given),):
        if task.cancel():
            raise Cancelled
        tried = _ask(task, drafter)
        proposal = tried.proposal
        cost = None if cost is None or proposal.cost_usd is None else cost + proposal.cost_usd
        attempts += proposal.attempts
        if proposal.status == "offered":
            return replace(tried, proposal=replace(proposal, cost_usd=cost, attempts=attempts))
        if proposal.reason:
            reasons.append(f"{drafter.name}: {proposal.reason}")
        if proposal.failed_check:
            refused = tried
    reason = "\n".join(reasons) or "nothing here has an answer"
    basis = refused or _Tried(Proposal("refused"), {})
    proposal = replace(basis.proposal, reason=reason, cost_usd=cost, attempts=attempts, name=task.spec.name, edit=None)
    return replace(basis, proposal=proposal)


def _again(given: Draft) -> Drafter:
    """Gives a draft that was made before."""
    return Drafter(given.record.get("provider", "given"), 0, lambda task, feedback: Declined() if feedback else given)


def _ask(task: Task, drafter: Drafter) -> _Tried:
    """A drafter's draft, checked; sent back with what failed while that helps."""
    feedback: tuple[Feedback, ...] = ()
    last: _Tried | None = None
    cost = 0.0
    unknown = False
    ident = ""
    for attempts in range(min(drafter.rounds, task.request.rounds + 1)):
        if task.cancel():
            raise Cancelled
        try:
            draft = drafter.propose(task, feedback)
        except Unavailable as error:
            draft = Declined(str(error))
        unknown = unknown or draft.cost_usd is None
        cost += draft.cost_usd or 0.0
        spent = None if unknown else cost
        if isinstance(draft, Declined):
            if last is not None:
                told = f"{last.proposal.reason}; {draft.reason}" if draft.reason else last.proposal.reason
                return replace(last, proposal=replace(last.proposal, cost_usd=spent, reason=told))
            return _Tried(
                Proposal("refused", draft.reason, provider=drafter.name, cost_usd=spent, attempts=attempts), {}
            )
        code, problem = conformed(task.target, draft.code)
        draft = replace(draft, code=code)
        if problem:
            checked, placed, tests = _signature_refused(problem), Placed((), "", 0, 0, ()), ""
            ident = recording.drafted(task, drafter.name, draft, tests, parents=(ident,), round=attempts + 1)
        else:
            placed, tests, isolated = _placed(task, draft)
            ident = recording.drafted(task, drafter.name, draft, tests, parents=(ident,), round=attempts + 1)
            checked = _check(task, draft, placed, tests, isolated)
        proposal = _proposal(task, drafter, draft, checked, placed, tests, spent, attempts + 1)
        last = _Tried(recording.with_id(task, proposal, recording.checked(task, ident, proposal)), draft.record)
        if last.proposal.status == "offered":
            return last
        if any(each.code == draft.code for each in feedback):
            break  # a round that repeats itself will not be the last one either
        feedback = (*feedback, Feedback(draft.code, checked.failed, checked.feedback, checked.reasons))
    assert last is not None
    return last


def _signature_refused(problem: str) -> Validated:
    return Validated((), (), "signature", problem, (("signature", problem),))


def _placed(task: Task, draft: Draft) -> tuple[Placed, str, str]:
    """The draft in its file, its tests, and the same tests for a module of its own."""
    request, spec, target = task.request, task.spec, task.target
    placed = place(request.text, target, draft.code, draft.imports)
    module = import_spot(request.path).module
    if target.in_function:
        tests = isolated = ""  # a nested function cannot be imported
    elif target.tests:
        tests, isolated = target.tests, ""
    elif spec.examples:
        tests = example_tests(spec, module, class_name=target.class_name)
        isolated = "" if target.class_name else example_tests(spec, "suture_isolated")
    elif draft.tests and not target.class_name:
        tests = f"import pytest  # noqa: F401\n\nfrom {module} import {spec.name}\n\n\n{draft.tests}"
        isolated = tests.replace(f"from {module} import", "from suture_isolated import")
    else:
        tests = isolated = ""
    return placed, tests, isolated


def _check(task: Task, draft: Draft, placed: Placed, tests: str, isolated: str) -> Validated:
    target = task.target
    subject = Subject(
        task.request,
        placed,
        draft.code,
        draft.imports,
        task.spec,
        tests,
        isolated,
        target.class_name,
        target.in_function,
        draft.by_model,
        task.sandbox,
        task.cancel,
        task.on_progress,
        memo=dict(draft.extras),
    )
    checked = validate(subject, draft.checks)
    if task.cancel():
        raise Cancelled
    return checked


def _proposal(
    task: Task,
    drafter: Drafter,
    draft: Draft,
    checked: Validated,
    placed: Placed,
    tests: str,
    cost: float | None,
    attempts: int,
) -> Proposal:
    evidence: tuple[Evidence, ...] = (*draft.evidence, *checked.evidence)
    offered = not checked.failed
    confidence = draft.confidence if not draft.by_model or not checked.verified else max(draft.confidence, 0.8)
    if not checked.verified:
        confidence = min(confidence, 0.5)
    confidence, calibrated = of_draft(task, drafter.name, draft, confidence) if offered else (0.0, ())
    evidence += calibrated
    notes = (*draft.notes, *checked.notes)
    if checked.verified and not task.spec.examples and not task.target.tests:
        notes += ("the tests were written by the model, not by you",)
    proposal = Proposal(
        status="offered" if offered else "refused",
        reason="" if offered else f"the {checked.failed} check refused it: {checked.reason}",
        code=draft.code,
        tests=tests,
        imports=placed.imports,
        confidence=confidence,
        evidence=evidence,
        cost_usd=cost,
        provider=drafter.name,
        attempts=attempts,
        name=task.spec.name,
        verified=checked.verified,
        failed_check=checked.failed,
        notes=notes if offered else (),
        score=checked.score,
        levels=tuple(each.to_json() for each in checked.results),
    )
    return replace(proposal, edit=_edit(task, draft, proposal, placed)) if offered else proposal


def _edit(task: Task, draft: Draft, proposal: Proposal, placed: Placed) -> Edit:
    """The function in its file, and its tests in a file of tests if they were asked for."""
    request = task.request
    files = [FileEdit(request.path.as_posix(), text_hash(request.text), placed.replacements)]
    if request.include_tests and proposal.tests and not task.target.tests:
        added = edit_of_tests(request, task.spec.name, proposal.tests)
        files += [added] if added is not None else []
    return Edit(
        title=f"Generate {task.spec.name}",
        files=tuple(files),
        confidence=proposal.confidence,
        verified=proposal.verified,
        by_model=draft.by_model,
        evidence=proposal.evidence,
        source=proposal.provider,
    )
