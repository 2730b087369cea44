"""What the walls and limits make fail is called by its name, and never a bug of the code under test."""

from __future__ import annotations

from typing import Any

import pytest

from suture.analyzers.sandbox import environment_error


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("OSError: [Errno 30] Read-only file system: '/usr/x'", "environment"),
        ("OSError: [Errno 101] Network is unreachable", "environment"),
        ("OSError: [Errno 113] No route to host", "environment"),
        ("OSError: [Errno 97] Address family not supported by protocol", "environment"),
        ("socket.gaierror: [Errno -3] Temporary failure in name resolution", "environment"),
        ("socket.gaierror: [Errno -2] Name or service not known", "environment"),
        ("OSError: [Errno 28] No space left on device: '/tmp/a'", "environment"),
        ("OSError: [Errno 27] File too large", "environment"),
        ("OSError: [Errno 24] Too many open files: 'a'", "environment"),
        ("BlockingIOError: [Errno 11] Resource temporarily unavailable", "environment"),
        ("RuntimeError: can't start new thread", "environment"),
        ("PermissionError: [Errno 1] Operation not permitted", "environment"),
        ("Error: EPERM: operation not permitted, chown '/usr/x'", "environment"),
        ("MemoryError", "memory"),
        ("numpy._core._exceptions._ArrayMemoryError: Unable to allocate 8.00 GiB", "memory"),
        ("fatal error: runtime: out of memory", "memory"),
        ("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "memory"),
        ("Error: EROFS: read-only file system, open '/usr/x'", "environment"),
        ("Error: connect ENETUNREACH 192.0.2.1:80", "environment"),
    ],
)
def test_a_wall_is_recognised(line: str, reason: str) -> None:
    assert environment_error(line) == reason


@pytest.mark.parametrize(
    "line",
    [
        "ValueError: 3",
        "FileNotFoundError: [Errno 2] No such file or directory: 'x'",
        "PermissionError: [Errno 13] Permission denied: 'x'",
        "OSError: [Errno 22] Invalid argument",
        "KeyError: 'MemoryError'",
        "AssertionError: expected 28",
        "ConnectionRefusedError: [Errno 111] Connection refused",
        "ParseError: MemoryError is not a name",
    ],
)
def test_an_error_of_the_code_is_its_own(line: str) -> None:
    assert environment_error(line) is None


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tmp_path_factory.mktemp("classify")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("open('/usr/x', 'w')", "environment"),
        ("import socket; socket.create_connection(('192.0.2.1', 80))", "environment"),
        ("import socket; socket.getaddrinfo('example.org', 80)", "environment"),
        ("import socket; socket.socket(40, 1)", "environment"),
        ("import os; os.unshare(0x10000000) if hasattr(os, 'unshare') else os.chroot('/tmp')", "environment"),
        ("import os; os.memfd_create('x')", "environment"),
        ("open('/tmp/a', 'wb').write(bytes(100 << 20))", "environment"),
        ("for n in range(9): open(f'/tmp/{n}', 'wb').write(bytes(15 << 20))", "environment"),
        ("held = [open('/dev/null') for _ in range(999)]", "environment"),
        ("import os\nwhile os.fork(): pass\nelse: os._exit(0) if os.getpid() % 999 else 0", "environment"),
        ("x = bytearray(2 << 30)", "memory"),
        ("raise ValueError('its own')", "exit"),
        ("open('no such file')", "exit"),
    ],
)
def test_the_real_failure_inside_gets_its_label(call: Any, code: str, reason: str) -> None:
    result = call(code)
    assert result.reason == reason, result
    assert result.value is None
