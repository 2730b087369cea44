"""Tell a failure that the sandbox caused from one of the code under test.

Invariant: only errors that walls and limits are known to raise are called *environment*; anything else is the code's.
"""

from __future__ import annotations

import re

from .interface import Reason

_ENVIRONMENT = re.compile(
    r"Errno (30|101|113|97|28|27|24)\]|\b(EROFS|ENETUNREACH|EHOSTUNREACH|EAFNOSUPPORT|ENOSPC|EFBIG|EMFILE)\b"
    # without a privilege, or filtered; a normal user who owns every file seldom meets it otherwise
    r"|Errno 1\] Operation not permitted|\bEPERM\b"
    r"|Read-only file system|Network is unreachable|No space left on device|File too large"
    r"|Temporary failure in name resolution|Name or service not known"
    r"|BlockingIOError: \[Errno 11\]|can't start new thread|Resource temporarily unavailable"
)
_MEMORY = re.compile(
    r"^(MemoryError|numpy\.\S*ArrayMemoryError)\b|^fatal error: runtime: out of memory|heap out of memory"
)


def environment_error(line: str) -> Reason | None:
    """``environment`` or ``memory`` if this last line of a traceback is what a sandbox makes happen, else None.

    >>> environment_error("OSError: [Errno 30] Read-only file system: '/etc/x'")
    'environment'
    >>> environment_error("ValueError: 3") is None
    True
    """
    if _MEMORY.search(line):
        return "memory"
    return "environment" if _ENVIRONMENT.search(line) else None


def last_line(stderr: bytes) -> str:
    for line in reversed(stderr.splitlines()):
        if line.strip():
            return line.decode("utf-8", "replace")
    return ""
