"""Has the editor apply a workspace edit: one undo step, refused by the editor if the text moved.

Invariant: the server changes no file itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ..analyzers.errors import Stale, UserError
from .session import Session

#: What Suture's own extension answers when the person looked at a preview and did not want it.
DECLINED = "declined"


async def apply(
    session: Session, change: Mapping[str, Any], title: str, about: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Raises UserError if the editor cannot apply edits, Stale if it refused this one.

    ``about`` (kind, evidence) is for an editor that shows a preview first; the person may decline there."""
    if not session.client.apply_edit:
        raise UserError("this editor does not let a server apply edits", "use the code action instead")
    params = {"label": title, "edit": change, **({"suture": dict(about)} if about else {})}
    try:
        answer = await session.server.protocol.send_request_async(types.WORKSPACE_APPLY_EDIT, params)
    except JsonRpcException as error:
        raise UserError(f"the editor did not apply the edit: {error.message}") from error
    if not answer.applied and answer.failure_reason == DECLINED:
        return {"applied": False, "reason": DECLINED}
    if not answer.applied:
        raise Stale(f"the editor did not apply the edit: {answer.failure_reason or 'the text may have moved'}")
    return {"applied": True}
