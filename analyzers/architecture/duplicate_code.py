"""Functions whose bodies are copies of each other.

What it does: reports a function that does the same steps as another one of the project, whatever its own variables are
called. Comments, docstrings, annotations and the text of strings do not count; names that come from outside of the
function do. A few changed steps are allowed in a long function, none in a short one, whose strings count too.
Overloads, stubs, tests and generated files are left alone, and so are functions that mostly list data.

Why is this bad: a mistake in one is a mistake in the other, and is mended in the one that somebody looked at.

Example::

    class Application:
        def open_resource(self, name, mode="rb"):
            if mode not in {"r", "rt", "rb"}:
                raise ValueError("can only be opened for reading")
            path = os.path.join(self.root_path, name)
            return open(path, mode) if mode == "rb" else open(path, mode, encoding="utf-8")

    class Blueprint:
        def open_resource(self, resource, mode="rb"):
            if mode not in {"r", "rt", "rb"}:
                raise ValueError("resources can only be opened for reading")
            path = os.path.join(self.root_path, resource)
            return open(path, mode) if mode == "rb" else open(path, mode, encoding="utf-8")

Use instead::

    class Scaffold:
        def open_resource(self, name, mode="rb"): ...

    class Application(Scaffold): ...
    class Blueprint(Scaffold): ...

References: Roy, Cordy and Koschke, "Comparison and evaluation of code clone detection techniques" (2009), types 2
and 3; Schleimer, Wilkerson and Aiken, "Winnowing" (SIGMOD 2003)
"""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import NamedTuple, cast

from tree_sitter import Node

from ..findings import Evidence, Finding, Range, Related
from ..rules import ProgramRule
from ..tests_of import in_tests
from .imports import import_root
from .reading import Reading, read
from .tokens import blind, fingerprints, tokens_of

#: Tokens that say something (names, literals, keywords, operators) which a body must have to be worth a word; those
#: from which on its strings may differ; and those from which on a few steps may.
LEAST, MEDIUM, LONG = 20, 28, 60
#: The share of a short body, and of a long one, that must be the same.
SAME, ALIKE = 0.97, 0.85
#: Different tokens that a body must have: a table of data repeats few.
VARIETY = 12
#: The share when the function's own names are told apart too: which of them stands where.
CONSISTENT = 0.7
#: A fingerprint that more functions than this share is an idiom.
_COMMON = 24

_PARAMETER = re.compile(rb"(?:^\(|,)\s*\*{0,2}([^\W\d]\w*)")
_GENERATED = re.compile(rb"\A(?:[^\n]*\n){0,5}?[^\n]*(?:@generated|[Dd]o not edit|DO NOT EDIT|[Aa]uto-?generated)")


class Body(NamedTuple):
    """A function as it is compared: ``tokens`` are hashes of its steps (bytes of an array of 32-bit numbers)."""

    name: str
    range: Range
    root: str
    start: int
    end: int
    tokens: bytes
    prints: tuple[int, ...]


def extract(path: str, text: str) -> tuple[Body, ...]:
    source = read(text)
    data = source.data
    if in_tests(path) or _GENERATED.match(data):
        return ()
    root = import_root(path)
    bodies: list[Body] = []
    for node in source.of("function"):
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None or body.end_byte - body.start_byte < 2 * LEAST:
            continue
        tokens = tokens_of(data[body.start_byte : body.end_byte], _parameters(source, node))
        if len(tokens) < LEAST or len(set(tokens)) < VARIETY:
            continue
        place = source.range(node, name)
        prints = fingerprints(blind(tokens))
        bodies.append(Body(source.text(name), place, root, node.start_byte, node.end_byte, tokens.tobytes(), prints))
    return tuple(bodies)


def _parameters(source: Reading, function: Node) -> list[bytes]:
    parameters = function.child_by_field_name("parameters")
    text = source.data[parameters.start_byte : parameters.end_byte] if parameters is not None else b""
    return _PARAMETER.findall(text)


def check(files: Mapping[str, object]) -> Iterator[Finding]:
    every = [(path, body) for path, bodies in sorted(files.items()) for body in cast("tuple[Body, ...]", bodies)]
    twins: dict[int, tuple[float, int]] = {}
    for first, second in _candidates(every):
        share = _alike(every[first][1], every[second][1])
        for one, other in ((first, second), (second, first)):
            if share > twins.get(one, (0.0, 0))[0]:
                twins[one] = (share, other)
    covered = {
        index
        for index in twins
        for outer in twins
        if outer != index and every[outer][0] == every[index][0] and _inside(every[index][1], every[outer][1])
    }
    for index, (share, other) in sorted(twins.items()):
        if index not in covered:
            yield _finding(*every[index], *every[other], share)


def _finding(path: str, body: Body, other_path: str, other: Body, share: float) -> Finding:
    count = len(body.tokens) // 4
    where = f"{other_path.rpartition('/')[2]}:{other.range.line + 1}"
    how = "is a copy of" if share >= 0.995 else f"is {share:.0%} the same as"
    return Finding(
        path=path,
        range=body.range,
        rule=PROGRAM_RULE.name,
        kind=PROGRAM_RULE.kind,
        message=f"{body.name}() {how} {other.name}() ({where})",
        severity=PROGRAM_RULE.severity,
        confidence=round(0.5 + 0.4 * min(1.0, count / 200) * share, 3),
        reviewer=PROGRAM_RULE.reviewer,
        suggestion="keep one of them, with what differs as a parameter",
        evidence=(
            Evidence(
                "measured",
                f"{share:.0%} of {count} tokens are the same, own names apart",
                {"tokens": count, "same": round(share, 3), "twin": f"{other_path}:{other.range.line + 1}"},
            ),
        ),
        related=(Related(other_path, other.range, f"{other.name}()"),),
    )


def _candidates(every: list[tuple[str, Body]]) -> Iterator[tuple[int, int]]:
    """Pairs of one project that share half of the fingerprints of the smaller one."""
    holders: dict[int, list[int]] = defaultdict(list)
    for index, (_, body) in enumerate(every):
        for each in set(body.prints):
            holders[each].append(index)
    shared: Counter[tuple[int, int]] = Counter()
    for indexes in holders.values():
        if 1 < len(indexes) <= _COMMON:
            shared.update((a, b) for place, a in enumerate(indexes) for b in indexes[place + 1 :])
    for (a, b), count in shared.items():
        first, second = every[a], every[b]
        if first[1].root != second[1].root or (first[0] == second[0] and _nested(first[1], second[1])):
            continue
        small, large = sorted((len(first[1].tokens), len(second[1].tokens)))
        if small >= 0.7 * large and count >= 0.5 * min(len(set(first[1].prints)), len(set(second[1].prints))):
            yield a, b


def _nested(one: Body, other: Body) -> bool:
    return _inside(one, other) or _inside(other, one)


def _inside(inner: Body, outer: Body) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _alike(one: Body, other: Body) -> float:
    """The share of the tokens that both have in the same order; 0 if it is too small to speak of."""
    if one.tokens == other.tokens:
        return 1.0
    first, second = array("I", one.tokens), array("I", other.tokens)
    size = min(len(first), len(second))
    strings = size >= MEDIUM
    share = _ratio(blind(first, strings), blind(second, strings), ALIKE if size >= LONG else SAME)
    return share if share and _ratio(first, second, CONSISTENT) else 0.0


def _ratio(first: array[int], second: array[int], least: float) -> float:
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    if matcher.quick_ratio() < least:
        return 0.0
    share = matcher.ratio()
    return share if share >= least else 0.0


PROGRAM_RULE = ProgramRule(
    name="duplicate-code",
    reviewer="architecture",
    kind="duplicate",
    summary="A function is a copy of another one of the project",
    severity="low",
    extract=extract,
    check=check,
)
