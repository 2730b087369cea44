"""Two classes under one name.

What it does: reports a class whose methods fall into groups that share nothing: at least two groups of four methods
or more, each with two fields or more of its own, no field and no call between them. Only where there is more to say
than that: the class is complex (WMC of 47 or more), few of its methods share a field at all (TCC under 1/3), and it
inherits nothing that could tie them together. Visitors, mappings, records and abstract bases do not come that far.

Why is this bad: who needs one group gets the other, its fields and its imports too; each test has to set up both.

Example::

    class State:
        def __init__(self):
            self.cache, self.hits = {}, 0
            self.queue, self.waiting = [], set()

        def look_up(self, key): ...  # cache and hits, as in three more methods
        def enqueue(self, job): ...  # queue and waiting, as in three more methods

Use instead::

    class Cache: ...
    class Queue: ...

References: Hitz and Montazeri, "Measuring Coupling and Cohesion in Object-Oriented Systems" (1995), LCOM4; Bieman and
Kang, "Cohesion and Reuse in an Object-Oriented System" (1995), TCC; Lanza and Marinescu, "Object-Oriented Metrics in
Practice" (2006)
"""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding
from ..places import is_test_code
from ..rules import Rule
from ..syntax import Unit
from . import god_class
from .classes import Method, most_complex, named_methods, profile_of
from .metrics import counted, heading

WMC, TCC = 47, 1 / 3
#: Methods, and fields of its own, that make a group a class.
METHODS, FIELDS = 4, 2
#: Rows that so complex a class has at least.
_ROWS = WMC

#: Methods that touch everything and so tie nothing together.
_PLUMBING = frozenset(
    {"__init__", "__new__", "__post_init__", "__repr__", "__str__", "__eq__", "__hash__", "__del__", "__copy__"}
    | {"__deepcopy__", "__getstate__", "__setstate__", "__reduce__", "reset", "clear", "copy", "close"}
)
_BASES = frozenset({"object", "ABC", "abc.ABC"})


def check(unit: Unit) -> Iterator[Finding]:
    node = unit.node
    if unit.kind != "class" or node.end_point[0] - node.start_point[0] < _ROWS:
        return
    if is_test_code(unit.path) or _inherits(unit):
        return
    methods = named_methods(node, unit.data)
    kept = [(name, node) for name, node in methods if name not in _PLUMBING]
    if len(kept) < 2 * METHODS or most_complex(kept, unit.data) < WMC:
        return
    profile = profile_of(methods, kept, unit.data)
    if profile.complexity < WMC:
        return
    groups = [(group, fields) for group in profile.groups() if (fields := _fields(group, profile.fields))]
    large = [(group, fields) for group, fields in groups if len(group) >= METHODS and len(fields) >= FIELDS]
    if len(large) < 2 or profile.cohesion >= TCC or any(god_class.check(unit)):
        return
    parts = " | ".join(f"{', '.join(sorted(fields)[:3])} in {group[0].name}() …" for group, fields in large)
    yield unit.finding(
        RULE,
        heading(unit),
        f"'{unit.name}' is {len(large)} classes that share nothing: {parts}",
        confidence=0.65,
        suggestion="make each group of methods a class with its own fields",
        evidence=(
            counted("groups of methods that share nothing (LCOM4)", len(groups), 1, "Hitz and Montazeri 1995"),
            counted(
                "tight class cohesion (TCC)", round(profile.cohesion, 2), round(TCC, 2), "Lanza and Marinescu 2006"
            ),
            counted("weighted methods (WMC)", profile.complexity, WMC, "Lanza and Marinescu 2006"),
        ),
    )


def _inherits(unit: Unit) -> bool:
    """Has it bases that may use the fields of both groups?"""
    bases = unit.node.child_by_field_name("superclasses")
    return bases is not None and any(unit.text(each) not in _BASES for each in bases.named_children)


def _fields(group: list[Method], fields: frozenset[str]) -> frozenset[str]:
    return frozenset[str]().union(*(method.own for method in group)) & fields


RULE = Rule(
    name="low-cohesion",
    reviewer="architecture",
    kind="low_cohesion",
    summary="A class consists of groups of methods that share nothing",
    severity="low",
    check=check,
)
