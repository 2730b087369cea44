"""Performance: what this reviewer says of the new lines, and its vote in the verdict of the three."""

from __future__ import annotations

from ..level import Level, Subject, Verdict
from ..reviewing import judged_by


def run(subject: Subject) -> Verdict:
    return judged_by(subject, "performance")


LEVEL = Level(
    "performance",
    51,
    5,
    run,
    about="the performance reviewer has no serious finding on the new lines",
)
