"""Names: every name is defined, and every import and attribute of an imported module exists. No invented API.

The static checks say what they can at once; imports of a model's draft are then looked up in the sandbox, in the
workspace's own environment.
"""

from __future__ import annotations

from ....analyzers.findings import Evidence
from ...resolving import invented
from ..level import Level, Subject, Verdict, failed, passed
from ..reviewing import reviewed, told


def run(subject: Subject) -> Verdict:
    faults = [each for each in reviewed(subject).new if each.kind in ("undefined_name", "syntax")]
    if faults:
        return failed("; ".join(told(each, subject) for each in faults[:3]))
    evidence: tuple[Evidence, ...] = ()
    if subject.by_model:
        reason = invented(subject.request, subject.code, subject.imports, subject.sandbox, subject.cancel)
        if reason:
            return failed(reason)
    return passed(*evidence)


LEVEL = Level(
    "names",
    20,
    10,
    run,
    about="every name is defined; every import and every attribute of an imported module exists in the environment",
)
