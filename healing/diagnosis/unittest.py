"""The standard library's test runner: its first error or failure, with the ids of all that failed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..fault import Fault
from ..toolchain import Toolchain
from .python import faults

_HEAD = re.compile(r"^={20,}\n(?:ERROR|FAIL): (?P<test>.*)$", re.MULTILINE)


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    heads = list(_HEAD.finditer(stderr))
    if not heads:
        return None
    blocks = [
        (head["test"], stderr[head.end() : following.start() if following else len(stderr)])
        for head, following in zip(heads, [*heads[1:], None], strict=True)
    ]
    names = tuple(name for name, _ in blocks)
    for _, block in blocks:
        for fault in faults(block):
            return replace(fault, tests=names)
    return Fault("test", message=f"{len(names)} tests failed", tests=names)


TOOLCHAIN = Toolchain("unittest", diagnose, priority=10)
