"""A provider that keeps failing is skipped for a while: a circuit breaker (pybreaker) whose state all processes share.

After :data:`FAILURES` failures in a row it is not asked for :data:`SKIPPED_S`; then one request tries it, and decides.
What a server refuses for being too many (429), and what a person stopped, is no failure of the provider.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pybreaker

from ..provider import Failed
from .shelf import Shelf

FAILURES = 3
SKIPPED_S = 60.0

_HARMLESS = frozenset({"rate", "cancelled", "request", "refused"})


class _Kept(pybreaker.CircuitBreakerStorage):
    """The breaker's state on the shelf."""

    def __init__(self, shelf: Shelf, name: str) -> None:
        super().__init__(name)
        self._shelf = shelf
        self._key = f"breaker {name}"

    def _read(self) -> dict[str, Any]:
        return self._shelf.look(self._key)

    def _write(self, **values: Any) -> None:
        self._shelf.change(self._key, lambda state: state.update(values))

    def _add(self, name: str) -> None:
        self._shelf.change(self._key, lambda state: state.update({name: int(state.get(name, 0)) + 1}))

    @property
    def state(self) -> str:
        return str(self._read().get("state", pybreaker.STATE_CLOSED))

    @state.setter
    def state(self, state: str) -> None:
        self._write(state=state)

    def increment_counter(self) -> None:
        self._add("failures")

    def reset_counter(self) -> None:
        if self._read().get("failures"):
            self._write(failures=0)

    def increment_success_counter(self) -> None:
        self._add("successes")

    def reset_success_counter(self) -> None:
        if self._read().get("successes"):
            self._write(successes=0)

    @property
    def counter(self) -> int:
        return int(self._read().get("failures", 0))

    @property
    def success_counter(self) -> int:
        return int(self._read().get("successes", 0))

    @property
    def opened_at(self) -> datetime | None:
        at = self._read().get("opened_at")
        return datetime.fromtimestamp(float(at), UTC) if at else None

    @opened_at.setter
    def opened_at(self, datetime: datetime) -> None:
        self._write(opened_at=datetime.timestamp())


def _harmless(error: Any) -> bool:
    """What is not the provider's doing: a store that cannot be written, for instance."""
    return not isinstance(error, Failed) or error.kind in _HARMLESS


def breaker(shelf: Shelf, name: str) -> pybreaker.CircuitBreaker:
    """Use it as ``with breaker(…).calling():``, which raises :class:`pybreaker.CircuitBreakerError` while skipped."""
    return pybreaker.CircuitBreaker(
        fail_max=FAILURES,
        reset_timeout=SKIPPED_S,
        exclude=[_harmless],
        state_storage=_Kept(shelf, name),
        throw_new_error_on_trip=False,
    )


def skipped_for(shelf: Shelf, name: str, now: float) -> float:
    """Seconds for which a provider is still skipped; 0 if it is asked."""
    kept = _Kept(shelf, name)
    opened = kept.opened_at
    if kept.state != pybreaker.STATE_OPEN or opened is None:
        return 0.0
    return max(0.0, (opened + timedelta(seconds=SKIPPED_S)).timestamp() - now)
