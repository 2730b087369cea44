"""Several healed files as one workspace edit, in which only what was not verified asks for confirmation.

Invariant: every change is relative to the text that the run saw; a text that moved since raises Stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..analyzers.errors import Stale, UserError
from ..analyzers.findings import minimal_edit
from .edits import UNVERIFIED, inside, text_edits
from .session import Session

Object = dict[str, Any]


def all_edit(answer: Mapping[str, Any], session: Session) -> Object:
    """The ``WorkspaceEdit`` of a worker's ``heal_all``. Raises Stale, or UserError for a file outside the workspace."""
    verified: Mapping[str, str] = answer["texts"]
    doubtful: Mapping[str, str] = answer["doubtful"]
    client, changes = session.client, list[Object]()
    annotated = False
    for path in dict.fromkeys((*verified, *doubtful)):
        if session.server.roots and not inside(path, session.server.roots):
            raise UserError(f"{path} is outside the workspace; nothing was changed")
        before = answer["bases"].get(path)
        base = session.lookup(path)
        if before is None or base.text != before:
            raise Stale(f"{Path(path).name} changed while the edit was computed")
        sure = text_edits(minimal_edit(path, before, verified.get(path, before)), before, client.encoding)
        edits = sure
        if path in doubtful:
            whole = text_edits(minimal_edit(path, before, doubtful[path]), before, client.encoding)
            edits = [each if each in sure else {**each, "annotationId": UNVERIFIED} for each in whole]
            annotated = True
        changes.append({"textDocument": {"uri": base.uri, "version": base.version}, "edits": edits})
    if not client.document_changes:
        return {"changes": {each["textDocument"]["uri"]: each["edits"] for each in changes}}
    result: Object = {"documentChanges": changes}
    if annotated:
        label = {"label": "Not verified", "needsConfirmation": True, "description": "no run shows that this mends it"}
        result["changeAnnotations"] = {UNVERIFIED: label}
    return result
