"""Functions that do nothing but answer: to see that a warm sandbox works, and how fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def echo(payload: Any, emit: Callable[[Any], None]) -> Any:
    """Give the payload back."""
    return payload
