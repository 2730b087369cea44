"""The TypeScript compiler's errors (``tsc`` 4 and 5, and what prints like it: ``ts-node``, ``ts-jest``, ``vue-tsc``).

Both shapes are read: ``a.ts(2,13): error TS2304: …`` (a pipe, ``--pretty false``) and ``a.ts:2:13 - error TS2304: …``
with an excerpt (a terminal, ``--pretty``). Columns stay in UTF-16 units here; :mod:`..locate` has the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from ..fault import Category, Fault
from ..toolchain import Toolchain

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ERROR = re.compile(
    r"^(?:(?P<path>(?:[A-Za-z]:)?[^\s(:][^(:]*)"
    r"(?:\((?P<line>\d+),(?P<column>\d+)\): |:(?P<line2>\d+):(?P<column2>\d+) - ))?"
    r"error TS(?P<code>\d+): (?P<message>.*)$"
)
_MARK = re.compile(r"^[ \t]*(~+)[ \t]*$")

#: Codes below 1200 that the checker gives, after parsing; and those above that the parser gives.
#: Source: diagnosticMessages.json and parser.ts of TypeScript 5.9.
_CHECKED = frozenset({1100, 1101, 1102, 1117, 1118, 1119, 1163, 1165, 1166, 1168, 1169, 1170, 1183, 1192, 1196})
_PARSED = frozenset(
    {1351, 1357, 1381, 1382, 1389, 1390, 1434, 1435, 1436, 1437, 1438, 1440, 1441, 1442, 1443, 1472, 1477, 1478}
    | {1499, 1501, 1502, 17002, 17004, 17006, 17007, 17008, 17012, 17014, 17015}
)

_JAVASCRIPT = frozenset({".js", ".jsx", ".mjs", ".cjs"})


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    """The first error, the further ones as its ``others``."""
    for text in (stdout, stderr):
        found = list(faults(text))
        if found:
            return replace(found[0], others=tuple(found[1:]))
    return None


def faults(text: str) -> Iterator[Fault]:
    """Every error in ``text``, in order, each once."""
    lines = [_COLOUR.sub("", line).rstrip("\r") for line in text.split("\n")]
    seen: set[tuple[object, ...]] = set()
    for position, line in enumerate(lines):
        match = _ERROR.match(line)
        if match is None:
            continue
        message = [match["message"]]
        end = position + 1
        while end < len(lines) and lines[end].startswith("  ") and not _excerpt(lines, end):
            message.append(lines[end].rstrip())
            end += 1
        path, code = match["path"] or "", int(match["code"])
        place = (int(match["line"] or match["line2"] or 0) - 1, int(match["column"] or match["column2"] or 0) - 1)
        key = (path, place, code, match["message"])
        if key in seen:
            continue
        seen.add(key)
        mark = _marked(lines, end)
        yield Fault(
            _category(path, code),
            language="javascript" if PurePosixPath(path).suffix in _JAVASCRIPT else "typescript",
            exception=f"TS{code}",
            message="\n".join(message),
            path=path,
            line=place[0],
            column=place[1],
            end_column=place[1] + mark if mark and place[1] >= 0 else -1,
            code=f"TS{code}",
        )


def _category(path: str, code: int) -> Category:
    if path.endswith(".json") or not path:
        return "config"
    if code in _PARSED or (code < 1200 and code not in _CHECKED):
        return "syntax"
    return "compile"


def _excerpt(lines: Sequence[str], position: int) -> bool:
    """Whether a related place or the excerpt's marks begin here, rather than another line of the message."""
    return bool(_MARK.match(lines[position]) or re.match(r"^  \S+:\d+:\d+$", lines[position]))


def _marked(lines: Sequence[str], position: int) -> int:
    """Width of the mark below the excerpt's first line; 0 if there is none."""
    for line in lines[position : position + 4]:
        if _ERROR.match(line):
            return 0
        if match := _MARK.match(line):
            return len(match[1])
    return 0


TOOLCHAIN = Toolchain("tsc", diagnose, priority=20)
