"""A function that changes a collection of its module.

What it does: reports, while one types, the place in a function that stores into a dictionary, list or set which the
module made as a literal. It is the half of *mutable-global* that one function shows; a review of the file shows the
variable, with all the functions that change it, instead. The same idioms are left alone: memos, stores under a lock,
decorators that register.

Why is this bad: what one caller stores is there for all others, in every thread, request and test of the process.

Example::

    _handlers = {}

    def register(name, handler):
        _handlers[name] = handler

Use instead::

    class Registry:
        def __init__(self) -> None:
            self.handlers = {}

        def register(self, name, handler) -> None:
            self.handlers[name] = handler

References: Wulf and Shaw, "Global Variable Considered Harmful", SIGPLAN Notices 8 (1973)
"""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Evidence, Finding, Json
from ..places import is_test_code
from ..rules import Rule
from ..syntax import Unit
from .module_state import changes, empties


def check(unit: Unit) -> Iterator[Finding]:
    literals = unit.facts.literals
    if unit.kind != "function" or not literals or not ("subscript" in unit.index or "call" in unit.index):
        return
    collections = {name for name, text in literals.items() if text[0] in "{[" and not name.startswith("__")}
    if not collections or is_test_code(unit.path):
        return
    used = {name.encode() for name in collections if name.encode() in (unit.node.text or b"")}
    for name, place in changes(unit.node, used) if used else ():
        if empties(place):
            continue
        title = name.decode("utf-8", "replace")
        at = unit.range(place)
        step: dict[str, Json] = {
            "path": unit.path,
            "line": at.line + 1,
            "column": at.column + 1,
            "text": unit.text(place).partition("\n")[0][:80],
        }
        yield unit.finding(
            RULE,
            place,
            f"'{unit.name}' changes '{title}', which is state of the whole process",
            confidence=0.45,
            suggestion="keep it in an object that is passed to those who need it",
            evidence=(Evidence("traced", f"'{title}' is made once, by the module", {"path": [step]}),),
        )


RULE = Rule(
    name="changed-global",
    reviewer="architecture",
    kind="mutable_global",
    summary="A function changes state of the whole process",
    severity="low",
    check=check,
)
