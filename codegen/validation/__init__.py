"""What every proposal goes through before a person sees it: syntax, names, style, patterns, three reviewers,
complexity, types, tests, fuzz, telemetry.

``level``     what a level is: its subject and its verdict
``levels/``   one file each
``pipeline``  which run when, and the result
``scoring``   the quality score and its table

Invariant: nothing of the workspace or of the proposal runs outside the sandbox.
"""

from .level import INSISTS, Level, LevelResult, Subject, Verdict, failed, not_run, passed
from .pipeline import Validated, all_levels, refused_by_text, validate
from .scoring import score, table

__all__ = [
    "INSISTS",
    "Level",
    "LevelResult",
    "Subject",
    "Validated",
    "Verdict",
    "all_levels",
    "failed",
    "not_run",
    "passed",
    "refused_by_text",
    "score",
    "table",
    "validate",
]
