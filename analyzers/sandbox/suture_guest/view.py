"""What the job sees as its workspace: the real one below, read-only, and a scratch layer above.

Built anew for every job in a mount namespace of its own, so that nothing of a job is left when it ends. An overlay
where the kernel allows it, a copy otherwise; both forget everything.

Invariant: the real workspace is only ever mounted read-only.
"""

from __future__ import annotations

import os
import stat

from . import copied, kernel
from .places import LOWER, SCRATCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def build(config: Mapping[str, Any]) -> str:
    """Mount the scratch folders and the workspace; the kind of view that was made: ``overlay`` or ``copy``.

    ``config``: ``root``; ``hide`` (relative names that the job must not see), ``scratch_mb``, ``binds`` (read-only
    targets that the fresh ``/tmp`` would cover), ``copy`` (true: do not try an overlay), ``kind``: ``mounted``, or
    ``copied`` where nothing can be mounted (see :mod:`.copied`)."""
    if config.get("kind") == "copied":
        return copied.build(config)
    root = str(config["root"])
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC)
    covered = {
        target: (kernel.open_tree(target), os.path.isdir(target))
        for target in config["binds"]
        if _under(target, "/tmp") or _under(target, "/dev/shm")
    }
    options = f"mode=0755,size={int(config['scratch_mb'])}m,nr_inodes=50k"
    kernel.mount("suture", SCRATCH, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, options)
    for name, mode in (("up", 0o755), ("work", 0o755), ("tmp", 0o1777), ("shm", 0o1777)):
        os.mkdir(f"{SCRATCH}/{name}")
        os.chmod(f"{SCRATCH}/{name}", mode)
    kernel.mount(f"{SCRATCH}/tmp", "/tmp", None, kernel.MS_BIND)
    if os.path.isdir("/dev/shm"):
        kernel.mount(f"{SCRATCH}/shm", "/dev/shm", None, kernel.MS_BIND)
    for target, (tree, folder) in sorted(covered.items()):
        _mount_point(target, folder)
        kernel.move_mount(tree, target)
        os.close(tree)
    _mount_point(root, True)
    kind = "copy" if config.get("copy") else _overlay(root, config["hide"])
    if kind == "copy":
        kernel.mount(
            "suture", root, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, f"mode=0755,size={copied.MOST >> 20}m"
        )
        copied.copy(LOWER, root, config["hide"])
    for private in (LOWER, SCRATCH):
        kernel.mount("suture", private, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_RDONLY, "mode=0755")
    return kind


def put(root: str, name: str, content: bytes) -> None:
    """Lay one file over the view. An executable file stays executable; a link out of the view becomes a file."""
    path = os.path.join(root, name)
    base = os.path.realpath(root)
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    if not _under(os.path.realpath(folder), base):
        raise OSError(f"{name} is behind a link that leads out of the workspace")
    if os.path.islink(path) and not _under(os.path.realpath(path), base):
        os.unlink(path)
    with open(path, "wb") as file:
        file.write(content)


def keep(root: str, names: list[str], limit: int) -> dict[str, bytes]:
    """The content of those of the named files that exist, are regular, inside the view and no larger than allowed."""
    found: dict[str, bytes] = {}
    base = os.path.realpath(root)
    for name in names:
        path = os.path.realpath(os.path.join(root, name))
        if not _under(path, base):
            continue
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue  # it does not exist, or the job made it unreadable: it is not returned
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode) or info.st_size > limit:
            os.close(descriptor)
            continue
        with os.fdopen(descriptor, "rb") as file:
            found[name] = file.read(limit)
    return found


def _under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _mount_point(path: str, folder: bool) -> None:
    if os.path.lexists(path):
        return
    os.makedirs(path if folder else os.path.dirname(path), exist_ok=True)
    if not folder:
        with open(path, "wb"):
            return


def _overlay(root: str, hide: list[str]) -> str:
    upper, work = f"{SCRATCH}/up", f"{SCRATCH}/work"
    os.chmod(upper, stat.S_IMODE(os.stat(LOWER).st_mode) | 0o700)
    for name in hide:
        path = os.path.join(upper, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        try:
            os.mknod(path, stat.S_IFCHR, os.makedev(0, 0))
        except OSError:
            return "copy"  # no whiteout, no hiding: a kernel before 5.8
    data = f"lowerdir={LOWER},upperdir={upper},workdir={work}"
    for options in (data + ",userxattr", data):
        try:
            kernel.mount("suture", root, "overlay", kernel.MS_NOSUID | kernel.MS_NODEV, options)
        except OSError:
            continue
        return "overlay"
    return "copy"
