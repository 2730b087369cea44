"""ruff on a text or on many files, by the binary that is installed with Suture.

``--isolated``: no configuration of the workspace is read, and no code of it is run. A person who wants all of ruff's
opinions runs ruff; selected here are only rules that find the problems our three reviewers are about, and ruff's
syntax errors and undefined names, which merge with our own.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import Unavailable
from ..findings import Evidence, Finding, Range, Reviewer, Severity
from . import Engine
from .checks import CHECKS

#: Seconds after which ruff is given up on.
TIMEOUT_S = 60


class _Meaning(NamedTuple):
    reviewer: Reviewer
    kind: str
    severity: Severity
    confidence: float
    suggestion: str = ""


_BLOCKS = _Meaning("performance", "blocking_async", "medium", 0.7, "await the asynchronous form, or use to_thread")

#: ruff rule → what it means here; ``S`` rules are in :data:`.checks.CHECKS`.
RULES: Mapping[str, _Meaning] = {
    **dict.fromkeys(("ASYNC210", "ASYNC220", "ASYNC221", "ASYNC222", "ASYNC251"), _BLOCKS),
    "RUF017": _Meaning("performance", "list_concat", "medium", 0.8, "use itertools.chain.from_iterable"),
    "PERF101": _Meaning("performance", "copy", "low", 0.5, "iterate over it directly"),
}

#: Checks that ruff numbers as bandit does.
_SHARED = sorted(set(CHECKS) - {304, 305, 309, 315, 318, 321, 323, 413, 613, 614, 703} - {303})
#: ruff takes every name after a `del` in a loop for undefined: F821 only strengthens our own finding.
_STATIC = {"F821": 0.25, "F823": 0.5}


@cache
def binary() -> str:
    """Path of the ruff that is installed with Suture. Raises Unavailable if it is missing."""
    try:
        # Not from `ruff` itself: older versions have it here only.
        from ruff.__main__ import find_ruff_bin  # pyright: ignore[reportMissingTypeStubs]

        return str(find_ruff_bin())
    except (ImportError, FileNotFoundError) as error:
        raise Unavailable("ruff is not installed beside Suture", "pip install ruff") from error


@cache
def _known() -> tuple[str, ...]:
    """The rules to select: those of ours that this version of ruff knows."""
    wanted = [*_STATIC, *RULES, *(f"S{number}" for number in _SHARED)]
    answer = _call(["rule", "--all", "--output-format", "json"], "")
    try:
        listed: list[dict[str, Any]] = json.loads(answer)
    except ValueError as error:
        raise Unavailable(f"ruff did not list its rules: {error}") from error
    stable = {str(each["code"]) for each in listed if not each.get("preview")}
    return tuple(code for code in wanted if code in stable)


def _call(arguments: Sequence[str], text: str) -> str:
    try:
        done = subprocess.run(
            [binary(), *arguments],
            input=text.encode("utf-8", "surrogatepass"),
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"ruff did not run: {error}") from error
    if done.returncode not in (0, 1):
        raise Unavailable(f"ruff failed: {done.stderr.decode('utf-8', 'replace').strip()[:300]}")
    return done.stdout.decode("utf-8", "replace")


def _check(arguments: Sequence[str], text: str = "") -> list[dict[str, Any]]:
    options = ["check", "--isolated", "--no-cache", "--quiet", "--exit-zero", "--ignore-noqa", "--output-format=json"]
    options += ["--target-version=py314", f"--select={','.join(_known())}"]
    answer = _call([*options, *arguments], text)
    try:
        return json.loads(answer)
    except ValueError as error:
        raise Unavailable(f"ruff's answer could not be read: {error}") from error


def run(path: str, text: str) -> list[Finding]:
    """ruff's findings on a text. Raises Unavailable if ruff cannot be run."""
    found = [_finding(path, each) for each in _check(["--stdin-filename", Path(path).name, "-"], text)]
    return [each for each in found if each is not None]


def run_many(files: Sequence[tuple[str, str]]) -> dict[str, list[Finding]]:
    """ruff's findings on files as they are on disk, by path, in one process; a file that ruff could not read (it
    only reads UTF-8), or whose name it cannot say, is not in the answer."""
    names = [path for path, _ in files if Path(path).suffix in (".py", ".pyw") and _says(path)]
    if not names:
        return {}
    result: dict[str, list[Finding]] = {name: [] for name in names}
    unreadable: set[str] = set()
    for each in _check(["--", *names]):
        name = Path(str(each.get("filename", ""))).as_posix()
        if name not in result:
            return {}  # nobody knows of which file it speaks
        if each.get("code") == "E902":
            unreadable.add(name)
        elif (finding := _finding(name, each)) is not None:
            result[name].append(finding)
    return {name: found for name, found in result.items() if name not in unreadable}


def _says(path: str) -> bool:
    """Does ruff speak of a file by this very name? It writes UTF-8, and no name that takes a detour."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return Path(os.path.normpath(path)).as_posix() == path and os.path.isabs(path)


def _finding(path: str, item: Mapping[str, Any]) -> Finding | None:
    code = str(item.get("code") or "invalid-syntax")
    start, end = item["location"], item["end_location"]
    place = Range(start["row"] - 1, start["column"] - 1, end["row"] - 1, end["column"] - 1)
    message = str(item.get("message", ""))
    suggestion, reviewer, cwe = "", "", ()
    if code == "invalid-syntax":
        kind, severity, confidence = "syntax", "critical", 1.0
        message = message.removeprefix("SyntaxError: ")
    elif code in _STATIC:
        kind, severity, confidence = "undefined_name", "critical", _STATIC[code]
    elif code in RULES:
        reviewer, kind, severity, confidence, suggestion = RULES[code]
    elif code.startswith("S") and code[1:].isdigit() and int(code[1:]) in CHECKS:
        check = CHECKS[int(code[1:])]
        reviewer, kind, cwe, severity, confidence = "security", check.kind, check.cwe, check.severity, check.confidence
        suggestion, message = check.suggestion, check.message or message
    else:
        return None
    return Finding(
        path=path,
        range=place,
        rule=f"ruff:{code}",
        kind=kind,
        message=message.replace("`", "'"),
        severity=severity,
        confidence=confidence,
        reviewer=reviewer,
        cwe=cwe,
        suggestion=suggestion,
        evidence=(Evidence("linted", f"ruff {code}", {"tool": "ruff", "check": code}),),
    )


ENGINE = Engine("ruff", run, run_many, apart=True)
