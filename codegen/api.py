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
from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import cache

from ..analyzers.errors import Cancelled, Unavailable
from ..analyzers.findings import Edit, Evidence, FileEdit, Json, Replacement, text_hash
from ..analyzers.fuzzing.project import import_spot
from ..analyzers.plugins import discover
from ..analyzers.sandbox.interface import Sandbox
from ..analyzers.store import Store, open_store
from .drafter import Declined, Draft, Drafter, Feedback, Task
from .placement import Placed, place
from .prompts import digest
from .proposal import Budget, CancelCheck, GenerationRequest, ModelSettings, Progress, Proposal
from .redaction import mask
from .specification import Specification, specify
from .triggers.comment import comment_at, why_not
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
    model: ModelSettings | None,
    budget: Budget = DEFAULT_BUDGET,
    cancel: CancelCheck | None = None,
    on_progress: Progress | None = None,
    store: Store | None = None,
) -> Proposal:
    """Write the function that a comment asks for. Raises Cancelled; everything else that can go wrong is a refusal.

    ``sandbox`` None (not trusted, or none here): nothing runs, and the proposal says that it is not verified.
    ``model`` None: nothing leaves the machine. ``store`` defaults to the workspace's own; if that cannot be opened,
    local drafters still work and a model is not called."""
    comment = comment_at(request.text, request.line)
    if comment is None and not request.specification:
        return Proposal("refused", why_not(request.text, request.line))
    comment = comment or _anchor(request)
    spec = specify(request.specification or comment.text)
    problem = _problem(request, comment, spec)
    if problem:
        return Proposal("refused", problem, name=spec.name)
    with _opened(store, request) as kept:
        task = Task(
            request, comment, spec, sandbox, model, budget, kept, cancel or _never, on_progress or (lambda text: None)
        )
        return _record(task, _ask_all(task))


def _never() -> bool:
    return False


def _anchor(request: GenerationRequest) -> Target:
    """Where to write if a specification was typed and the line holds no generation comment: below that line."""
    lines = re.split(r"\r\n|\n|\r", request.text)
    line = min(max(request.line, 0), len(lines) - 1)
    indent = lines[line][: len(lines[line]) - len(lines[line].lstrip())]
    return Target(line, line, indent if lines[line].strip() else "", request.specification)


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


def _problem(request: GenerationRequest, comment: Target, spec: Specification) -> str:
    """Why no function can be written at all, or empty."""
    if spec.problem:
        return spec.problem
    pattern = rf"(?m)^{re.escape(comment.indent)}(?:async[ \t]+)?(?:def|class)[ \t]+{re.escape(spec.name)}\b"
    for found in re.finditer(pattern, request.text):
        line = request.text.count("\n", 0, found.start())
        if not comment.class_name or _same_class(request.text, comment, line):
            return f"{spec.name} is already defined on line {line + 1}"
    return ""


def _same_class(text: str, comment: Target, line: int) -> bool:
    """Whether no line between the comment and ``line`` has less indentation: they share a body."""
    lines = text.split("\n")
    low, high = sorted((comment.first, line))
    between = [each for each in lines[low : high + 1] if each.strip()]
    return all(each.startswith(comment.indent) for each in between)


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
    for drafter in drafters():
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


def _ask(task: Task, drafter: Drafter) -> _Tried:
    """A drafter's draft, checked; sent back with what failed while that helps."""
    feedback: tuple[Feedback, ...] = ()
    last: _Tried | None = None
    cost = 0.0
    unknown = False
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
        checked, placed, tests = _check(task, draft)
        last = _Tried(_proposal(task, drafter, draft, checked, placed, tests, spent, attempts + 1), draft.record)
        if last.proposal.status == "offered":
            return last
        if any(each.code == draft.code for each in feedback):
            break  # a round that repeats itself will not be the last one either
        feedback = (*feedback, Feedback(draft.code, checked.failed, checked.feedback, checked.reasons))
    assert last is not None
    return last


def _check(task: Task, draft: Draft) -> tuple[Validated, Placed, str]:
    request, spec, comment = task.request, task.spec, task.target
    placed = place(request.text, comment, draft.code, draft.imports)
    module = import_spot(request.path).module
    if comment.in_function:
        tests = isolated = ""
        if spec.examples or draft.tests:
            isolated = tests = ""  # a nested function cannot be imported
    elif spec.examples:
        tests = example_tests(spec, module, class_name=comment.class_name)
        isolated = "" if comment.class_name else example_tests(spec, "suture_isolated")
    elif draft.tests and not comment.class_name:
        tests = f"import pytest  # noqa: F401\n\nfrom {module} import {spec.name}\n\n\n{draft.tests}"
        isolated = tests.replace(f"from {module} import", "from suture_isolated import")
    else:
        tests = isolated = ""
    subject = Subject(
        request,
        placed,
        draft.code,
        draft.imports,
        spec,
        tests,
        isolated,
        comment.class_name,
        comment.in_function,
        draft.by_model,
        task.sandbox,
        task.cancel,
        task.on_progress,
    )
    checked = validate(subject, draft.checks)
    if task.cancel():
        raise Cancelled
    return checked, placed, tests


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
    notes = (*draft.notes, *checked.notes)
    if checked.verified and not task.spec.examples:
        notes += ("the tests were written by the model, not by you",)
    proposal = Proposal(
        status="offered" if offered else "refused",
        reason="" if offered else f"the {checked.failed} check refused it: {checked.reason}",
        code=draft.code,
        tests=tests,
        imports=placed.imports,
        confidence=confidence if offered else 0.0,
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
    """The function in its file, and the tests as a new file if they were asked for and there is none of that name."""
    request = task.request
    files = [FileEdit(request.path.as_posix(), text_hash(request.text), placed.replacements)]
    test_path = request.root / "tests" / f"test_{task.spec.name}.py"
    if request.include_tests and proposal.tests and not test_path.exists():
        files.append(FileEdit(test_path.as_posix(), "", (Replacement(0, 0, proposal.tests),)))
    return Edit(
        title=f"Generate {task.spec.name}",
        files=tuple(files),
        confidence=proposal.confidence,
        verified=proposal.verified,
        by_model=draft.by_model,
        evidence=proposal.evidence,
        source=proposal.provider,
    )


def _record(task: Task, tried: _Tried) -> Proposal:
    """Keep what was proposed and how it came about; the proposal then has its id."""
    proposal = tried.proposal
    if task.store is None:
        return proposal
    data: dict[str, Json] = {
        **proposal.to_json(),
        "specification": mask(task.spec.text)[0],
        "line": task.target.first + 1,
        "code_sha256": digest(proposal.code),
        "tests_sha256": digest(proposal.tests),
        **tried.record,
    }
    try:
        ident = task.store.record(
            "generation", path=task.request.path.as_posix(), name=task.spec.name, status=proposal.status, data=data
        )
    except Exception as error:  # noqa: BLE001 - a full disk must not take the answer away
        log.warning("the proposal could not be recorded: %s", error)
        return proposal
    return replace(proposal, id=ident)
