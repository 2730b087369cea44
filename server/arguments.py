"""What commands are given: one object; and how a person is told what came of it.

Invariant: a command that was called wrongly says what it needs (UserError), whoever called it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from lsprotocol import types

from ..analyzers.errors import UserError
from .current import analysed
from .documents import Document
from .session import Session

Object = dict[str, Any]

Work = Callable[[Session, Object], Awaitable[Any]]


def argument_of(arguments: tuple[Any, ...]) -> Object:
    """The one object that Suture's commands take. Raises UserError for anything else."""
    if not arguments:
        return {}
    first = arguments[0]
    if not isinstance(first, dict):
        raise UserError("the argument of this command is an object")
    return cast("Object", first)


def handler(session: Session, work: Work) -> Callable[..., Awaitable[Any]]:
    """The coroutine function that the protocol calls for a command."""

    async def handle(*arguments: Any) -> Any:
        return await work(session, argument_of(arguments))

    return handle


def text_of(argument: Mapping[str, Any], name: str) -> str:
    value = argument.get(name)
    if not isinstance(value, str) or not value:
        raise UserError(f"the argument needs {name!r}")
    return value


def seconds_of(argument: Mapping[str, Any], default: float) -> float:
    """The budget of a search."""
    budget = argument.get("budget", default)
    if isinstance(budget, bool) or not isinstance(budget, int | float) or not 0 < budget <= 3600:
        raise UserError("budget is a number of seconds, at most 3600")
    return float(budget)


def ident_of(argument: Mapping[str, Any]) -> str:
    """The finding that a command speaks of: by its identifier, or by the diagnostic that carries it."""
    value: Any = argument
    if "id" not in argument:
        for name in ("diagnostic", "data"):
            value = cast("Object", value).get(name) if isinstance(value, dict) else None
    return text_of(cast("Object", value) if isinstance(value, dict) else {}, "id")


def document_of(session: Session, argument: Mapping[str, Any]) -> Document:
    """The document that a command speaks of; it must be open. Raises UserError."""
    uri = text_of(argument, "uri")
    document = session.server.opened_document(uri)
    if document is None:
        raise UserError(f"{uri} is not open", "open the file first")
    if not analysed(session, document):
        raise UserError(
            f"{session.where(document).name} is not reviewed", "it is not Python, or reviewing is turned off"
        )
    return document


def inform(session: Session, message: str) -> None:
    """Tell the person what came of the command that was asked for."""
    session.server.window_show_message(types.ShowMessageParams(types.MessageType.Info, f"Suture: {message}"))
