"""Linux namespaces taken straight from the kernel: the sandbox that needs nothing installed.

The same walls as bubblewrap (user, mount, PID, network, IPC, UTS, cgroup namespaces and a new root made of read-only
binds), made by :mod:`..suture_guest.enter`.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Sequence

from ..backend import BackendStatus, Entrance, host_python, staging
from ..layout import INSIDE_UID, Layout
from ..suture_guest import seccomp

TRY = """
import os, sys
sys.path.append({path!r})
from suture_guest import kernel
if os.geteuid() == 0:
    kernel.unshare(kernel.CLONE_NEWNS)
    os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
kernel.unshare(kernel.CLONE_NEWUSER)
kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET)
kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
os.close(kernel.open_tree("/usr"))
"""
ALLOW = (
    "sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0, or install bubblewrap"
)


class Namespaces:
    name = "namespaces"

    def status(self) -> BackendStatus:
        if not sys.platform.startswith("linux"):
            return BackendStatus(self.name, False, "Linux only")
        problem = _probe()
        if problem:
            return BackendStatus(self.name, False, f"the kernel refuses: {problem}", (), ALLOW)
        return BackendStatus(self.name, True, "user namespaces of the kernel, nothing installed", _holes())

    def entrance(self, layout: Layout, first: Sequence[str] | None, config: int, status: int) -> Entrance:
        stage, places = staging(layout)
        namespaces = {
            "uid": INSIDE_UID,
            "binds": [[places[each.source], each.target] for each in layout.binds],
            "links": [[target, to] for target, to in layout.links],
            "folders": list(layout.folders),
            "program": list(first) if first else None,
        }
        return Entrance(host_python("enter", config, status), {"stage": stage, "exec": None, "namespaces": namespaces})


def _holes() -> tuple[str, ...]:
    if seccomp.supported():
        return ()
    return ("no system-call filter on this machine: the kernel's keyrings and rarely used interfaces are in reach",)


@functools.cache
def _probe() -> str:
    """Why namespaces cannot be made here; empty if they can."""
    code = TRY.format(path=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = done.stderr.strip().splitlines()
    return (lines[-1] if lines else f"status {done.returncode}") if done.returncode else ""


BACKEND = Namespaces()
