"""Module state that functions change.

What it does: reports a module-level dictionary, list or set that functions of the module store into, and a module
variable that functions set by ``global``. Left alone are memos and lazy values (the function that stores also looks
whether it is there; a list to which each thing is added once is none), stores under a lock, decorators that register
what they are given while modules load and what a class writes down of each class below it, what a program's ``main``
sets, and variables that are only emptied.

Why is this bad: what one caller stores is there for all others, in every thread, request and test of the process; no
caller can see it in a signature, and none can have a second one.

Example::

    _handlers = {}

    def register(name, handler):
        _handlers[name] = handler

Use instead::

    class Registry:
        def __init__(self) -> None:
            self.handlers = {}

References: Wulf and Shaw, "Global Variable Considered Harmful", SIGPLAN Notices 8 (1973)
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, cast

from tree_sitter import Node

from ..findings import Evidence, Finding, Json, Range, Related
from ..places import is_test_code
from ..rules import ProgramRule
from .module_state import CHANGING, changes, empties
from .reading import Reading, read

_MAKERS = frozenset({b"dict", b"list", b"set", b"defaultdict", b"OrderedDict", b"deque", b"Counter"})
_COLLECTIONS = frozenset({"dictionary", "list", "set"})


class Store(NamedTuple):
    """A function that changes a module variable, and where."""

    function: str
    range: Range
    text: str
    empties: bool


class State(NamedTuple):
    """A module variable with the places that change it."""

    name: str
    range: Range
    stores: tuple[Store, ...]


def extract(path: str, text: str) -> tuple[State, ...]:
    if is_test_code(path):
        return ()
    source = read(text)
    variables = dict(_variables(source.of("variable")))
    touched = _touched(source.data, variables) if variables else []
    if not touched:
        return ()
    stores: dict[bytes, list[Store]] = {}
    for function in source.of("function"):
        at = bisect_left(touched, function.start_byte)
        if at == len(touched) or touched[at] >= function.end_byte:
            continue
        for name, place in changes(function, variables):
            title = source.field(function, "name")
            store = Store(title, source.range(place), _first_line(source, place), empties(place))
            stores.setdefault(name, []).append(store)
    return tuple(
        State(name.decode("utf-8", "replace"), source.range(variables[name]), tuple(found))
        for name, found in stores.items()
        if not all(each.empties for each in found)
    )


def _touched(data: bytes, variables: Mapping[bytes, Node]) -> list[int]:
    """Where one of the variables may be changed: offsets in order. Cheaper than a look at every function."""
    names = b"|".join(re.escape(name) for name in variables)
    changed = rb"\s*(?:\[|\.(?:" + b"|".join(sorted(CHANGING)) + rb")\s*\()"
    pattern = re.compile(rb"\bglobal\s|(?<![\w.])(?:" + names + rb")" + changed)
    return [match.start() for match in pattern.finditer(data)]


def check(files: Mapping[str, object]) -> Iterator[Finding]:
    for path, states in files.items():
        for state in cast("tuple[State, ...]", states):
            yield _finding(path, state)


def _finding(path: str, state: State) -> Finding:
    functions = list(dict.fromkeys(store.function for store in state.stores))
    listed = ", ".join(f"{name}()" for name in functions[:3]) + (" and others" if len(functions) > 3 else "")
    steps: list[Json] = [
        {"path": path, "line": store.range.line + 1, "column": store.range.column + 1, "text": store.text}
        for store in state.stores
    ]
    return Finding(
        path=path,
        range=state.range,
        rule=PROGRAM_RULE.name,
        kind=PROGRAM_RULE.kind,
        message=f"'{state.name}' is state of the whole process, changed by {listed}",
        severity=PROGRAM_RULE.severity,
        confidence=0.5,
        reviewer=PROGRAM_RULE.reviewer,
        suggestion="keep it in an object that is passed to those who need it",
        evidence=(Evidence("traced", f"changed in {len(state.stores)} places, first by {listed}", {"path": steps}),),
        related=tuple(Related(path, store.range, store.text) for store in state.stores),
    )


def _variables(names: Iterable[Node]) -> Iterator[tuple[bytes, Node]]:
    """Those of the names assigned by the module that it binds to a collection or to None."""
    for left in names:
        right = left.parent.child_by_field_name("right") if left.parent is not None else None
        name = left.text or b""
        if right is None or name.startswith(b"__"):
            continue
        function = right.child_by_field_name("function") if right.type == "call" else None
        made = function is not None and (function.text or b"").rpartition(b".")[2] in _MAKERS
        if right.type in _COLLECTIONS or made or right.type == "none":
            yield name, left


def _first_line(source: Reading, node: Node) -> str:
    return source.text(node).partition("\n")[0].strip()[:80]


PROGRAM_RULE = ProgramRule(
    name="mutable-global",
    reviewer="architecture",
    kind="mutable_global",
    summary="Functions change state of the whole process",
    severity="low",
    extract=extract,
    check=check,
)
