"""The view of a workspace where nothing can be laid over it: a copy, made by cloning where the file system can.

Invariant: the workspace is only read. Links stay links, special files are left out.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

MOST = 1 << 30  # bytes that a copied view may hold
FICLONE = 0x40049409  # Linux: share the blocks of another file (btrfs, XFS)


def build(config: Mapping[str, Any]) -> str:
    """Empty ``root`` and ``scratch`` and copy ``source`` to ``root``, without ``hide``; the kind of view: ``copy``.

    ``binds``: what of the workspace is shown read-only anyway (an environment in it) and not worth a copy; it is
    linked, unless it is there already."""
    root, source = str(config["root"]), str(config["source"])
    for folder in (root, *config["scratch"]):
        empty(folder, frozenset(config["binds"]))
    shown = [each for each in config["binds"] if each.startswith((root + "/", source + "/"))]
    names = [os.path.relpath(each, root if each.startswith(root + "/") else source) for each in shown]
    copy(source, root, [*config["hide"], *names])
    for target, name in zip(shown, names, strict=True):
        place = os.path.join(root, name)
        if not os.path.lexists(place):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.symlink(target, place)
    return "copy"


def empty(folder: str, keep: frozenset[str] = frozenset()) -> None:
    """Remove what is in ``folder``, however the last job left it; ``keep`` names mounts that stay."""
    import shutil

    def again(function: Callable[..., Any], path: str, _: object) -> None:
        for each in (os.path.dirname(path), path):
            with contextlib.suppress(OSError):
                if not os.path.islink(each):
                    os.chmod(each, 0o700)
        if function in (os.rmdir, os.unlink, os.remove):
            with contextlib.suppress(OSError):
                function(path)
        else:
            shutil.rmtree(path, ignore_errors=True)

    with os.scandir(folder) as entries:
        found = list(entries)
    for entry in found:
        if any(each == entry.path or each.startswith(entry.path + "/") for each in keep):
            if entry.path not in keep and entry.is_dir(follow_symlinks=False):
                empty(entry.path, keep)
        elif entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, onerror=again)
        else:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(entry.path)


def copy(source: str, root: str, hide: list[str]) -> None:
    """Copy ``source`` into the folder ``root``. Raises OSError (ENOSPC) where it holds more than :data:`MOST`."""
    import shutil

    hidden = {os.path.normpath(os.path.join(source, name)) for name in hide}
    left = MOST
    clone = _cloner()

    def unwanted(folder: str, names: list[str]) -> set[str]:
        nonlocal left
        left_out: set[str] = set()
        for name in names:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            mode = info.st_mode
            regular = stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)
            if path in hidden or name == "__pycache__" or not regular or not _readable(path, mode):
                left_out.add(name)
            elif stat.S_ISREG(mode):
                left -= info.st_size
        if left < 0:
            raise OSError(errno.ENOSPC, f"the workspace holds more than {MOST >> 20} MB, which is too much to copy")
        return left_out

    # The folder itself may belong to somebody else (the container's engine), who keeps its mode and times.
    names = os.listdir(source)
    for name in sorted(set(names) - unwanted(source, names)):
        path, target = os.path.join(source, name), os.path.join(root, name)
        if os.path.islink(path):
            os.symlink(os.readlink(path), target)
        elif os.path.isdir(path):
            shutil.copytree(path, target, symlinks=True, ignore=unwanted, copy_function=clone, dirs_exist_ok=True)
        else:
            clone(path, target)


def _readable(path: str, mode: int) -> bool:
    needed = os.R_OK | os.X_OK if stat.S_ISDIR(mode) else os.R_OK
    return stat.S_ISLNK(mode) or os.access(path, needed)


def _cloner() -> Callable[[str, str], object]:
    """A function that copies one file with its mode and times, sharing its blocks where the file system can."""
    import shutil

    if sys.platform == "darwin":
        clonefile = ctypes.CDLL(None, use_errno=True).clonefile

        def clone(source: str, target: str) -> object:
            if clonefile(os.fsencode(source), os.fsencode(target), 0) == 0:
                return target
            return shutil.copy2(source, target)

        return clone

    import fcntl

    works = True

    def share(source: str, target: str) -> object:
        nonlocal works
        if works:
            with open(source, "rb") as old, open(target, "wb") as new:
                try:
                    fcntl.ioctl(new.fileno(), FICLONE, old.fileno())
                except OSError:
                    works = False
                else:
                    shutil.copystat(source, target)
                    return target
        return shutil.copy2(source, target)

    return share
