"""Reports of JavaScript's test runners: which tests failed and what the first of them said.

Read are the TAP and ``spec`` reports of ``node --test``, and the failure lists of jest, vitest and mocha. A test's id
is its names from the outermost suite inwards, joined by `` > ``. Invariant: text in, plain values out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_TAP = re.compile(r"^(?P<indent> *)(?P<no>not )?ok \d+ - (?P<name>.*?)(?P<skip> # (?:SKIP|TODO).*)?$")
_SUBTEST = re.compile(r"^(?P<indent> *)# Subtest: (?P<name>.*)$")
_SPEC = re.compile(r"^(?P<indent> *)(?P<mark>[✔✖﹣▶]) (?P<name>.*?)(?: \([\d.]+ms\))?(?P<skip> # SKIP.*)?$")
_SPEC_PLACE = re.compile(r"^test at (?P<path>\S+?):(?P<line>\d+):\d+$")
_JEST = re.compile(r"^  ● (?P<name>.+)$", re.MULTILINE)
_VITEST = re.compile(r"^ ?(?:FAIL|\u276f)  ?(?P<path>\S+\.[cm]?[jt]sx?) > (?P<name>.+)$", re.MULTILINE)
_MOCHA = re.compile(r"^  (?P<number>\d+)\) (?P<first>.+(?:\n {5,}\S.*)*?):\n", re.MULTILINE)
_FIELD = re.compile(r"^(?P<indent> *)(?P<key>[a-zA-Z_]+): (?P<value>.*)$")


@dataclass(frozen=True, slots=True)
class Failure:
    """The first failing test: its id, where it is (0-based line, -1 if unknown), the error as Node prints one, and
    the ids of all that failed."""

    name: str
    path: str
    line: int
    message: str
    text: str
    failed: tuple[str, ...]


def outcomes(text: str) -> Mapping[str, str]:
    """Test id → ``passed``, ``failed`` or ``skipped``; empty if this is no report of ``node --test``."""
    if "TAP version 1" in text[:200]:
        return {name: state for name, state, _, _ in _tap(text)}
    if re.search(r"^\u2139 tests \d+$", text, re.MULTILINE):
        return dict(_spec(text))
    return {}


def failure(text: str) -> Failure | None:
    """The first failing test of a report, or None."""
    if "TAP version 1" in text[:200]:
        return _tap_failure(text)
    if "✖ failing tests:" in text:
        return _spec_failure(text)
    return _listed(text)


def _tap(text: str) -> Iterator[tuple[str, str, int, list[str]]]:
    """(id, outcome, position of the line after it, lines) of every leaf."""
    lines = text.split("\n")
    names: list[str] = []
    suites: set[str] = set()
    for position, line in enumerate(lines):
        if match := _SUBTEST.match(line):
            depth = len(match["indent"]) // 4
            if depth:
                suites.add(" > ".join(names[:depth]))
            names[depth:] = [match["name"]]
        elif match := _TAP.match(line):
            depth = len(match["indent"]) // 4
            ident = " > ".join([*names[:depth], match["name"]])
            if ident in suites:
                continue
            state = "skipped" if match["skip"] else "failed" if match["no"] else "passed"
            yield ident, state, position + 1, lines


def _tap_failure(text: str) -> Failure | None:
    found = [each for each in _tap(text) if each[1] == "failed"]
    if not found:
        return None
    name, _, position, lines = found[0]
    fields = _yaml(lines, position)
    location = re.match(r"(?P<path>.+?):(?P<line>\d+):\d+$", fields.get("location", ""))
    message = fields.get("error", "")
    if fields.get("exitCode", "0") != "0" and (printed := _printed(lines, position)):
        return Failure(name, "", -1, message, printed, tuple(each[0] for each in found))
    stack = [line for line in fields.get("stack", "").split("\n") if line.strip()]
    kind = fields.get("name") or ("AssertionError" if fields.get("code") == "ERR_ASSERTION" else "Error")
    code = f" [{fields['code']}]" if "code" in fields else ""
    calls = "\n".join(f"    at {line.strip().removeprefix('at ')}" for line in stack)
    head = f"{kind}{code}: {message}\n{calls}\n"
    path, line = (location["path"], int(location["line"]) - 1) if location else ("", -1)
    return Failure(name, path, line, message, head if stack else "", tuple(each[0] for each in found))


def _yaml(lines: list[str], position: int) -> dict[str, str]:
    """The block between ``---`` and ``...``: scalars, and blocks begun by ``|-``."""
    fields: dict[str, str] = {}
    if position >= len(lines) or lines[position].strip() != "---":
        return fields
    key, base = "", len(lines[position]) - len(lines[position].lstrip())
    for line in lines[position + 1 :]:
        if line.strip() == "..." and len(line) - len(line.lstrip()) == base:
            break
        match = _FIELD.match(line)
        if match and len(match["indent"]) == base:
            key, value = match["key"], match["value"].strip()
            fields[key] = "" if value in {"|-", "|"} else _scalar(value)
        elif key:
            fields[key] += ("\n" if fields[key] else "") + line[base + 2 :]
    return fields


def _scalar(value: str) -> str:
    """A scalar without the quotes around it."""
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return (value[1:-1] if quoted else value).replace("\\'", "'")


def _printed(lines: list[str], position: int) -> str:
    """What a test file printed before it ended badly: the comment lines above its result and its name."""
    end = position - 1
    while end > 0 and lines[end - 1].startswith("# Subtest: "):
        end -= 1
    start = end - 1
    while start >= 0 and lines[start].startswith("# ") and not lines[start].startswith("# Subtest"):
        start -= 1
    return "\n".join(line.removeprefix("# ").replace("\\\\", "\\") for line in lines[start + 1 : end])


def _spec(text: str) -> Iterator[tuple[str, str]]:
    names: list[str] = []
    for line in text.partition("\n✖ failing tests:")[0].split("\n"):
        match = _SPEC.match(line)
        if match is None:
            continue
        depth = len(match["indent"]) // 2
        names[depth:] = [match["name"]]
        if match["mark"] != "▶":
            state = (
                "skipped" if match["mark"] == "﹣" or match["skip"] else "failed" if match["mark"] == "✖" else "passed"
            )
            yield " > ".join(names[: depth + 1]), state


def _spec_failure(text: str) -> Failure | None:
    head, _, rest = text.partition("✖ failing tests:")
    failed = tuple(name for name, state in _spec(head) if state == "failed")
    lines = rest.split("\n")
    path, line = "", -1
    for position, each in enumerate(lines):
        if match := _SPEC_PLACE.match(each):
            path, line = match["path"], int(match["line"]) - 1
        elif match := _SPEC.match(each):
            name = next((one for one in failed if one.split(" > ")[-1] == match["name"]), match["name"])
            body: list[str] = []
            for following in lines[position + 1 :]:
                if _SPEC_PLACE.match(following):
                    break
                body.append(following.removeprefix("  "))
            shown = "\n".join(body)
            return Failure(name, path, line, shown.strip().split("\n")[0], shown, failed or (name,))
    return None


def _listed(text: str) -> Failure | None:
    """The first entry of jest's, vitest's or mocha's list of failures."""
    for pattern, join in ((_JEST, " \u203a "), (_VITEST, " > "), (_MOCHA, "\n")):
        found = list(pattern.finditer(text))
        if not found or (pattern is _MOCHA and " failing" not in text) or (pattern is _JEST and "Tests:" not in text):
            continue
        groups = "first" if pattern is _MOCHA else "name"
        names = [" > ".join(part.strip() for part in match[groups].split(join)) for match in found]
        end = found[1].start() if len(found) > 1 else len(text)
        body = text[found[0].end() : end]
        path = found[0].groupdict().get("path") or ""
        said = next((line.strip() for line in body.split("\n") if line.strip()), "")
        return Failure(names[0], path, -1, said, _as_error(body), tuple(dict.fromkeys(names)))
    return None


def _as_error(body: str) -> str:
    """Jest prints ``expect(…)`` in place of a headline."""
    lines = [line[4:] if line.startswith("    ") else line for line in body.split("\n")]
    said = next((position for position, line in enumerate(lines) if line.strip()), 0)
    if lines and lines[said].lstrip().startswith("expect("):
        lines[said] = f"AssertionError: {lines[said].strip()}"
    return "\n".join(lines)
