"""Node's errors as versions 18 to 24 print them, and what test runners for JavaScript print in the same form.

An error is a headline (``TypeError [CODE]: message``) above its calls (``at f (file:///p/a.mjs:3:5)``); an uncaught one
has an excerpt with a caret above it, which is all that a compile error has. ``node --test`` is read from its TAP or its
``spec`` report, jest, vitest and mocha from their list of failures. Columns stay in UTF-16 units here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import unquote

from ..fault import Category, Fault, Frame
from ..toolchain import Toolchain
from . import node_tests

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_QUOTES = re.compile(r"Unexpected (?:token|string|number)\b.*, (?:\.\.\.)?\"")
_HEAD = re.compile(
    r"^(?P<indent>[ \t]*)(?:Uncaught )?(?P<type>[A-Z]\w*(?:Error|Exception|Rejection)|Error)(?: \[(?P<code>[\w.]+)\])?"
    r"(?:: (?P<message>.*))?$"
)
_REJECTED = re.compile(r"^\[UnhandledPromiseRejection: (?P<message>.*?)\](?: \{)?$")
_FRAME = re.compile(
    r"^\s*(?:at |\u276f )(?:async )?(?:(?P<function>[^()\s][^()]*?(?: \[as [^\]]+\])?) \(?)?"
    r"(?P<path>(?:file://)?(?:[A-Za-z]:)?[^\s():]+):(?P<line>\d+):(?P<column>\d+)\)?"
)
_CALL = re.compile(r"^\s*at ")
_PLACE = re.compile(r"^(?P<path>(?:file://)?(?:[A-Za-z]:)?/?[^\s:]*[^\s:]):(?P<line>\d+)$")
_CARET = re.compile(r"^[ \t]*\^+[ \t]*$")
_NOT_EXPORTED = re.compile(r"does not provide an export named|Named export '.*' not found")
_NO_MODULE = re.compile(
    r"Cannot find (?:module|package) '(?P<what>[^']*)'(?: imported from (?P<importer>.+?))?$", re.MULTILINE
)
_ATTRIBUTE = re.compile(r'Module "(?P<path>[^"]+)" needs an import (?:attribute|assertion)')
_JSON_FILE = re.compile(r"^(?P<path>\S+\.json): ")
_TYPESCRIPT = frozenset({".ts", ".tsx", ".mts", ".cts"})
_SUFFIXES = _TYPESCRIPT | {".js", ".jsx", ".mjs", ".cjs", ".json"}


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    """The fault that ended the program; under a test runner, the first failing test's."""
    test = node_tests.failure(_plain(stdout)) or node_tests.failure(_plain(stderr))
    if test is not None:
        found = list(faults(test.text))
        others = tuple(each for each in test.failed if each != test.name)
        if found:
            return replace(found[0], tests=(test.name, *others))
        frame = (Frame(test.path, test.line),) if test.path else ()
        fault = Fault("test", "javascript", "AssertionError", test.message, test.path, test.line, frames=frame)
        return replace(fault, tests=(test.name, *others))
    for text in (stderr, stdout):
        found = list(faults(text))
        if found:
            return found[-1]
    return None


def outcomes(stdout: str, stderr: str, command: Sequence[str]) -> Mapping[str, str]:
    return node_tests.outcomes(_plain(stdout)) or node_tests.outcomes(_plain(stderr))


def faults(text: str) -> Iterator[Fault]:
    """Every error in ``text`` that has a place in a file, in order; ``[cause]`` folded into what it caused."""
    lines = [line.removeprefix("# ") for line in _plain(text).split("\n")]
    position = 0
    place: tuple[str, int, int, int] | None = None
    while position < len(lines):
        found = _placed(lines, position)
        if found is not None:
            place, position = found
            continue
        match = _HEAD.match(lines[position]) or _REJECTED.match(lines[position])
        if match is None:
            position += 1
            continue
        fault, position = _one(lines, position, match, place)
        if fault is not None:
            place = None
            yield fault


def _plain(text: str) -> str:
    return _COLOUR.sub("", text).replace("\r\n", "\n")


def _path(text: str) -> str:
    return unquote(text.removeprefix("file://")) if text.startswith("file://") else text


def _placed(lines: Sequence[str], position: int) -> tuple[tuple[str, int, int, int], int] | None:
    """``path:line``, the line, its caret: the place, and where the excerpt ends."""
    match = _PLACE.match(lines[position])
    if match is None or position + 1 >= len(lines):
        return None
    path, line = _path(match["path"]), int(match["line"]) - 1
    for after in (2, 3):
        if position + after < len(lines) and _CARET.match(lines[position + after]):
            marks = lines[position + after].rstrip()
            start = len(marks) - len(marks.lstrip())
            return (path, line, start, len(marks)), position + after + 1
    if PurePosixPath(path).suffix in _SUFFIXES:
        return (path, line, -1, -1), position + 1
    return None


def _one(
    lines: Sequence[str], position: int, match: re.Match[str], place: tuple[str, int, int, int] | None
) -> tuple[Fault | None, int]:
    groups = match.groupdict()
    kind, code = groups.get("type") or "UnhandledPromiseRejection", groups.get("code") or ""
    message = [groups.get("message") or ""]
    position += 1
    start = position
    while position < len(lines) and not _FRAME.match(lines[position]) and not _CALL.match(lines[position]):
        if position - start > 60 or _HEAD.match(lines[position]) or _placed(lines, position):
            break
        if lines[position].startswith("Node.js v") or (lines[position].startswith("}") and not _is_quoting(message)):
            break
        message.append(lines[position])
        position += 1
    frames: list[Frame] = []
    cause: Fault | None = None
    while position < len(lines):
        frame = _FRAME.match(lines[position])
        if frame is not None:
            path, column = _path(frame["path"]), int(frame["column"]) - 1
            if not path.startswith(("node:", "internal/")) and "<" not in path:
                name = (frame["function"] or "").strip()
                frames.append(Frame(path, int(frame["line"]) - 1, name, mark=(column, -1)))
        elif lines[position].strip().startswith("[cause]: "):
            inner = lines[position].strip().removeprefix("[cause]: ")
            head = _HEAD.match(inner)
            if head is not None:
                cause, position = _one(lines, position, head, None)
                continue
        elif re.match(r"^\s*(?:\{\s*)?code: '\w+'", lines[position]):
            code = code or lines[position].split("'")[1]
        elif not _CALL.match(lines[position]) and not re.match(r"^\s+\S|^\}", lines[position]):
            break
        position += 1
    return _fault(kind, code, message, tuple(reversed(frames)), place, cause), position


def _is_quoting(message: Sequence[str]) -> bool:
    """Whether a message is in the middle of the lines that V8 quotes of what is no JSON."""
    return bool(_QUOTES.match(message[0])) and "is not valid JSON" not in message[-1]


def _fault(
    kind: str,
    code: str,
    message: list[str],
    frames: tuple[Frame, ...],
    place: tuple[str, int, int, int] | None,
    cause: Fault | None,
) -> Fault | None:
    text = "\n".join(line.rstrip() for line in message).strip()
    if place is not None and place[0].startswith("<"):
        place = None  # a text that no file holds, as JSON.parse's
    path, line, column, end = place or ("", -1, -1, -1)
    if path.startswith("node:") or (kind == "SyntaxError" and frames and place is None):
        path, line, column, end = "", -1, -1, -1
    if frames and frames[-1].path == path and frames[-1].line == line:
        # The excerpt's caret spans what the call's column only begins.
        frames = (*frames[:-1], replace(frames[-1], mark=(column, end)))
    elif kind == "SyntaxError" and path:
        frames = ()
    importer = _NO_MODULE.search(text)
    if importer is not None and importer["importer"]:
        path, line, column, end = _path(importer["importer"]), -1, -1, -1
    elif importer is not None and not frames and (stack := re.search(r"Require stack:\n- (.+)", text)):
        path, line, column, end = stack[1].strip(), -1, -1, -1
    elif needs := _ATTRIBUTE.search(text):
        path, line, column, end = _path(needs["path"]), 0, -1, -1
    elif (broken := _JSON_FILE.match(text)) and kind == "SyntaxError":
        path, line, column, end, frames = _path(broken["path"]), 0, -1, -1, ()
    elif not path and frames:
        last = frames[-1]
        path, line, column = last.path, last.line, (last.mark or (-1, -1))[0]
    if not path and not frames and not code and kind != "UnhandledPromiseRejection":
        return None
    language = "typescript" if PurePosixPath(path).suffix in _TYPESCRIPT else "javascript"
    return Fault(
        _category(kind, code, text, path),
        language=language,
        exception=kind,
        message=text,
        path=path,
        line=line,
        column=column,
        end_column=end,
        frames=frames,
        cause=cause,
        code=code,
    )


def _category(kind: str, code: str, message: str, path: str) -> Category:
    if code in {"ERR_ASSERTION", "ERR_TEST_FAILURE"} or kind in {"AssertionError", "JestAssertionError"}:
        return "test"
    if missing := _NO_MODULE.search(message):
        what = missing["what"]
        return "name" if what.startswith((".", "/", "file:", "#", "node:")) else "dependency"
    if path.endswith(".json") and kind == "SyntaxError":
        return "config"
    if _NOT_EXPORTED.search(message) or kind == "ReferenceError":
        return "name"
    if kind == "SyntaxError":
        return "runtime" if "in JSON" in message or "is not valid JSON" in message else "syntax"
    return "type" if kind == "TypeError" else "runtime"


TOOLCHAIN = Toolchain("node", diagnose, priority=5, outcomes=outcomes)
