"""What OpenTelemetry says of attributes whose type its schema does not take: warnings, which end no program.

Read only in text that holds no other fault, since a program goes on after them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..fault import Fault
from ..toolchain import Toolchain
from ..tracebacks import plain

_TYPE = re.compile(
    r"(?:Invalid type \S.*? (?:for attribute .*value|in attribute .*value sequence)\. |Attribute \S+ mixes types ).*$",
    re.MULTILINE,
)


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    """The first attribute that was not taken."""
    return next(every(stdout, stderr, command), None)


def every(stdout: str, stderr: str, command: Sequence[str]) -> Iterator[Fault]:
    """Each attribute that was not taken."""
    for text in dict.fromkeys((stderr, stdout)):
        if "Traceback" in text:
            continue
        for match in _TYPE.finditer(plain(text)):
            yield Fault("config", exception="InvalidAttribute", message=match[0])


TOOLCHAIN = Toolchain("telemetry", diagnose, priority=-10, every=every)
