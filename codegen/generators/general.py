"""Code of no special kind: the guidance is the specification and the workspace's own habits."""

from __future__ import annotations

from ..drafter import Task
from .strategy import Fit, Strategy


def fits(task: Task) -> Fit:
    """Always a little."""
    del task
    return Fit(0.4)


STRATEGY = Strategy("general", "code of no special kind", fits, "general")
