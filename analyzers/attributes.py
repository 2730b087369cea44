"""What a class says of the attributes of its objects: ``self.waiting = []`` here, ``self.waiting.pop(0)`` there.

Read from the text of each member by itself, so that an edit in one member costs one look at that member. Only what is
plain is taken: a constructor, an empty literal, a comprehension, an annotation; an attribute that is given anything
else somewhere in the class is not known.

Invariant: pure text in, frozen values out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .handed import handed, together
from .returned import CALLS, returned
from .shapes import Shape, annotation_shape

Facts = tuple[tuple[str, str], ...]

_OWN = re.compile(
    rb"\bself\.(?P<name>\w+)"
    rb"(?P<called>\()?"
    rb"(?P<given>[ \t]*(?::[ \t]*(?P<kind>[^=\n]+?))?[ \t]*=(?!=)[ \t]*(?P<value>[^\n]*))?"
)
_HEAD = re.compile(rb"\bdef\s+(\w+)\s*\(")
_DECLARED = re.compile(r"\s*(\w+)\s*:\s*([^=#\n]+)")
_NOTHING = re.compile(r"None\b")
_VALUES: tuple[tuple[re.Pattern[str], Shape], ...] = (
    *CALLS,
    (re.compile(r"\[\s*\]|\[[^\[\]]* for .*\]$"), "list"),
    (re.compile(r"\{\s*\}"), "dict"),
    (re.compile(r"b[\"']|bytes\("), "bytes"),
    (re.compile(r"f?[\"']|str\("), "str"),
)

#: An attribute that is given something of which the kind is not known.
UNKNOWN = "?"


def own_attributes(text: bytes) -> tuple[frozenset[str], Facts]:
    """(attributes of ``self`` that a member mentions, what kind of value it gives to which)."""
    uses: set[str] = set()
    gives: set[tuple[str, str]] = set()
    if b"self." not in text:
        return frozenset(), ()
    for found in _OWN.finditer(text):
        name = found["name"].decode()
        uses.add(name)
        if found["called"]:
            uses.add(f"{name}()")
        if found["given"] is None:
            continue
        kind = annotation_shape(found["kind"].decode("utf-8", "replace")) if found["kind"] else ""
        value = found["value"].decode("utf-8", "replace").partition("#")[0].strip()
        if not kind and _NOTHING.match(value):
            continue
        gives.add((name, kind or _kind_of(value)))
    return frozenset(uses), tuple(sorted(gives))


def member_facts(text: bytes) -> tuple[frozenset[str], Facts]:
    """(what a member mentions of ``self``, what it says of it): its attributes, and what the member itself returns,
    by its name with ``()``, and which methods it hands lists to, by their name with ``(``."""
    uses, gives = own_attributes(text)
    head = _HEAD.search(text)
    if head is not None:
        uses |= {f"{head[1].decode()}("}
    return uses, tuple(sorted((*gives, *returned(text), *handed(text, own=True))))


def declared(statements: Iterable[bytes]) -> Facts:
    """What the class's own statements declare: ``waiting: list[str] = field(default_factory=list)``."""
    gives: set[tuple[str, str]] = set()
    for each in statements:
        found = _DECLARED.match(each.decode("utf-8", "replace"))
        if found is not None:
            gives.add((found[1], annotation_shape(found[2]) or UNKNOWN))
    return tuple(sorted(gives))


def _kind_of(value: str) -> str:
    return next((shape for pattern, shape in _VALUES if pattern.match(value)), UNKNOWN)


def agreed(gives: Iterable[Facts]) -> Facts:
    """The attributes of which everything that is given to them is of one known kind."""
    kinds: dict[str, str] = {}
    for name, kind in (each for facts in gives for each in facts):
        if name.endswith("("):
            kinds[name] = together(kinds.get(name, ""), kind)
        else:
            kinds[name] = kind if kinds.get(name, kind) == kind else UNKNOWN
    return tuple(sorted((name, kind) for name, kind in kinds.items() if kind != UNKNOWN))
