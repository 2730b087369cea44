"""macOS: ``sandbox-exec`` with a profile made from the same layout as the other backends' walls.

A profile denies everything but what it allows: the system's libraries, the interpreters and Suture's source can be
read, one new folder can be written, there is no network. The workspace is cloned into that folder, because macOS has
no overlay. Untried on a real Mac: the profile and the command are tested as text.

Invariant: the profile begins with ``(deny default)``; a path enters it only as a quoted string.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from ..backend import Entrance, Guest
from ..interface import Limits
from ..layout import Layout
from . import hosted

PROGRAM = "/usr/bin/sandbox-exec"
HOLES = (
    "untried on a real Mac in this release: its profile and command are tested as text only",
    "a flaw in the macOS kernel or its sandbox: jobs run on the host, and sandbox-exec is marked deprecated by Apple",
    "names and sizes of files outside of home and workspace can be seen (their content cannot be read)",
    "processes are limited per user, not per job, and memory is counted by looking at the job's processes five times"
    " a second: a short burst can pass the limit",
    "a process that leaves the job's session twice between two looks can outlive it (still without network and files)",
    "the workspace is copied: a large one costs time with each job",
)
#: What every program needs to start, and no secret lies in.
SYSTEM_READ = (
    "/System",
    "/usr/lib",
    "/usr/bin",
    "/usr/sbin",
    "/usr/libexec",
    "/usr/share",
    "/bin",
    "/sbin",
    "/Library/Apple",
    "/Library/Frameworks",
    "/Library/Developer/CommandLineTools",
    "/private/var/db/dyld",
    "/private/var/db/timezone",
    "/private/etc/localtime",
    "/private/etc/ssl",
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/dtracehelper")
SYSCTL = ("hw.", "kern.os", "kern.version", "kern.hostname", "kern.argmax", "kern.maxfilesperproc", "vm.loadavg")


class SandboxExec:
    name = "sandbox-exec"
    holes: tuple[str, ...] = HOLES
    contains = True
    install_hint = ""

    def missing(self) -> str:
        if sys.platform != "darwin":
            return "macOS only"
        return "" if os.path.exists(PROGRAM) else f"{PROGRAM} is not there"

    def explain(self, said: str) -> tuple[str, str]:
        return "", ""

    def prepare(self, layout: Layout) -> Layout:
        return hosted.prepare(layout)

    def entrance(self, layout: Layout, guest: Guest, limits: Limits) -> Entrance:
        argv = (PROGRAM, "-p", profile(layout), *hosted.python_command(guest))
        return Entrance(argv, env=hosted.environment(layout), own=1)


def profile(layout: Layout) -> str:
    """The profile, in the sandbox's own Lisp; of two rules that fit, the last one counts."""
    read = [*SYSTEM_READ, *(each.source for each in layout.binds if each.source not in ("/usr", "/bin", "/sbin"))]
    read += [each.target for each in layout.binds if os.path.exists(each.target)]
    scratch = (layout.inside.root, layout.inside.tmp)
    home = os.path.realpath(os.path.expanduser("~"))
    shown = [each for each in read if each == home or each.startswith(home + "/")]
    lines = [
        "(version 1)",
        "(deny default)",
        "(allow process-fork)",
        "(allow process-exec)",
        "(allow signal (target same-sandbox))",
        "(allow process-info* (target same-sandbox))",
        f"(allow sysctl-read {' '.join(f'(sysctl-name-prefix {quoted(each)})' for each in SYSCTL)})",
        "(allow file-read-metadata)",
        f"(allow file-read* (literal {quoted('/')}) {_subpaths(read)} {_subpaths([layout.inside.folder])})",
        f"(allow file-map-executable {_subpaths(read)} {_subpaths([layout.inside.folder])})",
        f"(deny file-read* {_subpaths([home])})",
        f"(allow file-read* {_subpaths([*shown, layout.inside.folder])})",
        f"(deny process-exec (with no-log) {_literals(('/usr/bin/sudo', '/usr/bin/su', '/usr/bin/login'))})",
        f"(allow file-write* {_subpaths(scratch)})",
        f"(allow file-read* file-write-data file-ioctl {_literals(DEVICES)})",
        f"(deny file-write-setugid {_subpaths(scratch)})",
        "(deny network*)",
        "(deny mach-lookup)",
        "(deny mach-priv-task-port)",
        "(deny system-socket)",
        "(deny iokit-open)",
        "(deny ipc-posix-shm*)",
    ]
    hidden = [os.path.join(layout.root, name) for name in layout.hide]
    if hidden:  # a rule without a filter would hold for everything
        lines.append(f"(deny file-read* file-map-executable {_subpaths(hidden)})")
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A string of the profile's language: nothing in a path can end it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _subpaths(paths: Iterable[str]) -> str:
    return " ".join(f"(subpath {quoted(each)})" for each in dict.fromkeys(paths))


def _literals(paths: Iterable[str]) -> str:
    return " ".join(f"(literal {quoted(each)})" for each in paths)


BACKEND = SandboxExec()
