"""What kind of value a function or method gives back, as far as its text tells plainly.

An annotation says it, or every ``return`` does: a list display or comprehension, a constructor, or a local name that is
only ever given such a value. A function that yields, waits, holds another function or returns an empty literal alone
(another class may do it otherwise) is not known; ``return None`` says that there is nothing to look into.

Invariant: pure text in, a kind or nothing out; read when a definition changes, never when another one does.
"""

from __future__ import annotations

import re

from .shapes import Shape, annotation_shape

_HEAD = re.compile(rb"(?P<decorators>(?:@[^\n]*\n\s*)*)def\s+(?P<name>\w+)\s*\(")
_SAID = re.compile(rb"\)\s*->\s*(?P<kind>[^\n]+?)\s*:[ \t]*(?:#[^\n]*)?\r?\n")
_RETURN = re.compile(rb"return\b[ \t]*")
_BEFORE = re.compile(rb"[ \t]+(?:(?:else|if[^\n:]+)[ \t]*:[ \t]*)?")
_OTHER = re.compile(rb"\byield\b|\n\s+(?:async\s+)?def\s")
_PROPERTY = re.compile(rb"@(?:functools\.)?(?:cached_)?property\b")
_NOTHING = re.compile(r"(?:None)?\s*(?:#.*)?$")
#: Calls that make a collection of a known kind.
CALLS: tuple[tuple[re.Pattern[str], Shape], ...] = (
    (re.compile(r"(?:list|sorted)\("), "list"),
    (re.compile(r"(?:set|frozenset)\("), "set"),
    (re.compile(r"(?:dict|(?:collections\.)?(?:defaultdict|OrderedDict|Counter))\("), "dict"),
)
_OPEN, _CLOSE = "([{", ")]}"
#: So far the end of a bracket is looked for.
_FAR = 4000


def returned(text: bytes) -> tuple[tuple[str, Shape], ...]:
    """(its name with ``()``, the kind) of a definition that gives back one known kind of value; a property by its
    name alone."""
    head = _HEAD.match(text)
    if head is None:
        return ()
    name = head["name"].decode()
    arrow = text.find(b"->", head.end(), head.end() + _FAR)
    said = _SAID.search(text, head.end(), head.end() + _FAR) if arrow >= 0 else None
    before = text.find(b"\n", head.end())
    kind: Shape = ""
    if said is not None and (before < 0 or text.count(b"->", head.end(), said.end()) == 1):
        kind = annotation_shape(said["kind"].decode("utf-8", "replace"))
    elif not _is_other(text, head.end()):
        kind = _of_returns(text, head.end())
    if not kind:
        return ()
    return ((name if _PROPERTY.search(head["decorators"]) else f"{name}()", kind),)


def _is_other(text: bytes, start: int) -> bool:
    """Does it yield, or hold another function? (The words are sought first, which takes next to no time.)"""
    return (text.find(b"yield", start) >= 0 or text.find(b"def ", start) >= 0) and bool(_OTHER.search(text, start))


def _of_returns(text: bytes, start: int) -> Shape:
    kinds: set[Shape] = set()
    empty: set[Shape] = set()
    for found in _RETURN.finditer(text, start):
        if not _BEFORE.fullmatch(text, text.rfind(b"\n", 0, found.start()) + 1, found.start()):
            continue
        value = text[found.end() : found.end() + _FAR].decode("utf-8", "replace")
        line = value.partition("\n")[0].strip()
        if _NOTHING.match(line):
            continue
        kind = _kind(value)
        nothing = _kind(value, empty=True) if not kind else ""
        if nothing:
            empty.add(nothing)  # says what the others must be
            continue
        kinds.add(kind_of_name(text, line) if not kind and line.isidentifier() else kind)
    return _only(kinds | empty) if kinds else ""


def kind_of_name(text: bytes, name: str) -> Shape:
    """The kind of a local name: of everything that is assigned to it, nothing but an empty literal included."""
    given = re.compile(rf"{name}[ \t]*(?::[ \t]*(?P<said>[^=\n]+?))?[ \t]*=(?!=)[ \t]*".encode())
    kinds: set[Shape] = set()
    for found in given.finditer(text):
        if not begins_line(text, found.start()):
            continue
        if found["said"]:
            kinds.add(annotation_shape(found["said"].decode("utf-8", "replace")))
        else:
            kinds.add(_kind(text[found.end() : found.end() + _FAR].decode("utf-8", "replace"), empty=True))
    return _only(kinds)


def begins_line(text: bytes, place: int) -> bool:
    """Does nothing but an indentation stand before a place in its line?"""
    before = text[text.rfind(b"\n", 0, place) + 1 : place]
    return bool(before) and not before.strip(b" \t")


def _only(kinds: set[Shape]) -> Shape:
    return kinds.pop() if len(kinds) == 1 else ""


def _kind(value: str, *, empty: bool = False) -> Shape:
    """The kind of an expression that is one display, one comprehension or one call of a constructor."""
    made: Shape = ""
    opening = 0
    for pattern, shape in CALLS:
        found = pattern.match(value)
        if found is not None:
            made, opening = shape, found.end() - 1
    end = _closing(value, opening)
    if end < 0 or value[end + 1 :].partition("\n")[0].partition("#")[0].strip():
        return ""
    if made:
        return made
    inside = value[1:end].strip()
    if not inside and not empty:
        return ""
    if value[0] == "[":
        return "list"
    if value[0] == "{" and not inside:
        return "dict"
    return ""


def _closing(value: str, opening: int) -> int:
    """Where the bracket that opens at a place is closed; -1 if none opens there, or it is not seen to be closed."""
    if value[opening : opening + 1] not in ("(", "[", "{"):
        return -1
    depth = 0
    for place in range(opening, len(value)):
        if value[place] in _OPEN:
            depth += 1
        elif value[place] in _CLOSE:
            depth -= 1
            if depth == 0:
                return place
    return -1
