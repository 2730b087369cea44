"""Examples in the documentation that are not so: doctests, and lines such as ``slugify("A b") -> "a-b"``.

An example is an input with its answer, so it is tried first and judged wherever that input turns up. Only calls with
literal arguments and literal (or printed) answers are read; what needs earlier lines, has backslashes in a docstring
that is not raw, or is shortened with dots is left alone.
"""

from __future__ import annotations

import ast
import doctest
import re
from dataclasses import dataclass, replace
from typing import Any

from ..plans import Made, Plan
from .equality import same
from .verdict import Facts, Oracle, Trial, Verdict, shown

_LITERALS = (bool, int, float, complex, str, bytes, list, dict, tuple, set, frozenset, type(None))
_ARROW = re.compile(r"(?P<call>\b\w+\(.{0,120}?\))`*\s*(?:==|->|→|=>|⇒|returns)\s*`*(?P<want>[^`\n]{1,120})")


@dataclass(frozen=True, slots=True)
class Example:
    plan: Made
    value: Any
    text: str
    loose: bool = False  # in prose, where letter case and spacing are often approximate


def read_examples(facts: Facts) -> tuple[Example, ...]:
    """The examples of a docstring that can be checked."""
    found: list[Example] = []
    name = facts.last_name
    if facts.method:
        return ()
    try:
        tests = doctest.DocTestParser().get_examples(facts.doc)
    except ValueError:
        tests = []
    for test in tests:
        if test.exc_msg is None and not test.options:
            found += _example(test.source, test.want, name)
    prose = re.sub(r"(?m)^\s*(?:>>>|\.\.\.).*$", "", facts.doc)
    for match in _ARROW.finditer(prose):
        read = _example(match["call"], _literal_prefix(match["want"]), name)
        found += [replace(each, loose=True) for each in read]
    return tuple({repr(each.plan): each for each in reversed(found)}.values())[::-1]


def _literal_prefix(text: str) -> str:
    """The longest beginning of a line that is a literal: what follows is prose."""
    text = text.strip()
    for end in range(len(text), 0, -1):
        part = text[:end].rstrip(" .,;:")
        try:
            ast.literal_eval(part)
        except (ValueError, SyntaxError, MemoryError, TypeError):
            continue
        rest = text[len(part) :]
        return part if not rest or rest[0] in " .,;:)" else ""
    return ""


def _example(source: str, want: str, name: str) -> list[Example]:
    if "\\" in source + want or "..." in want or "…" in want or "Traceback" in want or not want.strip():
        return []
    try:
        call = ast.parse(source.strip(), mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != name:
            return []
        args: tuple[Plan, ...] = tuple(ast.literal_eval(each) for each in call.args)
        kwargs = tuple((each.arg or "", ast.literal_eval(each.value)) for each in call.keywords)
        value = ast.literal_eval(want.strip())
    except (ValueError, SyntaxError, MemoryError, TypeError, RecursionError):
        return []
    return [] if any(not key for key, _ in kwargs) else [Example(Made("", args, kwargs), value, want.strip())]


def prepare(facts: Facts) -> Oracle | None:
    examples = read_examples(facts)
    if not examples:
        return None
    known = {repr(each.plan): each for each in examples}

    def judge(trial: Trial) -> Verdict | None:
        example = known.get(repr(trial.plan))
        if example is None or trial.result.error is not None or _agrees(trial.value, example):
            return None
        if type(trial.value) not in (
            bool,
            int,
            float,
            complex,
            str,
            bytes,
            list,
            dict,
            tuple,
            set,
            frozenset,
            type(None),
        ):
            return None
        message = f"gives {shown(trial.value)}, where its documentation says {example.text[:60]}"
        return Verdict("property", "DocExample", message, trial.case.line, 0.85, f"result == {example.value!r}")

    return judge


def _agrees(value: Any, example: Example) -> bool:
    """Equal, or equal to the digits that are written; a tuple may be written as a list."""
    wanted = example.value
    if value == wanted or same(value, wanted, close=True) or repr(value) == example.text:
        return True
    if isinstance(value, str) and value.rstrip() == example.text.rstrip():
        return True  # printed, or written without quotes
    if example.loose and isinstance(value, str) and isinstance(wanted, str):
        return "".join(value.split()).casefold() == "".join(wanted.split()).casefold()
    return _digits(value, wanted)


def _digits(value: Any, wanted: Any) -> bool:
    if isinstance(value, list | tuple) and isinstance(wanted, list | tuple):
        return len(value) == len(wanted) and all(map(_digits, value, wanted))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, int | float) and isinstance(wanted, int | float) and isinstance(value, float | type(wanted)):
        text = repr(wanted).partition(".")[2]
        return abs(value - wanted) <= 0.51 * 10.0 ** -len(text) if "e" not in text else value == wanted
    return value == wanted
