"""pyright (and basedpyright): its errors as text and as JSON (``--outputjson``).

The first error is the fault, the others are its ``others``. What Python itself would say at run time is said in its
words, so that the repairs for it apply; pyright's own words are a note. An error without a rule is one of syntax.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from ..fault import Category, Fault
from ..toolchain import Toolchain
from ..tracebacks import plain

_ERROR = re.compile(r"^ {2}(?P<path>.+\.pyi?):(?P<line>\d+):(?P<column>\d+) - error: (?P<said>.*)$")
_RULE = re.compile(r"^(?P<said>.*) \((?P<rule>report[A-Za-z]+)\)$", re.DOTALL)
_NAMES = frozenset(
    {"reportUndefinedVariable", "reportAttributeAccessIssue", "reportPossiblyUnbound", "reportUnboundVariable"}
)
_WORDS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r'^"(.+?)" is not defined'), "NameError", "name '{0}' is not defined"),
    (re.compile(r'^"(.+?)" is (?:possibly )?unbound'), "UnboundLocalError", "cannot access local variable '{0}'"),
    (re.compile(r'^"(.+?)" is unknown import symbol'), "ImportError", "cannot import name '{0}'"),
    (re.compile(r'^"(.+?)" is not a known attribute of module "(.+?)"'), "AttributeError", "module '{1}' has no attribute '{0}'"),  # noqa: E501
    (re.compile(r'^Cannot access attribute "(.+?)" for class "(?:type\[)?(.+?)[*\]]*"'), "AttributeError", "'{1}' object has no attribute '{0}'"),  # noqa: E501
    (re.compile(r'^Import "(.+?)" could not be resolved'), "ModuleNotFoundError", "No module named '{0}'"),
)  # fmt: skip


def diagnose(stdout: str, stderr: str, command: Sequence[str]) -> Fault | None:
    """The first error, the others with it."""
    first, *others = [*every(stdout, stderr, command)] or [None]
    return replace(first, others=tuple(each for each in others if each)) if first else None


def every(stdout: str, stderr: str, command: Sequence[str]) -> Iterator[Fault]:
    """Each error, in order."""
    text = plain(stdout)
    if '"generalDiagnostics"' in text:
        yield from _report(text)
        return
    lines = text.split("\n")
    for number, line in enumerate(lines):
        match = _ERROR.match(line)
        if match is None:
            continue
        said = [match["said"]]
        for following in lines[number + 1 :]:
            if not following[:4].isspace():
                break
            said.append(following.strip())
        rule = _RULE.match("\n".join(said))
        words, name = (rule["said"], rule["rule"]) if rule else ("\n".join(said), "")
        yield fault_of(words, name, match["path"], int(match["line"]) - 1, int(match["column"]) - 1)


def _report(text: str) -> Iterator[Fault]:
    try:
        value: object = json.loads(text[text.index("{") :])
    except ValueError:
        return
    found = cast(dict[str, Any], value).get("generalDiagnostics", ()) if isinstance(value, dict) else ()
    for each in cast(Sequence[dict[str, Any]], found):
        if each.get("severity") != "error":
            continue
        start, end = each["range"]["start"], each["range"]["end"]
        last = end["character"] if end["line"] == start["line"] else -1
        rule, message = str(each.get("rule", "")), str(each["message"])
        yield fault_of(message, rule, str(each["file"]), start["line"], start["character"], last)


def fault_of(said: str, rule: str, path: str, line: int, column: int, end: int = -1) -> Fault:
    """The fault of one error; ``line`` and ``column`` from 0."""
    category: Category = "name" if rule in _NAMES else "type" if rule else "syntax"
    exception, message = ("TypeError" if rule else "SyntaxError"), said
    for pattern, kind, words in _WORDS:
        if rule and (match := pattern.match(said)):
            category, exception, message = "name", kind, words.format(*match.groups())
            break
    notes = (f"pyright: {said}",) if message != said else ()
    return Fault(category, "python", exception, message, path, line, column, end, notes=notes, code=rule)


TOOLCHAIN = Toolchain("pyright", diagnose, priority=15, every=every)
