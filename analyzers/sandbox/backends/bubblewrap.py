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
from collections.abc import Sequence

from ..backend import COMMON_HOLES, INSIDE_ENV, Entrance, guest_python, host_python, staging
from ..layout import INSIDE_UID, Layout


class Bubblewrap:
    name = "bubblewrap"
    holes: tuple[str, ...] = COMMON_HOLES
    install_hint = "apt-get install bubblewrap (or: dnf install bubblewrap, pacman -S bubblewrap)"

    def missing(self) -> str:
        if not sys.platform.startswith("linux"):
            return "Linux only"
        return "" if shutil.which("bwrap") else "bwrap is not installed"

    def entrance(self, layout: Layout, first: Sequence[str] | None, config: int, status: int) -> Entrance:
        program = shutil.which("bwrap") or "bwrap"
        stage, places = staging(layout)
        inside = tuple(first) if first else guest_python(sys.executable, "job", config, status)
        argv = (program, *_options(layout, places), *inside)
        if stage is None:
            return Entrance(argv)
        return Entrance(host_python("enter", config, status), {"stage": stage, "exec": list(argv), "namespaces": None})


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
