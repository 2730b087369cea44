"""Which lists a function hands to functions of its module or to methods of its own object, as far as its text tells
plainly: ``names = [each.name for each in rows]`` here, ``check(rows, names)`` there says what ``check`` gets second.

Only names that are given nothing but lists, of which one follows the input (a comprehension, ``sorted``, ``list`` or
something appended), and only such a name alone as an argument. What other callers hand to the same parameter does not
matter: what is slow for one list is slow for it. Calls through other objects are not followed.

Invariant: pure text in, facts out; the facts of a call are ``("check(", "1")`` or, by keyword, ``("check(", "names")``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .returned import kind_of_name, mentions, opening

_GIVEN = re.compile(rb"=[ \t]*(\[|sorted\(|list\()")
_TARGET = re.compile(rb"[ \t]+(\w+)[ \t]*")
_CALLED = re.compile(rb"(?P<defined>\bdef\s+)?(?<![\w.])(?P<own>self\.)?(?P<name>[A-Za-z_]\w*)$")
_WORD = re.compile(rb"\w+")
_COMMA, _EQUALS = b",="
_OPEN, _CLOSE = b"([{", b")]}"
#: As much of a call is read.
_FAR = 1500
#: Longer definitions are not read: their text is looked through for each of their lists.
_LONG = 20_000

_GOES_ON = re.compile(rb"\s*[,)]")

Facts = tuple[tuple[str, str], ...]


def handed(text: bytes, *, own: bool) -> Facts:
    """(name of a function with ``(``, positions and keywords that are given a list) for each that a definition calls:
    methods of ``self`` if ``own``, else functions by their plain name."""
    if len(text) > _LONG:
        return ()
    told: dict[str, set[str]] = {}
    lists = list(_lists(text))
    for name in {name for name, _, _ in lists}:
        standing = (opening(text, start, b"(,=") for start, _ in mentions(text, name, _GOES_ON))
        places = [each for each in standing if each >= 0]
        if not places or not _follows(text, name, lists) or kind_of_name(text, name.decode()) != "list":
            continue
        for each in places:
            called, place = _call_with(text, each, own=own)
            if called:
                told.setdefault(f"{called}(", set()).add(place)
    return tuple(sorted((called, " ".join(sorted(places))) for called, places in told.items()))


def _lists(text: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """(name, how its value begins, where that goes on) of each name that is given a list in a line of its own."""
    for found in _GIVEN.finditer(text):
        line = text.rfind(b"\n", 0, found.start()) + 1
        target = _TARGET.fullmatch(text, line, found.start())
        if target is not None:
            yield target[1], found[1], found.end()


def _follows(text: bytes, name: bytes, lists: Iterable[tuple[bytes, bytes, int]]) -> bool:
    """Is one of the lists as long as the input makes it?"""
    if name + b".append(" in text or name + b".extend(" in text:
        return True
    return any(
        given == name and (begins != b"[" or b" for " in _inside(text, behind)) for given, begins, behind in lists
    )


def _inside(text: bytes, start: int) -> bytes:
    """What stands behind an opening bracket, up to where it is closed."""
    depth = 1
    for place in range(start, min(len(text), start + _FAR)):
        if text[place] in _OPEN:
            depth += 1
        elif text[place] in _CLOSE:
            depth -= 1
            if depth == 0:
                return text[start:place]
    return b""


def _call_with(text: bytes, place: int, *, own: bool) -> tuple[str, str]:
    """(called, position or keyword) of the call that has an argument which begins behind ``place``; empty if there is
    none that is followed."""
    opening = _opening(text, place)
    called = _CALLED.search(text, max(0, opening - 100), opening) if opening > 0 else None
    if called is None or called["defined"] or bool(called["own"]) != own:
        return "", ""
    *before, last = _parts(text[opening + 1 : place + 1])
    if any(each.lstrip().startswith(b"*") for each in before):
        return "", ""  # nobody knows at which position the next one is
    if text[place] != _EQUALS:
        return called["name"].decode(), str(len(before))
    keyword = last.rstrip(b"=").strip()
    return (called["name"].decode(), keyword.decode()) if _WORD.fullmatch(keyword) else ("", "")


def _opening(text: bytes, place: int) -> int:
    """The bracket that is open at a place; -1 if it is none of a call or too far away."""
    depth = 0
    for current in range(place, max(-1, place - _FAR), -1):
        if text[current] in _CLOSE:
            depth += 1
        elif text[current] in _OPEN:
            if not depth:
                return current if text[current] == _OPEN[0] else -1
            depth -= 1
    return -1


def _parts(inside: bytes) -> list[bytes]:
    """The arguments of a call, by the commas that no bracket holds."""
    parts: list[bytes] = []
    depth = start = 0
    for place, letter in enumerate(inside):
        if letter in _OPEN:
            depth += 1
        elif letter in _CLOSE:
            depth -= 1
        elif letter == _COMMA and not depth:
            parts.append(inside[start:place])
            start = place + 1
    return [*parts, inside[start:]]


def together(one: str, other: str) -> str:
    """The positions and keywords that one or the other caller names."""
    return " ".join(sorted({*one.split(), *other.split()}))
