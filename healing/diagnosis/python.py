"""CPython's tracebacks and compile errors, as versions 3.9 to 3.14 print them, chained ones and groups included.

The last traceback of the output is the one that ended the program; the exception that it was raised from, or during
the handling of, becomes its ``cause``. "Exception ignored in" blocks end no program and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..fault import Category, Fault, Frame
from ..toolchain import Toolchain

_FRAME = re.compile(r'^\s*File "(?P<path>[^"]*)", line (?P<line>\d+)(?:, in (?P<function>.*))?$')
_EXCEPTION = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?:: ?(?P<message>.*))?$")
_START = "Traceback (most recent call last):"
_CHAIN = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
_MARK = re.compile(r"^[ \t]*[~^][~^ \t]*$")
_GROUP = re.compile(r"^\s*(?:\+-+ \d+ -+|\| ?|\+ )")
_SORRY = re.compile(r"^Sorry: (?P<type>\w+): (?P<message>.*) \((?P<path>[^()]*), line (?P<line>\d+)\)$")

SYNTAX = frozenset({"SyntaxError", "IndentationError", "TabError"})
NAMES = frozenset({"NameError", "UnboundLocalError", "AttributeError", "ImportError", "ModuleNotFoundError"})
DATA = frozenset({"JSONDecodeError", "TOMLDecodeError", "ParserError", "ScannerError", "ComposerError"})


def category_of(exception: str, message: str = "") -> Category:
    """The contract's category of an exception's qualified name."""
    name = exception.rpartition(".")[2]
    if name in SYNTAX:
        return "syntax"
    if name in NAMES:
        return "name"
    if name == "TypeError":
        return "type"
    if name == "AssertionError":
        return "test"
    if name in DATA or exception.startswith("configparser."):
        return "config"
    return "runtime"


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    """The fault of the last traceback on standard error, else on standard output (where test runners print)."""
    for text in (stderr, stdout):
        found = list(faults(text))
        if found:
            return found[-1]
    return None


def faults(text: str) -> Iterator[Fault]:
    """Every traceback or compile error in ``text``, in order; chained ones folded into the last."""
    lines = [_GROUP.sub("", line) if line.lstrip()[:1] in ("|", "+") else line for line in text.split("\n")]
    position, cause, ignored = 0, None, False
    while position < len(lines):
        line = lines[position].rstrip("\r")
        if line.startswith(("Exception ignored in", "Exception ignored while")):
            ignored = True
        elif line.strip() in _CHAIN:
            pass
        elif line.strip().endswith(_START) or _FRAME.match(line):
            fault, position = _one(lines, position if _FRAME.match(line) else position + 1)
            if fault is None:
                continue
            if not ignored:
                following = _next_text(lines, position)
                fault = replace(fault, cause=cause)
                if following in _CHAIN:
                    cause = fault
                else:
                    cause = None
                    yield fault
            ignored = False
            continue
        elif match := _SORRY.match(line):
            yield Fault(
                category_of(match["type"]),
                exception=match["type"],
                message=match["message"],
                path=match["path"],
                line=int(match["line"]) - 1,
            )
        position += 1


def _next_text(lines: Sequence[str], position: int) -> str:
    return next((line.strip() for line in lines[position:] if line.strip()), "")


def _one(lines: Sequence[str], position: int) -> tuple[Fault | None, int]:
    """Reads frames from ``position`` on up to and including the exception line."""
    frames: list[Frame] = []
    base = len(lines[position]) - len(lines[position].lstrip()) if position < len(lines) else 0
    while position < len(lines):
        line = lines[position].rstrip("\r")
        match = _FRAME.match(line)
        if match:
            position += 1
            text, mark, position = _source(lines, position)
            frames.append(Frame(match["path"], int(match["line"]) - 1, match["function"] or "", text, mark))
            continue
        indent = len(line) - len(line.lstrip())
        if line.strip() and indent < max(base, 1):
            break
        position += 1
    if position >= len(lines) or not frames:
        return None, max(position, 1)
    match = _EXCEPTION.match(lines[position].strip())
    position += 1
    if match is None:
        return None, position
    message = [match["message"] or ""]
    while position < len(lines) and lines[position].strip() and not _ends_message(lines[position]):
        message.append(lines[position].rstrip("\r"))
        position += 1
    last = frames[-1]
    kind = match["type"].rpartition(".")[2]
    # A compile error's last "frame" is the place of the error, not a call: it has no function.
    calls = tuple(frames[:-1]) if kind in SYNTAX and not last.function else tuple(frames)
    return (
        Fault(
            category_of(match["type"], message[0]),
            exception=match["type"].removeprefix("builtins."),
            message="\n".join(message).strip(),
            path=last.path,
            line=last.line,
            column=last.mark[0] if last.mark else -1,
            end_column=last.mark[1] if last.mark else -1,
            frames=(*calls, last) if kind in SYNTAX and calls and calls[-1] is not last else tuple(frames),
        ),
        position,
    )


def _ends_message(line: str) -> bool:
    return (
        line.strip().endswith(_START)
        or line.strip() in _CHAIN
        or line.strip().startswith(("====", "----", "+-", "Exception ignored"))
    )


def _source(lines: Sequence[str], position: int) -> tuple[str, tuple[int, int] | None, int]:
    """The source text below a ``File`` line and the part of it marked by ``^`` and ``~``, relative to that text."""
    if position >= len(lines):
        return "", None, position
    line = lines[position].rstrip("\r")
    indent = len(line) - len(line.lstrip())
    if not line.strip() or indent == 0 or _FRAME.match(line):
        return "", None, position
    text = line.strip()
    position += 1
    if position < len(lines) and _MARK.match(lines[position]) and "^" in lines[position]:
        marks = lines[position].rstrip()
        start = len(marks) - len(marks.lstrip())
        # In `~~~^^^` the carets mark the operator, in `^^^` the whole: the marked range is all of it either way.
        return text, (max(start - indent, 0), max(len(marks) - indent, 0)), position + 1
    if position < len(lines) and _MARK.match(lines[position]) and "~" in lines[position]:
        position += 1
    return text, None, position


TOOLCHAIN = Toolchain("python", diagnose)
