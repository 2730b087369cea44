"""What every backend is: a name, a reason why it can or cannot be used here, and the command that enters it.

Invariant: a backend only makes the walls. What happens inside them (:mod:`.suture_guest`) and the supervision from
outside (:mod:`.contained`) are the same for all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from ..findings import Json
from .interface import Limits
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
#: The environment of the outermost process; the job's own is set inside.
OUTER_ENV = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """For ``suture doctor``: can it be used here, why not, what it does not contain, the command that mends it.

    ``contains``: false for the one way of running code that holds nothing back."""

    name: str
    available: bool
    reason: str
    holes: tuple[str, ...] = ()
    install_hint: str = ""
    contains: bool = True


@dataclass(frozen=True, slots=True)
class Guest:
    """The first process inside: ``module`` of the guest package, run by ``python``.

    ``config`` and ``status`` are the descriptors that it inherits: what to do, and the way to the host."""

    python: str
    module: Literal["job", "zygote", "standing"]
    config: int
    status: int


@dataclass(frozen=True, slots=True)
class Entrance:
    """How to start a sandbox: a command, and what its configuration must hold besides the job's.

    ``own``: how many of the first processes are Suture's own; ``cleanup``: a command that ends what is not a child
    of the first process."""

    argv: tuple[str, ...]
    config: dict[str, Json] = field(default_factory=dict[str, Json])
    env: Mapping[str, str] = field(default_factory=lambda: OUTER_ENV)
    own: int = 2
    cleanup: tuple[str, ...] = ()


class Backend(Protocol):
    name: str
    holes: tuple[str, ...]
    contains: bool

    @property
    def install_hint(self) -> str:
        """The one command that makes it available, if it is missing."""
        ...

    def missing(self) -> str:
        """What it lacks on this machine, without trying it; empty if nothing. Whether it works is then tried."""
        ...

    def explain(self, said: str) -> tuple[str, str]:
        """(reason, mending command) for what a failed trial said; empty strings where it has nothing to add."""
        ...

    def prepare(self, layout: Layout) -> Layout:
        """The layout as this backend shows it; it may make folders, which ``Layout.inside.folder`` then names."""
        ...

    def entrance(self, layout: Layout, guest: Guest, limits: Limits) -> Entrance:
        """The way in."""
        ...


def host_python(module: str, *arguments: int) -> tuple[str, ...]:
    """The command that runs ``entry()`` of a guest module outside, with Suture's interpreter."""
    return (sys.executable, *ISOLATED, guest_code(host_library(), module), *map(str, arguments))


def guest_python(guest: Guest) -> tuple[str, ...]:
    """The command that runs the guest inside, in :data:`INSIDE_ENV`."""
    return (guest.python, *INSIDE, guest_code(LIBRARY, guest.module), str(guest.config), str(guest.status))


def host_library() -> str:
    """The folder of the host in which the guest package is found."""
    return str(Path(__file__).resolve().parent)


def guest_code(library: str, module: str) -> str:
    """The program that finds the guest package and starts one of its modules."""
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
