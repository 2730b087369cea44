"""What a job needs that may ask a model while it heals: which one, and with what money.

Invariant: for a folder that is not trusted there is none, and none for work that nobody asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .session import Session


def asking_params(session: Session, path: Path) -> dict[str, Any]:
    """``model`` and ``budget`` for a job that a person asked for; ``model`` None where no model may be asked."""
    if not session.server.trust.trusted(path):
        return {"model": None}
    from .generation import model_params

    limits = session.server.settings(path).budget
    return {
        "model": model_params(session, path),
        "budget": {"request_usd": limits.request_usd, "day_usd": limits.day_usd, "month_usd": limits.month_usd},
    }
