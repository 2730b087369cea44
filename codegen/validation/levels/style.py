"""Style: ruff with the project's own settings on the new lines.

Errors and what pyflakes is certain of refuse (:data:`REFUSES`); every other remark costs a part of the score.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from ....analyzers.errors import Unavailable
from ....analyzers.findings import Evidence
from ..level import Level, Subject, Verdict, failed, not_run, passed

#: ruff's rules that refuse. Others are style and only counted.
REFUSES = re.compile(r"E9|F")

#: How much of the level a remark costs.
COST = 0.15


def run(subject: Subject) -> Verdict:
    placed = subject.placed
    try:
        findings = _ruff(subject.request.path, placed.text)
    except Unavailable as error:
        return not_run(str(error))  # nothing is claimed: there is no "linted" evidence
    new = [each for each in findings if placed.first <= int(each["location"]["row"]) - 1 <= placed.last]
    serious = [each for each in new if REFUSES.match(str(each.get("code") or "E9"))]
    if serious:
        return failed("; ".join(_told(each, placed.first) for each in serious[:3]))
    remarks = [f"{each.get('code')}: {each['message']}" for each in new][:10]
    summary = "ruff: nothing found" if not new else f"ruff: {len(new)} remark(s) on style"
    evidence = Evidence("linted", summary, {"tool": "ruff", "after": len(new), "remarks": [*remarks]})
    made = passed(evidence, quality=max(0.0, 1.0 - COST * len(new)))
    return Verdict(made.status, "; ".join(remarks), made.evidence, made.quality, hints=tuple(remarks[:3]))


def _told(found: dict[str, Any], first: int) -> str:
    return f"{found.get('code')}: {found['message']} (line {int(found['location']['row']) - first} of the code)"


def _ruff(path: Path, text: str) -> list[dict[str, Any]]:
    """ruff with the project's own settings; with its defaults if those cannot be read. Raises Unavailable."""
    from ....analyzers.engines.ruff import binary

    for isolated in ((), ("--isolated",)):
        argv = [binary(), "check", "--no-cache", "--quiet", "--exit-zero", "--output-format=json", *isolated]
        cwd = path.parent if path.parent.is_dir() else None
        try:
            done = subprocess.run(
                [*argv, "--stdin-filename", str(path), "-"],
                input=text.encode("utf-8", "surrogatepass"),
                capture_output=True,
                timeout=30,
                check=False,
                cwd=cwd,
            )
            return json.loads(done.stdout) if done.stdout.strip() else []
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"ruff did not run: {error}") from error
        except ValueError:
            continue
    raise Unavailable("ruff's answer could not be read")


LEVEL = Level("style", 30, 6, run, "tool", about="ruff with the project's settings: errors refuse, remarks cost")
