"""Style: ruff with the project's own settings on the new lines.

Errors refuse (:data:`REFUSES`: what does not run, or not as it reads); every other remark costs a part of the score.
"""

from __future__ import annotations

import re
from typing import Any

from ....analyzers.errors import Unavailable
from ....analyzers.findings import Evidence
from ..level import Level, Subject, Verdict, failed, not_run, passed
from ..ruffing import ruff, told

#: ruff's rules that refuse. Others are style and only counted.
REFUSES = re.compile(r"E9|F50|F63|F7|F82")

#: How much of the level a remark costs.
COST = 0.15


def run(subject: Subject) -> Verdict:
    placed = subject.placed
    try:
        findings = ruff(subject.request.path, placed.text)
    except Unavailable as error:
        return not_run(str(error))  # nothing is claimed: there is no "linted" evidence
    here = (each for each in findings if placed.first <= int(each["location"]["row"]) - 1 <= placed.last)
    new = [each for each in here if not _bound_elsewhere(each, subject)]
    serious = [each for each in new if REFUSES.match(str(each.get("code") or "E9"))]
    if serious:
        return failed("; ".join(told(each, placed.first) for each in serious[:3]))
    remarks = [f"{each.get('code')}: {each['message']}" for each in new][:10]
    summary = "ruff: nothing found" if not new else f"ruff: {len(new)} remark(s) on style"
    evidence = Evidence("linted", summary, {"tool": "ruff", "after": len(new), "remarks": [*remarks]})
    made = passed(evidence, quality=max(0.0, 1.0 - COST * len(new)))
    return Verdict(made.status, "; ".join(remarks), made.evidence, made.quality, hints=tuple(remarks[:3]))


def _bound_elsewhere(found: dict[str, Any], subject: Subject) -> bool:
    name = re.search("`(.+?)`", str(found["message"]))  # ruff's JSON has the name in its message only
    return found.get("code") == "F821" and name is not None and subject.request.is_known(name[1])


LEVEL = Level("style", 30, 6, run, "tool", about="ruff with the project's settings: errors refuse, remarks cost")
