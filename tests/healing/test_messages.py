"""Every stored message of a real tool is diagnosed as the program says that it must be: see ``messages/README.md``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from suture.healing.fault import Fault
from suture.healing.locate import locate
from suture.healing.toolchain import diagnose
from suture.healing.traceback_text import faults_in
from suture.healing.workspace import Workspace

MESSAGES = Path(__file__).parent / "messages"
CASES = sorted(path for path in MESSAGES.glob("*/*.txt") if path.parent.name != "programs")
_SECTION = re.compile(r"^-- (\S.*) --\n", re.MULTILINE)
_OUTPUTS = ("command", "stdout", "stderr", "text", "expect", "runs")


@dataclass(frozen=True)
class Case:
    sections: Mapping[str, str]
    expect: Mapping[str, Any]

    @property
    def workspace(self) -> Workspace:
        program = self.expect.get("program")
        files = read(MESSAGES / "programs" / f"{program}.txt").sections if program else self.sections
        encoding = self.expect.get("encoding", "utf-8")
        return Workspace(Path("/p"), {n: t.encode(encoding) for n, t in files.items() if n not in _OUTPUTS})


@cache
def read(path: Path) -> Case:
    parts = _SECTION.split(path.read_bytes().decode("utf-8"))
    assert parts[0].strip(), f"{path.name} does not say why it exists"
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    return Case(sections, tomllib.loads(sections.get("expect", "")))


def found_in(case: Case) -> list[Fault]:
    sections, workspace = case.sections, case.workspace
    if "text" in sections:
        return [locate(fault, workspace, foreign=True) for fault in faults_in(sections["text"])]
    command = sections["command"].split()
    fault = diagnose(sections.get("stdout", ""), sections.get("stderr", ""), command)
    return [locate(fault, workspace)] if fault else []


def differences(fault: Fault, expect: Mapping[str, Any]) -> list[str]:
    said = fault.to_json()
    said["code"] = fault.code
    found: list[str] = []
    wanted: dict[str, Any] = {"language": "python", **expect}
    if expect["path"] == "":
        wanted["line"] = None
    for key in ("category", "language", "exception", "code", "path", "line", "column", "tests"):
        if key in wanted and said[key] != wanted[key] and not (key == "column" and fault.column < 0):
            found.append(f"{key}: {said[key]!r}, but it is {wanted[key]!r}")
    if expect.get("message", "") not in fault.message:
        found.append(f"message: {fault.message!r}, without {expect['message']!r}")
    if "note" in expect and not any(expect["note"] in note for note in fault.notes):
        found.append(f"notes: {fault.notes!r}, without {expect['note']!r}")
    if "cause" in expect:
        cause = differences(fault.cause, expect["cause"]) if fault.cause else ["none"]
        found += [f"cause: {each}" for each in cause]
    return found


def problems(case: Case) -> list[str]:
    found = found_in(case)
    wanted = [case.expect, *case.expect.get("more", [])]
    if len(found) != len(wanted):
        return [f"{len(found)} faults, but there are {len(wanted)}: {found}"]
    return [each for fault, expect in zip(found, wanted, strict=True) for each in differences(fault, expect)]


@pytest.mark.parametrize("path", CASES, ids=[f"{path.parent.name}/{path.stem}" for path in CASES])
def test_a_real_message_is_diagnosed_as_its_program_says(path: Path) -> None:
    case = read(path)
    found = problems(case)
    if "fixme" in case.expect:
        assert found, f"mended: take the fixme out of {path.name}"
    else:
        assert not found, "\n".join(found)


PYTHON = [path for path in CASES if read(path).expect.get("language", "python") == "python"]
_PREFIXES = ("> ", "web-1  | ", "2026-03-04T05:06:07.{0:07d}Z ", "2026-03-04 05:06:07,{0:03d} ERROR [shop.views] ")


@pytest.mark.slow
@pytest.mark.parametrize("prefix", _PREFIXES)
def test_every_message_is_found_in_a_log_that_holds_it(prefix: str) -> None:
    """Real messages as they come out of a CI job, a container, a log or a mail: one of the faults is the right one."""
    missed: list[str] = []
    for path in PYTHON:
        case = read(path)
        if "text" in case.sections or "fixme" in case.expect:
            continue
        printed = case.sections.get("stdout", "") + case.sections.get("stderr", "")
        text = "".join(f"{prefix.format(number)}{line}\n" for number, line in enumerate(printed.splitlines()))
        expect = {key: value for key, value in case.expect.items() if key not in ("tests", "cause")}
        found = faults_in(text, case.sections["command"].split())
        if all(differences(locate(fault, case.workspace, foreign=True), expect) for fault in found):
            missed.append(f"{path.parent.name}/{path.stem}")
    assert not missed
