"""From a checked draft to what a person sees: the proposal, and the edit of files that it would be."""

from __future__ import annotations

from dataclasses import replace

from ..analyzers.findings import Edit, Evidence, FileEdit, text_hash
from .drafter import Draft, Task
from .files_of_tests import edit_of_tests
from .learning.confidence import of_draft
from .placement import Placed
from .proposal import Proposal
from .trust import UNVERIFIED, facts_of, probability
from .validation import Validated


def proposal_of(
    task: Task,
    drafter: str,
    draft: Draft,
    checked: Validated,
    placed: Placed,
    tests: str,
    cost: float | None,
    attempts: int,
) -> Proposal:
    """Offered if no level refused it; its confidence is recalibrated by what became of earlier ones."""
    evidence: tuple[Evidence, ...] = (*draft.evidence, *checked.evidence)
    offered = not checked.failed
    own_tests = not task.spec.examples and not task.target.tests
    confidence = draft.confidence
    if draft.by_model and checked.verified:
        confidence = probability(facts_of(evidence, attempts, own_tests=own_tests))
    if not checked.verified:
        confidence = min(confidence, UNVERIFIED)
    confidence, calibrated = of_draft(task, drafter, draft, confidence) if offered else (0.0, ())
    evidence += calibrated
    notes = (*draft.notes, *checked.notes)
    if checked.verified and own_tests:
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
        provider=draft.record.get("provider", drafter),
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
