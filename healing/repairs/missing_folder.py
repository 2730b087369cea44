"""What it does
    Makes the folder of a file before the file is written there.

Example
    ``target.write_text(text)`` where the folder of ``target`` does not exist

Use instead
    ``target.parent.mkdir(parents=True, exist_ok=True)`` above it

When it stays silent
    The file is read, or what it is called is neither a name nor built from ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..imports import import_splice
from ..origins import Site, arguments_of, callee, field_of, mendable, statement
from ..repair import Context, Draft, Repair

_WRITES = frozenset({"write_text", "write_bytes", "touch"})
_MODE = re.compile(r"^['\"][^'\"]*[wax+][^'\"]*['\"]$")
#: Functions that write a file at their last argument.
_TARGETS = frozenset({"copy", "copyfile", "copy2", "move", "rename", "replace"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "FileNotFoundError":
        return
    for site in mendable(context)[:2]:
        for call in site.nodes("call"):
            path = _written(site, call)
            if path is not None:
                yield from _made(site, call, path, 0.05 * site.away)


def _written(site: Site, call: Node) -> tuple[Node, bool] | None:
    """What a call writes to, and whether it is known to be a path object; None if it only reads."""
    function, given = field_of(call, "function"), arguments_of(call)
    owner = field_of(function, "object") if function is not None else None
    name = callee(call)
    if name in _WRITES and owner is not None:
        return owner, True
    if name == "open":
        modes = [each for each in given if _MODE.match(site.code(field_of(each, "value") or each))]
        if modes and owner is not None and site.code(owner) not in {"io", "codecs", "gzip", "bz2", "lzma"}:
            return owner, True
        return (given[0], False) if modes and modes[0] != given[0] else None
    if name in _TARGETS and len(given) == 2 and owner is not None and site.code(owner) in {"shutil", "os"}:
        return given[1], False
    return None


def _made(site: Site, call: Node, written: tuple[Node, bool], malus: float) -> Iterator[Draft]:
    path, known = written
    text = site.code(path)
    if path.type in {"string", "keyword_argument"} or "\n" in text:
        return
    place = statement(call)
    start = site.span(place)[0]
    begin = site.text.rfind("\n", 0, start) + 1
    blank = site.text[begin:start]
    if blank.strip():
        return
    newline = "\r\n" if "\r\n" in site.text else "\n"
    plain = text if path.type in {"identifier", "attribute", "call", "parenthesized_expression"} else f"({text})"
    known = known or (site.kind(path) or "").endswith("Path")
    uses_path = re.search(r"^(?:from pathlib import [^\n]*\bPath\b)", site.text, re.MULTILINE) is not None
    if known or uses_path:
        owner = plain if known else f"Path({text})"
        line = f"{owner}.parent.mkdir(parents=True, exist_ok=True)"
        edits = [(start, start, f"{line}{newline}{blank}")]
    else:
        line = f'os.makedirs(os.path.dirname({text}) or ".", exist_ok=True)'  # a bare name has no folder
        edits = [(start, start, f"{line}{newline}{blank}")]
        if not re.search(r"^import os$", site.text, re.MULTILINE):
            edits.append(import_splice(site.text, "import os"))
    yield site.edit(f"Insert `{line}`", edits, 0.9 - malus)


REPAIR = Repair("missing-folder", "Make the folder that a file is written to", propose)
