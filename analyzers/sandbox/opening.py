"""Choose a backend: the first that works here, or the one that was asked for. Never the bare host."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from ..errors import Unavailable, UserError
from .backend import Backend, BackendStatus
from .backends.bubblewrap import BACKEND as BUBBLEWRAP
from .backends.elsewhere import NOT_YET
from .backends.namespaces import BACKEND as NAMESPACES
from .contained import ContainedSandbox
from .interface import Job, Sandbox

#: In the order of preference.
BACKENDS: tuple[Backend, ...] = (BUBBLEWRAP, NAMESPACES)


def describe() -> list[BackendStatus]:
    """Every backend that Suture knows, whether it can be used here and what it does not contain."""
    return [*map(status, BACKENDS), *NOT_YET]


def status(backend: Backend) -> BackendStatus:
    """Whether a backend works here, found out by running ``true`` in it (0.1 s, once a process)."""
    problem = backend.missing() or _trial(backend)
    if problem:
        return BackendStatus(backend.name, False, problem, backend.holes, backend.install_hint)
    return BackendStatus(backend.name, True, "a trial run in it succeeded", backend.holes)


@functools.cache
def _trial(backend: Backend) -> str:
    """Why a job cannot be run in a backend; empty if it can."""
    with tempfile.TemporaryDirectory(prefix="suture-") as folder:
        end = ContainedSandbox(backend, None).run(Job(("true",), Path(folder)))
    if end.ok:
        return ""
    said = "; ".join(end.stderr.decode("utf-8", "replace").strip().splitlines())
    return f"a trial run in it failed: {said or end.reason}"


def open_sandbox(backend: str = "auto", *, python: Path | None = None) -> Sandbox:
    """Open ``backend`` (``auto``: the first that works). ``python`` is the default interpreter of jobs.

    Raises :class:`~..errors.Unavailable` with the command that mends it, if nothing here contains code."""
    if backend == "auto":
        wanted = BACKENDS
    else:
        wanted = tuple(each for each in BACKENDS if each.name == backend)
        if not wanted:
            for each in NOT_YET:
                if each.name == backend:
                    raise Unavailable(f"the sandbox {backend} cannot be used: {each.reason}")
            names = ", ".join(each.name for each in BACKENDS)
            raise UserError(f"there is no sandbox called {backend!r}", f"choose auto, {names}")
    problems: list[BackendStatus] = []
    for each in wanted:
        found = status(each)
        if found.available:
            return ContainedSandbox(each, python)
        problems.append(found)
    hint = next((each.install_hint for each in problems if each.install_hint), "")
    reasons = "; ".join(f"{each.name}: {each.reason}" for each in problems)
    raise Unavailable(f"no sandbox works here, so no workspace code is run ({reasons})", hint)
