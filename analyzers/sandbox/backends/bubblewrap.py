"""Bubblewrap (``bwrap``): the walls used by Flatpak, made without privileges. The first choice on Linux.

Invariant: the job is never root outside. As root, :mod:`..suture_guest.enter` gathers the binds and becomes an
unprivileged user before ``bwrap`` starts.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import sys

from ..backend import COMMON_HOLES, INSIDE_ENV, Entrance, Guest, guest_python, host_python, staging
from ..interface import Limits
from ..layout import INSIDE_UID, Layout
from .kernel_refusals import refusal


class Bubblewrap:
    name = "bubblewrap"
    holes: tuple[str, ...] = COMMON_HOLES
    contains = True
    install_hint = "apt-get install bubblewrap (or: dnf install bubblewrap, pacman -S bubblewrap)"

    def missing(self) -> str:
        if not sys.platform.startswith("linux"):
            return "Linux only"
        return "" if shutil.which("bwrap") else "bwrap is not installed"

    def explain(self, said: str) -> tuple[str, str]:
        return refusal(said, program=shutil.which("bwrap") or "/usr/bin/bwrap")

    def prepare(self, layout: Layout) -> Layout:
        return layout

    def entrance(self, layout: Layout, guest: Guest, limits: Limits) -> Entrance:
        program = shutil.which("bwrap") or "bwrap"
        stage, places = staging(layout)
        argv = (program, *_options(layout, places), *guest_python(guest))
        if stage is None:
            return Entrance(argv)
        outside = host_python("enter", guest.config, guest.status)
        return Entrance(outside, {"stage": stage, "exec": list(argv), "namespaces": None})


def _options(layout: Layout, places: dict[str, str]) -> list[str]:
    options = ["--unshare-user", "--unshare-all", "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"]
    options += ["--uid", str(INSIDE_UID), "--gid", str(INSIDE_UID), "--hostname", "sandbox", "--cap-add", "ALL"]
    if _version(shutil.which("bwrap") or "bwrap") >= (0, 8):
        options += ["--disable-userns"]
    for name, value in INSIDE_ENV.items():
        options += ["--setenv", name, value]
    for target, to in layout.links:
        options += ["--symlink", to, target]
    for each in layout.binds:
        options += ["--ro-bind", places[each.source], each.target]
    options += ["--proc", "/proc", "--dev", "/dev"]
    for folder in layout.folders:
        options += ["--dir", folder]
    return [*options, "--chdir", "/", "--remount-ro", "/", "--remount-ro", "/dev"]


@functools.cache
def _version(program: str) -> tuple[int, ...]:
    text = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    return tuple(map(int, re.findall(r"\d+", text)[:3]))


BACKEND = Bubblewrap()
