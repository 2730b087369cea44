"""pytest's own output, for logs that were made without Suture's report plug-in.

Reads the ``E   `` lines and the ``path:line: Exception`` line below them, for failures and collection errors.
Deliberately does not follow every traceback style: with the plug-in (see :mod:`..probe`) none of this is needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..fault import Fault, Frame
from ..toolchain import Toolchain
from .python import category_of, faults

_PLACE = re.compile(r"^(?P<path>[^\s:][^:\n]*):(?P<line>\d+): (?P<type>[A-Za-z_][\w.]*)$", re.MULTILINE)
_CALL = re.compile(r"^(?P<path>[^\s:][^:\n]*):(?P<line>\d+): *(?:in (?P<function>.*))?$", re.MULTILINE)
_SECTION = re.compile(r"^_{3,} (?P<name>.+?) _{3,}$", re.MULTILINE)
_SUMMARY = re.compile(r"^(?:FAILED|ERROR) (?P<id>\S+)(?: - (?P<rest>.*))?$", re.MULTILINE)
_SESSION = re.compile(
    r"^(?:=+ .*(?:passed|failed|error|no tests ran).* =+|\d+ (?:passed|failed|error).*)$", re.MULTILINE
)


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    if "usage: " in stderr and "error: " in stderr and any("pytest" in word for word in command):
        return Fault("config", exception="UsageError", message=stderr.partition("error: ")[2].strip().split("\n")[0])
    if not _SESSION.search(stdout) or not (_SUMMARY.search(stdout) or _SECTION.search(stdout)):
        return None
    tests = tuple(dict.fromkeys(match["id"] for match in _SUMMARY.finditer(stdout)))
    sections = list(_SECTION.finditer(stdout))
    for head, following in zip(sections, [*sections[1:], None], strict=True):
        block = stdout[head.end() : following.start() if following else len(stdout)]
        fault = _block(block)
        if fault is not None:
            return replace(fault, tests=tests)
    return Fault("test", message=f"{len(tests)} tests failed", tests=tests) if tests else None


def _block(block: str) -> Fault | None:
    errors = "\n".join(
        line[4:] if line.startswith("E   ") else line[1:] for line in block.split("\n") if line[:1] == "E"
    )
    compiled = [fault for fault in faults(errors) if fault.category == "syntax"]
    if compiled:
        return compiled[-1]
    message = [line[1:].strip() for line in block.split("\n") if line[:2] == "E "]
    place = list(_PLACE.finditer(block))
    if not message:
        return None
    head = re.match(r"^([A-Za-z_][\w.]*(?:Error|Exception|Warning|Interrupt|Exit|Failed))(?:: ?(.*))?$", message[0])
    exception = place[-1]["type"] if place else (head[1] if head else "AssertionError")
    said = (head[2] or "") if head else message[0]
    calls = [Frame(call["path"], int(call["line"]) - 1, call["function"] or "") for call in _CALL.finditer(block)]
    last = Frame(place[-1]["path"], int(place[-1]["line"]) - 1) if place else (calls[-1] if calls else Frame("", -1))
    frames = tuple(calls) if calls and calls[-1].line == last.line and calls[-1].path == last.path else (*calls, last)
    return Fault(
        category_of(exception),
        exception=exception,
        message="\n".join([said, *message[1:]]).strip(),
        path=last.path,
        line=last.line,
        frames=frames if last.path else (),
    )


TOOLCHAIN = Toolchain("pytest", diagnose, priority=20)
