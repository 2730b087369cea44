"""Faults in text that somebody pasted from anywhere: a terminal, a log, a mail, an issue, a chat.

First what is wrapped around the output is taken off: colours, code fences, quoting, an indentation that all lines
share, what a log puts before each line (time, host, level, container), the escapes of a JSON log. Then every toolchain
reads what is left, and each gives all the failures it sees.

Invariant: a pure function of the text; it reads no file and starts nothing. Text without an error gives nothing.
"""

from __future__ import annotations

import html
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import cast

from .fault import Fault
from .toolchain import Toolchain, toolchains
from .tracebacks import plain

_FENCE = re.compile(r"^\s*(?:```|~~~)[\w+-]*\s*$", re.MULTILINE)
_FRAME = re.compile(r'^(?P<before>.*?)(?P<pad> {2}|> )?File "[^"\n]+", line \d+')
_GROUP = re.compile(r"^(?P<before>.*?) *\+ Exception Group Traceback \(most recent call last\):$", re.MULTILINE)
_PRINTED = re.compile(r'\\n  File \\?"[^"]*", line \d+, in ')
#: What logs put before a line, and what people do when they quote: only at the start of a line, in any order.
_STAMP = re.compile(
    r"(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?\]? ?"  # ISO 8601, then levels, names
    r"(?:(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|\[[\w./:-]+\]|[-|:])(?: |$))*"
    r"|\w{3} +\d{1,2} \d\d:\d\d:\d\d \S+ [\w./-]+(?:\[\d+\])?: ?"  # syslog
    r"|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]? ?"
    r"|[\w.-]+(?:_|-)\d+ +\| ?|[\w.-]+ +\| (?=\S|  )"  # docker compose
    r"|(?:> ?)+)"
)


def faults_in(text: str, command: Sequence[str] = ()) -> tuple[Fault, ...]:
    """Every failure that a toolchain reads in ``text``, in the order of the text, each once. ``command`` is what
    printed it, where that is known. Paths are as they were printed: see :func:`.locate.locate`."""
    cleaned = clean(text)
    groups: list[list[Fault]] = []
    for toolchain in toolchains():
        mine = _once(_all(toolchain, cleaned, command))
        # A test runner's failures hold tracebacks, which are the same failures again.
        known = [each for group in groups for each in group]
        mine = [each for each in mine if not any(_same(each, other) for other in known)]
        if mine:
            groups.append(mine)
    groups.sort(key=lambda group: min(_position(cleaned, each) for each in group))
    return tuple(each for group in groups for each in group)


def _all(toolchain: Toolchain, text: str, command: Sequence[str]) -> Iterator[Fault]:
    if toolchain.every is not None:
        yield from toolchain.every(text, text, command)
        return
    fault = toolchain.diagnose(text, "", command) or toolchain.diagnose("", text, command)
    if fault is not None:
        yield replace(fault, others=())
        yield from fault.others


def _same(one: Fault, two: Fault) -> bool:
    """Whether both speak of one exception at one line, however much of its path was printed."""
    names = [each.path.replace("\\", "/").rpartition("/")[2] for each in (one, two)]
    return (names[0], one.line) == (names[1], two.line) and (
        one.exception.rpartition(".")[2] == two.exception.rpartition(".")[2]
    )


def _once(faults: Iterable[Fault]) -> list[Fault]:
    found: list[Fault] = []
    for each in faults:
        if not any(each.same_as(other) and each.tests[:1] == other.tests[:1] for other in found):
            found.append(each)
    return found


def _position(text: str, fault: Fault) -> int:
    """Where in the text a fault stands, by its place and then by its message."""
    said = fault.message.partition("\n")[0]
    for number in (f'"{fault.path}", line {fault.line + 1}', f"{fault.path}:{fault.line + 1}", said):
        if number and (at := text.find(number)) >= 0:
            return at
    return len(text)


def clean(text: str) -> str:
    """The text as a tool printed it, without what was put around it on the way here."""
    text = _unescaped(plain(text).expandtabs(8) if "\t" in text and 'File "' in text else plain(text))
    if "&quot;" in text or "&lt;" in text:
        text = html.unescape(text)
    text = _FENCE.sub("", text)
    lines = text.split("\n")
    for _ in range(3):
        stamped = _without_stamps(lines)
        if stamped == lines:
            break
        lines = stamped
    lines = _without_prefixes(lines)
    return textwrap.dedent("\n".join(lines))


def _unescaped(text: str) -> str:
    """JSON logs and printed strings: their tracebacks on lines of their own."""
    lines: list[str] = []
    for line in text.split("\n"):
        if "\\n" not in line or ("File " not in line and "Error" not in line):
            lines.append(line)
            continue
        try:
            value: object = json.loads(line)
        except ValueError:
            value = None
        texts = [each for each in _strings(value) if "\n" in each]
        if texts:
            lines += [part for each in texts for part in (*each.split("\n"), "")]
        elif "Traceback (most recent call last):\\n" in line or len(_PRINTED.findall(line)) > 1:
            opened = line.replace("\\\\", "\0").replace("\\n", "\n").replace('\\"', '"').replace("\\'", "'")
            lines += [
                part.rstrip("'\",}]") if part.endswith(("'", '"}', '",')) else part
                for part in opened.replace("\0", "\\").split("\n")
            ]
        else:
            lines.append(line)
    return "\n".join(lines)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in cast("dict[str, object]", value).values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in cast("list[object]", value):
            yield from _strings(each)


def _without_stamps(lines: list[str]) -> list[str]:
    """Without the mark of time, host or quote that nearly every line begins with; else as they are."""
    full = [line for line in lines if line.strip()]
    marked = sum(_STAMP.match(line) is not None for line in full)
    if not full or marked < 0.8 * len(full):
        return lines
    return [_STAMP.sub("", line, count=1) if _STAMP.match(line) else line for line in lines]


def _without_prefixes(lines: list[str]) -> list[str]:
    """Without what stands before the lines of tracebacks: the text before a ``File`` line, its numbers being free."""
    text = "\n".join(lines)
    shapes = {_shape(match["before"]) for match in _GROUP.finditer(text) if match["before"].strip()}
    grouped = "Exception Group Traceback" in text
    for line in lines:
        match = _FRAME.match(line)
        before = match["before"] if match else ""
        if (
            before.strip(" |+") not in ("", "E")
            and not (grouped and re.search(r"[|+] *$", before))
            and "File " not in before
        ):
            shapes.add(_shape(before))
    if not shapes:
        return lines
    one = re.compile("|".join(sorted(shapes, key=len, reverse=True)))
    blank = re.compile("|".join(f"(?:{shape.rstrip(' ').removesuffix(chr(92))})$" for shape in shapes))
    return [one.sub("", line, count=1) if one.match(line) else "" if blank.match(line) else line for line in lines]


def _shape(before: str) -> str:
    """A pattern for all prefixes that differ from this one in their numbers only."""
    return re.sub(r"[0-9a-f]{8,}|\d+", "[0-9a-f]+", re.escape(before).replace("\\ ", " "))
