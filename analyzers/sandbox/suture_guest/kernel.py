"""The few Linux system calls that the standard library does not offer on every supported Python.

Invariant: thin and typed; every failure is an ``OSError`` that names the call. It decides nothing. On systems without
``prctl`` and capabilities there is nothing to set, and nothing is done.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47

AT_FDCWD = -100
AT_EMPTY_PATH = 0x1000
AT_RECURSIVE = 0x8000
OPEN_TREE_CLONE = 1
OPEN_TREE_CLOEXEC = 0o2000000
MOVE_MOUNT_F_EMPTY_PATH = 4
MOUNT_ATTR_RDONLY = 0x1
MOUNT_ATTR_NOSUID = 0x2
MOUNT_ATTR_NODEV = 0x4
MOUNT_ATTR_IDMAP = 0x00100000

# The numbers of these three are the same on every architecture.
SYS_OPEN_TREE = 428
SYS_MOVE_MOUNT = 429
SYS_MOUNT_SETATTR = 442
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

LINUX = sys.platform.startswith("linux")
_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else os.fsencode(text)


def unshare(flags: int) -> None:
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    _check(
        _libc.mount(_bytes(source), _bytes(target), _bytes(kind), ctypes.c_ulong(flags), _bytes(data)),
        f"mount {kind or 'bind'} on {target}",
    )


def umount(target: str) -> None:
    _check(_libc.umount2(_bytes(target), ctypes.c_int(MNT_DETACH)), f"umount {target}")


def syscall(number: int, *arguments: Any) -> int:
    return int(_libc.syscall(ctypes.c_long(number), *arguments))


def pivot_root(new: str, old: str) -> None:
    number = SYS_PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError(38, f"pivot_root: unknown on {os.uname().machine}")
    _check(syscall(number, _bytes(new), _bytes(old)), "pivot_root")


def open_tree(path: str) -> int:
    """A detached, private copy of the mounts at and under ``path``, as a file descriptor."""
    flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE
    return _check(syscall(SYS_OPEN_TREE, ctypes.c_int(AT_FDCWD), _bytes(path), ctypes.c_uint(flags)), "open_tree")


def move_mount(tree: int, target: str) -> None:
    result = syscall(
        SYS_MOVE_MOUNT,
        ctypes.c_int(tree),
        b"",
        ctypes.c_int(AT_FDCWD),
        _bytes(target),
        ctypes.c_uint(MOVE_MOUNT_F_EMPTY_PATH),
    )
    _check(result, f"move_mount to {target}")


def mount_setattr(tree: int, path: str, attributes: int, namespace: int = 0) -> None:
    """Set attributes on a mount and everything under it. ``tree`` with an empty ``path``, or ``AT_FDCWD``."""
    record = struct.pack("=QQQQ", attributes, 0, 0, namespace)
    result = syscall(
        SYS_MOUNT_SETATTR,
        ctypes.c_int(tree),
        _bytes(path),
        ctypes.c_uint(AT_RECURSIVE | (0 if path else AT_EMPTY_PATH)),
        record,
        ctypes.c_size_t(len(record)),
    )
    _check(result, f"mount_setattr {path}")


def prctl(option: int, *arguments: int) -> None:
    if not LINUX:
        return
    padded = [ctypes.c_ulong(each) for each in (*arguments, 0, 0, 0, 0)[:4]]
    _check(_libc.prctl(ctypes.c_int(option), *padded), f"prctl {option}")


def prctl_pointer(option: int, argument: int, pointer: Any) -> None:
    _check(_libc.prctl(ctypes.c_int(option), ctypes.c_ulong(argument), pointer, 0, 0), f"prctl {option}")


def die_with_parent() -> None:
    prctl(PR_SET_PDEATHSIG, 9)


def set_capabilities(mask: int, inheritable: int = 0) -> None:
    """Make ``mask`` the effective and permitted capabilities of this process."""
    header = struct.pack("=Ii", 0x20080522, 0)
    low, high = 0xFFFFFFFF, mask >> 32
    data = struct.pack(
        "=IIIIII",
        mask & low,
        mask & low,
        inheritable & low,
        high,
        high,
        inheritable >> 32,
    )
    _check(_libc.capset(header, data), "capset")


def last_capability() -> int:
    try:
        with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return 40


def drop_capabilities() -> None:
    """Give up every capability for good; with ``no_new_privs`` none comes back, whatever is executed."""
    if not LINUX:
        return
    last = last_capability()
    for each in range(last + 1):
        try:
            prctl(PR_CAPBSET_DROP, each)
        except OSError:
            break  # without CAP_SETPCAP; no_new_privs and empty sets below are what counts
    with contextlib.suppress(OSError):  # ambient capabilities are newer than the oldest user namespaces
        prctl(PR_CAP_AMBIENT, 4)
    set_capabilities(0)


def keep_capabilities_over_exec() -> None:
    """Make all capabilities ambient, so that a user other than 0 keeps them when it executes a program."""
    mask = (1 << (last_capability() + 1)) - 1
    set_capabilities(mask, mask)
    for each in range(last_capability() + 1):
        prctl(PR_CAP_AMBIENT, 2, each)
