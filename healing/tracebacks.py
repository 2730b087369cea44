"""Reads tracebacks as CPython 3.8 to 3.14 print them: chained ones, exception groups, and those of worker processes.

An exception group is a tree. Its leaves are what went wrong, so they are the faults, with the group in a note; a group
whose leaves were never raised is the fault itself. What a worker process raised is printed twice, once as text within
a ``RemoteTraceback``: the fault is where the worker raised it. "Exception ignored in" blocks end no program and are
passed over.

Invariant: a pure function of the text; text that is no traceback gives nothing and is never an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .fault import Category, Fault, Frame

_FRAME = re.compile(r'^[\s>]*File "(?P<path>[^"]*)", line (?P<line>\d+)(?:, in (?P<function>.*))?$')
_EXCEPTION = re.compile(r"^(?P<type>[^\W\d][\w.<>]*)(?:: ?(?P<message>.*))?$")
_START = "Traceback (most recent call last):"
CHAIN = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
_MARK = re.compile(r"^[ \t]*[~^][~^ \t]*$")
_SORRY = re.compile(r"^Sorry: (?P<type>\w+): (?P<message>.*) \((?P<path>[^()]*), line (?P<line>\d+)\)$")
_GROUP = re.compile(r"^(?P<indent> *)\+ (?P<title>.*Traceback \(most recent call last\):)$")
_CHILDREN = re.compile(r"^\+-\+-{4,} (?:\d+|\.{3}) -{4,}$")
_CHILD = re.compile(r"^  \+-{4,} (?:\d+|\.{3}) -{4,}$")
_END = re.compile(r"^  \+-{20,}$")
_COLOURS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")

SYNTAX = frozenset({"SyntaxError", "IndentationError", "TabError"})
NAMES = frozenset({"NameError", "UnboundLocalError", "AttributeError", "ImportError", "ModuleNotFoundError"})
DATA = frozenset(
    {"JSONDecodeError", "TOMLDecodeError", "TomlDecodeError", "ParserError", "ScannerError", "ComposerError"}
    | {"ImproperlyConfigured", "SettingsError", "SchemaError"}
)
#: Modules whose exceptions speak of a data or settings file, or of a document that a schema refuses.
_DATA_MODULES = ("configparser.", "yaml.", "ruamel.yaml.", "tomlkit.exceptions.", "jsonschema.", "pydantic")
#: An attribute that OpenTelemetry's exporter cannot encode.
_NOT_ENCODED = re.compile(r"Invalid type <class '.*'> of value |.* has type \S+, but expected one of: ")


def category_of(exception: str, message: str = "") -> Category:
    """The contract's category of an exception's qualified name."""
    name = exception.rpartition(".")[2]
    if name in SYNTAX:
        return "syntax"
    if name in NAMES or exception == "_pytest.fixtures.FixtureLookupError":
        return "name"
    if name == "TypeError":
        return "type"
    if name == "AssertionError" or exception in ("Failed", "_pytest.outcomes.Failed"):
        return "test"
    if name in DATA or (exception.startswith(_DATA_MODULES) and name != exception):
        return "config"
    if exception == "Exception" and _NOT_ENCODED.match(message):
        return "config"
    return "runtime"


def plain(text: str) -> str:
    """The text without colours and carriage returns."""
    return _COLOURS.sub("", text).replace("\r\n", "\n")


def faults(text: str) -> Iterator[Fault]:
    """Every traceback or compile error in ``text``, in order; chained ones folded into the last, groups into
    their leaves."""
    for found in tracebacks(text):
        yield from found


def tracebacks(text: str) -> Iterator[tuple[Fault, ...]]:
    """The faults of each traceback in ``text``: one, or the leaves of a group."""
    yield from _read(plain(text).split("\n"))


def _read(lines: Sequence[str]) -> Iterator[tuple[Fault, ...]]:
    position, cause, ignored = 0, None, False
    while position < len(lines):
        line = lines[position]
        found: tuple[Fault, ...] = ()
        if line.startswith(("Exception ignored in", "Exception ignored while")):
            ignored = True
            position += 1
        elif match := _GROUP.match(line):
            found, position = _group(lines, position, len(match["indent"]))
        elif line.strip().endswith(_START) or (_FRAME.match(line) and not _is_example(lines, position)):
            start = position + (not _FRAME.match(line))
            fault, position = _one(lines, start)
            found = (fault,) if fault else ()
        else:
            if match := _SORRY.match(line):
                kind, message, path, row = match.groups()
                yield (Fault(category_of(kind), "python", kind, message, path, int(row) - 1),)
            position += 1
        if not found:
            continue
        if ignored:
            ignored = False
            continue
        chained = (_from_worker(_innermost(found[0], cause)), *found[1:]) if cause else found
        cause = None
        if _next_text(lines, position) in CHAIN:
            cause = chained[0]
        else:
            yield chained


def _innermost(fault: Fault, cause: Fault) -> Fault:
    """``cause`` at the end of the chain that the fault was raised from."""
    return replace(fault, cause=_innermost(fault.cause, cause) if fault.cause else cause)


def _from_worker(fault: Fault) -> Fault:
    """The same exception, printed by the worker process before: it was raised there."""
    cause = fault.cause
    if cause is None or "from a worker" not in cause.notes or cause.exception != fault.exception:
        return fault
    frames = (*fault.frames, *cause.frames)
    return replace(cause, frames=frames, notes=fault.notes, message=fault.message or cause.message)


def _is_example(lines: Sequence[str], position: int) -> bool:
    """Whether a ``File`` line is the head of a doctest's failure."""
    return lines[position + 1 : position + 2] == ["Failed example:"]


def _next_text(lines: Sequence[str], position: int) -> str:
    return next((line.strip() for line in lines[position:] if line.strip() not in ("", '"""')), "")


def _group(lines: Sequence[str], position: int, indent: int) -> tuple[tuple[Fault, ...], int]:
    """The leaves of the exception group that begins at ``position``, and the position behind it."""
    block = [lines[position][indent + 2 :]]
    position += 1
    while position < len(lines) and re.match(r"\s*[|+]", lines[position][indent:]):
        line = lines[position][indent:]
        block.append(line[2:] if line.startswith("|") else line)
        position += 1
    return tuple(_leaves(block)), position


def _leaves(block: Sequence[str]) -> Iterator[Fault]:
    """The leaves of a group, or of a member of one: a traceback, then perhaps members."""
    at = next((index for index, line in enumerate(block) if _CHILDREN.match(line)), len(block))
    own = _own(block[:at])
    if at == len(block):
        if own is not None:
            yield own
        return
    members: list[list[str]] = [[]]
    for line in block[at + 1 :]:
        if _END.match(line):
            break
        if _CHILD.match(line):
            members.append([])
        else:
            inner = line[2:]
            members[-1].append(inner[2:] if inner.startswith("|") else inner)
    found = [leaf for member in members for leaf in _leaves(member)]
    raised = [leaf for leaf in found if leaf.frames]
    if own is None or not own.exception:
        yield from raised
    elif not raised:
        yield own
    else:
        note = f"in {own.exception}: {own.message.partition(chr(10))[0]}"
        for leaf in raised:
            yield replace(leaf, frames=(*own.frames, *leaf.frames), notes=(*leaf.notes, note))


def _own(lines: Sequence[str]) -> Fault | None:
    """The fault that stands before the members of a group; without frames if it was never raised."""
    found = [fault for each in _read(lines) for fault in each]
    if found:
        return found[-1]
    text = [line for line in lines if line.strip()]
    match = _EXCEPTION.match(text[0]) if text else None
    if match is None:
        return None
    message = "\n".join([match["message"] or "", *text[1:]]).strip()
    return Fault(category_of(match["type"], message), exception=match["type"], message=message)


def _one(lines: Sequence[str], position: int) -> tuple[Fault | None, int]:
    """Reads frames from ``position`` on up to and including the exception line."""
    frames: list[Frame] = []
    base = len(lines[position]) - len(lines[position].lstrip()) if position < len(lines) else 0
    while position < len(lines):
        line = lines[position]
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
    if match is None:
        return None, position + (not _ends_message(lines[position]))
    position += 1
    message = [match["message"] or ""]
    while position < len(lines) and not _ends_message(lines[position]):
        if not lines[position].strip() and not _goes_on(lines[position + 1 : position + 2]):
            break
        message.append(lines[position])
        position += 1
    worker = position < len(lines) and lines[position].strip() == '"""'
    last = frames[-1]
    kind = match["type"].rpartition(".")[2]
    # A compile error's last "frame" is the place of the error, not a call: it has no function.
    calls = tuple(frames[:-1]) if kind in SYNTAX and not last.function else tuple(frames)
    return (
        Fault(
            category_of(match["type"], message[0]),
            exception=match["type"].removeprefix("builtins.").removeprefix("__main__."),
            message="\n".join(message).strip(),
            path=last.path,
            line=last.line,
            column=last.mark[0] if last.mark else -1,
            end_column=last.mark[1] if last.mark else -1,
            frames=(*calls, last) if kind in SYNTAX and calls and calls[-1] is not last else tuple(frames),
            notes=("from a worker",) if worker else (),
        ),
        position,
    )


def _goes_on(following: Sequence[str]) -> bool:
    """Whether a message goes on behind an empty line, as those of jsonschema do."""
    return bool(following) and following[0].startswith(("Failed validating ", "On instance"))


def _ends_message(line: str) -> bool:
    text = line.strip()
    return (
        text.endswith(_START)
        or text in CHAIN
        or text == '"""'
        or text.startswith(("====", "----", "****", "+-", "Exception ignored"))
    )


def _source(lines: Sequence[str], position: int) -> tuple[str, tuple[int, int] | None, int]:
    """The source text below a ``File`` line and the part of it marked by ``^`` and ``~``, relative to that text."""
    if position >= len(lines):
        return "", None, position
    line = lines[position]
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
