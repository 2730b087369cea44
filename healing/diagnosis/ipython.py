"""IPython's and Jupyter's tracebacks, versions 7 to 9: coloured context, plain, and of cells.

A cell is no file: a fault in one has no place in the workspace, unless a call that it made has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..fault import Fault, Frame
from ..toolchain import Toolchain, last_of
from ..tracebacks import CHAIN, SYNTAX, category_of, plain

_HEAD = re.compile(r"^(?:In \[\d+\]: )?(?P<type>[^\W\d][\w.]*) {2,}Traceback \(most recent call last\)$")
_PLAIN = re.compile(r"^(?:In \[\d+\]: *)?Traceback \(most recent call last\):$")
_FILE = re.compile(r"^\s*File (?P<path>[^\"<\s].*?):(?P<line>\d+)(?:,? in (?P<function>.*))?$")
_OLD = re.compile(r"^(?P<path>[~./\w\\:-][^\s]*\.py) in (?P<function>\S.*)$")
_CELL = re.compile(r"^\s*(?:In \[\d+\]: *)?(?P<cell>(?:Cell |Input )In ?\[\d+\]|<ipython-input-[^>]*>|File <[^>]*>)(?:,? (?:line (?P<line>\d+)|in\b.*).*|:(?P<row>\d+).*)?$")  # fmt: skip  # noqa: E501
_QUOTED = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.*))?$')
_ARROW = re.compile(r"^-+> ?(?P<line>\d+)(?: (?P<text>.*))?$")
_EXCEPTION = re.compile(r"^(?P<type>[^\W\d][\w.]*)(?:: ?(?P<message>.*))?$")
_MARK = re.compile(r"^\s*\^+\s*$")


def every(stdout: str, stderr: str, command: Sequence[str]) -> Iterator[Fault]:
    """Each traceback, chained ones folded into the last."""
    for text in dict.fromkeys((stdout, stderr)):
        if re.search(r"Traceback \(most recent call last\)|(?:Cell|Input) In ?\[|^  File \S+:\d+$", text, re.MULTILINE):
            yield from _read(plain(text).split("\n"))


def _read(lines: Sequence[str]) -> Iterator[Fault]:
    frames: list[Frame] = []
    kind, ours, cause = "", False, None
    for number, line in enumerate(lines):
        if match := _HEAD.match(line):
            frames, kind, ours = [], match["type"], True
        elif _PLAIN.match(line):
            frames, kind, ours = [], "", False
        elif match := _FILE.match(line) or _OLD.match(line):
            row = match.groupdict().get("line")
            frames.append(_frame(match["path"], int(row) - 1 if row else -1, match["function"] or "", lines, number))
            ours = True
        elif match := _CELL.match(line):
            row = match["line"] or match["row"]
            frames.append(_frame(f"<{match['cell']}>", int(row) - 1 if row else -1, "", lines, number))
            ours = True
        elif ours and (match := _QUOTED.match(line)):
            frames.append(_frame(match["path"], int(match["line"]) - 1, match["function"] or "", lines, number))
        elif frames and (match := _ARROW.match(line)):
            frames[-1] = replace(frames[-1], line=int(match["line"]) - 1, text=(match["text"] or "").strip())
        elif ours and frames and (match := _EXCEPTION.match(line)) and _ends(match, kind):
            fault = replace(_fault(match, frames, lines[number + 1 :]), cause=cause)
            following = next((each.strip() for each in lines[number + 1 :] if each.strip()), "")
            if following in CHAIN:
                cause = fault
            else:
                cause = None
                yield fault
            frames, kind, ours = [], "", False


def _ends(match: re.Match[str], kind: str) -> bool:
    name = match["type"].rpartition(".")[2]
    if kind:
        return name == kind.rpartition(".")[2]
    return name[:1].isupper() and (bool(match["message"]) or name.endswith(("Error", "Exception", "Interrupt")))


def _frame(path: str, line: int, function: str, lines: Sequence[str], number: int) -> Frame:
    """A call, with its source where it is printed right below (not after an arrow)."""
    below = lines[number + 1] if number + 1 < len(lines) else ""
    if not below.startswith("    ") or _ARROW.match(below):
        return Frame(path, line, function)
    marks = lines[number + 2] if number + 2 < len(lines) else ""
    indent = len(below) - len(below.lstrip())
    mark = (len(marks) - len(marks.lstrip()) - indent, len(marks.rstrip()) - indent) if _MARK.match(marks) else None
    return Frame(path, line, function, below.strip(), mark if mark and mark[0] >= 0 else None)


def _fault(match: re.Match[str], frames: Sequence[Frame], following: Sequence[str]) -> Fault:
    said = [match["message"] or ""]
    for line in following:
        if not line.strip() or line.startswith("In ["):
            break
        said.append(line.rstrip())
    exception, last = match["type"], frames[-1]
    column, end = last.mark or (-1, -1)
    compiled = exception in SYNTAX
    return Fault(
        category_of(exception),
        exception=exception,
        message="\n".join(said).strip(),
        path=last.path,
        line=last.line,
        column=column if compiled else -1,
        end_column=end if compiled else -1,
        frames=tuple(frames),
    )


TOOLCHAIN = Toolchain("ipython", last_of(every), priority=2, every=every)
