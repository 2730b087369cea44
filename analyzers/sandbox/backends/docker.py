"""Docker or Podman where an engine runs: the walls are a container without network, privileges or a writable root.

The container's image is only an empty root: the host's own system folders, interpreters and packages are mounted
read-only at their places, as in the other sandboxes, so that a job meets the environment it is written for. The
workspace is mounted read-only and copied into a file system in memory. The engine speaks through its standard streams
only, so :mod:`..suture_guest.bridge` stands between them and the rest of Suture.

Invariant: nothing is ever downloaded (``--pull never``); the image is one that is here already.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..backend import INSIDE_ENV, OUTER_ENV, Entrance, Guest, guest_python, host_python
from ..interface import Limits
from ..layout import STAGED_UID, Inside, Layout
from ..plan import scratch_mb

#: Made by the command of :data:`MAKE`, which downloads nothing; another one can be named by the variable.
IMAGE = "suture-empty"
VARIABLE = "SUTURE_SANDBOX_IMAGE"
MAKE = "tar -cT /dev/null | {engine} import - " + IMAGE
ENGINES = ("docker", "podman")
ASK_S = 10.0
COPY_MB = 1024
HOLES = (
    "a flaw in the Linux kernel or in the container engine, which runs as root on most machines",
    "facts about the machine in /proc (its memory, processors, load and kernel version) can be read",
    "memory and processor time are counted by the container's control group: where the engine has none (rootless on"
    " an old system), each process is limited by itself only",
    "if Suture itself is killed, a container ends as soon as the engine notices (well under a second)",
    "the workspace is copied: a large one costs time and memory with each job",
    "when Suture runs as root, what only root may read (a folder of mode 0700, too) cannot be read by jobs",
)


@dataclass(frozen=True, slots=True)
class Engine:
    """A container engine that answered: its program, its version, and whether the image is there."""

    program: str
    version: str
    image: str
    has_image: bool


class Docker:
    name = "docker"
    holes: tuple[str, ...] = HOLES
    contains = True

    @property
    def install_hint(self) -> str:
        found = engine()
        if isinstance(found, Engine):
            return MAKE.format(engine=os.path.basename(found.program))
        return "" if shutil.which("docker") is None else "sudo systemctl start docker"

    def missing(self) -> str:
        if not sys.platform.startswith("linux"):
            return "Linux only: elsewhere an engine runs another system than the workspace's interpreter"
        found = engine()
        if isinstance(found, str):
            return found
        if found.has_image:
            return ""
        return f"{_short(found)} runs, but the image {found.image} is not there (nothing is downloaded unasked)"

    def explain(self, said: str) -> tuple[str, str]:
        return "", ""

    def prepare(self, layout: Layout) -> Layout:
        return replace(layout, inside=Inside(layout.root, "/tmp", view="copied"))

    def entrance(self, layout: Layout, guest: Guest, limits: Limits) -> Entrance:
        found = engine()
        program = found.program if isinstance(found, Engine) else "docker"
        image = found.image if isinstance(found, Engine) else IMAGE
        name = f"suture-{uuid.uuid4().hex}"
        inside = guest_python(Guest(guest.python, guest.module, 0, 1))
        argv = [program, "run", *options(layout, limits, name, guest.module == "zygote"), image, *inside]
        return Entrance(
            host_python("bridge", guest.config, guest.status),
            {"bridge": argv},
            env={**OUTER_ENV, **_engine_environment()},
            cleanup=(program, "rm", "--force", name),
        )


def options(layout: Layout, limits: Limits, name: str, warm: bool) -> list[str]:
    """Everything between ``run`` and the image. A warm container serves jobs of any limits: it gets the most."""
    memory = limits.memory_mb + scratch_mb(limits) + (COPY_MB if warm else 0)
    uid = os.geteuid() or STAGED_UID
    gid = os.getegid() or STAGED_UID
    owned = "mode=1777,nosuid,nodev"
    found = [
        *("--rm", "--interactive", "--pull", "never", "--name", name, "--network", "none", "--hostname", "sandbox"),
        *("--memory", f"{memory}m", "--memory-swap", f"{memory}m", "--pids-limit", str(limits.processes + 8)),
        *("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--ipc", "private"),
        *("--user", f"{uid}:{gid}", "--workdir", "/", "--log-driver", "none", "--entrypoint", ""),
        *("--ulimit", "core=0:0", "--ulimit", "nofile=256:256", "--ulimit", f"nproc={limits.processes + 8}"),
        *("--tmpfs", f"/tmp:{owned},exec,size={scratch_mb(limits)}m,nr_inodes=50k"),
        *("--tmpfs", f"/dev/shm:{owned},size={scratch_mb(limits)}m,nr_inodes=1k"),
        *("--tmpfs", f"{layout.root}:{owned},exec,size={COPY_MB}m,nr_inodes=500k"),
    ]
    for variable, value in INSIDE_ENV.items():
        found += ["--env", f"{variable}={value}"]
    for target, to in layout.links:
        if to == layout.root:
            continue  # another name of the workspace, which here has only one
        source = os.path.normpath(os.path.join(os.path.dirname(target), to))
        found += mounted(source, target)
    found += mounted("/dev/null", "/etc/resolv.conf")  # otherwise the engine tells the host's name servers
    for each in layout.binds:
        found += mounted(each.source, each.target)
    return found


def mounted(source: str, target: str) -> Sequence[str]:
    return ("--mount", f"type=bind,{_field('source', source)},{_field('target', target)},readonly")


def _field(name: str, value: str) -> str:
    """One field of ``--mount``, which is a line of comma-separated values."""
    text = f"{name}={value}"
    return '"' + text.replace('"', '""') + '"' if any(each in text for each in ',"\n') else text


@functools.cache
def engine() -> Engine | str:
    """The first engine that answers, or why none does. Asked once a process."""
    image = os.environ.get(VARIABLE) or IMAGE
    problems: list[str] = []
    for name in ENGINES:
        program = shutil.which(name)
        if program is None:
            continue
        answer = _ask([program, "version", "--format", "{{json .}}"])
        if isinstance(answer, str):
            problems.append(f"{name}: {answer}")
            continue
        parsed: dict[str, Any] = json.loads(answer.stdout or b"{}")
        server: dict[str, Any] = parsed.get("Server") or parsed.get("Client") or {}  # podman may have no server
        inspected = _ask([program, "image", "inspect", image])
        return Engine(program, str(server.get("Version", "")), image, not isinstance(inspected, str))
    return "; ".join(problems) or "neither docker nor podman is installed"


def _ask(command: Sequence[str]) -> subprocess.CompletedProcess[bytes] | str:
    """What the engine answers, or the last line of why it does not."""
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=ASK_S, check=False, stdin=subprocess.DEVNULL, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it does not answer ({error})"
    if done.returncode == 0:
        return done
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return said[-1] if said else f"exit status {done.returncode}"


def _short(found: Engine) -> str:
    return f"{os.path.basename(found.program)} {found.version}".strip()


def _engine_environment() -> dict[str, str]:
    """What tells the engine's command where its engine is; nothing of it reaches the container."""
    names = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "CONTAINER_HOST", "XDG_RUNTIME_DIR", "HOME", "PATH")
    return {name: os.environ[name] for name in names if name in os.environ}


BACKEND = Docker()
