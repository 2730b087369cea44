"""The same switch over types, written again in function after function.

What it does: reports a cascade (``if``/``elif`` or ``match``) over at least three classes of the project, members of
an enumeration, or words that one attribute may hold, if functions of the project repeat it: three functions, or two for
a cascade of five or more. One finding for all of them, with the other places. Left alone are switches over built-in
types and over classes of other projects (nobody can give those a method), over classes that a visitor can visit (they
have ``accept``: the project has its answer), those of one method in several classes (what handles an event is decided
there by the receiver), and tests.

Why is this bad: who adds a case has to find every one of the cascades; the one that was missed fails at run time, or
does nothing. A method (or one table from the case to what differs) has one place for each case.

Example::

    def area(shape):
        if isinstance(shape, Circle): ...
        elif isinstance(shape, Square): ...
        elif isinstance(shape, Triangle): ...

    def outline(shape):
        if isinstance(shape, Circle): ...
        elif isinstance(shape, Square): ...
        elif isinstance(shape, Triangle): ...

Use instead::

    class Circle(Shape):
        def area(self): ...
        def outline(self): ...

References: Fowler, "Refactoring" (1999), Switch Statements, Replace Conditional with Polymorphism; Demeyer, Ducasse and
Nierstrasz, "Object-Oriented Reengineering Patterns" (2002), Transform Conditionals to Polymorphism
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tree_sitter import Node

from ..findings import Evidence, Finding, Json, Range, Related
from ..places import is_test_code
from ..rules import ProgramRule
from .imports import import_root
from .reading import Reading, innermost, read

#: Cases that a cascade must have; the functions that repeat it; cases from which on two functions are enough.
CASES, FUNCTIONS, MANY = 3, 3, 5
#: The share of the smaller cascade's cases that two must have in common.
COMMON = 0.6

_DOTTED = r"[A-Za-z_][\w.]*(?:\(\))?"
_WORD = r"'[\w-]+'|\"[\w-]+\""
_MEMBER = r"[A-Z]\w*\.[A-Z][A-Z0-9_]+"
_IS_INSTANCE = re.compile(rf"\bisinstance\(\s*({_DOTTED})\s*,\s*(?:\(([^()]*)\)|([\w.]+))\s*,?\s*\)")
_EQUAL = re.compile(rf"(?<![\w.\])])({_DOTTED})\s*(?:==|\bis)\s*({_WORD}|{_MEMBER})(?![\w.(])")
_AMONG = re.compile(rf"(?<![\w.\])])({_DOTTED})\s+in\s+[(\[{{]((?:\s*(?:{_WORD}|{_MEMBER})\s*,?)+)[)\]}}]")
_ONE = re.compile(rf"{_WORD}|{_MEMBER}")
_CLASS_PATTERN = re.compile(r"(?<![\w.])([A-Z][\w.]*)\(")


class Cascade(NamedTuple):
    """The cases that a function tells apart by one subject. ``what`` is ``class``, or the attribute or variable that
    holds a word, or empty for members of enumerations."""

    function: str
    range: Range
    what: str
    cases: tuple[str, ...]
    arms: int


class Switches(NamedTuple):
    """The cascades of a file, and the classes that it defines; ``visited``: those that take a visitor."""

    root: str
    classes: tuple[str, ...]
    visited: tuple[str, ...]
    cascades: tuple[Cascade, ...]


def extract(path: str, text: str) -> Switches:
    source = read(text)
    classes = tuple(source.field(each, "name") for each in source.of("class"))
    cascades = () if is_test_code(path) else tuple(_cascades(source))
    return Switches(import_root(path), classes, tuple(_visited(source)), cascades)


def _visited(source: Reading) -> Iterator[str]:
    if b"def accept" in source.data:
        for each in source.of("class"):
            if b"def accept" in source.data[each.start_byte : each.end_byte]:
                yield source.field(each, "name")


def _cascades(source: Reading) -> Iterator[Cascade]:
    functions = source.of("function")
    starts = [each.start_byte for each in functions]
    tests: dict[tuple[int, str, str], list[tuple[Node, frozenset[str]]]] = defaultdict(list)
    for node, text in _conditions(source):
        at = innermost(functions, starts, node)
        if at >= 0:
            for subject, what, cases in _tested(text):
                tests[at, subject, what].append((node, cases))
    for (at, _, what), found in tests.items():
        cases = frozenset[str]().union(*(each for _, each in found))
        if len(cases) >= CASES and len(found) >= (CASES if what.startswith(".") else CASES - 1):
            name = source.field(functions[at], "name")
            yield Cascade(name, source.range(found[0][0]), what, tuple(sorted(cases)), len(found))


def _conditions(source: Reading) -> Iterator[tuple[Node, str]]:
    for node in source.of("condition"):
        size = node.end_byte - node.start_byte
        if 8 < size < 2000:
            text = source.text(node)
            if "isinstance" in text or "==" in text or " is " in text or " in " in text:
                yield node, text
    for pattern in source.of("case"):
        clause = pattern.parent
        match = clause.parent.parent if clause is not None and clause.parent is not None else None
        if clause is not None and match is not None:
            text, subject = source.text(pattern), source.field(match, "subject")
            for name in _CLASS_PATTERN.findall(text):
                yield clause, f"isinstance({subject}, {name})"
            if "(" not in text:
                for member in _ONE.findall(text):
                    yield clause, f"{subject} == {member}"


def _tested(text: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """(subject, what, cases) for each test that a condition makes."""
    for subject, several, one in _IS_INSTANCE.findall(text) if "isinstance" in text else ():
        names = (name.strip().rpartition(".")[2] for name in (several or one).split(","))
        yield subject, "class", frozenset(name for name in names if name)
    for subject, word in _EQUAL.findall(text):
        yield subject, _holder(subject, word), frozenset({word.strip("'\"")})
    for subject, words in _AMONG.findall(text) if " in " in text else ():
        listed = _ONE.findall(words)
        yield subject, _holder(subject, listed[0]), frozenset(word.strip("'\"") for word in listed)


def _holder(subject: str, word: str) -> str:
    return "" if word[0] not in "'\"" else f".{subject.rpartition('.')[2]}"


class _Place(NamedTuple):
    path: str
    cascade: Cascade
    cases: frozenset[str]


def check(files: Mapping[str, object]) -> Iterator[Finding]:
    owned: dict[str, set[str]] = defaultdict(set)
    visited: dict[str, set[str]] = defaultdict(set)
    places: dict[tuple[str, str], list[_Place]] = defaultdict(list)
    switches = {path: each for path, each in sorted(files.items()) if isinstance(each, Switches)}
    for each in switches.values():
        owned[each.root].update(each.classes)
        visited[each.root].update(each.visited)
    for path, each in switches.items():
        for cascade in each.cascades:
            cases = frozenset(cascade.cases)
            if cascade.what == "class":
                cases = (cases & owned[each.root]) - visited[each.root]
            elif not cascade.what:
                cases = frozenset(case for case in cases if case.partition(".")[0] in owned[each.root])
            if len(cases) >= CASES:
                places[each.root, cascade.what].append(_Place(path, cascade, cases))
    for (_, what), found in sorted(places.items()):
        yield from _groups(what, found)


def _groups(what: str, places: list[_Place]) -> Iterator[Finding]:
    left = sorted(places, key=lambda each: (-len(each.cases), each.path, each.cascade.range))
    while left:
        first = left.pop(0)
        same = [each for each in left if _is_same(first.cases, each.cases)]
        functions = {each.cascade.function for each in (first, *same)}
        shared = first.cases.intersection(*(each.cases for each in same))
        if len(functions) >= FUNCTIONS or (len(functions) == 2 and len(shared) >= MANY):
            left = [each for each in left if each not in same]
            yield _finding(what, first, same)


def _is_same(one: frozenset[str], other: frozenset[str]) -> bool:
    both = len(one & other)
    return both >= CASES and both >= COMMON * min(len(one), len(other)) and both >= 0.4 * max(len(one), len(other))


def _finding(what: str, first: _Place, others: Sequence[_Place]) -> Finding:
    every = [first, *others]
    functions = list(dict.fromkeys(each.cascade.function for each in every))
    cases = sorted(first.cases, key=lambda case: (-sum(case in each.cases for each in others), case))
    over = ", ".join(cases[:3]) + (", …" if len(cases) > 3 else "")
    where = f"{functions[0]}()" + "".join(f", {name}()" for name in functions[1:3])
    where += " and others" if len(functions) > 3 else ""
    steps: list[Json] = [
        {
            "path": each.path,
            "line": each.cascade.range.line + 1,
            "column": each.cascade.range.column + 1,
            "text": f"{each.cascade.function}() over {len(each.cases)} cases",
        }
        for each in every
    ]
    count = len(functions)
    threshold = 2 if count == 2 else FUNCTIONS
    summary = f"functions that repeat it {count}, threshold {threshold}"
    data: dict[str, Json] = {"metric": "functions that repeat it", "value": count, "threshold": threshold}
    return Finding(
        path=first.path,
        range=first.cascade.range,
        rule=PROGRAM_RULE.name,
        kind=PROGRAM_RULE.kind,
        message=f"{where} all switch over {over}",
        severity=PROGRAM_RULE.severity,
        confidence=round(min(0.85, 0.45 + 0.05 * count + 0.03 * len(cases) - (0.1 if what.startswith(".") else 0)), 2),
        reviewer=PROGRAM_RULE.reviewer,
        suggestion="give the cases a method, or keep what differs between them in one table",
        evidence=(
            Evidence("traced", f"the same cases in {count} functions", {"path": steps, "cases": cases}),
            Evidence("counted", summary, data),
        ),
        related=tuple(
            Related(each.path, each.cascade.range, f"{each.cascade.function}() switches over the same")
            for each in others
        ),
    )


PROGRAM_RULE = ProgramRule(
    name="type-switch",
    reviewer="architecture",
    kind="type_switch",
    summary="Several functions repeat the same switch over types",
    severity="low",
    extract=extract,
    check=check,
)
