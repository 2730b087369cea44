"""No walls at all: a job runs as the person, on the host. Only where nothing contains code, and only by choice.

What it does keep: a copy of the workspace instead of the workspace, an environment without secrets, the limits of
:mod:`..suture_guest.confine`, the supervisor's clock and memory watch, and on Linux the system-call filter and
Landlock as far as the kernel has them.

Invariant: it is opened for a workspace that the person named, and for no other (:mod:`..bare`).
"""

from __future__ import annotations

import os

from ..backend import Entrance, Guest
from ..interface import Limits
from ..layout import Layout
from . import hosted

HOLES = (
    "NOTHING IS CONTAINED: workspace code can read every file that you can read, and send it over the network",
    "what a job does outside of its copy of the workspace stays, unless the kernel's Landlock forbids it",
    "processes are limited per user and not per job (as root not at all)",
)


class BareHost:
    name = "bare-host"
    holes: tuple[str, ...] = HOLES
    contains = False
    install_hint = "suture doctor --allow-bare-host (it contains nothing: only for code that you would run anyway)"

    def missing(self) -> str:
        return "" if os.name == "posix" else "Suture starts no workspace code on this system"

    def explain(self, said: str) -> tuple[str, str]:
        return "", ""

    def prepare(self, layout: Layout) -> Layout:
        return hosted.prepare(layout)

    def entrance(self, layout: Layout, guest: Guest, limits: Limits) -> Entrance:
        return Entrance(hosted.python_command(guest), env=hosted.environment(layout), own=1)


BACKEND = BareHost()
