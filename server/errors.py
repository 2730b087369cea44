"""One table from the error tree to JSON-RPC codes, and the wording that the editor shows.

Invariant: what leaves here holds no traceback and no text of an unforeseen exception; those go to the log under an id.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from pygls.exceptions import JsonRpcException

from ..analyzers.errors import Bug, Cancelled, Stale, SutureError, Unavailable, UserError

log = logging.getLogger(__name__)

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
SERVER_NOT_INITIALIZED = -32002
REQUEST_CANCELLED = -32800
CONTENT_MODIFIED = -32801
SERVER_CANCELLED = -32802
REQUEST_FAILED = -32803


class ServerCancelled(SutureError):
    """The server itself gave the request up, for instance because the text moved while diagnostics were pulled.

    ``retrigger`` asks a pull-diagnostics client to ask again."""

    def __init__(self, message: str = "superseded", *, retrigger: bool = True) -> None:
        super().__init__(message)
        self.retrigger = retrigger


class InvalidParams(SutureError):
    """The client sent what the protocol does not allow; answered with -32602."""


class InvalidRequest(SutureError):
    """The client sent a request that cannot be served in this state; answered with -32600."""


#: First match wins, so subclasses come before their bases.
CODES: tuple[tuple[type[SutureError], int], ...] = (
    (InvalidParams, INVALID_PARAMS),
    (InvalidRequest, INVALID_REQUEST),
    (ServerCancelled, SERVER_CANCELLED),
    (Stale, CONTENT_MODIFIED),
    (Cancelled, REQUEST_CANCELLED),
    (UserError, REQUEST_FAILED),
    (Unavailable, REQUEST_FAILED),
    (Bug, INTERNAL_ERROR),
    (SutureError, REQUEST_FAILED),
)


def response_error(error: BaseException) -> dict[str, Any]:
    """The ``error`` member of a JSON-RPC response. An unforeseen exception is logged and answered as a Bug."""
    if isinstance(error, asyncio.CancelledError):
        return {"code": REQUEST_CANCELLED, "message": "cancelled"}
    if isinstance(error, JsonRpcException):
        return {"code": error.code, "message": error.message}
    if not isinstance(error, SutureError):
        error = unforeseen(error)
    elif isinstance(error, Bug):
        log.error("%s", error, exc_info=error)
    code = next(code for kind, code in CODES if isinstance(error, kind))
    answer: dict[str, Any] = {"code": code, "message": str(error)}
    data: dict[str, Any] = {}
    if error.hint:
        data["hint"] = error.hint
    if isinstance(error, Unavailable) and error.retry_after is not None:
        data["retryAfter"] = error.retry_after
    if isinstance(error, ServerCancelled):
        data["retriggerRequest"] = error.retrigger
    if isinstance(error, Bug):
        data["id"] = error.ident
    if data:
        answer["data"] = data
    return answer


def unforeseen(error: BaseException) -> Bug:
    """A Bug that stands for an exception nobody foresaw: its text is logged under the id, not shown."""
    bug = Bug(type(error).__name__)
    log.error("%s", bug, exc_info=error)
    return bug
