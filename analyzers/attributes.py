"""What a class says of the attributes of its objects: ``self.waiting = []`` here, ``self.waiting.pop(0)`` there.

Read from the text of each member by itself, so that an edit in one member costs one look at that member. Only what is
plain is taken: a constructor, an empty literal, a comprehension, an annotation; an attribute that is given anything
else somewhere in the class is not known.

Invariant: pure text in, frozen values out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .handed import handed, together
from .returned import REFERENCE, kind_of_name, kind_of_value, mentions, opening, returned
from .returned import together as mixed
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
#: The type of a parameter, at the end of which something of the signature goes on.
_ANNOTATED = re.compile(rb"\s*:\s*([^=\n()]+?)\s*(?:=|,\s*(?:\w+\s*[:,=)]|\*|$)|,?\s*\))")
_VALUES: tuple[tuple[re.Pattern[str], Shape], ...] = (
    (re.compile(r"\[\s*\]|\[[^\[\]]* for .*\]$"), "list"),
    (re.compile(r"\{\s*\}"), "dict"),
    (re.compile(r"b[\"']|bytes\("), "bytes"),
    (re.compile(r"f?[\"']|str\("), "str"),
)

#: Through so many others an attribute is followed.
_FAR = 4
_OF_SELF = f"{REFERENCE}self."

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
        gives.add((name, kind or _kind_of(value, text)))
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


def _kind_of(value: str, text: bytes) -> str:
    for pattern, shape in _VALUES:
        if pattern.match(value):
            return shape
    if value.isidentifier():
        places = mentions(text, value.encode(), _ANNOTATED)
        said = next((found for start, found in places if opening(text, start, b"(,") >= 0), None)
        return (annotation_shape(said[1].decode("utf-8", "replace")) if said else kind_of_name(text, value)) or UNKNOWN
    return kind_of_value(value, cut=True) or UNKNOWN


def agreed(gives: Iterable[Facts]) -> Facts:
    """The attributes of which everything that is given to them is of one known kind."""
    kinds = all_given(gives)
    open_ = [name for name, kind in kinds.items() if _OF_SELF in kind]
    for _ in range(_FAR if open_ else 0):
        for name in open_:
            kind = kinds[name]
            if "|" in kind:
                parts = [_followed(kinds, name, part) for part in kind.split("|")]
                kinds[name] = (UNKNOWN not in parts and mixed(each for each in parts if each)) or UNKNOWN
            elif kind.startswith(_OF_SELF):
                kinds[name] = _followed(kinds, name, kind) or UNKNOWN
    return tuple(sorted([each for each in kinds.items() if each[1] != UNKNOWN and REFERENCE not in each[1]]))


def all_given(gives: Iterable[Facts]) -> dict[str, str]:
    """What a class says of each attribute and method, with references to others (:mod:`.returned`) as they are."""
    kinds: dict[str, str] = {}
    for name, kind in (each for facts in gives for each in facts):
        if name.endswith("("):
            kinds[name] = together(kinds.get(name, ""), kind)
        elif kinds.get(name, kind) != kind:
            kinds[name] = (UNKNOWN not in (kind, kinds[name]) and mixed((kind, kinds[name]))) or UNKNOWN
        else:
            kinds[name] = kind
    return kinds


def _followed(kinds: Mapping[str, str], name: str, part: str) -> str:
    """What a reference to something of the same class stands for; empty for one that leads to itself."""
    if not part.startswith(_OF_SELF):
        return UNKNOWN if part.startswith(REFERENCE) else part
    other = part.removeprefix(_OF_SELF)
    return "" if other == name else kinds.get(other, UNKNOWN)
