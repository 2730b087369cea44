"""The one small tree of errors that a person may see.

::

    SutureError(message, hint)
    ├── UserError       settings, arguments, an untrusted folder: the person can mend it
    ├── Unavailable     a provider, tool, sandbox or budget is missing or spent (retry_after)
    ├── Stale           the document moved while the answer was made
    ├── Cancelled       the person asked us to stop
    └── Bug             an invariant of Suture's own is broken (logged with an id)

Invariant: a rejected proposal or an unverified candidate is a value with its evidence, never an exception.
"""

from __future__ import annotations

import uuid


class SutureError(Exception):
    """Root of the tree. ``message`` says what happened, ``hint`` what to do next (may be empty)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UserError(SutureError):
    """Arguments, settings or trust: what was asked cannot be done as asked."""


class Unavailable(SutureError):
    """Something outside Suture is missing, refused or exhausted. ``retry_after`` is in seconds, if known."""

    def __init__(self, message: str, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class Stale(SutureError):
    """The text changed while the answer was made; nothing was applied."""


class Cancelled(SutureError):
    """The work was stopped on request; nothing was applied."""

    def __init__(self, message: str = "cancelled", hint: str = "") -> None:
        super().__init__(message, hint)


class Bug(SutureError):
    """An invariant of Suture is broken. ``ident`` names the log entry to quote in a report."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.ident = uuid.uuid4().hex[:8]
        super().__init__(f"internal error {self.ident}: {message}", hint or "please report it with this id")
