"""mypy: its errors as text (plain, with columns, ``--pretty``) and as JSON (``-O json``).

The first error is the fault, the others are its ``others``. What Python itself would say at run time is said in its
words, so that the repairs for it apply; mypy's own words are a note.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from ..fault import Category, Fault
from ..toolchain import Toolchain
from ..tracebacks import plain

_ERROR = re.compile(
    r"^(?P<path>(?:[A-Za-z]:)?[^:\n]+\.pyi?):(?P<line>\d+)(?::(?P<column>\d+)(?::\d+:(?P<end>\d+))?)?: error: "
    r"(?P<said>.*)$"
)
_CODE = re.compile(r"^(?P<said>.*?)(?: {1,2}|^)\[(?P<code>[a-z][a-z-]*)\]$")
_NAMES = frozenset({"name-defined", "attr-defined", "used-before-def", "possibly-undefined"})
_WORDS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r'^Name "(.+?)" is not defined'), "NameError", "name '{0}' is not defined"),
    (re.compile(r'^Module "(.+?)" has no attribute "(.+?)"'), "ImportError", "cannot import name '{1}' from '{0}'"),
    (re.compile(r'^"(?:type\[)?(.+?)\]?" has no attribute "(.+?)"'), "AttributeError", "'{0}' object has no attribute '{1}'"),  # noqa: E501
    (re.compile(r'^Cannot find implementation or .* module named "(.+?)"'), "ModuleNotFoundError", "No module named '{0}'"),  # noqa: E501
)  # fmt: skip


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    """The first error, the others with it."""
    first, *others = [*every(stdout, stderr, command)] or [None]
    return replace(first, others=tuple(each for each in others if each)) if first else None


def every(stdout: str, stderr: str, command: Sequence[str]) -> Iterator[Fault]:
    """Each error, in order."""
    lines = plain(stdout).split("\n")
    for number, line in enumerate(lines):
        if line.startswith('{"file": '):
            yield from _record(line)
            continue
        match = _ERROR.match(line)
        if match is None:
            continue
        said, code = _message(lines, number, match["said"])
        column = int(match["column"]) - 1 if match["column"] else -1
        end = int(match["end"]) if match["end"] else -1
        yield fault_of(said, code, match["path"], int(match["line"]) - 1, column, end)


def _record(line: str) -> Iterator[Fault]:
    try:
        value: object = json.loads(line)
    except ValueError:
        return
    if isinstance(value, dict) and "severity" in value and "code" in value:
        each = cast(dict[str, Any], value)
        if each["severity"] == "error":
            yield fault_of(str(each["message"]), str(each["code"]), str(each["file"]), each["line"] - 1, each["column"])


def _message(lines: Sequence[str], number: int, said: str) -> tuple[str, str]:
    """A message and its code; ``--pretty`` wraps both."""
    text = said
    for following in (*lines[number + 1 : number + 4], ""):
        if match := _CODE.match(text):
            return match["said"].strip(), match["code"]
        if not following.strip() or following.startswith(" ") or _ERROR.match(following):
            break
        text = f"{text} {following.strip()}"
    return said, ""


def fault_of(said: str, code: str, path: str, line: int, column: int = -1, end: int = -1) -> Fault:
    """The fault of one error; ``line`` and ``column`` from 0."""
    category: Category = "syntax" if code == "syntax" else "name" if code in _NAMES else "type"
    exception, message = ("SyntaxError" if code == "syntax" else "TypeError"), said
    for pattern, kind, words in _WORDS:
        if match := pattern.match(said):
            category, exception, message = "name", kind, words.format(*match.groups())
            break
    notes = (f"mypy: {said}",) if message != said else ()
    return Fault(category, "python", exception, message, path, line, column, end, notes=notes, code=code)


TOOLCHAIN = Toolchain("mypy", diagnose, priority=15, every=every)
