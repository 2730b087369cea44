"""Functions whose bodies are copies of each other.

What it does: reports a function that does the same steps as another one of the project, whatever its own variables are
called. Comments, docstrings, annotations and the text of strings do not count; names that come from outside of the
function do. A few changed steps are allowed in a long function, none in a short one, whose strings count too.
Left alone are overloads, stubs, tests, generated files and what is kept as it was (migrations, vendored and legacy
code), functions that mostly list data or only pass on what they are given, short ones without a branch, short methods
of one family in one class (``visit_a``, ``visit_b``), and the asynchronous twin of a function or a module. Of more than
three copies only the first is reported.

Sizes are in tokens that say something: names, literals, keywords and operators, docstrings not counted. A body counts
from 22 on (below 40 only with a branch or a loop), the text of its strings may differ from 28 on, and a few of its
steps from 60 on: 85 in 100 must be the same, before that 97. A copy is a finding of medium severity in another file
from 80 on if 92 in 100 are the same, from 60 on (40, if three files or more have it) if 97 in 100 are, for who mends
the one does not see the other; in the same file from 80 on if 97 are. Every other copy is a hint. So is one in the file
of the same name and place in another tree, below one folder more, for the two are kept apart on purpose, one in a file
that is the same from end to end (a link, or what a tool keeps alike), and one of two functions of a name that eight
modules or more have (``setup``, ``main``; of methods one that is not 97 in 100 the same): what a program asks of each
of its plug-ins stays with each.

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
from zlib import crc32

from tree_sitter import Node

from ..findings import Evidence, Finding, Range, Related
from ..places import is_kept, is_test_code
from ..rules import ProgramRule
from .imports import import_root, is_generated
from .metrics import docstring_rows
from .reading import Reading, innermost, read
from .tokens import blind, fingerprints, tokens_of

#: Tokens that say something (names, literals, keywords, operators) which a body must have to be worth a word; those
#: from which on its strings may differ; and those from which on a few steps may.
LEAST, MEDIUM, LONG = 22, 28, 60
#: From so many on, what is alike in another file is more than a hint: who mends the one does not see the other.
LARGE = 80
#: Below so many, a body needs a branch or a loop, and must not be a dunder method.
LOGIC = 40
#: Methods of a class with the same first word that make a pattern.
FAMILY = 6
#: So many copies are shown at each of them.
PAIR = 3
#: So many modules with a function of one name have it because the program asks for it.
HOOK = 8
#: The share of a short body, and of a long one, that must be the same.
SAME, ALIKE = 0.97, 0.85
#: What differs more than this is two things that are alike today, as often as not: a hint.
CLOSE = 0.92
#: Different tokens that a body must have: a table of data repeats few.
VARIETY = 12
#: The share when the function's own names are told apart too: which of them stands where.
CONSISTENT = 0.7
#: A fingerprint that more functions than this share is an idiom.
_COMMON = 24

_PARAMETER = re.compile(rb"(?:^\(|,)\s*\*{0,2}([^\W\d]\w*)")
#: A revision of a database's schema as Alembic writes it: history as well, in a folder of any name.
_REVISION = re.compile(rb"^down_revision\b", re.MULTILINE)
_ASYNC = re.compile(r"async|aio")
_BRANCH = re.compile(rb"(?m)^\s*(?:if|for|while|try|with|match|async\s+(?:for|with))\b")


class Body(NamedTuple):
    """A function as it is compared: ``tokens`` are hashes of its steps (bytes of an array of 32-bit numbers).

    ``owner`` is the class around it (its first byte, or -1), ``file`` a checksum of the text of its file."""

    name: str
    owner: int
    range: Range
    root: str
    start: int
    end: int
    tokens: bytes
    prints: tuple[int, ...]
    waits: bool = False
    file: int = 0


def extract(path: str, text: str) -> tuple[Body, ...]:
    source = read(text)
    data = source.data
    if is_test_code(path) or is_kept(path):
        return ()
    if is_generated(data) or _REVISION.search(data):
        return ()
    root = import_root(path)
    classes = source.of("class")
    starts = [each.start_byte for each in classes]
    checksum = crc32(data)
    bodies: list[Body] = []
    for node in source.of("function"):
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None or body.end_byte - body.start_byte < 2 * LEAST:
            continue
        if sum(1 for each in body.named_children if each.type != "comment") - (docstring_rows(node) > 0) < 2:
            continue  # passes on what it is given
        content = data[body.start_byte : body.end_byte]
        tokens = tokens_of(content, _parameters(source, node))
        if len(tokens) < LEAST or len(set(tokens)) < VARIETY:
            continue
        title = source.text(name)
        if len(tokens) < LOGIC and (title.startswith("__") or not _BRANCH.search(content)):
            continue
        at = innermost(classes, starts, node)
        owner = starts[at] if at >= 0 else -1
        prints = fingerprints(blind(tokens))
        place = source.range(node, name)
        waits = node.children[0].type == "async"
        ends = node.start_byte, node.end_byte
        bodies.append(Body(title, owner, place, root, *ends, tokens.tobytes(), prints, waits, checksum))
    return tuple(bodies)


def _parameters(source: Reading, function: Node) -> list[bytes]:
    parameters = function.child_by_field_name("parameters")
    text = source.data[parameters.start_byte : parameters.end_byte] if parameters is not None else b""
    return _PARAMETER.findall(text)


def check(files: Mapping[str, object]) -> Iterator[Finding]:
    every = [(path, body) for path, bodies in sorted(files.items()) for body in cast("tuple[Body, ...]", bodies)]
    words = Counter((path, body.owner, _word(body)) for path, body in every)
    twins: dict[int, tuple[float, int]] = {}
    groups: dict[int, set[int]] = {}
    kin: dict[int, set[int]] = {}
    for first, second in _candidates(every):
        if _is_family(*every[first], *every[second], words):
            continue
        # What is close to being alike belongs to the same story, though it is told of nobody.
        _join(kin, first, second)
        share = _alike(every[first][1], every[second][1])
        if not share:
            continue
        _join(groups, first, second)
        for one, other in ((first, second), (second, first)):
            if share > twins.get(one, (0.0, 0))[0]:
                twins[one] = (share, other)
    hooks = _hooks(every)
    outer: dict[str, list[Body]] = defaultdict(list)
    for index in twins:
        outer[every[index][0]].append(every[index][1])
    for index, (share, other) in sorted(twins.items()):
        path, body = every[index]
        if any(each is not body and _inside(body, each) for each in outer[path]):
            continue
        # A pair is shown at both; of more, only the first: it is one problem.
        if len(groups[index]) <= PAIR or index == min(groups[index]):
            copies = [every[other], *(every[each] for each in sorted(groups[index] - {index, other}))]
            hook = _called(body) in hooks and _called(every[other][1]) in hooks
            yield _finding(path, body, copies, share, every[min(kin[index])], hook=hook)


def _hooks(every: list[tuple[str, Body]]) -> set[tuple[str, bool, str]]:
    """The functions and methods, by project and name, that many modules have: the program asks for them."""
    modules = Counter(called for _, called in {(path, _called(body)) for path, body in every})
    return {called for called, count in modules.items() if count >= HOOK}


def _called(body: Body) -> tuple[str, bool, str]:
    """What a function is called from outside: its project, whether it is a method, and its name."""
    return body.root, body.owner >= 0, body.name


def _join(groups: dict[int, set[int]], first: int, second: int) -> None:
    one, other = groups.get(first, {first}), groups.get(second, {second})
    if one is other:
        return
    joined = one | other
    groups.update(dict.fromkeys(joined, joined))


def _finding(
    path: str, body: Body, copies: list[tuple[str, Body]], share: float, kin: tuple[str, Body], *, hook: bool
) -> Finding:
    count = len(body.tokens) // 4
    other_path, other = copies[0]
    where = f"{other_path.rpartition('/')[2]}:{other.range.line + 1}"
    if body.tokens == other.tokens:
        how = "is a copy of"
    elif share >= 0.995:
        how = "differs only in names and texts from"
    else:
        how = f"is {share:.0%} the same as"
    several = len(copies) >= PAIR
    where += f", one of {len(copies) + 1}" if several else ""
    within = path == other_path
    exact = share >= SAME
    size = min(count, len(other.tokens) // 4)  # of both the same, so that a pair is one story
    if within:
        grave = size >= LARGE and exact
    else:
        spread = size >= LOGIC and len({path, *(place for place, _ in copies)}) >= PAIR
        near = (size >= LARGE and share >= CLOSE and not hook) or ((size >= LONG or spread) and exact)
        grave = near and not (hook and body.owner < 0) and body.file != other.file and not _is_beside(path, other_path)
    return Finding(
        path=path,
        range=body.range,
        rule=PROGRAM_RULE.name,
        kind=PROGRAM_RULE.kind,
        message=f"{body.name}() {how} {other.name}() ({where})",
        severity="medium" if grave else PROGRAM_RULE.severity,
        confidence=round(0.5 + 0.2 * min(1.0, count / 200) + 0.2 * max(0.0, (share - 0.8) / 0.2), 3),
        reviewer=PROGRAM_RULE.reviewer,
        suggestion="keep one of them, with what differs as a parameter",
        evidence=(
            Evidence(
                "measured",
                f"{share:.0%} of {count} tokens are the same, own names and texts apart",
                {
                    "tokens": count,
                    "same": round(share, 3),
                    "twin": f"{other_path}:{other.range.line + 1}",
                    "kin": f"{kin[0]}:{kin[1].range.line + 1}",
                },
            ),
        ),
        related=tuple(
            Related(place, each.range, f"{each.name}()") for place, each in (copies if several else copies[:1])
        ),
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
        if _is_mirror(first[0], second[0]) or first[1].waits != second[1].waits:
            continue
        small, large = sorted((len(first[1].tokens), len(second[1].tokens)))
        if small >= 0.7 * large and count >= 0.5 * min(len(set(first[1].prints)), len(set(second[1].prints))):
            yield a, b


def _is_family(path: str, one: Body, other_path: str, other: Body, words: Counter[tuple[str, int, str]]) -> bool:
    """Short methods of one class that has many whose names begin with the same word: cases of one pattern."""
    if path != other_path or one.owner < 0 or one.owner != other.owner or _word(one) != _word(other):
        return False
    return words[path, one.owner, _word(one)] >= FAMILY and min(len(one.tokens), len(other.tokens)) < 4 * LONG


def _word(body: Body) -> str:
    return body.name.lstrip("_").partition("_")[0]


def _is_mirror(path: str, other: str) -> bool:
    """Of a module and its asynchronous twin, neither can use the other's functions."""
    return len({bool(_ASYNC.search(each)) for each in (path, other)}) == 2


def _is_beside(path: str, other: str) -> bool:
    """The same file, or the same one in another tree (``events/filters.py``, ``server/events/filters.py``): who mends
    the one sees the other, or keeps the trees apart on purpose."""
    one, two = sorted((path.split("/"), other.split("/")), key=len)
    more = len(two) - len(one)
    return more <= 1 and any(one == two[:at] + two[at + more :] for at in range(len(two)))


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
