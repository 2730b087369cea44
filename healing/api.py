"""Healing as a library: a failing command, or a static fault in unsaved text, in; verified edits out.

Invariant: the workspace is not changed. An edit is ``verified`` only if the sandbox ran it.
"""

from __future__ import annotations

from .command import heal_command
from .report import Candidate, HealReport
from .static import heal_finding

__all__ = ["Candidate", "HealReport", "heal_command", "heal_finding"]
