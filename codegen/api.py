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
from dataclasses import replace
from functools import cache

from ..analyzers.errors import Cancelled, Unavailable
from ..analyzers.plugins import discover
from ..analyzers.sandbox.interface import Sandbox
from ..analyzers.store import Store, new_ident, open_store
from .artifacts import recording
from .beside import Beside, beside
from .drafter import Declined, Draft, Drafter, Task
from .learning.history import finished
from .proposal import Budget, CancelCheck, GenerationRequest, ModelSettings, Progress, Proposal
from .rounds import Tried, tried_by
from .specification import Specification
from .triggers.comment import comment_at
from .triggers.locate import located
from .triggers.specified import specified
from .triggers.target import Target

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
        except BaseException as error:
            recording.abandoned(
                task, "cancelled" if isinstance(error, Cancelled) else f"broke off: {type(error).__name__}"
            )
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


def _ask_all(task: Task) -> Tried:
    with beside(task, drafters() if task.given is None else (_again(task.given),)) as line:
        return _ask_each(task, line)


def _ask_each(task: Task, line: Beside) -> Tried:
    reasons: list[str] = []
    refused: Tried | None = None
    cost: float | None = 0.0
    attempts = 0
    for drafter in line.drafters:
        if task.cancel():
            raise Cancelled
        tried = tried_by(task, drafter)
        proposal = tried.proposal
        cost = None if cost is None or proposal.cost_usd is None else cost + proposal.cost_usd
        attempts += proposal.attempts
        if proposal.status == "offered":
            early = line.stop()
            cost = None if cost is None or early is None else cost + early
            return replace(tried, proposal=replace(proposal, cost_usd=cost, attempts=attempts))
        if proposal.reason:
            reasons.append(f"{drafter.name}: {proposal.reason}")
        if proposal.failed_check:
            refused = tried
    reason = "\n".join(reasons) or "nothing here has an answer"
    basis = refused or Tried(Proposal("refused"), {})
    proposal = replace(basis.proposal, reason=reason, cost_usd=cost, attempts=attempts, name=task.spec.name, edit=None)
    return replace(basis, proposal=proposal)


def _again(given: Draft) -> Drafter:
    """Gives a draft that was made before."""
    return Drafter(given.record.get("provider", "given"), 0, lambda task, feedback: Declined() if feedback else given)
