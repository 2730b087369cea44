"""The guest's part of a configuration: the view of the workspace, the limits and the environment, as plain JSON."""

from __future__ import annotations

import contextlib
import os
import posixpath
import re

from ..errors import UserError
from ..findings import Json
from .interface import Limits
from .layout import STAGED_UID, Layout
from .suture_guest.places import LOWER

#: Scratch space (``/tmp``, ``/dev/shm``, changes to the workspace) in units of the largest allowed file.
SCRATCH_FILES = 4
#: Processes of the same user that a limit must leave room for, where they cannot be counted.
USER_PROCESSES = 700


def release(text: str) -> tuple[int, ...]:
    """``6.8.0-45-generic`` → (6, 8)."""
    return tuple(map(int, re.findall(r"\d+", text.split("-")[0])[:2]))


def relative(name: str) -> str:
    """A path below the workspace's root, normalised; anything else is a usage error."""
    path = posixpath.normpath(name)
    if posixpath.isabs(path) or path == ".." or path.startswith("../") or "\0" in path:
        raise UserError(f"{name!r} is not a path inside the workspace")
    return path


def scratch_mb(limits: Limits) -> int:
    return max(64, SCRATCH_FILES * limits.file_mb)


def environment(shown: Layout) -> dict[str, str]:
    """The job's environment: nothing of the host's but where programs are."""
    return {
        "PATH": shown.path,
        "HOME": shown.inside.tmp,
        "TMPDIR": shown.inside.tmp,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "USER": "sandbox",
        "LOGNAME": "sandbox",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SUTURE_SANDBOX": "1",
        **shown.env,
    }


def view_config(shown: Layout, limits: Limits, copy: bool) -> dict[str, Json]:
    inside = shown.inside
    return {
        "kind": inside.view,
        "root": inside.root or shown.root,
        "source": shown.root if inside.folder else LOWER,
        "scratch": [inside.tmp] if inside.folder else [inside.tmp, "/dev/shm"],
        "hide": list(shown.hide),
        "scratch_mb": scratch_mb(limits),
        "copy": copy,
        "binds": [each.target for each in shown.binds],
    }


def limits_config(limits: Limits, shown: Layout) -> dict[str, Json]:
    return {
        "cpu_s": limits.cpu_s,
        "memory_mb": limits.memory_mb,
        # the sandbox's first process is one of the same user
        "processes": limits.processes + 1 + _bystanders(bool(shown.inside.folder)),
        "file_mb": limits.file_mb,
    }


def _bystanders(host: bool) -> int:
    """Other processes of the same user that the kernel counts too: those of the host where a job is one of them, and
    before Linux 5.14, which did not count by namespace."""
    if not host and release(os.uname().release) >= (5, 14):
        return 0
    if not os.path.isdir("/proc/self"):
        return USER_PROCESSES
    uid = os.geteuid() or STAGED_UID
    tasks = 0
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if name.isdigit() and os.stat(f"/proc/{name}").st_uid == uid:
                tasks += len(os.listdir(f"/proc/{name}/task"))
    return tasks
