"""A system-call filter for the job: no new namespaces, no mounts, no tracing, no kernel interfaces it does not need.

The namespaces contain the job without it; the filter closes what they leave open (namespaces inside namespaces, the
kernel keyring, resource limits of other processes, memory that no process maps and nobody would count) and keeps
rarely used kernel code out of reach.

Invariant: a denied call fails with EPERM (``clone3`` with ENOSYS, so that the C library falls back to ``clone``, whose
flags can be read). Unknown machines get no filter, and :func:`install` says so.
"""

from __future__ import annotations

import ctypes
import os
import struct

from . import kernel

EPERM, ENOSYS = 1, 38
ALLOW, DENY = 0x7FFF0000, 0x00050000
LOAD, EQUAL, ABOVE, SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NEW_NAMESPACES = 0x7E020000 | 0x00000080  # CLONE_NEW* and CLONE_NEWTIME

#: name -> number on (x86_64, aarch64)
DENIED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "pidfd_getfd": (438, 438),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "open_by_handle_at": (304, 265),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "clock_settime": (227, 112),
    "settimeofday": (164, 170),
    "adjtimex": (159, 171),
}
#: The first argument decides: namespaces for these two, another process for the third.
UNSHARE, CLONE, PRLIMIT, CLONE3 = (272, 97), (56, 220), (302, 261), (435, 435)
#: Socket families that a network namespace holds (unix, IPv4, IPv6, netlink). Others, such as the virtual machine's
#: ``AF_VSOCK`` or the kernel's cryptography, know no namespaces.
SOCKET, FAMILIES, EAFNOSUPPORT = (41, 198), (1, 2, 10, 16), 97
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def _instruction(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, true, false, value)


def program(machine: str) -> bytes | None:
    """The filter as classic BPF, or None where the numbers are not known."""
    if machine not in MACHINES:
        return None
    column, architecture = MACHINES[machine]
    deny = _instruction(RETURN, DENY | EPERM)
    parts = [
        _instruction(LOAD, 4),
        _instruction(EQUAL, architecture, 1, 0),
        deny,
        _instruction(LOAD, 0),
        _instruction(ABOVE, 0x40000000, 0, 1),  # the x32 calls of x86_64
        deny,
        _instruction(EQUAL, CLONE3[column], 0, 1),
        _instruction(RETURN, DENY | ENOSYS),
    ]
    for numbers in DENIED.values():
        parts += [_instruction(EQUAL, numbers[column], 0, 1), deny]
    for number in (UNSHARE[column], CLONE[column]):
        parts += [
            _instruction(EQUAL, number, 0, 4),
            _instruction(LOAD, 16),
            _instruction(SET, NEW_NAMESPACES & (0x7E020000 if number == CLONE[column] else 0xFFFFFFFF), 0, 1),
            deny,
            _instruction(RETURN, ALLOW),
        ]
    most = len(FAMILIES)
    parts += [_instruction(EQUAL, SOCKET[column], 0, most + 3), _instruction(LOAD, 16)]
    parts += [_instruction(EQUAL, family, most - index, 0) for index, family in enumerate(FAMILIES)]
    parts += [_instruction(RETURN, DENY | EAFNOSUPPORT), _instruction(RETURN, ALLOW)]
    parts += [
        _instruction(EQUAL, PRLIMIT[column], 0, 3),
        _instruction(LOAD, 16),
        _instruction(EQUAL, 0, 1, 0),
        deny,
        _instruction(RETURN, ALLOW),
    ]
    return b"".join(parts)


def install() -> bool:
    """Filter this process and all it starts. False where the machine is unknown or the kernel has no filters."""
    code = program(os.uname().machine)
    if code is None:
        return False
    buffer = ctypes.create_string_buffer(code, len(code))
    record = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    try:
        kernel.prctl_pointer(kernel.PR_SET_SECCOMP, 2, record)
    except OSError:
        return False
    return True
