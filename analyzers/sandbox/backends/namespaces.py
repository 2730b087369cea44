"""Linux namespaces taken straight from the kernel: the sandbox that needs nothing installed.

The same walls as bubblewrap (user, mount, PID, network, IPC, UTS, cgroup namespaces and a new root made of read-only
binds), made by :mod:`..suture_guest.enter`.
"""

from __future__ import annotations

import os
import platform
import sys

from ..backend import COMMON_HOLES, INSIDE_ENV, Entrance, Guest, guest_python, host_python, staging
from ..interface import Limits
from ..layout import INSIDE_UID, Layout
from ..plan import release
from .kernel_refusals import refusal

#: The first kernel with ``mount_setattr``, by which a tree of mounts is made read-only at once.
KERNEL = (5, 12)
ARCHITECTURES = ("x86_64", "aarch64")


class Namespaces:
    name = "namespaces"
    holes: tuple[str, ...] = (
        *COMMON_HOLES,
        "its walls are Suture's own code: the same ones as bubblewrap's, but used and examined by far fewer people",
    )
    install_hint = ""
    contains = True

    def missing(self) -> str:
        if not sys.platform.startswith("linux"):
            return "Linux only"
        if release(os.uname().release) < KERNEL:
            return f"it needs Linux {KERNEL[0]}.{KERNEL[1]}, this is {os.uname().release}"
        if platform.machine() not in ARCHITECTURES:
            return f"not supported yet on {platform.machine()}"
        return ""

    def explain(self, said: str) -> tuple[str, str]:
        return refusal(said, program=os.path.realpath(sys.executable))

    def prepare(self, layout: Layout) -> Layout:
        return layout

    def entrance(self, layout: Layout, guest: Guest, limits: Limits) -> Entrance:
        stage, places = staging(layout)
        namespaces = {
            "uid": INSIDE_UID,
            "binds": [[places[each.source], each.target] for each in layout.binds],
            "links": [[target, to] for target, to in layout.links],
            "folders": list(layout.folders),
            "program": None if guest.module == "job" else list(guest_python(guest)),
            "env": INSIDE_ENV,
        }
        outside = host_python("enter", guest.config, guest.status)
        return Entrance(outside, {"stage": stage, "exec": None, "namespaces": namespaces})


BACKEND = Namespaces()
