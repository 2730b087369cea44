"""A method that works on another object's data instead of its own.

What it does: reports a method that reads more than five fields of one object that it was given (ATFD over 5), while
less than a third of what it reads is its own (LAA under 1/3) and hardly anybody else's is (FDP of 2 at most), if the
project has exactly one class with all of these fields, so that the method could live there. Left alone are methods
whose duty is to look at others: dunder methods, those that convert, copy, compare, show, write or load, members of a
family, methods that several classes define, and whatever stands in a visitor, writer, view, builder and the like.

Why is this bad: whoever changes the fields has to know of a method in another class, and that class grows with what is
not its own.

Example::

    class Invoice:
        def label(self, customer):
            return f"{customer.name}, {customer.street} {customer.number}, {customer.code} {customer.town}, …"

Use instead::

    class Customer:
        def label(self):
            return f"{self.name}, {self.street} {self.number}, {self.code} {self.town}, …"

References: Lanza and Marinescu, "Object-Oriented Metrics in Practice" (2006), Feature Envy; Fowler, "Refactoring"
(1999), Feature Envy, Move Method
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from ..findings import Evidence, Finding, Range, Related
from ..places import is_test_code
from ..rules import ProgramRule
from .classes import Method, figures_of, named_methods, own_of
from .imports import import_root
from .metrics import counted
from .reading import Reading, read

_SOURCE = "Lanza and Marinescu 2006"

ATFD, LAA, FDP = 5, 1 / 3, 2

_READ = re.compile(rb"(?<![\w.)\]])([a-z_]\w*)\.([a-z_]\w*)\b(?!\s*\()")
_FIELD = re.compile(rb"\bself\.(\w+)\s*(?::[^=\n]+)?=(?!=)")
_DECLARED = re.compile(rb"^[ \t]+([a-z_]\w*)\s*(?::[^=\n]+)?(?:=(?!=)|$)", re.MULTILINE)

#: First words of methods, and last ones of classes, whose duty is to look at the data of others.
_LOOKS = frozenset(
    {"from", "to", "as", "copy", "clone", "merge", "update", "convert", "compare", "format", "render", "show", "print"}
    | {
        "dump",
        "write",
        "save",
        "load",
        "read",
        "parse",
        "serialize",
        "deserialize",
        "encode",
        "decode",
        "build",
        "create",
    }
    | {"make", "visit", "accept", "handle", "on", "test", "setup", "export", "import", "describe", "init", "configure"}
)
_LOOKERS = re.compile(
    r"(?:Visitor|Writer|Reader|View|Builder|Serializer|Encoder|Decoder|Renderer|Formatter|Printer|Translator|Factory|"
    r"Adapter|Converter|Mapper|Handler|Admin|Command|Compiler|Generator|Checker|Analyzer|Parser|Plugin|Form|Mixin|Test\w*)$"
)


@cache
def _standard() -> tuple[frozenset[str], ...]:
    """Attributes of the standard library's records: who reads these need not mean a class of the project."""
    import argparse
    import datetime
    import os
    import urllib.parse

    records = (datetime.datetime, datetime.timedelta, os.stat_result, urllib.parse.SplitResult, argparse.Action)
    parsed = {"params", "dest", "nargs", "const", "default", "type", "choices", "required", "help", "metavar"}
    return tuple(frozenset(dir(each)) | parsed for each in records)


class Envious(NamedTuple):
    """A method that reads many fields of one object: which ones, and what it reads besides."""

    owner: str
    name: str
    range: Range
    envied: str
    fields: tuple[str, ...]
    own: int
    providers: int


class Records(NamedTuple):
    """What a file says of its classes: their fields, their methods, and the envious ones."""

    root: str
    classes: tuple[tuple[str, tuple[str, ...], Range], ...]
    methods: tuple[str, ...]
    envious: tuple[Envious, ...]


def extract(path: str, text: str) -> Records:
    source = read(text)
    if is_test_code(path):
        return Records(import_root(path), (), (), ())
    classes: list[tuple[str, tuple[str, ...], Range]] = []
    names: list[str] = []
    envious: list[Envious] = []
    for node in source.of("class"):
        methods = named_methods(node, source.data)
        names += {name for name, _ in methods}
        owner = source.field(node, "name")
        fields = _fields(source.data[node.start_byte : node.end_byte], [name for name, _ in methods])
        if len(fields) > ATFD:
            classes.append((owner, tuple(sorted(fields)), source.heading(node)))
        if _LOOKERS.search(owner) is None:
            for name, method in own_of(methods):
                if name.lstrip("_").partition("_")[0] not in _LOOKS:
                    data = source.data[method.start_byte : method.end_byte]
                    if _is_candidate(data):
                        inner = method.child_by_field_name("definition") or method
                        envious += _envied(source, owner, source.heading(inner), figures_of(method, source.data))
    return Records(import_root(path), tuple(classes), tuple(names), tuple(envious))


def _fields(data: bytes, methods: list[str]) -> frozenset[str]:
    """What an object of a class has: fields that it sets or declares, and what may be its properties."""
    found = {*_FIELD.findall(data), *_DECLARED.findall(data)}
    return frozenset(name.decode() for name in found) | frozenset(methods)


def _is_candidate(data: bytes) -> bool:
    """Without parsing: are so many attributes of one object read at all?"""
    if data.count(b".") <= ATFD:
        return False
    reads = set(_READ.findall(data))
    counts = Counter(owner for owner, _ in reads if owner not in (b"self", b"cls"))
    return any(count > ATFD for count in counts.values())


def _envied(source: Reading, owner: str, place: Range, method: Method) -> Iterator[Envious]:
    by_object: dict[str, set[str]] = defaultdict(set)
    for name, attribute in method.foreign:
        by_object[name].add(attribute)
    if not method.is_plain:
        return
    for name, read_of in by_object.items():
        every = len(method.own) + sum(len(each) for each in by_object.values())
        if (
            len(read_of) > ATFD
            and name in method.parameters
            and len(method.own) < LAA * every
            and len(by_object) <= FDP
        ):
            fields = tuple(sorted(read_of))
            yield Envious(owner, method.name, place, name, fields, len(method.own), len(by_object))


def check(files: Mapping[str, object]) -> Iterator[Finding]:
    records = {path: each for path, each in sorted(files.items()) if isinstance(each, Records)}
    defined: Counter[tuple[str, str]] = Counter()
    for each in records.values():
        defined.update((each.root, name) for name in each.methods)
    for path, each in records.items():
        for method in each.envious:
            if defined[each.root, method.name] > 1 or any(known.issuperset(method.fields) for known in _standard()):
                continue
            homes = [
                (where, name, place)
                for where, other in records.items()
                if other.root == each.root
                for name, fields, place in other.classes
                if set(method.fields) <= set(fields)
            ]
            if len(homes) == 1 and homes[0][1] != method.owner:
                yield _finding(path, method, *homes[0])


def _finding(path: str, method: Envious, home: str, name: str, place: Range) -> Finding:
    every = method.own + len(method.fields)
    share = method.own / every
    listed = ", ".join(sorted(method.fields)[:4])
    return Finding(
        path=path,
        range=method.range,
        rule=PROGRAM_RULE.name,
        kind=PROGRAM_RULE.kind,
        message=f"'{method.owner}.{method.name}' works on the data of '{name}' ({listed}, …), not on its own",
        severity=PROGRAM_RULE.severity,
        confidence=0.55 if method.own else 0.65,
        reviewer=PROGRAM_RULE.reviewer,
        suggestion=f"move it, or the part that uses '{method.envied}', to '{name}'",
        evidence=(
            counted("foreign data (ATFD)", len(method.fields), ATFD, _SOURCE),
            counted("locality of what it reads (LAA)", round(share, 2), round(LAA, 2), _SOURCE),
            counted("providers of foreign data (FDP)", method.providers, FDP, _SOURCE),
            Evidence("traced", f"all of them are fields of '{name}' only", {"path": [_step(home, place, name)]}),
        ),
        related=(Related(home, place, f"class {name}"),),
    )


def _step(path: str, place: Range, name: str) -> dict[str, str | int]:
    return {"path": path, "line": place.line + 1, "column": place.column + 1, "text": f"class {name}"}


PROGRAM_RULE = ProgramRule(
    name="feature-envy",
    reviewer="architecture",
    kind="feature_envy",
    summary="A method works on the data of another class",
    severity="low",
    extract=extract,
    check=check,
)
