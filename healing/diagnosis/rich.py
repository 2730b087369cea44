"""The boxes that rich draws around tracebacks, as programs made with typer and others show them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..fault import Fault, Frame
from ..toolchain import Toolchain, last_of
from ..tracebacks import CHAIN, category_of, plain

_START = re.compile(r"^[╭┌+][─-]+ .*Traceback \(most recent call last\).*[╮┐+]$")
_END = re.compile(r"^[╰└+][─-]+[╯┘+]$")
_CALL = re.compile(r"^(?P<path>\S.*?):(?P<line>\d+) in (?P<function>.*)$")
_SOURCE = re.compile(r"^[❱>] +(?P<line>\d+) (?P<text>.*)$")
_COMPILED = re.compile(r"^ ?(?P<path>\S.*):(?P<line>\d+)$")
_EXCEPTION = re.compile(r"^(?P<type>[^\W\d][\w.]*)(?:: ?(?P<message>.*))?$")


def every(stdout: str, stderr: str, command: Sequence[str]) -> Iterator[Fault]:
    """Each box with its exception, chained ones folded into the last."""
    for text in dict.fromkeys((stdout, stderr)):
        if "Traceback (most recent call last)" in text and ("╭" in text or "┌" in text):
            yield from _read(plain(text).split("\n"))


def _read(lines: Sequence[str]) -> Iterator[Fault]:
    frames: list[Frame] = []
    started, cut, cause = False, "", None
    for number, line in enumerate(lines):
        if _START.match(line):
            frames, started, cut = [], True, ""
            continue
        if not started:
            continue
        if line[:1] in "│|" and line[-1:] in "│|" and len(line) > 2:
            inner = line[2:-1].rstrip()
            cut = _inside(inner, cut, frames)
            continue
        match = _EXCEPTION.match(line)
        if match and not _END.match(line):
            started = False
            fault = replace(_fault(match, frames, lines[number + 1 :]), cause=cause)
            following = next((each.strip() for each in lines[number + 1 :] if each.strip()), "")
            if following in CHAIN:
                cause = fault
            else:
                cause = None
                yield fault


def _inside(inner: str, cut: str, frames: list[Frame]) -> str:
    """Reads a line of the box into ``frames``; gives what may be the first half of a place that was wrapped."""
    if match := _CALL.match(cut + inner) or _CALL.match(inner):
        frames.append(Frame(match["path"], int(match["line"]) - 1, match["function"].strip()))
    elif frames and (match := _SOURCE.match(inner)) and int(match["line"]) - 1 == frames[-1].line:
        frames[-1] = replace(frames[-1], text=match["text"].replace("│", " ").strip())
    elif (match := _COMPILED.match(inner)) and "│" not in inner:
        frames.append(Frame(match["path"], int(match["line"]) - 1))
    elif inner and inner[0] not in " ❱>╭│╰┌└":
        return cut + inner
    return ""


def _fault(match: re.Match[str], frames: Sequence[Frame], following: Sequence[str]) -> Fault:
    said = [match["message"] or ""]
    for line in following:
        if not line.strip() or line.strip() in CHAIN:
            break
        said.append(line.rstrip())
    last = frames[-1] if frames else Frame("", -1)
    message = "\n".join(said).strip()
    return Fault(
        category_of(match["type"], message),
        exception=match["type"],
        message=message,
        path=last.path,
        line=last.line,
        frames=tuple(frames),
    )


TOOLCHAIN = Toolchain("rich", last_of(every), priority=3, every=every)
