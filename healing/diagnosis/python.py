"""CPython's tracebacks and compile errors, and what it says without one: see :mod:`..tracebacks` for how they are read.

Of several tracebacks the last is the one that ended the program. What the interpreter says in one line (a module that
``-m`` does not find, a script that is not there) and what faulthandler dumps are faults too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from ..fault import Fault, Frame
from ..toolchain import Toolchain
from ..tracebacks import DATA, NAMES, SYNTAX, category_of, faults, plain, tracebacks

__all__ = ["DATA", "NAMES", "SYNTAX", "TOOLCHAIN", "category_of", "diagnose", "faults", "spoken"]

_NO_MODULE = re.compile(r"^\S*python[\w.]*(?:\.exe)?: No module named (?P<name>[\w.]+)(?P<rest>;.*)?$", re.MULTILINE)
_NO_PARENT = re.compile(
    r"^\S*python[\w.]*(?:\.exe)?: Error while finding module specification for .* \((?P<type>\w+): (?P<message>.*)\)$",
    re.MULTILINE,
)
_NO_SCRIPT = re.compile(
    r"^\S*python[\w.]*(?:\.exe)?: can't open file '?(?P<path>.*?)'?: \[Errno \d+\] (?P<why>.*)$", re.MULTILINE
)
_NOT_UTF8 = re.compile(
    r"^SyntaxError: (?P<message>Non-UTF-8 code .* in file (?P<path>.*) on line (?P<line>\d+),.*)$", re.MULTILINE
)
_JSON_TOOL = re.compile(
    r"^(?P<message>[A-Z][^:\n]*: line (?P<line>\d+) column (?P<column>\d+) \(char \d+\))$", re.MULTILINE
)
_FATAL = re.compile(r"^(?:Fatal Python error|Windows fatal exception): (?P<what>.*)$", re.MULTILINE)
_STUCK = re.compile(r"^Timeout \((?P<time>[\d:.]+)\)!$", re.MULTILINE)
_THREAD = re.compile(r"^(?:Current thread|Thread) 0x[0-9a-f]+ .*\(most recent call first\):$", re.MULTILINE)
_DUMPED = re.compile(r'^  File "(?P<path>.*)", line (?P<line>\d+) in (?P<function>.*)$')


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    """The fault of the last traceback on standard error, else on standard output (where test runners print)."""
    for text in (stderr, stdout):
        found = list(tracebacks(text))
        if found:
            return _with_script(found[-1][0], command)
        said = next(spoken(text), None) or _json_tool(text, command)
        if said is not None:
            return said
    return None


def _json_tool(text: str, command: Sequence[str]) -> Fault | None:
    """What ``python -m json.tool FILE`` says of a file that is no JSON."""
    match = _JSON_TOOL.search(text)
    if match is None or "json.tool" not in command:
        return None
    path = next((word for word in command[command.index("json.tool") + 1 :] if not word.startswith("-")), "")
    place = (int(match["line"]) - 1, int(match["column"]) - 1)
    return Fault("config", "python", "json.decoder.JSONDecodeError", match["message"], path, *place)


def spoken(text: str) -> Iterator[Fault]:
    """What the interpreter says without a traceback."""
    text = plain(text)
    for match in _NO_MODULE.finditer(text):
        yield Fault("name", exception="ModuleNotFoundError", message=f"No module named '{match[1]}'{match[2] or ''}")
    for match in _NO_PARENT.finditer(text):
        yield Fault(category_of(match[1]), exception=match[1], message=match[2])
    for match in _NO_SCRIPT.finditer(text):
        yield Fault("config", exception="FileNotFoundError", message=f"{match['why']}: {match['path']!r}")
    for match in _NOT_UTF8.finditer(text):
        line = int(match["line"]) - 1
        frame = Frame(match["path"], line)
        yield Fault("syntax", "python", "SyntaxError", match["message"], match["path"], line, frames=(frame,))
    for pattern in (_FATAL, _STUCK):
        for match in pattern.finditer(text):
            yield _dump(text, match)


def _dump(text: str, head: re.Match[str]) -> Fault:
    """What faulthandler wrote below ``head``: the calls of the thread that was running, innermost first."""
    thread = _THREAD.search(text, head.end())
    frames: list[Frame] = []
    for line in text[thread.end() + 1 :].split("\n") if thread else ():
        match = _DUMPED.match(line)
        if match is None:
            break
        frames.insert(0, Frame(match["path"], int(match["line"]) - 1, match["function"]))
    last = frames[-1] if frames else Frame("", -1)
    if head.re is _STUCK:
        message = f"still running after {head['time']}"
        return Fault("hang", message=message, path=last.path, line=last.line, frames=tuple(frames))
    return Fault("runtime", exception=head["what"].strip(), path=last.path, line=last.line, frames=tuple(frames))


def _with_script(fault: Fault, command: Sequence[str]) -> Fault:
    """An error in a replacement field has no file before 3.12; where nothing was imported it is the script's."""
    if fault.category != "syntax" or fault.path != "<fstring>" or len(fault.frames) > 1:
        return fault
    script = next((word for word in command[1:] if PurePath(word).suffix == ".py"), "")
    return replace(fault, path=script, line=-1, column=-1, end_column=-1, frames=()) if script else fault


def every(stdout: str, stderr: str, command: Sequence[str]) -> Iterator[Fault]:
    """Every traceback, the leaves of groups, and what the interpreter says without one."""
    texts = dict.fromkeys((stderr, stdout))
    for text in texts:
        yield from (_with_script(each, command) for each in faults(text))
        yield from spoken(text)
        if (refused := _json_tool(text, command)) is not None:
            yield refused


TOOLCHAIN = Toolchain("python", diagnose, every=every)
