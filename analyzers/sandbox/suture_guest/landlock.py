"""Landlock, a second wall in front of the first: the job may write only where it is meant to, signal only itself.

The mounts are read-only already; Landlock says it once more, by another part of the kernel. From ABI 6 (Linux 6.12) it
also keeps signals and abstract unix sockets among the job's own processes.

Invariant: nothing rests on it alone. Kernels without it, or with its first version (which forbids renaming between
folders), do without.
"""

from __future__ import annotations

import ctypes
import os
import struct

from . import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# The numbers of these three are the same on every architecture.
SYS_CREATE, SYS_ADD, SYS_RESTRICT = 444, 445, 446
VERSION = 1
WRITE_FILE, REMOVE_DIR, REMOVE_FILE = 1 << 1, 1 << 4, 1 << 5
MAKE = sum(1 << bit for bit in range(6, 13))
REFER, TRUNCATE = 1 << 13, 1 << 14
SCOPES = 3  # abstract unix sockets, signals
LEAST_ABI = 2


def abi() -> int:
    """The version of Landlock in this kernel, 0 without."""
    return max(0, kernel.syscall(SYS_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(VERSION)))


def restrict(folders: Iterable[str], files: Iterable[str]) -> bool:
    """Forbid this process, and all it starts, to change anything but below ``folders`` and in ``files``.

    False where the kernel cannot. ``no_new_privs`` must be set."""
    version = abi()
    if version < LEAST_ABI:
        return False
    handled = WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE | REFER | (TRUNCATE if version >= 3 else 0)
    record = struct.pack("=QQQ", handled, 0, SCOPES) if version >= 6 else struct.pack("=Q", handled)
    rules = kernel.syscall(SYS_CREATE, record, ctypes.c_size_t(len(record)), ctypes.c_uint(0))
    if rules < 0:
        return False
    try:
        for folder in folders:
            _allow(rules, folder, handled)
        for file in files:
            _allow(rules, file, handled & (WRITE_FILE | TRUNCATE))
        return kernel.syscall(SYS_RESTRICT, ctypes.c_int(rules), ctypes.c_uint(0)) == 0
    finally:
        os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no permission
    record = struct.pack("=Qi", rights, place)
    kernel.syscall(SYS_ADD, ctypes.c_int(rules), ctypes.c_int(1), record, ctypes.c_uint(0))
    os.close(place)
