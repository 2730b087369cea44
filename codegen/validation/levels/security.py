"""Security: what the security reviewer says of the new lines, its vote, and a stricter look at what a model wrote.

The reviewer follows data from a source to a sink; who calls a new function is not known yet, so a model's draft is also
held to ruff's rules about calls that are dangerous with any argument that is not a constant (:data:`STRICT`), unless
the words of the specification ask for that very thing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ....analyzers.errors import Unavailable
from ..level import Level, Subject, Verdict, failed
from ..reviewing import judged_by
from ..ruffing import ruff, told

#: ruff's rule → the words of a specification that allow it, as a pattern ("evaluate" is not "eval"); empty: none do.
STRICT: Mapping[str, str] = {
    "S102": r"\bexec\b",
    "S301": r"pickl",
    "S302": r"marshal",
    "S306": r"mktemp",
    "S307": r"\beval\b",
    "S323": "",
    "S324": r"md5|sha-?1(?!\d)",
    "S501": "",
    "S506": "",
    "S602": r"shell",
    "S604": r"shell",
    "S605": r"shell",
    "S608": "",
}


def run(subject: Subject) -> Verdict:
    verdict = judged_by(subject, "security")
    if verdict.status == "failed" or not subject.by_model:
        return verdict
    placed = subject.placed
    words = subject.spec.text.lower() if subject.spec else ""
    banned = [code for code, allowed in STRICT.items() if not (allowed and re.search(allowed, words))]
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
