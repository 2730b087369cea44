"""Where an import goes: into an existing ``from`` import, or after the imports of its group, or at the top.

The groups are isort's: ``__future__``, the standard library, packages, the project's own by relative names.

Works on the logical lines, so that it also works in a file that does not parse.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from .grammar import Splice
from .layout import Logical, logical_lines

_STANDARD = 1
_DOCSTRING = re.compile(r"(?i)[rbu]{0,2}['\"]")


def import_splice(text: str, statement: str) -> Splice:
    """The edit that adds ``import x`` or ``from x import y`` (one line, no newline) to a module's text."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = logical_lines(text)
    module, name = _from(statement)
    block: Logical | None = None
    first: Logical | None = None
    fits: Logical | None = None
    wanted = _group(module or statement.split()[1])
    for line in lines:
        if line.indent:
            continue
        head = line.tokens[0].text
        if head in {"from", "import"} and line.tokens[1:] and not any(token.text == ";" for token in line.tokens):
            if module and _module_of(line) == module and line.tokens[-1].text != "*":
                joined = _extend(line, name)
                if joined is not None:
                    return joined
            first = first or line
            block = line
            if _group(_module_of(line) or line.tokens[1].text) <= wanted:
                fits = line
        elif line.tokens[0].kind == "string" and line is lines[0]:
            continue
        elif block is not None or head in {"def", "class", "@", "async"}:
            break
    if block is not None and first is not None and wanted == _STANDARD and fits is not block:
        if fits is None:
            return (first.start, first.start, f"{statement}{newline}{newline}")
        if _is_future(fits):
            end = _line_end(text, fits.tokens[-1].end)
            return (end, end, f"{newline}{newline}{statement}")
        block = fits
    if block is not None:
        if _is_future(block) or module != "__future__":
            end = _line_end(text, block.tokens[-1].end)
            return (end, end, f"{newline}{statement}")
        return (block.start, block.start, f"{statement}{newline}")
    if lines and lines[0].tokens[0].kind == "string" and _DOCSTRING.match(lines[0].tokens[0].text):
        end = _line_end(text, lines[0].tokens[-1].end)
        return (end, end, f"{newline}{newline}{statement}")
    start = _past_comments(text)
    gap = newline if lines and lines[0].head in {"def", "class", "@"} else ""
    gap = newline * 2 if gap else ""
    following = text[start : start + 2]
    if following[:1] in ("\n", "\r"):
        gap = gap[len(newline) :]
    return (start, start, f"{statement}{newline}{gap}")


def with_import(text: str, edits: Sequence[Splice], statement: str) -> list[Splice]:
    """Edits of a module's text, with the one that adds ``from x import y`` unless something imports the name already
    or the statement is empty."""
    name = statement.rpartition(" ")[2]
    if statement and not re.search(rf"\bimport [^\n]*\b{name}\b", text):
        return [*edits, import_splice(text, statement)]
    return list(edits)


def _from(statement: str) -> tuple[str, str]:
    match = re.match(r"from (\S+) import (.+)$", statement)
    return (match[1], match[2]) if match else ("", "")


def _module_of(line: Logical) -> str:
    words = [token.text for token in line.tokens]
    if words[0] != "from" or "import" not in words:
        return ""
    return "".join(words[1 : words.index("import")])


def _group(module: str) -> int:
    top = module.partition(".")[0]
    if top == "__future__":
        return 0
    return 3 if not top else _STANDARD if top in sys.stdlib_module_names else 2


def _is_future(line: Logical) -> bool:
    return _module_of(line) == "__future__"


def _extend(line: Logical, name: str) -> Splice | None:
    """Adds a name to the end of an existing ``from`` import."""
    last = line.tokens[-1]
    if last.text == ")":
        before = line.tokens[-2]
        if before.text == ",":
            return (
                (before.end, before.end, f" {name},")
                if line.first == line.last
                else (before.start, before.start, f", {name}")
            )
        return (before.end, before.end, f", {name}")
    if last.kind == "name":
        return (last.end, last.end, f", {name}")
    return None


def _line_end(text: str, offset: int) -> int:
    match = re.compile(r"[\r\n]").search(text, offset)
    return match.start() if match else len(text)


def _past_comments(text: str) -> int:
    """Past the ``#!`` and encoding lines and a leading block of comments that a blank line ends."""
    position = 0
    pattern = re.compile(r"#[^\r\n]*(?:\r\n|\n|\r)")
    while match := pattern.match(text, position):
        position = match.end()
    return position
