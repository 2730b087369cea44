"""What backends share whose walls are no file system of their own: a folder of the host that holds what a job sees.

The workspace is copied into it (by cloning where the file system can), because nothing lays a layer over a folder
there. Invariant: the folder is new, and closed to every other user.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from ..backend import INSIDE, Guest, guest_code
from ..layout import GUEST, Inside, Layout
from ..suture_guest.places import DEPENDENCIES, LIBRARY


def prepare(layout: Layout) -> Layout:
    """Make the folder; Suture's source and the workers' imports are links in it."""
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="suture-")))
    for name in ("ws", "tmp", "lib/suture", "dep"):
        (folder / name).mkdir(parents=True)
    library, dependencies = str(folder / "lib"), str(folder / "dep")
    for each in layout.binds:
        for place, real in ((LIBRARY, library), (DEPENDENCIES, dependencies)):
            if each.target.startswith(place + "/"):
                os.symlink(each.source, real + each.target.removeprefix(place))
    inside = Inside(str(folder / "ws"), str(folder / "tmp"), library, dependencies, "copied", str(folder))
    return replace(layout, inside=inside)


def python_command(guest: Guest) -> tuple[str, ...]:
    """The guest, run by its interpreter where it lies on the host."""
    code = guest_code(str(GUEST.parent), guest.module)
    return (guest.python, *INSIDE, code, str(guest.config), str(guest.status))


def environment(layout: Layout) -> dict[str, str]:
    return {"PATH": layout.path, "HOME": layout.inside.tmp, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
