"""Says whether an input that somebody calls a bug is one, without knowing who found it.

An input is a true finding when the buggy and the fixed version of the function differ on it and the fixed one behaves
as documented: it returns, or raises something that its own text names. On a correct function every finding is false.

Invariant: judged code runs in bubblewrap only, without network, and can write nowhere.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from fuzz_cases import HERE, Case

CONTAINED = [
    *("bwrap", "--unshare-all", "--new-session", "--die-with-parent", "--cap-drop", "ALL", "--clearenv"),
    *("--setenv", "PATH", "/usr/bin:/bin", "--setenv", "LANG", "C.UTF-8", "--setenv", "HOME", "/tmp"),
    *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/run"),
]
HANG_CPU_S, WALL_S = 3, 20.0


@dataclass(frozen=True)
class Claim:
    """An input that a tool calls a bug. ``args`` is None where the tool does not say which input."""

    after_s: float
    args: str | None
    kwargs: str
    what: str


Verdict = Literal["true", "false", "unclear"]


def replay(path: Path, case: Case, args: str, kwargs: str, cpu_s: int) -> dict[str, Any]:
    """What an input does to one version; ``first`` is ``[returned|raised|hang|unclear, …]``."""
    query = {"path": str(path), "function": case.function, "args": args, "kwargs": kwargs or "{}", "pair": case.pair}
    query |= {"stateful": case.stateful, "oracle": case.oracle, "cpu": cpu_s}
    command = [*CONTAINED, sys.executable, "-I", str(HERE / "replay.py")]
    try:
        done = subprocess.run(command, input=json.dumps(query).encode(), capture_output=True, timeout=WALL_S)
    except subprocess.TimeoutExpired:
        return {"first": ["hang", ""]}
    if done.returncode in (-24, -9, 128 + 24, 128 + 9):
        return {"first": ["hang", ""]}
    try:
        return cast("dict[str, Any]", json.loads(done.stdout.splitlines()[-1]))
    except (ValueError, IndexError):
        return {"first": ["unclear", done.stderr.decode("utf-8", "replace")[-300:]]}


def judge(case: Case, folder: Path, args: str, kwargs: str = "{}") -> tuple[Verdict, str]:
    """The verdict on an input and why. ``folder`` holds ``buggy.py`` and, for a bug, ``fixed.py``."""
    if case.fixed is None:
        return "false", "the function is correct"
    buggy = replay(folder / "buggy.py", case, args, kwargs, HANG_CPU_S)
    fixed = replay(folder / "fixed.py", case, args, kwargs, 2 * HANG_CPU_S)
    kinds = (buggy["first"][0], fixed["first"][0])
    if "unclear" in kinds:
        return "unclear", f"{buggy['first']} {fixed['first']}"
    if kinds[1] == "hang":
        return "false", "the fixed version hangs as well: out of its domain"
    if kinds[1] == "raised" and fixed["first"][1] not in re.sub(r"except .*", "", case.fixed):
        return "false", f"out of its domain: the fixed version raises {fixed['first'][1]}"
    if buggy != fixed:
        return "true", f"{buggy['first'][:2]} instead of {fixed['first'][:2]}"
    return "false", f"the fixed version does the same: {str(buggy['first'])[:100]}"
