"""Jobs of a worker process about stored proposals: what a person does with them, and what is known of them.

Invariant: the person is who runs the server; what is approved here was chosen by them in their editor.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analyzers.findings import Json
from .codec import edit_to_json

if TYPE_CHECKING:
    from .jobs import Context

Params = Mapping[str, Any]


def approve_proposal(params: Params, context: Context) -> Json:
    """A person approves: the edit to apply. Parameters: root, id, texts (of open documents, by path), decided (false:
    they are yet to look at it, so nothing is recorded)."""
    from ..analyzers.store import open_store
    from ..codegen.artifacts import book, deploy
    from ..codegen.artifacts.files import text_on_disk
    from ..codegen.artifacts.records import person

    texts: Mapping[str, str] = params.get("texts") or {}
    root = Path(params["root"])

    def read(path: str) -> str | None:
        return texts[path] if path in texts else text_on_disk(path)

    with open_store(root) as store:
        ident = book.named(store, params["id"]).id
        take = deploy.approve if params["decided"] else deploy.offered
        return {"id": ident, "edit": edit_to_json(take(store, root, ident, person(), read=read))}


def approved_proposal(params: Params, context: Context) -> Json:
    """The edit of an approved proposal, to be applied by the editor. Parameters: root, id."""
    from ..analyzers.store import open_store
    from ..codegen.artifacts import book, deploy

    root = Path(params["root"])
    with open_store(root) as store:
        ident = book.named(store, params["id"]).id
        return {"id": ident, "edit": edit_to_json(deploy.approved(store, root, ident))}


def proposal_applied(params: Params, context: Context) -> Json:
    """The editor has applied it for the person: approved and deployed. Parameters: root, id."""
    from ..analyzers.store import open_store
    from ..codegen.artifacts import deploy
    from ..codegen.artifacts.records import person

    with open_store(Path(params["root"])) as store:
        deploy.applied(store, params["id"], person())
    return True


def reject_proposal(params: Params, context: Context) -> Json:
    """Parameters: root, id, reason."""
    from ..analyzers.store import open_store
    from ..codegen.artifacts import book
    from ..codegen.artifacts.records import person
    from ..codegen.learning.outcome import rejected

    with open_store(Path(params["root"])) as store:
        ident = book.named(store, params["id"]).id
        book.reject(store, ident, person(), params["reason"])
        rejected(store, ident)
    return {"id": ident}


def list_proposals(params: Params, context: Context) -> Json:
    """Parameters: root, status (or empty: those that await somebody), limit."""
    from ..analyzers.store import open_store
    from ..analyzers.store_guards import APPROVED, AWAITING
    from ..codegen.artifacts import book

    with open_store(Path(params["root"])) as store:
        if params.get("status"):
            found = book.proposals(store, status=params["status"], limit=params.get("limit", 100))
        else:
            both = [*book.proposals(store, status=AWAITING), *book.proposals(store, status=APPROVED)]
            found = tuple(sorted(both, key=lambda each: each.created, reverse=True))
    return [each.to_json() for each in found]


def audit_log(params: Params, context: Context) -> Json:
    """Parameters: root, limit."""
    from ..analyzers.store import open_store
    from ..codegen.artifacts.audit import entries

    with open_store(Path(params["root"])) as store:
        return [each.to_json() for each in entries(store, limit=params.get("limit", 200))]


def verify_records(params: Params, context: Context) -> Json:
    """Parameters: root."""
    from ..analyzers.store import open_store
    from ..codegen.artifacts.verify import verify

    with open_store(Path(params["root"])) as store:
        return {**verify(store).to_json(), "store": store.shared.address}


def learned_insights(params: Params, context: Context) -> Json:
    """Parameters: root."""
    from ..analyzers.store import open_store
    from ..codegen.learning.insights import insights
    from ..codegen.learning.outcome import look

    root = Path(params["root"])
    with open_store(root) as store:
        look(store, root)
        return insights(store).to_json()


def look_at_generated(params: Params, context: Context) -> Json:
    """What became of what was applied in a file. Parameters: root, path, text."""
    from ..analyzers.store import DATABASE, open_store, workspace_folder
    from ..codegen.learning.outcome import look

    root = Path(params["root"])
    if not (workspace_folder(root) / DATABASE).exists():
        return 0
    with open_store(root) as store:
        return look(store, root, path=params["path"], read=lambda _: params["text"])


WORK = (
    *(approve_proposal, approved_proposal, proposal_applied, reject_proposal, list_proposals),
    *(audit_log, verify_records, learned_insights, look_at_generated),
)
