"""Security: what the security reviewer says of the new lines, its vote, and a stricter look at what a model wrote.

The reviewer follows data from a source to a sink; who calls a new function is not known yet, so a model's draft is also
held to ruff's rules about calls that are dangerous with any argument that is not a constant (:data:`STRICT`), unless
the words of the specification ask for that very thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....analyzers.errors import Unavailable
from ..level import Level, Subject, Verdict, failed
from ..reviewing import judged_by
from ..ruffing import ruff, told

#: ruff's rule → the words of a specification that allow it.
STRICT: Mapping[str, tuple[str, ...]] = {
    "S102": ("exec",),
    "S301": ("pickle",),
    "S302": ("marshal",),
    "S306": ("mktemp",),
    "S307": ("eval",),
    "S323": (),
    "S324": ("md5", "sha1", "sha-1"),
    "S501": (),
    "S506": (),
    "S602": ("shell",),
    "S604": ("shell",),
    "S605": ("shell",),
    "S608": (),
}


def run(subject: Subject) -> Verdict:
    verdict = judged_by(subject, "security")
    if verdict.status == "failed" or not subject.by_model:
        return verdict
    placed = subject.placed
    words = subject.spec.text.lower() if subject.spec else ""
    banned = [code for code, allowed in STRICT.items() if not any(each in words for each in allowed)]
    try:
        found = ruff(subject.request.path, placed.text, ("--isolated", "--select", ",".join(banned)))
    except Unavailable as error:
        return replace(verdict, reason=str(error), quality=verdict.quality / 2)
    new = [each for each in found if placed.first <= int(each["location"]["row"]) - 1 <= placed.last]
    if new:
        said = "; ".join(told(each, placed.first) for each in new[:3])
        return failed(f"security: {said}", *verdict.evidence)
    return verdict


LEVEL = Level(
    "security",
    50,
    14,
    run,
    about="no serious finding of the security reviewer on the new lines; no dangerous call that was not asked for",
)
