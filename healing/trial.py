"""What every proof needs to know: whose text is tried where, and with which limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..analyzers.sandbox.interface import CancelCheck, Sandbox

#: Seconds that the comparison of a rewrite's functions may take by the clock; tests have a limit of their own.
BUDGET_S = 8.0


@dataclass(frozen=True, slots=True)
class Trial:
    """The file ``path`` of the workspace ``root`` (both absolute, one in the other) with its text ``before`` a change.

    ``files`` (relative POSIX path → bytes) are unsaved texts of other files, ``python`` is the interpreter to run.
    ``speeds_up``: a change that is not measurably faster is worth nothing. ``tests``: the file's tests are run, too."""

    root: Path
    path: Path
    before: str
    sandbox: Sandbox
    speeds_up: bool = False
    budget_s: float = BUDGET_S
    python: Path | None = None
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    cancel: CancelCheck | None = None
    tests: bool = True
