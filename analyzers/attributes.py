"""What a class says of the attributes of its objects: ``self.waiting = []`` here, ``self.waiting.pop(0)`` there.

Read from the text of each member by itself, so that an edit in one member costs one look at that member. Only what is
plain is taken: a constructor, an empty literal, a comprehension, an annotation; an attribute that is given anything
else somewhere in the class is not known. A bare parameter (``self.rows = rows``) contradicts nothing: it is of the kind
that the attribute is given elsewhere, or a list if the class appends to it.

Invariant: pure text in, frozen values out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .handed import handed, together
from .returned import REFERENCE, kind_of_name, kind_of_value, mentions, opening, parts_returned, returned
from .returned import together as mixed
from .shapes import Shape, annotation_shape

Facts = tuple[tuple[str, str], ...]

_OWN = re.compile(
    rb"\bself\.(?P<name>\w+)"
    rb"(?P<called>\()?"
    rb"(?P<added>\.(?:append|extend|insert)\()?(?P<part>\[[^\]\n]*\](?=[ \t]*=[^=]))?"
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

#: A dictionary of lists, by its making or its annotation.
_OF_LISTS = re.compile(r"(?:\w+\.)?(?:defaultdict\(list\)|(?:[dD]ict|defaultdict)\[[\w. ]+,\s*(?:\w+\.)?[lL]ist\b)")
#: ``rows or []``, ``rows if rows is not None else []``, ``[] if rows is None else rows``: the default says the kind.
_DEFAULTED = re.compile(
    r"(?P<name>\w+) (?:or|if (?P=name)(?: is not None)? else) (?P<last>\[\]|\{\}|list\(\)|set\(\)|dict\(\))$"
    r"|(?P<first>\[\]|\{\}|list\(\)|set\(\)|dict\(\)) if (?:(?P<other>\w+) is None|not (?P<bare>\w+)) else \w+$"
)
_DEFAULTS: Mapping[str, Shape] = {"[": "list", "l": "list", "{": "dict", "d": "dict", "s": "set"}
#: The end of a signature, and what may stand behind a parameter that nothing is known of.
_SIGNATURE_ENDS = re.compile(rb"\)\s*(?:->[^\n]*)?:[ \t]*(?:#[^\n]*)?\r?\n")
_BARE = re.compile(rb"\s*(?:=\s*(?:None|\(\)|\[\]|list\(\)))?\s*[,)]")

#: As much of a value is read.
_LONG = 4000
#: Through so many others an attribute is followed.
_FAR = 4
_OF_SELF = f"{REFERENCE}self."

#: An attribute that is given something of which the kind is not known.
UNKNOWN = "?"
#: One that is given a bare parameter, and one that something is appended to. Neither is a kind by itself.
_PARAMETER, _APPENDED = "~", "+"


def own_attributes(text: bytes) -> tuple[frozenset[str], Facts]:
    """(attributes of ``self`` that a member mentions, what kind of value it gives to which)."""
    uses: set[str] = set()
    gives: set[tuple[str, str]] = set()
    if b"self." not in text:
        return frozenset(), ()
    for found in _OWN.finditer(text):
        name = found["name"].decode()
        if name not in uses:
            uses.update((name, f"{name}[]"))
        if found["called"]:
            uses.update((f"{name}()", f"{name}()[]"))
        if found["added"]:
            gives.add((name, _APPENDED))
        if found["given"] is None or _is_comment(text, found.start()):
            continue
        kind = annotation_shape(found["kind"].decode("utf-8", "replace")) if found["kind"] else ""
        value = found["value"].decode("utf-8", "replace").partition("#")[0].strip()
        if not kind and _NOTHING.match(value):
            continue
        whose = f"{name}[]" if found["part"] else name
        gives.add((whose, kind or _kind_of(value, text, found.start("value"))))
        made = _OF_LISTS.match(value if not kind else found["kind"].decode("utf-8", "replace"))
        if made is not None and not found["part"]:
            gives.add((f"{name}[]", "list"))
    return frozenset(uses), tuple(sorted(gives))


def _is_comment(text: bytes, place: int) -> bool:
    """Is a line nothing but a comment?"""
    return text[text.rfind(b"\n", 0, place) + 1 : place].lstrip().startswith(b"#")


def member_facts(text: bytes) -> tuple[frozenset[str], Facts]:
    """(what a member mentions of ``self``, what it says of it): its attributes, and what the member itself returns,
    by its name with ``()``, and which methods it hands lists to, by their name with ``(``."""
    uses, gives = own_attributes(text)
    head = _HEAD.search(text)
    if head is not None:
        uses |= {f"{head[1].decode()}("}
    return uses, tuple(sorted((*gives, *returned(text), *parts_returned(text), *handed(text, own=True))))


def declared(statements: Iterable[bytes]) -> Facts:
    """What the class's own statements declare: ``waiting: list[str] = field(default_factory=list)``."""
    gives: set[tuple[str, str]] = set()
    for each in statements:
        found = _DECLARED.match(each.decode("utf-8", "replace"))
        if found is not None:
            gives.add((found[1], annotation_shape(found[2]) or UNKNOWN))
    return tuple(sorted(gives))


def _kind_of(value: str, text: bytes, start: int) -> str:
    """The kind of what stands at a place of a text, of which ``value`` is the line."""
    for pattern, shape in _VALUES:
        if pattern.match(value):
            return shape
    if value.isidentifier():
        places = mentions(text, value.encode(), _ANNOTATED)
        said = next((found for start, found in places if opening(text, start, b"(,") >= 0), None)
        if said is not None:
            return annotation_shape(said[1].decode("utf-8", "replace")) or UNKNOWN
        return kind_of_name(text, value) or (_PARAMETER if _is_bare_parameter(text, value.encode()) else UNKNOWN)
    found = _DEFAULTED.match(value)
    if found is not None:
        return _DEFAULTS[(found["last"] or found["first"])[0]]
    if value in ("[", "{"):  # goes on in the lines below
        return kind_of_value(text[start : start + _LONG].decode("utf-8", "replace")) or UNKNOWN
    return kind_of_value(value, cut=True) or UNKNOWN


def _is_bare_parameter(text: bytes, name: bytes) -> bool:
    """Is this a parameter of which no annotation and no default says anything, and that is given nothing else?"""
    ends = _SIGNATURE_ENDS.search(text)
    if ends is None:
        return False
    places = [start for start, _ in mentions(text[: ends.end()], name, _BARE) if opening(text, start, b"(,") >= 0]
    body = text[ends.end() :]
    again = (start for start, _ in mentions(body, name, _REBOUND) if not body[start - 1 : start].strip(_NO_NAME_BEFORE))
    return bool(places) and next(again, None) is None


#: What may stand right before a whole name that is given something.
_NO_NAME_BEFORE = b" \t\n(,"
_REBOUND = re.compile(rb"[ \t]*(?:=(?!=)|,[^\n=]*=(?!=)|[ \t]in\b)")


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
    weak: dict[str, set[str]] = {}
    for name, kind in (each for facts in gives for each in facts):
        if name.endswith("("):
            kinds[name] = together(kinds.get(name, ""), kind)
        elif kind in (_PARAMETER, _APPENDED):
            weak.setdefault(name, set()).add(kind)
        elif kinds.get(name, kind) != kind:
            kinds[name] = (UNKNOWN not in (kind, kinds[name]) and mixed((kind, kinds[name]))) or UNKNOWN
        else:
            kinds[name] = kind
    for name, found in weak.items():
        if name not in kinds and _PARAMETER in found:
            kinds[name] = "list" if _APPENDED in found else UNKNOWN
    return kinds


def _followed(kinds: Mapping[str, str], name: str, part: str) -> str:
    """What a reference to something of the same class stands for; empty for one that leads to itself."""
    if not part.startswith(_OF_SELF):
        return UNKNOWN if part.startswith(REFERENCE) else part
    other = part.removeprefix(_OF_SELF)
    return "" if other == name else kinds.get(other, UNKNOWN)
