"""What the container's own control group counted: processor time, and whether the kernel ended something for memory.

Only where the first process of the sandbox is the first of a container (see :mod:`.piped`); everywhere else the
supervisor outside counts. Invariant: it reads, and where there is nothing to read it says nothing.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_V2, _V1 = "/sys/fs/cgroup", "/sys/fs/cgroup/cpuacct"
_watching = False
_kills = 0
_forced = ""


def watch() -> None:
    """Begin to count: from now on :func:`exceeded` tells what happened since."""
    global _watching, _kills, _forced
    _watching, _kills, _forced = True, _oom_kills(), ""


def restart() -> None:
    """Count anew, if anything is counted."""
    if _watching:
        watch()


def force(reason: str) -> None:
    """Remember why the supervisor inside ended the job."""
    global _forced
    _forced = reason


def exceeded() -> dict[str, Any]:
    """``{"forced": reason}`` if a limit of the container ended the job, else nothing."""
    if not _watching:
        return {}
    if _forced:
        return {"forced": _forced}
    return {"forced": "memory"} if _oom_kills() > _kills else {}


def processor_s() -> float | None:
    """Seconds of processor time over all processes of the container so far; None where nobody counts."""
    try:
        with open(f"{_V2}/cpu.stat", encoding="ascii") as file:
            fields = dict(line.split() for line in file)
        return int(fields["usage_usec"]) / 1e6
    except (OSError, KeyError, ValueError):
        pass  # not this generation of control groups: the other is asked below
    try:
        with open(f"{_V1}/cpuacct.usage", encoding="ascii") as file:
            return int(file.read()) / 1e9
    except (OSError, ValueError):
        return None


def _oom_kills() -> int:
    for path in (f"{_V2}/memory.events", f"{_V2}/memory/memory.oom_control"):
        if not os.path.exists(path):
            continue
        try:
            with open(path, encoding="ascii") as file:
                return int(dict(line.split() for line in file).get("oom_kill", "0"))
        except (OSError, ValueError):
            continue
    return 0
