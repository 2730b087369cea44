"""Why Linux refuses to make the walls, and the one command that mends it, from what the failed trial said.

Invariant: it reads switches under ``/proc/sys`` and marks that containers leave, and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

#: Switches that close user namespaces to normal users, and their value that does.
CLONE = "kernel/unprivileged_userns_clone"
APPARMOR = "kernel/apparmor_restrict_unprivileged_userns"
MOST = "user/max_user_namespaces"

#: What a kernel, bubblewrap or Suture's own entrance says when a namespace or its mapping is refused.
_NO_NAMESPACE = re.compile(
    r"unshare: |No permissions to create a? ?new namespace|Creating new namespace failed|setting up uid map|"
    r"uid_map|Failed RTM_NEWADDR|loopback: ",
    re.IGNORECASE,
)
_NO_MOUNT = re.compile(
    r"mount .*(not permitted|denied)|Can't mount proc|pivot_root|open_tree|mount_setattr"
    r"|Failed to make / (slave|private)",
    re.IGNORECASE,
)
_NO_CALL = re.compile(r"Function not implemented|Invalid argument.*(mount_setattr|open_tree)|ENOSYS")


def switches() -> dict[str, str]:
    """The kernel's switches about user namespaces that exist here."""
    found: dict[str, str] = {}
    for name in (CLONE, APPARMOR, MOST):
        try:
            found[name] = (Path("/proc/sys") / name).read_text("ascii").strip()
        except (OSError, ValueError):
            continue  # this kernel does not have it
    return found


def surroundings(root: Path = Path("/")) -> str:
    """``gvisor``, ``container`` or nothing: what this machine is inside of."""
    try:
        version = (root / "proc/version").read_text("utf-8", "replace")
        log = (root / "proc/sys/kernel/osrelease").read_text("utf-8", "replace")
    except OSError:
        version = log = ""
    if "gvisor" in (version + log).lower() or (log.startswith("4.4.0") and "2016" in version):
        return "gvisor"  # its kernel calls itself "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016"
    if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists():
        return "container"
    try:
        groups = (root / "proc/1/cgroup").read_text("utf-8", "replace")
    except OSError:
        groups = ""
    return "container" if re.search(r"docker|kubepods|libpod|containerd|lxc", groups) else ""


def refusal(
    said: str, *, program: str, values: Mapping[str, str] | None = None, around: str | None = None
) -> tuple[str, str]:
    """(reason, mending command) for what a trial said; empty strings if it says nothing that is known.

    ``program`` is the one that makes the namespaces: an AppArmor profile is bound to its path."""
    about_namespaces = bool(_NO_NAMESPACE.search(said))
    if not about_namespaces and not _NO_MOUNT.search(said) and not _NO_CALL.search(said):
        return "", ""
    values = switches() if values is None else values
    around = surroundings() if around is None else around
    if around == "gvisor":
        return (
            "this is gVisor, whose kernel does not offer the mounts and namespaces that the walls are made of",
            "run Suture outside of gVisor, or start this container with another runtime: docker run --runtime runc …",
        )
    if values.get(CLONE) == "0":
        return "unprivileged user namespaces are switched off", f"sudo sysctl -w {CLONE.replace('/', '.')}=1"
    if values.get(MOST) == "0":
        return "user namespaces are limited to none", f"sudo sysctl -w {MOST.replace('/', '.')}=15000"
    if values.get(APPARMOR) not in (None, "0"):
        name = re.sub(r"\W+", "-", program.strip("/"))
        profile = f"abi <abi/4.0>, include <tunables/global> profile {name} {program} flags=(unconfined) {{ userns, }}"
        return (
            "AppArmor keeps unprivileged user namespaces to programs that have a profile (Ubuntu 24.04 and later)",
            f"echo '{profile}' | sudo tee /etc/apparmor.d/{name} && sudo apparmor_parser -r /etc/apparmor.d/{name}",
        )
    if around == "container":
        return (
            "this container may not make namespaces or mounts inside (its seccomp profile, or no CAP_SYS_ADMIN)",
            "start it with: docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined"
            " --security-opt systempaths=unconfined …",
        )
    if _NO_CALL.search(said):
        return "this kernel is too old for the mounts that the walls are made of", "apt-get install bubblewrap"
    return "", ""
