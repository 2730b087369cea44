"""The standard library's test runner: its errors and failures, subtests and loaders' errors among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from ..fault import Fault
from ..toolchain import Toolchain
from ..tracebacks import faults, plain

_HEAD = re.compile(r"^={20,}\n(?:ERROR|FAIL): (?P<test>.*)$", re.MULTILINE)


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    """The first failure, with the names of all failing tests, its own first."""
    return next(every(stdout, stderr, command), None)


def every(stdout: str, stderr: str, command: Sequence[str]) -> Iterator[Fault]:
    """A fault for each failing test or subtest, in the order of the output."""
    text = plain(stderr if _HEAD.search(plain(stderr)) else stdout)
    heads = list(_HEAD.finditer(text))
    names = tuple(head["test"] for head in heads)
    found = False
    for head, following in zip_longest(heads, heads[1:]):
        fault = next(faults(text[head.end() : following.start() if following else len(text)]), None)
        if fault is not None:
            found = True
            yield replace(fault, tests=tuple(dict.fromkeys((head["test"], *names))))
    if names and not found:
        yield Fault("test", message=f"{len(names)} tests failed", tests=names)


TOOLCHAIN = Toolchain("unittest", diagnose, priority=10, every=every)
