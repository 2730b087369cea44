"""pytest's own output, for text that was made without Suture's report plug-in (with it, see :mod:`..probe`).

Every style of traceback is read: ``long`` and ``short`` by their ``E   `` lines and the ``path:line:`` lines beside
them, ``native`` and exception groups as Python's tracebacks, ``line`` and ``no`` from what little they print. Errors of
collection, of fixtures and of ``conftest.py``, doctests, and what pytest says of its own options are faults too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from ..fault import Fault, Frame
from ..toolchain import Toolchain
from ..tracebacks import CHAIN, category_of, faults, plain

_SESSION = re.compile(
    r"^(?:=+ .*(?:passed|failed|error|no tests ran).* =+|\d+ (?:passed|failed|error).*)$", re.MULTILINE
)
_PART = re.compile(r"^={4,} (?P<name>.*?) ={4,}$", re.MULTILINE)
_SECTION = re.compile(r"^_{3,} (?P<name>.+?) _{3,}$", re.MULTILINE)
_CAPTURED = re.compile(r"^-{3,} Captured .* -{3,}$", re.MULTILINE)
_SUMMARY = re.compile(r"^(?:FAILED|ERROR) (?P<id>(?:[^\s:]|:(?!\s))+.*?)(?: - (?P<rest>.*))?$", re.MULTILINE)
_PLACE = re.compile(
    r"^(?P<path>[^\s:](?:[^:\n]|:(?=\\))*):(?P<line>\d+): ?(?:in (?P<function>.*)|(?P<type>[^\W\d][\w.]*))?$"
)
_LINE = re.compile(r"^(?P<path>[^\s:](?:[^:\n]|:(?=\\))*):(?P<line>\d+): (?P<said>.*)$", re.MULTILINE)
_HEAD = re.compile(r"^(?P<type>[^\W\d][\w.]*)(?:: ?(?P<message>.*))?$")
_FIXTURE = re.compile(
    r"^file (?P<path>.*), line (?P<line>\d+)\n(?P<source>.*)\nE +(?P<said>fixture '.*' not found)$", re.MULTILINE
)
_CONFTEST = re.compile(r"^ImportError while loading conftest '.*'\.$", re.MULTILINE)
_DOCTEST = re.compile(r"^(?P<path>[^\s:].*):(?P<line>\d+): DocTestFailure$", re.MULTILINE)
_REFUSED = re.compile(
    r"^ERROR: (?P<said>(?:file or directory )?not found: .*|usage: .*|.*unrecognized arguments.*)$", re.MULTILINE
)
_KIND = re.compile(r"(?:Error|Exception|Warning|Interrupt|Exit|Failed|Skipped|Group)$")


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    """The first failure, with the ids of all failing tests, its own first."""
    return next(every(stdout, stderr, command), None)


def every(stdout: str, stderr: str, command: Sequence[str]) -> Iterator[Fault]:
    """A fault for each failure, in the order of the output."""
    out, err = plain(stdout), plain(stderr)
    said = next((text for text in (err, out) if (match := _CONFTEST.search(text)) and match), "")
    if said:
        fault = _styled(said[said.index("ImportError while loading conftest") :])
        if fault is not None:
            yield fault
            return
    refused = _refusal(out, err, command)
    if refused is not None:
        yield refused
        return
    if not _SESSION.search(out):
        return
    summary = {match["id"]: match["rest"] or "" for match in _SUMMARY.finditer(out)}
    found = False
    for name, block in _blocks(out):
        fault = _block(block)
        if fault is not None:
            found = True
            yield replace(fault, tests=_first(_ids(name, summary), summary))
    for fault in () if found else _terse(out, summary):
        found = True
        yield fault
    if summary and not found:
        yield Fault("test", message=f"{len(summary)} tests failed", tests=tuple(summary))


def _refusal(out: str, err: str, command: Sequence[str]) -> Fault | None:
    """What pytest says of its command line or settings."""
    if "usage: " in err and "error: " in err and (any("pytest" in word for word in command) or "pytest" in err):
        return Fault("config", exception="UsageError", message=err.partition("error: ")[2].strip().split("\n")[0])
    for text in (err, out):
        match = _REFUSED.search(text)
        if match:
            return Fault("config", exception="UsageError", message=match["said"])
    return None


def _blocks(out: str) -> Iterator[tuple[str, str]]:
    """The name and the text of each failure of the parts ERRORS and FAILURES, without what was captured."""
    parts = list(_PART.finditer(out))
    for part, following in zip_longest(parts, parts[1:]):
        if part["name"] not in ("ERRORS", "FAILURES"):
            continue
        text = out[part.end() : following.start() if following else len(out)]
        sections = list(_SECTION.finditer(text))
        for head, beyond in zip_longest(sections, sections[1:]):
            block = text[head.end() : beyond.start() if beyond else len(text)]
            yield head["name"], _CAPTURED.split(block)[0]


def _ids(name: str, summary: dict[str, str]) -> list[str]:
    """The ids of the summary that a section's title stands for."""
    name = re.sub(r"^ERROR (?:collecting|at (?:setup|teardown) of) |^\[doctest\] ", "", name)
    dotted = name.replace(".", "::")
    return [ident for ident in summary if ident == name or ident.endswith((f"::{name}", f"::{dotted}"))]


def _first(chosen: Sequence[str], summary: dict[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*chosen, *summary)))


def _terse(out: str, summary: dict[str, str]) -> Iterator[Fault]:
    """``--tb=line`` and ``--tb=no``: a line for each failure, or the summary alone."""
    parts = list(_PART.finditer(out))
    for part, following in zip_longest(parts, parts[1:]):
        if part["name"] not in ("ERRORS", "FAILURES"):
            continue
        text = out[part.end() : following.start() if following else len(out)]
        for match in _LINE.finditer(text):
            ids = [ident for ident, rest in summary.items() if rest and match["said"].startswith(rest.rstrip("."))]
            place = Frame(match["path"], int(match["line"]) - 1)
            yield replace(_said(match["said"], (place,)), tests=_first(ids[:1], summary))
    if any(part["name"] in ("ERRORS", "FAILURES") for part in parts):
        return
    for ident, rest in summary.items():
        if rest:
            yield replace(_said(rest, ()), tests=_first([ident], summary))


def _said(text: str, frames: tuple[Frame, ...]) -> Fault:
    """A fault from its exception and message on one line; a bare assertion names no exception."""
    match = _HEAD.match(text)
    if match is None or not _KIND.search(match["type"]):
        return _fault("AssertionError", text, frames)
    return _fault(match["type"], match["message"] or "", frames)


def _fault(exception: str, message: str, frames: tuple[Frame, ...], cause: Fault | None = None) -> Fault:
    path, line = (frames[-1].path, frames[-1].line) if frames else ("", -1)
    category = "test" if exception.rpartition(".")[2] == "Failed" else category_of(exception, message)
    return Fault(category, "python", exception, message.strip(), path, line, frames=frames, cause=cause)


def _block(block: str) -> Fault | None:
    """The fault of one failure, in whatever style."""
    if match := _FIXTURE.search(block):
        frame = Frame(match["path"], int(match["line"]) - 1, "", match["source"].strip())
        return replace(_fault("FixtureLookupError", match["said"], (frame,)), category="name")
    if match := _DOCTEST.search(block):
        frame = Frame(match["path"], int(match["line"]) - 1)
        wanted = " ".join(block[max(block.find("\nExpected"), 0) : match.start()].split())
        return _fault("AssertionError", wanted, (frame,))
    if not re.search(r"^E ", block, re.MULTILINE) or "Exception Group Traceback" in block:
        return next(faults(block), None)
    return _styled(block)


def _styled(block: str) -> Fault | None:
    """The styles ``long`` and ``short``; chained exceptions are separated as Python separates them."""
    errors = "\n".join(
        line[4:] if line.startswith("E   ") else line[1:] for line in block.split("\n") if line[:1] == "E"
    )
    compiled = [fault for fault in faults(errors) if fault.category == "syntax"]
    if compiled:
        return compiled[-1]
    links: list[list[str]] = [[]]
    for line in block.split("\n"):
        if line.strip() in CHAIN:
            links.append([])
        else:
            links[-1].append(line)
    fault: Fault | None = None
    for link in links:
        fault = _link(link, fault) or fault
    return fault


def _link(lines: Sequence[str], cause: Fault | None) -> Fault | None:
    frames: list[Frame] = []
    message: list[str] = []
    kind, source = "", ""
    for number, line in enumerate(lines):
        if line[:2] in ("E ", "E"):
            message.append(line[1:].removeprefix("   ").rstrip())
        elif line.startswith(">"):
            source = line[1:].strip()
        elif match := _PLACE.match(line):
            text, mark = source, None
            if match["function"] is not None:
                text, mark = _below(lines, number)
            frames.append(Frame(match["path"], int(match["line"]) - 1, match["function"] or "", text, mark))
            kind, source = match["type"] or kind, ""
    if not message:
        return None
    words = [each.strip() for each in message]
    head = _HEAD.match(words[0])
    named = head is not None and (_KIND.search(head["type"]) or head["type"].rpartition(".")[2] == kind)
    exception = head["type"] if head and named else kind or "AssertionError"
    said = (head["message"] or "") if head and named else words[0]
    return _fault(exception, "\n".join([said, *words[1:]]), tuple(frames), cause)


def _below(lines: Sequence[str], number: int) -> tuple[str, tuple[int, int] | None]:
    """The source line below a ``path:line: in function`` line, and the part of it that is marked."""
    line = lines[number + 1] if number + 1 < len(lines) else ""
    if not line.startswith("    "):
        return "", None
    marks = lines[number + 2] if number + 2 < len(lines) else ""
    if not re.fullmatch(r"\s*[~^]+[~^ ]*", marks):
        return line.strip(), None
    indent = len(line) - len(line.lstrip())
    return line.strip(), (len(marks) - len(marks.lstrip()) - indent, len(marks.rstrip()) - indent)


TOOLCHAIN = Toolchain("pytest", diagnose, priority=20, every=every)
