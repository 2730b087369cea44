"""``rustc`` and ``cargo``: errors as JSON (``--error-format``, ``--message-format``) or as text for people, panics of
programs and tests, failing tests, what the linker says.

A fault's notes are the labels of its further places (``src/main.rs:6:21: value moved here``) and the compiler's own
notes. Columns are code points, as rustc counts them. Suggestions are read from JSON only: the text does not say how
sure the compiler is of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from ..fault import Category, Fault, Frame, Suggested
from ..toolchain import Toolchain

_TEXT = re.compile(
    r"^error(?:\[(?P<code>E\d{4})\])?: (?P<message>.+)\n(?:[ \t]+--> (?P<path>.+?):(?P<line>\d+):(?P<column>\d+)$)?",
    re.MULTILINE,
)
_PANIC = re.compile(
    r"^thread '(?P<thread>[^']*)' (?:\(\d+\) )?panicked at (?:'(?P<old>(?:.|\n)*?)', )?"
    r"(?P<path>[^\s:'][^:\n]*):(?P<line>\d+):(?P<column>\d+)"
    r"(?P<new>:\n(?P<message>(?:.+\n?)+?)(?=note: |stack backtrace:|\n|\Z))?",
    re.MULTILINE,
)
_CALL = re.compile(r"^ +\d+: (?P<function>.+)\n +at (?P<path>[^\n]+?):(?P<line>\d+):(?P<column>\d+)$", re.MULTILINE)
_TEST = re.compile(
    r"^test (?P<name>\S+)(?: - (?:should panic|compile(?: fail)?))? \.\.\. (?P<result>ok|FAILED|ignored)", re.MULTILINE
)
_BLOCK = re.compile(r"^---- (?P<name>\S+)(?: -.*)? stdout ----\n", re.MULTILINE)
_ERROR_OF_TEST = re.compile(r"^Error: (?P<message>.+)$", re.MULTILINE)
_CARGO = re.compile(r"^error: (?P<message>.+(?:\n(?!\s*$).*)*)", re.MULTILINE)
_DEPENDENCY = re.compile(
    r"no matching package named `(?P<name>[^`]+)`|failed to (?:get|select a version for)[^`]*`(?P<other>[^`]+)`"
    r"|can't find crate for `(?P<crate>[^`]+)`|attempting to make an HTTP request, but --offline"
)
_RESULTS = {"ok": "passed", "FAILED": "failed", "ignored": "skipped"}
#: Sentences that end a run of errors and are none themselves.
_SUMMARY = re.compile(
    r"^(?:aborting due to|could not compile|test failed|\d+ targets? failed|process didn't exit|build failed)"
)
#: Holes in what is proposed that nothing can fill; those with a type in a comment are for a repair.
_NAMED_HOLE = re.compile(
    r"/\* (?:value|fields?|expr|body|type|error|.*\.\.\.).* \*/|\btodo!|'_LifetimeName|\bT, U\b|<T>|: Type\b"
)
#: Errors without a code that are not the parser's.
_NAMELESS = re.compile(r"^(?:cannot find|linking with|couldn't read|unused|no global memory|this file contains no)")


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    errors = [*faults(stdout), *faults(stderr)]
    if errors:
        errors.sort(key=lambda fault: not fault.path)
        return replace(errors[0], others=tuple(errors[1:]))
    return _tests(stdout) or next(_panics(f"{stderr}\n{stdout}"), None) or _cargo(stderr, command)


def faults(text: str) -> Iterator[Fault]:
    """The compiler's errors in a run's output, JSON lines or text, in its order."""
    found = False
    for line in text.split("\n"):
        if line.startswith("{"):
            message = _message(line)
            if message is not None:
                found = True
                if (fault := _fault(message)) is not None:
                    yield fault
    if found:
        return
    for match in _TEXT.finditer(text):
        if not _SUMMARY.match(match["message"]) and (match["path"] or match["code"]):
            yield Fault(
                "config"
                if (match["path"] or "").endswith(".toml")
                else _category(match["code"] or "", match["message"]),
                language="rust",
                message=match["message"],
                path=match["path"] or "",
                line=int(match["line"]) - 1 if match["line"] else -1,
                column=int(match["column"]) - 1 if match["column"] else -1,
                notes=tuple(_text_notes(text[match.end() :])),
                code=match["code"] or "",
            )


def outcomes(stdout: str, stderr: str, command: Sequence[str]) -> Mapping[str, str]:
    """What became of each test of ``cargo test`` or a test program."""
    return {match["name"]: _RESULTS[match["result"]] for match in _TEST.finditer(stdout)}


# -- JSON ------------------------------------------------------------------------------------------------------------


def _message(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    value = cast("dict[str, Any]", value)
    if value.get("reason") == "compiler-message":
        value = cast("dict[str, Any]", value["message"])
    return value if "spans" in value and "level" in value else None


def _fault(message: dict[str, Any]) -> Fault | None:
    text = str(message["message"])
    if not str(message["level"]).startswith("error") or _SUMMARY.match(text):
        return None
    code = str(message["code"]["code"]) if message["code"] else ""
    spans = [_own(each) for each in message["spans"]]
    primary = next((each for each in spans if each["is_primary"] and _inside(each)), None)
    notes = [_label(each) for each in spans if each.get("label") and _inside(each)]
    notes += [f"{child['level']}: {child['message']}" for child in message["children"] if not _changes(child)]
    fault = Fault(
        _category(code, text), language="rust", message=text, notes=tuple(notes), code=code,
        suggested=tuple(_suggestions(message)),
    )  # fmt: skip
    if primary is None:
        return fault
    end = primary["column_end"] - 1 if primary["line_end"] == primary["line_start"] else -1
    return replace(
        fault,
        path=str(primary["file_name"]),
        line=int(primary["line_start"]) - 1,
        column=int(primary["column_start"]) - 1,
        end_column=end,
    )


def _own(span: dict[str, Any]) -> dict[str, Any]:
    """Where a macro was called, for a place inside of a macro of another crate."""
    while not _inside(span) and span.get("expansion"):
        span = {**span["expansion"]["span"], "is_primary": span["is_primary"], "label": span.get("label")}
    return span


def _inside(span: Mapping[str, Any]) -> bool:
    name = str(span["file_name"])
    return not name.startswith(("/rustc/", "<")) and "/.cargo/registry/" not in name


def _label(span: Mapping[str, Any]) -> str:
    return f"{span['file_name']}:{span['line_start']}:{span['column_start']}: {span['label']}"


def _suggestions(message: Mapping[str, Any]) -> Iterator[Suggested]:
    for child in message["children"]:
        spans = [each for each in _changes(child) if _inside(each)]
        if not spans:
            continue
        sure = all(each["suggestion_applicability"] == "MachineApplicable" for each in spans)
        holes = any(each["suggestion_applicability"] == "HasPlaceholders" for each in spans)
        if holes and any(_NAMED_HOLE.search(each["suggested_replacement"]) for each in spans):
            continue
        # Of alternatives each has the same place; parts of one change have different ones.
        groups: list[list[Mapping[str, Any]]] = []
        for each in spans:
            place = (each["file_name"], each["byte_start"], each["byte_end"])
            if not groups or any((o["file_name"], o["byte_start"], o["byte_end"]) == place for o in groups[-1]):
                groups.append([])
            groups[-1].append(each)
        for group in groups:
            yield Suggested(_title(child, group), tuple(_change(each) for each in group), sure)


def _changes(child: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for each in child["spans"] if each.get("suggested_replacement") is not None]


def _change(span: Mapping[str, Any]) -> tuple[str, tuple[int, int], tuple[int, int], str]:
    start = (int(span["line_start"]) - 1, int(span["column_start"]) - 1)
    end = (int(span["line_end"]) - 1, int(span["column_end"]) - 1)
    return str(span["file_name"]), start, end, str(span["suggested_replacement"])


def _title(child: Mapping[str, Any], group: Sequence[Mapping[str, Any]]) -> str:
    new = " … ".join(str(each["suggested_replacement"]).strip() for each in group)
    text = str(child["message"]).partition("\n")[0]
    return f"{text[:1].upper()}{text[1:]}: {new}"[:120] if new else f"{text[:1].upper()}{text[1:]}"[:120]


# -- text ------------------------------------------------------------------------------------------------------------


def _text_notes(rest: str) -> Iterator[str]:
    """The notes of one error, up to the next one."""
    block = re.split(r"\n\n|^error|^warning", rest, maxsplit=1, flags=re.MULTILINE)[0]
    for match in re.finditer(r"^ +[=:] (note|help): (.+)$|^(note|help): (.+)$", block, re.MULTILINE):
        yield f"{match[1] or match[3]}: {match[2] or match[4]}"


def _category(code: str, message: str) -> Category:
    return "compile" if code or _NAMELESS.match(message) else "syntax"


# -- runs ------------------------------------------------------------------------------------------------------------


def _tests(stdout: str) -> Fault | None:
    failed = [match["name"] for match in _TEST.finditer(stdout) if match["result"] == "FAILED"]
    if not failed:
        return None
    heads = list(_BLOCK.finditer(stdout))
    first: Fault | None = None
    order = list(failed)
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        block = stdout[head.end() : following.start() if following else len(stdout)]
        fault = next(_panics(block), None)
        if fault is None and (match := _ERROR_OF_TEST.search(block)):
            fault = Fault("test", "rust", "Error", match["message"])
        if fault is not None and (first is None or not first.path):
            first = fault
            order = [head["name"], *(name for name in failed if name != head["name"])]
    return replace(first or Fault("test", "rust", message=f"{len(failed)} tests failed"), tests=tuple(order))


def _panics(text: str) -> Iterator[Fault]:
    for match in _PANIC.finditer(text):
        message = (match["message"] or match["old"] or "").strip()
        place = Frame(match["path"], int(match["line"]) - 1, mark=None)
        calls = [
            Frame(call["path"].removeprefix("./"), int(call["line"]) - 1, call["function"])
            for call in _CALL.finditer(text, match.end(), _end_of_calls(text, match.end()))
            if not call["path"].startswith("/rustc/")
        ]
        asserted = message.startswith("assertion ")
        yield Fault(
            "test" if asserted else "runtime",
            language="rust",
            exception="panic",
            message=message,
            path=place.path,
            line=place.line,
            column=int(match["column"]) - 1,
            frames=(*reversed(calls),) if calls and calls[0].path.endswith(place.path) else (),
        )


def _end_of_calls(text: str, start: int) -> int:
    found = _PANIC.search(text, start)
    return found.start() if found else len(text)


def _cargo(stderr: str, command: Sequence[str]) -> Fault | None:
    """What cargo itself says: a manifest that cannot be read, a package that is not there, the linker."""
    if not any("cargo" in word or "rustc" in word for word in command):
        return None
    match = _CARGO.search(stderr)
    if match is None or _SUMMARY.match(match["message"]):
        return None
    message = match["message"].strip()
    missing = _DEPENDENCY.search(stderr)
    if missing:
        name = missing["name"] or missing["other"] or missing["crate"] or ""
        return Fault("dependency", "rust", message=message, notes=(f"cargo add {name}",) if name else ())
    place = re.search(r"^ *--> (.+\.toml):(\d+):(\d+)$", stderr, re.MULTILINE)
    if place:
        return Fault("config", "rust", message=message, path=place[1], line=int(place[2]) - 1, column=int(place[3]) - 1)
    return Fault("config" if "manifest" in message or "Cargo.toml" in message else "compile", "rust", message=message)


TOOLCHAIN = Toolchain("rustc", diagnose, priority=5, outcomes=outcomes)
