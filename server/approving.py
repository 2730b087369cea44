"""A person's approval of generated code, from the editor: asked of a worker before an edit is applied, told after.

Invariant: nothing generated is applied that has no record: what cannot be approved cannot be applied.
Invariant: no approval is recorded of a person who may still say no: what they look at first is approved by applying it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..analyzers.errors import UserError
from ..analyzers.findings import Edit
from .codec import edit_from_json
from .heals import rebased
from .session import Session

#: What tells us that an action that carried its edit was applied.
APPLIED = "suture.proposalApplied"


async def approve(session: Session, root: Path, ident: str, *, decided: bool = True) -> Edit:
    """Record that the person approves a proposal; the edit to apply. Not ``decided``: only check that they can.

    Raises UserError if it has no record, was altered, cannot be approved, or would change a signature."""
    if not ident:
        raise UserError("the proposal has no record, so it cannot be approved and applied", "run `suture doctor`")
    texts = {str(session.where(document)): document.python for document in session.server.documents}
    params: dict[str, Any] = {"root": str(root), "id": ident, "texts": texts, "decided": decided}
    answer = await session.workers.run("approve_proposal", params, lane="interactive")
    return of_documents(session, edit_from_json(answer["edit"]))


def of_documents(session: Session, edit: Edit) -> Edit:
    """A kept edit as one of the texts that the editor has: magic lines of a cell were no part of what it was made for.
    Every offset is the same in both."""
    for document in session.server.documents:
        edit = rebased(edit, document)
    return edit


def applied(session: Session, root: Path, ident: str) -> None:
    """The editor has applied the edit of a proposal: note it in the records."""
    params = {"root": str(root), "id": ident}
    noted = session.workers.run("proposal_applied", params, lane="analysis", priority=-1)  # before any review
    task = session.server.spawn(noted, "note the applied proposal")
    session.noting.add(task)
    task.add_done_callback(session.noting.discard)
    session.generated_in.add(root)
