"""Reads and writes case archives: a sentence, files with markers in their comments, goldens.

A case is text::

    A misspelt name is offered its correction.

    -- main.py --
    import json
    jsn.loads("1")  #@ diag("jsn", "undefined name"), action("jsn", "Replace with json", result="healed")
    -- @healed --
    import json
    json.loads("1")

``-- PATH attribute… --`` starts a file, ``-- @NAME [PATH] --`` a golden (what a file is after a step), ``-- setup --``
the session's settings in TOML. Markers (``#@ verb(…), …`` up to the end of the line) are taken out of the text before
anything sees it, so they cannot disturb what they describe; a line that holds nothing else belongs to the line above.

Invariant: writing an archive that was read gives the same bytes.
"""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

VERBS = ("diag", "action", "noaction", "lens", "command", "complete", "hover", "edit", "type")

#: What may stand after a path in a header.
ATTRIBUTES = ("crlf", "bom", "no-eol", "closed", "latin-1")

_HEADER = re.compile(r"^-- (?P<name>\S+)(?P<rest>(?: \S+)*) --$")
_MARKER = re.compile(r"[ \t]*#@ (?P<markers>[^\n]*)$")


class CaseError(Exception):
    """The case itself is badly written: not a fault of the server."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place by text: ``how`` is exact | rest | before | after | nth | line | eol."""

    how: str
    text: str = ""
    number: int = 1

    def __str__(self) -> str:
        match self.how:
            case "exact":
                return repr_text(self.text)
            case "rest":
                return repr_text(self.text + "...")
            case "nth":
                return f"nth({repr_text(self.text)}, {self.number})"
            case "line" | "eol":
                return self.how
            case _:
                return f"{self.how}({repr_text(self.text)})"

    def find(self, line: str) -> tuple[int, int]:
        """Start and end column in a line without its line ending. Raises CaseError if the text is not there."""
        if self.how == "line":
            return len(line) - len(line.lstrip()), len(line.rstrip())
        if self.how == "eol":
            return len(line), len(line)
        start = -1
        for _ in range(self.number):
            start = line.find(self.text, start + 1)
            if start < 0:
                raise CaseError(f"{self} is not in the line {line!r}")
        end = start + len(self.text)
        return (end, end) if self.how == "after" else (start, start) if self.how == "before" else (start, end)


def repr_text(text: str) -> str:
    """A string literal in double quotes, as a person would write it in a marker."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@dataclass(frozen=True, slots=True)
class Marker:
    """One ``verb(…)`` and the 0-based line of the stripped text that it speaks of."""

    verb: str
    line: int
    place: Place | None
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    source: str

    @property
    def result(self) -> str:
        return str(self.options.get("result", ""))


@dataclass(frozen=True, slots=True)
class Section:
    """A file or a golden: the text as the editor has it, its markers, and how it is written to disk."""

    name: str
    path: str
    attributes: tuple[str, ...]
    text: str
    markers: tuple[Marker, ...]
    raw: str

    @property
    def encoding(self) -> str:
        return "latin-1" if "latin-1" in self.attributes else "utf-8"

    def data(self) -> bytes:
        mark = b"\xef\xbb\xbf" if "bom" in self.attributes else b""
        return mark + self.text.encode(self.encoding)


@dataclass(frozen=True, slots=True)
class Setup:
    """How the session is opened. ``untrusted`` is passed as it is, so that a case can pass nonsense."""

    untrusted: Any = False
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    clients: tuple[str, ...] = ()  # empty: all
    timeout_s: float = 60.0
    #: Run ``suture.review`` before the steps: the slow engines (bandit, ruff) have then had their say.
    review: bool = False
    #: The diagnostics need be right for a moment only: a review of the file, whenever it comes, says something else.
    brief: bool = False
    #: Texts that a model answers with, in their order; without any no model is configured.
    replies: tuple[str, ...] = ()
    #: What the person types when the server asks for an instruction; empty: this editor cannot be asked.
    input: str = ""
    #: What ``initialize`` fails with; nothing else happens then.
    initialize_error: str = ""
    #: Programs that it runs; played once, in the slow suite, where they are installed.
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    why: str
    setup: Setup
    files: dict[str, Section]
    goldens: dict[tuple[str, str], Section]
    sections: tuple[Section, ...]
    preface: str


def split_lines(text: str) -> list[str]:
    """Lines with their endings; only ``\\n``, ``\\r\\n`` and ``\\r`` end one (``str.splitlines`` knows eight more)."""
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+", text)


def parse_case(text: str) -> Case:
    """The parts of an archive. Raises CaseError with what to change."""
    sections: list[Section] = []
    preface: list[str] = []
    header: tuple[str, list[str]] | None = None
    body: list[str] = []
    for line in [*text.split("\n"), None]:
        match = _HEADER.match(line) if line is not None else None
        if line is not None and not match:
            (preface if header is None else body).append(line)
            continue
        if header is not None:
            raw = "".join(f"{each}\n" for each in body) if match else "\n".join(body)
            sections.append(_section(header[0], header[1], raw))
        if match:
            header, body = (match["name"], match["rest"].split()), []
    why = " ".join(" ".join(preface).split())
    if not re.match(r"[A-Z`“\"'#0-9_a-z].*\.", why):
        raise CaseError("a case starts with a sentence that says why it exists, ending with a full stop")
    setup, files, goldens = Setup(), dict[str, Section](), dict[tuple[str, str], Section]()
    for section in sections:
        if section.name == "setup":
            setup = _setup(section.raw)
        elif section.name.startswith("@"):
            goldens[section.name[1:], section.path] = section
        elif section.name in files:
            raise CaseError(f"two files named {section.name}")
        else:
            files[section.name] = section
    if not files:
        raise CaseError("a case needs a file: -- main.py --")
    return Case(why, setup, files, goldens, tuple(sections), "\n".join(preface))


def _setup(raw: str) -> Setup:
    values = tomllib.loads(raw)
    known = {each.name for each in fields(Setup)}
    if unknown := set(values) - known:
        raise CaseError(f"setup knows {sorted(known)}, not {sorted(unknown)}")
    for name in ("clients", "needs", "replies"):
        if name in values:
            values[name] = tuple(values[name])
    return Setup(**values)


def _section(name: str, rest: list[str], raw: str) -> Section:
    path, attributes = name, rest
    if name.startswith("@"):
        path = next((word for word in rest if word not in ATTRIBUTES), "")
        attributes = [word for word in rest if word != path]
    if unknown := set(attributes) - set(ATTRIBUTES):
        raise CaseError(f"{name}: attributes are {', '.join(ATTRIBUTES)}, not {', '.join(sorted(unknown))}")
    if name == "setup":
        return Section(name, "", (), "", (), raw)
    text, markers = strip_markers(raw)
    if "no-eol" in attributes:
        text = text.removesuffix("\n")
    if "crlf" in attributes:
        text = text.replace("\n", "\r\n")
    return Section(name, path, tuple(attributes), text, markers, raw)


def strip_markers(raw: str) -> tuple[str, tuple[Marker, ...]]:
    """The text without its markers, and the markers with the line each belongs to."""
    kept: list[str] = []
    markers: list[Marker] = []
    for line in raw.split("\n"):
        match = _MARKER.search(line)
        if not match:
            kept.append(line)
            continue
        code = line[: match.start()]
        if code or not line.lstrip().startswith("#@"):
            kept.append(code)
        if not kept:
            raise CaseError("a marker on a line of its own belongs to the line above; there is none")
        markers += parse_markers(match["markers"], len(kept) - 1)
    return "\n".join(kept), tuple(markers)


def parse_markers(source: str, line: int) -> list[Marker]:
    """``verb(place, …, option=…), …`` as markers of one line."""
    try:
        body = ast.parse(f"({source},)", mode="eval").body
    except SyntaxError as error:
        raise CaseError(f"cannot read the marker {source!r}: {error.msg}") from error
    found: list[Marker] = []
    for call in body.elts if isinstance(body, ast.Tuple) else []:
        text = ast.unparse(call)
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id not in VERBS:
            raise CaseError(f"a marker is one of {', '.join(VERBS)} with arguments, not {text}")
        options: dict[str, Any] = {}
        for each in call.keywords:
            if each.arg is None:
                raise CaseError(f"no ** in a marker: {text}")
            options[each.arg] = _place(each.value) if each.arg == "at" else _literal(each.value, text)
        verb, arguments = call.func.id, list(call.args)
        place = None
        if verb != "command":
            if not arguments:
                raise CaseError(f"{verb} needs a place first: {text}")
            place = _place(arguments.pop(0))
        values = tuple(_literal(each, text) for each in arguments)
        found.append(Marker(verb, line, place, values, options, text))
    return found


def _literal(node: ast.expr, text: str) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise CaseError(f"only literals in a marker: {text}") from error


def _place(node: ast.expr) -> Place:
    match node:
        case ast.Constant(value=str(text)) if text.endswith("...") and text != "...":
            return Place("rest", text.removesuffix("..."))
        case ast.Constant(value=str(text)) if text:
            return Place("exact", text)
        case ast.Name(id="line" | "eol" as how):
            return Place(how)
        case ast.Call(func=ast.Name(id="before" | "after" as how), args=[ast.Constant(value=str(text))]):
            return Place(how, text)
        case ast.Call(func=ast.Name(id="nth"), args=[ast.Constant(value=str(text)), ast.Constant(value=int(number))]):
            return Place("nth", text, number)
        case _:
            raise CaseError(
                'a place is "text", "text..." (starts there), before("text"), after("text"), nth("text", 2), '
                f"line or eol, not {ast.unparse(node)}"
            )


def with_goldens(text: str, new: dict[tuple[str, str], str]) -> str:
    """The archive with these goldens (LF text, no markers) in place of the old ones; missing ones are appended.

    Markers of an old golden stay on the lines that are still there."""
    case = parse_case(text)
    parts = [case.preface]
    left = dict(new)
    for section in case.sections:
        key = (section.name[1:], section.path)
        raw = section.raw
        if section.name.startswith("@") and key in left:
            raw = _keep_markers(section, left.pop(key))
        parts.append(f"{_header(section)}\n{raw}".removesuffix("\n"))
    for (name, path), body in left.items():
        parts.append(f"-- @{name}{f' {path}' if path else ''} --\n{body}".removesuffix("\n"))
    return "\n".join(parts) + "\n"


def _header(section: Section) -> str:
    words = [section.name, *([section.path] if section.name.startswith("@") and section.path else [])]
    return " ".join(["--", *words, *section.attributes, "--"])


def _keep_markers(section: Section, body: str) -> str:
    unchanged = section.text.replace("\r\n", "\n")
    if unchanged.removesuffix("\n") == body.removesuffix("\n"):
        return section.raw
    old = split_lines(unchanged)
    lines = body.split("\n")
    for marker in reversed(section.markers):
        wanted = old[marker.line].removesuffix("\n") if marker.line < len(old) else ""
        at = [number for number, line in enumerate(lines) if line == wanted]
        if at:
            nearest = min(at, key=lambda number: abs(number - marker.line))
            lines.insert(nearest + 1, f"#@ {marker.source}")
    return "\n".join(lines)


def cases_under(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.txt"))
