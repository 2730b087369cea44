"""What every backend is: a name, a reason why it can or cannot be used here, and the command that enters it.

Invariant: a backend only makes the walls. What happens inside them (:mod:`.suture_guest`) and the supervision from
outside (:mod:`.contained`) are the same for all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..findings import Json
from .layout import BASE_PATH, STAGED_UID, Layout
from .suture_guest.places import LIBRARY

#: What no way of running code on the host's own kernel contains, and what is counted otherwise than one may think.
COMMON_HOLES = (
    "a flaw in the Linux kernel itself: jobs run on the host's kernel",
    "facts about the machine in /proc (its memory, processors, load and kernel version) can be read",
    "buffers inside the kernel (full pipes and sockets, some hundred MB at worst) are not counted as memory",
    "scratch files (64 MB, or four times the largest allowed file) are counted apart from the memory limit",
)
#: How the guest package is started: without ``site``, so that nothing of the workspace is imported; inside, the
#: environment is Suture's own and fixes the hash seed, so that the same call does the same each time.
ISOLATED = ("-I", "-S", "-c")
INSIDE = ("-s", "-S", "-c")
INSIDE_ENV = {"PATH": BASE_PATH, "HOME": "/tmp", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """For ``suture doctor``: can it be used here, why not, what it does not contain, the command that mends it."""

    name: str
    available: bool
    reason: str
    holes: tuple[str, ...] = ()
    install_hint: str = ""


@dataclass(frozen=True, slots=True)
class Entrance:
    """How to start a sandbox: a command, and what its configuration must hold besides the job's."""

    argv: tuple[str, ...]
    config: dict[str, Json] = field(default_factory=dict[str, Json])


class Backend(Protocol):
    name: str
    holes: tuple[str, ...]
    install_hint: str

    def missing(self) -> str:
        """What it lacks on this machine, without trying it; empty if nothing. Whether it works is then tried."""
        ...

    def entrance(self, layout: Layout, first: Sequence[str] | None, config: int, status: int) -> Entrance:
        """The way in. ``first`` is the command of the first process inside; None: run the job of the configuration.

        ``config`` and ``status`` are the descriptors that the processes inherit."""
        ...


def host_python(module: str, *arguments: int) -> tuple[str, ...]:
    """The command that runs ``entry()`` of a guest module outside, with Suture's interpreter."""
    library = str(Path(__file__).resolve().parent)
    return (sys.executable, *ISOLATED, _code(library, module), *map(str, arguments))


def guest_python(python: str, module: str, *arguments: int) -> tuple[str, ...]:
    """The command that runs ``entry()`` of a guest module inside, in :data:`INSIDE_ENV`."""
    return (python, *INSIDE, _code(LIBRARY, module), *map(str, arguments))


def _code(library: str, module: str) -> str:
    path = f"import sys; sys.path[:] = [each for each in sys.path if each] + [{library!r}]"
    return f"{path}; from suture_guest import {module}; {module}.entry()"


def staging(layout: Layout) -> tuple[dict[str, Json] | None, dict[str, str]]:
    """As root: what root must gather first, and where each source then is. Otherwise: nothing."""
    if os.geteuid() != 0:
        return None, {each.source: each.source for each in layout.binds}
    gathered = list(dict.fromkeys(each.source for each in layout.binds if not each.system))
    places = {source: f"/tmp/{index}" for index, source in enumerate(gathered)}
    for each in layout.binds:
        places.setdefault(each.source, each.source)
    return {"uid": STAGED_UID, "binds": list(gathered)}, places
