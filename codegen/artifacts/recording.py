"""What a generation writes down as it goes: each draft before it is checked, each verdict, and how it ended.

Invariant: without a store, or with one that fails, the answer is the same but for its id, and a note says that it
cannot be applied: what has no record cannot be approved.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ...analyzers.findings import Evidence, Json
from ...analyzers.store_guards import PROPOSED, TESTING
from ..redaction import mask
from . import book
from .files import edit_to_record, relative
from .records import Provenance, person

if TYPE_CHECKING:
    from ..drafter import Draft, Task
    from ..proposal import Proposal

log = logging.getLogger(__name__)

_NAMED = ("model", "endpoint", "strategy", "prompt_sha256", "template_sha256")


def drafted(
    task: Task, drafter: str, draft: Draft, tests: str, *, parents: tuple[str, ...] = (), round: int = 1
) -> str:
    """A draft is about to be checked, with ``tests``: its id in the store, empty if it is not kept."""
    store = task.store
    if store is None:
        return ""
    record = draft.record
    named = {name: str(record.get(name, "")) for name in _NAMED}
    provenance = Provenance(
        author=person(),
        drafter=drafter,
        parents=tuple(each for each in parents if each),
        round=round,
        specification=mask(task.spec.text)[0],
        extra={name: value for name, value in record.items() if name not in _NAMED},
        **named,
    )

    def write() -> str:
        ident = book.propose(
            store,
            path=relative(task.request.root, task.request.path),
            name=task.spec.name,
            kind=task.target.kind,
            code=draft.code,
            tests=tests,
            provenance=provenance,
            generation=task.generation,
        )
        book.test(store, ident)
        return ident

    return _safely(write)


def checked(task: Task, ident: str, proposal: Proposal) -> str:
    """The checks are through with a draft: it awaits approval, or is rejected with their reason. Returns the id; empty
    if that could not be kept."""
    store = task.store
    if store is None or not ident:
        return ""
    result = _result(task, proposal)
    runs, failures = _runs(proposal.evidence)

    def write() -> str:
        if proposal.status == "offered":
            book.passed(store, ident, result)
        else:
            book.failed(store, ident, proposal.reason, result)
        if runs:
            book.executed(store, ident, "tests", runs, failures)
        return ident

    return _safely(write)


def abandoned(task: Task, why: str) -> None:
    """The generation was stopped: what was being tested will not be."""
    store = task.store
    if store is None:
        return

    def write() -> None:
        for each in book.proposals(store, generation=task.generation):
            if each.status in (PROPOSED, TESTING):
                book.failed(store, each.id, why)

    _safely(write)


def _result(task: Task, proposal: Proposal) -> dict[str, Json]:
    said = proposal.to_json()
    texts = {task.request.path.as_posix(): task.request.text}
    kept = ("confidence", "verified", "reason", "failed_check", "evidence", "notes", "imports", "cost_usd")
    return {
        **{name: said[name] for name in (*kept, "levels", "score") if name in said},
        "edit": edit_to_record(proposal.edit, task.request.root, texts) if proposal.edit is not None else {},
    }


def _runs(evidence: tuple[Evidence, ...]) -> tuple[int, int]:
    """How many tests ran, and how many of them failed."""
    passed = failed = 0
    for each in evidence:
        if each.kind == "tested":
            data = each.data
            passed += _number(data.get("passed_after"))
            failed += _number(data.get("failed_after"))
    return passed + failed, failed


def _number(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def with_id(task: Task, proposal: Proposal, ident: str) -> Proposal:
    """The proposal with its id; where it has none, with a note that says what that means."""
    if ident or proposal.status != "offered":
        return replace(proposal, id=ident)
    why = "no store can be opened" if task.store is None else "the store refused it"
    return replace(proposal, notes=(*proposal.notes, f"it has no record ({why}), so it cannot be approved and applied"))


def _safely(write: Callable[[], str | None]) -> str:
    try:
        return write() or ""
    except Exception as error:  # noqa: BLE001 - a full disk must not take the answer away
        log.warning("the proposal could not be recorded: %s", error)
        return ""
