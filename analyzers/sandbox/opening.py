"""Choose a backend: the first that works here, or the one that was asked for. The bare host only by explicit choice.

Invariant: where anything contains code, the bare host is not used, whatever a setting says and whatever was allowed.
"""

from __future__ import annotations

import functools
import os
import sys
import tempfile
from pathlib import Path

from ..errors import Unavailable, UserError
from . import bare
from .backend import Backend, BackendStatus
from .backends.bare_host import BACKEND as BARE_HOST
from .backends.bubblewrap import BACKEND as BUBBLEWRAP
from .backends.docker import BACKEND as DOCKER
from .backends.elsewhere import NOT_YET
from .backends.namespaces import BACKEND as NAMESPACES
from .backends.sandbox_exec import BACKEND as SANDBOX_EXEC
from .contained import ContainedSandbox
from .interface import Job, Sandbox

#: In the order of preference.
BACKENDS: tuple[Backend, ...] = (BUBBLEWRAP, NAMESPACES, SANDBOX_EXEC, DOCKER)


def describe() -> list[BackendStatus]:
    """Every backend that Suture knows, whether it can be used here and what it does not contain."""
    found = [*map(status, BACKENDS), *NOT_YET]
    return [*found, _bare_status(any(each.available for each in found))]


def status(backend: Backend) -> BackendStatus:
    """Whether a backend works here, found out by running ``true`` in it (0.1 s, once a process)."""
    problem = backend.missing()
    if problem:
        return BackendStatus(backend.name, False, problem, backend.holes, backend.install_hint)
    said = _trial(backend)
    if said:
        reason, mend = backend.explain(said)
        problem = f"{reason} ({said})" if reason else f"a trial run in it failed: {said}"
        return BackendStatus(backend.name, False, problem, backend.holes, mend or backend.install_hint)
    return BackendStatus(backend.name, True, "a trial run in it succeeded", backend.holes)


def _bare_status(contained: bool) -> BackendStatus:
    folders = bare.allowed_folders()
    if contained:
        reason = "not used: something contains the code here"
    elif folders:
        reason = "nothing is contained; allowed by you for " + ", ".join(
            f"{each} ({folders[each]})" for each in folders
        )
    else:
        reason = "refused, unless you allow it for a workspace"
    usable = bool(folders) and not contained and not BARE_HOST.missing()
    return BackendStatus(BARE_HOST.name, usable, reason, BARE_HOST.holes, BARE_HOST.install_hint, contains=False)


@functools.cache
def _trial(backend: Backend) -> str:
    """Why a job cannot be run in a backend; empty if it can."""
    with tempfile.TemporaryDirectory(prefix="suture-") as folder:
        os.chmod(folder, 0o755)  # as root the job is somebody else
        end = ContainedSandbox(backend, None).run(Job(("true",), Path(folder)))
    if end.ok:
        return ""
    said = "; ".join(end.stderr.decode("utf-8", "replace").strip().splitlines())
    return said or end.reason


def open_sandbox(backend: str = "auto", *, python: Path | None = None) -> Sandbox:
    """Open ``backend`` (``auto``: the first that works). ``python`` is the default interpreter of jobs.

    Where nothing contains code, and the person allowed the bare host for some workspace, that is opened; it refuses
    jobs of any other workspace. Raises :class:`~..errors.Unavailable` with the command that mends it otherwise."""
    if backend in ("auto", BARE_HOST.name):
        wanted = BACKENDS
    else:
        wanted = tuple(each for each in BACKENDS if each.name == backend)
        if not wanted:
            for each in NOT_YET:
                if each.name == backend:
                    raise Unavailable(f"the sandbox {backend} cannot be used: {each.reason}", each.install_hint)
            names = ", ".join(each.name for each in BACKENDS)
            raise UserError(f"there is no sandbox called {backend!r}", f"choose auto, {names}")
    problems: list[BackendStatus] = []
    for each in wanted:
        found = status(each)
        if found.available:
            return ContainedSandbox(each, python)
        problems.append(found)
    if len(wanted) > 1 and _bare_status(False).available:
        return ContainedSandbox(BARE_HOST, python)
    raise Unavailable(_refusal(problems), _mend(problems))


def _refusal(problems: list[BackendStatus]) -> str:
    if sys.platform == "win32":
        return f"no workspace code is run: {NOT_YET[0].reason}"
    here = [each for each in problems if "only" not in each.reason.split(":")[0]] or problems
    return f"no sandbox works here, so no workspace code is run ({'; '.join(f'{e.name}: {e.reason}' for e in here)})"


def _mend(problems: list[BackendStatus]) -> str:
    """The one command that mends it: that of the first backend which has one."""
    if sys.platform == "win32":
        return NOT_YET[0].install_hint
    return next((each.install_hint for each in problems if each.install_hint), "")
