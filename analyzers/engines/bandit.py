"""bandit on a text, in this process.

Deliberately not its manager, its configuration files or its own ``# nosec``: those are one and the same for all
reviewers here (:mod:`..suppress`). bandit reads code with the host's ``ast``; a text that the host rejects, valid or
not, is reported as not looked at, and Suture's own rules are all that saw it. A text that holds nothing which a check
looks for needs no looking at (:mod:`.bandit_walk`).
"""

from __future__ import annotations

import logging
import sys
import warnings
from functools import cache
from typing import Any

from ..errors import Unavailable
from ..findings import Evidence, Finding, Range
from ..source import LineIndex
from . import Engine, Unreadable
from .checks import CHECKS


@cache
def _tests() -> Any:
    """The set of bandit tests that we listen to. bandit has no types."""
    logging.getLogger("bandit").setLevel(logging.CRITICAL)
    logging.getLogger("stevedore").setLevel(logging.CRITICAL)
    from bandit.core import config, test_set  # pyright: ignore[reportMissingTypeStubs]

    known = {f"B{number}" for number in CHECKS}
    loaded: Any = config.BanditConfig()
    return test_set.BanditTestSet(loaded, {"include": known | {"B001"}, "exclude": set[str]()})


def run(path: str, text: str) -> list[Finding]:
    """bandit's findings. Raises Unavailable if the host's parser rejects the text, or bandit trips over it."""
    from .bandit_walk import issues

    host = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # escapes such as "\\d" in the text that is read are not our business
            said = issues(path, text, _tests())
    except (SyntaxError, ValueError) as error:
        raise Unreadable(f"bandit cannot read this file: the parser of {host} rejects it ({error})") from error
    except RecursionError as error:
        raise Unavailable("bandit cannot read this file: it is nested too deeply") from error
    index = LineIndex(text)
    found = [_finding(path, index, issue) for issue in said]
    return [each for each in found if each is not None]


def _finding(path: str, index: LineIndex, issue: Any) -> Finding | None:
    check = CHECKS.get(int(issue.test_id[1:]))
    if check is None or issue.confidence == "LOW":
        return None
    line = max(0, min(issue.lineno, len(index.starts)) - 1)
    column = _code_points(index.line(line), max(0, issue.col_offset))
    last = max(line, min(max(issue.linerange or [0]), len(index.starts)) - 1)
    end = _code_points(index.line(last), issue.end_col_offset) if issue.end_col_offset > 0 else len(index.line(last))
    if last == line and end <= column:
        end = len(index.line(line))
    message = check.message or " ".join(str(issue.text).split())
    return Finding(
        path=path,
        range=Range(line, column, last, end),
        rule=f"bandit:{issue.test_id}",
        kind=check.kind,
        message=message,
        severity=check.severity,
        confidence=check.confidence,
        reviewer="security",
        cwe=check.cwe,
        suggestion=check.suggestion,
        evidence=(
            Evidence("linted", f"bandit {issue.test_id} ({issue.test})", {"tool": "bandit", "check": issue.test_id}),
        ),
    )


def _code_points(line: str, utf8: int) -> int:
    """The host's columns count UTF-8 bytes."""
    return utf8 if line.isascii() else len(line.encode("utf-8", "surrogatepass")[:utf8].decode("utf-8", "ignore"))


ENGINE = Engine("bandit", run)
