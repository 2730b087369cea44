"""``go build``, ``go vet``, ``go run`` and ``go test``: errors of the compiler and of vet, panics with the stacks of
goroutines, failing tests (text, or the events of ``go test -json``), what ``go.mod`` lacks.

Go counts columns in bytes; :mod:`..locate` turns them into code points with the file at hand. ``go test`` names a
test's file without its folder: the package's line tells it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from ..fault import Category, Fault, Frame
from ..toolchain import Toolchain

_ERROR = re.compile(
    r"^(?:vet: )?(?P<path>[^\s:][^:\n]*\.(?:go|mod|s)):(?P<line>\d+)(?::(?P<column>\d+))?: "
    r"(?P<message>.+(?:\n\t(?![\w./-]+\.go:).+)*)",
    re.MULTILINE,
)
_PANIC = re.compile(r"^(?:panic: |fatal error: )(?P<message>.+(?:\n(?!\n|goroutine ).+)*)", re.MULTILINE)
_STACK = re.compile(r"^goroutine \d+ .*:$", re.MULTILINE)
_CALL = re.compile(r"^(?P<function>\S.*)\n\t(?P<path>.+\.go):(?P<line>\d+)(?: \+0x[0-9a-f]+)?$", re.MULTILINE)
_RESULT = re.compile(r"^(?P<indent> *)--- (?P<result>PASS|FAIL|SKIP): (?P<name>\S+) \(", re.MULTILINE)
_SAID = re.compile(r"^ +(?P<path>[\w.-]+\.go):(?P<line>\d+): (?P<message>.*(?:\n {8,}.*)*)", re.MULTILINE)
_ID = re.compile(r"^(?P<package>.+?)\.(?:Test|Fuzz|Example|Benchmark)")
_PACKAGE = re.compile(r"^(?:FAIL|ok  |---)\t(?P<package>\S+)\t", re.MULTILINE)
_MODULE = re.compile(
    r"^(?:no required module provides package|cannot find module providing package|package \S+ is not in std)"
)
_PRINTED = re.compile(r"^go: (?P<message>.+)$", re.MULTILINE)
#: How errors of the scanner and the parser begin.
_SYNTAX = ("syntax error", "expected ", "invalid character", "string literal not", "rune literal not", "newline in ",
           "more than one character in rune literal", "empty rune literal")  # fmt: skip
_RESULTS = {
    "pass": "passed",
    "fail": "failed",
    "skip": "skipped",
    "PASS": "passed",
    "FAIL": "failed",
    "SKIP": "skipped",
}


@dataclass(frozen=True, slots=True)
class _Output:
    """The text that was printed, and of events: what each test printed, what became of it."""

    text: str
    said: Mapping[str, str]
    tests: Mapping[str, str]


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    output = _read(stdout)
    errors = [*faults(stderr), *faults(output.text)]
    if errors:
        return replace(errors[0], others=tuple(errors[1:]))
    if (fault := _tests(output)) is not None:
        return fault
    panic = next(_panics(f"{stderr}\n{output.text}"), None)
    return panic or _tool(stderr, command)


def faults(text: str) -> Iterator[Fault]:
    """Errors of the compiler and of vet in a run's output (text or events), in their order."""
    text = _read(text).text if text.startswith("{") else text
    stacks = _STACK.search(text)
    printed = _RESULT.search(text)
    end = min([match.start() for match in (stacks, printed) if match] or [len(text)])
    seen: set[tuple[str, str, str]] = set()
    for match in _ERROR.finditer(text, 0, end):
        message = "\n".join(line.strip() for line in match["message"].split("\n"))
        key = (match["path"], match["line"], message)
        if key in seen or message == "too many errors":
            continue
        seen.add(key)
        category = _category(message)
        notes: tuple[str, ...] = ()
        if _MODULE.match(message):
            message, _, rest = message.partition("; to add it:")
            notes = (rest.strip(),) if rest.strip() else ()
        yield Fault(
            category,
            language="go",
            message=message,
            path=match["path"].removeprefix("./"),
            line=int(match["line"]) - 1,
            column=int(match["column"]) - 1 if match["column"] else -1,
            notes=notes,
        )


def outcomes(stdout: str, stderr: str, command: Sequence[str]) -> Mapping[str, str]:
    """``package.TestName/sub`` → what became of it; without events only those that the text names."""
    output = _read(stdout)
    if output.tests:
        return output.tests
    found: dict[str, str] = {}
    for match in _RESULT.finditer(output.text):
        package = _PACKAGE.search(output.text, match.end())
        name = f"{package['package']}.{match['name']}" if package else match["name"]
        found[name] = _RESULTS[match["result"]]
    return found


def _read(stdout: str) -> _Output:
    """What was printed: lines, or the text inside of events."""
    lines: list[str] = []
    said: dict[str, list[str]] = {}
    tests: dict[str, str] = {}
    for line in stdout.splitlines(keepends=True):
        event = _event(line)
        if event is None:
            lines.append(line)
            continue
        package, test = str(event.get("Package", "")), str(event.get("Test", ""))
        if event["Action"] in ("output", "build-output"):
            lines.append(str(event.get("Output", "")))
            said.setdefault(f"{package}.{test}", []).append(str(event.get("Output", "")))
        elif event["Action"] in _RESULTS and test:
            tests[f"{package}.{test}"] = _RESULTS[event["Action"]]
    return _Output("".join(lines), {name: "".join(each) for name, each in said.items()}, tests)


def _event(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) and "Action" in value else None


def _category(message: str) -> Category:
    if message.startswith(_SYNTAX):
        return "syntax"
    return "compile"


def _tests(output: _Output) -> Fault | None:
    """The first failing test: a panic in it, or what it said."""
    failed = [match for match in _RESULT.finditer(output.text) if match["result"] == "FAIL"]
    if not failed:
        return None
    names: list[str] = []
    for match in failed:
        package = _PACKAGE.search(output.text, match.end())
        names.append(f"{package['package']}.{match['name']}" if package else match["name"])
    known = [name for name, result in output.tests.items() if result == "failed"]
    leaf = [name for name in known or names if not any(other.startswith(f"{name}/") for other in known or names)]
    first = failed[0]
    package = _PACKAGE.search(output.text, first.end())
    ending = package.start() if package else len(output.text)
    panic = next(_panics(output.text[first.start() : ending]), None)
    if panic is not None:
        name = next((each for each in leaf if _last_panicking(output.text, each)), leaf[-1])
        return replace(panic, tests=(name, *(each for each in leaf if each != name)))
    name, said = leaf[0], _SAID.search(output.text, first.end(), ending)
    if output.said:  # events: what a test says comes before its result
        spoke = ((each, match) for each in leaf if (match := _SAID.search(output.said.get(each, ""))))
        name, said = next(spoke, (name, None))
    tests = (name, *(each for each in leaf if each != name))
    if said is None:
        return Fault("test", "go", "FAIL", "the test failed", tests=tests)
    folder = _ID.match(name)
    path = f"{folder['package']}/{said['path']}" if folder else said["path"]
    return Fault("test", "go", "FAIL", said["message"], path=path, line=int(said["line"]) - 1, tests=tests)


def _last_panicking(text: str, name: str) -> bool:
    """The test that a panic ended is the last one that is said to have failed before it."""
    panic = _PANIC.search(text)
    before = [match["name"] for match in _RESULT.finditer(text, 0, panic.start() if panic else 0)]
    return bool(before) and name.endswith(before[-1])


def _panics(text: str) -> Iterator[Fault]:
    for match in _PANIC.finditer(text):
        message = re.sub(r" \[recovered(?:, repanicked)?\]", "", match["message"])
        message = re.sub(r"^goroutine .*|^\[signal .*", "", message, flags=re.MULTILINE).strip()
        stack = _STACK.search(text, match.end())
        if stack is None:
            continue
        following = _STACK.search(text, stack.end())
        calls = [
            Frame(call["path"], int(call["line"]) - 1, call["function"].partition("(")[0])
            for call in _CALL.finditer(text, stack.end(), following.start() if following else len(text))
            if "/src/runtime/" not in call["path"] and not call["function"].startswith("created by ")
        ]
        last = calls[0] if calls else Frame("", -1)
        yield Fault(
            "runtime",
            language="go",
            exception="panic",
            message=message.removeprefix("runtime error: "),
            path=last.path,
            line=last.line,
            frames=tuple(reversed(calls)),
        )
        return


def _tool(stderr: str, command: Sequence[str]) -> Fault | None:
    """What the go command itself says, without a place in a file."""
    if not any(word.rpartition("/")[2] == "go" or "go " in word for word in command):
        return None
    match = _PRINTED.search(stderr)
    if match is None:
        return None
    lacking = "module" in match["message"] and ("lookup disabled" in stderr or "no required module" in stderr)
    return Fault("dependency" if lacking else "config", "go", message=match["message"])


TOOLCHAIN = Toolchain("go", diagnose, priority=5, outcomes=outcomes)
