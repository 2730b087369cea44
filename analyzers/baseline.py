"""Old code wants a baseline: findings that were there when one began are not shown again.

A finding is recognised by its rule, its file and the text of its line (never its number), so that it stays known
when lines move. Three equal findings in the baseline hide three, not four. Paths are relative to the baseline's folder.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from .errors import UserError
from .findings import Finding, Json

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    """Fingerprints that are known, with how often; ``folder`` is what their paths are relative to."""

    folder: Path
    known: Mapping[str, int]


def fingerprints(findings: Sequence[Finding], lines: Mapping[int, str], folder: Path) -> list[str]:
    """One fingerprint a finding, independent of line numbers and of where the folder lies; ``lines`` holds the text
    of the lines that findings start on (secrets masked, so that nothing can be guessed from a fingerprint)."""
    result: list[str] = []
    for finding in findings:
        relative = Path(os.path.relpath(finding.path, folder)).as_posix()
        result.append(replace(finding, path=relative).fingerprint(lines.get(finding.range.line, "")))
    return result


def read_baseline(path: Path) -> Baseline:
    """Raises UserError if the file is missing or is not a baseline."""
    hint = "write one with --write-baseline"
    try:
        loaded: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"the baseline {path} cannot be read: {error}", hint) from error
    known = counts_of(loaded)
    if known is None:
        raise UserError(f"{path} is not a baseline of this version of Suture", hint)
    return Baseline(path.resolve().parent, known)


def counts_of(loaded: Any) -> dict[str, int] | None:
    """The fingerprints in the content of a baseline file, or None if it is something else."""
    if not isinstance(loaded, dict):
        return None
    content = cast("dict[str, Any]", loaded)
    known: Any = content.get("findings")
    if content.get("suture-baseline") != FORMAT or not isinstance(known, dict):
        return None
    counts = cast("dict[str, Any]", known)
    return counts if all(isinstance(each, int) for each in counts.values()) else None


def write_baseline(path: Path, found: Iterable[str]) -> int:
    """Write fingerprints; returns how many there are. Raises UserError if the file cannot be written."""
    counts = Counter(found)
    content: Json = {"suture-baseline": FORMAT, "findings": dict(sorted(counts.items()))}
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UserError(f"the baseline {path} cannot be written: {error.strerror or error}") from error
    return counts.total()


def new_findings(findings: Sequence[Finding], lines: Mapping[int, str], baseline: Baseline) -> tuple[Finding, ...]:
    """The findings of one file that the baseline does not know."""
    used: Counter[str] = Counter()
    result: list[Finding] = []
    for finding, mark in zip(findings, fingerprints(findings, lines, baseline.folder), strict=True):
        used[mark] += 1
        if used[mark] > baseline.known.get(mark, 0):
            result.append(finding)
    return tuple(result)
