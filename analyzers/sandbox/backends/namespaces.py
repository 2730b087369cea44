"""Linux namespaces taken straight from the kernel: the sandbox that needs nothing installed.

The same walls as bubblewrap (user, mount, PID, network, IPC, UTS, cgroup namespaces and a new root made of read-only
binds), made by :mod:`..suture_guest.enter`.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence

from ..backend import COMMON_HOLES, INSIDE_ENV, Entrance, host_python, staging
from ..layout import INSIDE_UID, Layout

#: The first kernel with ``mount_setattr``, by which a tree of mounts is made read-only at once.
KERNEL = (5, 12)
ARCHITECTURES = ("x86_64", "aarch64")


class Namespaces:
    name = "namespaces"
    holes: tuple[str, ...] = (
        *COMMON_HOLES,
        "its walls are Suture's own code: the same ones as bubblewrap's, but used and examined by far fewer people",
    )
    install_hint = (
        "sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0"
        " (whichever of the two exists)"
    )

    def missing(self) -> str:
        if not sys.platform.startswith("linux"):
            return "Linux only"
        release = os.uname().release.split("-")[0].split(".")
        if tuple(int(each) for each in release[:2] if each.isdigit()) < KERNEL:
            return f"it needs Linux {KERNEL[0]}.{KERNEL[1]}, this is {os.uname().release}"
        if platform.machine() not in ARCHITECTURES:
            return f"not supported yet on {platform.machine()}"
        return ""

    def entrance(self, layout: Layout, first: Sequence[str] | None, config: int, status: int) -> Entrance:
        stage, places = staging(layout)
        namespaces = {
            "uid": INSIDE_UID,
            "binds": [[places[each.source], each.target] for each in layout.binds],
            "links": [[target, to] for target, to in layout.links],
            "folders": list(layout.folders),
            "program": list(first) if first else None,
            "env": INSIDE_ENV,
        }
        return Entrance(host_python("enter", config, status), {"stage": stage, "exec": None, "namespaces": namespaces})


BACKEND = Namespaces()
