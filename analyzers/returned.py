"""What kind of value a function or method gives back, as far as its text tells plainly.

An annotation says it, or every ``return`` does: a list display or comprehension, a constructor, or a local name that is
only ever given such a value. A function that yields, waits, holds another function or returns an empty literal alone
(another class may do it otherwise) is not known; ``return None`` says that there is nothing to look into. What is given
on as it is (``return self.names``, ``return read(path)``) is told as a *reference*, ``=self.names`` or ``=read()``, for
whoever knows what that is; several kinds and references are told with ``|`` between them.

Invariant: pure text in, a kind or nothing out; read when a definition changes, never when another one does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from .shapes import Shape, annotation_shape

_HEAD = re.compile(rb"(?P<decorators>(?:@[^\n]*\n\s*)*)def\s+(?P<name>\w+)\s*\(")
_SAID = re.compile(rb"\)\s*->\s*(?P<kind>[^\n]+?)\s*:[ \t]*(?:#[^\n]*)?\r?\n")
_RETURN = re.compile(rb"return\b[ \t]*")
#: What may stand before a statement in its line: other ones, or what it is the body of.
_BEFORE = re.compile(
    rb"[ \t]+|(?:[ \t]*def\b[^\n]*:|[ \t]+(?:(?:async|case|elif|else|except|finally|for|if|try|while|with)\b[^\n]*:"
    rb"|[^\n#]*;))[ \t]*"
)
_YIELDS = re.compile(rb"\byield\b")
_OTHER = re.compile(rb"\byield\b|\n\s+(?:async\s+)?def\s")
_PROPERTY = re.compile(rb"@(?:functools\.)?(?:cached_)?property\b")
_NOTHING = re.compile(r"(?:None)?\s*(?:#.*)?$")
#: Calls that make a collection of a known kind, and methods that do.
_MADE: Mapping[str, Shape] = {
    **dict.fromkeys(("list", "sorted", "os.listdir", "glob.glob", "re.findall"), "list"),
    **dict.fromkeys(("set", "frozenset"), "set"),
    **dict.fromkeys(("dict", "defaultdict", "OrderedDict", "Counter"), "dict"),
    **dict.fromkeys(("collections.defaultdict", "collections.OrderedDict", "collections.Counter"), "dict"),
    "tuple": "tuple",
}
_MAKING: Mapping[str, Shape] = dict.fromkeys(("tolist", "splitlines", "readlines"), "list")
#: Begins what is told of something that is given on as it is.
REFERENCE = "="
_GIVEN_ON = re.compile(r"(?:super\(\)\.)?[A-Za-z_]\w*(?:\.\w+)*")
_OPEN, _CLOSE = "([{", ")]}"
#: So far the end of a bracket is looked for.
_FAR = 4000


def returned(text: bytes) -> tuple[tuple[str, str], ...]:
    """(its name with ``()``, the kind) of a definition that gives back one known kind of value; a property by its
    name alone."""
    head = _HEAD.match(text)
    if head is None:
        return ()
    name = head["name"].decode()
    arrow = text.find(b"->", head.end(), head.end() + _FAR)
    said = _SAID.search(text, head.end(), head.end() + _FAR) if arrow >= 0 else None
    before = text.find(b"\n", head.end())
    kind = ""
    if said is not None and (before < 0 or text.count(b"->", head.end(), said.end()) == 1):
        kind = annotation_shape(said["kind"].decode("utf-8", "replace"))
    elif not _is_other(text, head.end()):
        kind = _of_returns(text, head.end())
    if not kind:
        return ()
    return ((name if _PROPERTY.search(head["decorators"]) else f"{name}()", kind),)


#: A line that may give back several values.
_SEVERAL = re.compile(rb"\breturn\b[^\n,]*,")


def parts_returned(text: bytes) -> tuple[tuple[str, str], ...]:
    """(its name with ``()[]``, the kinds with commas between) of a definition of which each ``return`` gives a tuple of
    as many values; nothing stands for one whose kind is not known."""
    head = _HEAD.match(text)
    if head is None or _SEVERAL.search(text, head.end()) is None or _is_other(text, head.end()):
        return ()
    rows: list[list[str]] = []
    for value in _values(text, head.end()):
        parts = _in_a_row(value)
        if len(parts) < 2 or (rows and len(parts) != len(rows[0])):
            return ()
        rows.append(parts)
    kinds = [_plain_kind(text, {row[place] for row in rows}) for place in range(len(rows[0]) if rows else 0)]
    return ((f"{head['name'].decode()}()[]", ",".join(kinds)),) if any(kinds) else ()


def _plain_kind(text: bytes, values: Iterable[str]) -> str:
    """The one kind of all of several names or displays; empty if they have none that needs nobody else to be asked."""
    kinds = (kind_of_name(text, each) if each.isidentifier() else kind_of_value(each, empty=True) for each in values)
    kind = together(kinds)
    return "" if REFERENCE in kind else kind


def _in_a_row(value: str) -> list[str]:
    """``names``, ``{}`` of ``names, {}``, where that is one line."""
    line = value.partition("\n")[0].strip()
    if "," not in line:
        return []
    if line.startswith("(") and _closing(line, 0) == len(line) - 1:
        line = line[1:-1]
    parts: list[str] = []
    depth = start = 0
    for place, letter in enumerate(line):
        if letter in _OPEN:
            depth += 1
        elif letter in _CLOSE:
            depth -= 1
        elif letter in "#'\"":
            return []
        elif letter == "," and not depth:
            parts.append(line[start:place].strip())
            start = place + 1
    return [*parts, line[start:].strip()] if depth == 0 and parts else []


def _is_other(text: bytes, start: int) -> bool:
    """Does it yield, or hold another function? (The words are sought first, which takes next to no time.)"""
    return (text.find(b"yield", start) >= 0 or text.find(b"def ", start) >= 0) and bool(_OTHER.search(text, start))


def _of_returns(text: bytes, start: int) -> str:
    kinds: set[str] = set()
    empty: set[str] = set()
    for value in _values(text, start):
        line = value.partition("\n")[0].strip()
        kind = kind_of_value(value)
        nothing = kind_of_value(value, empty=True) if not kind else ""
        if nothing:
            empty.add(nothing)  # says what the others must be
            continue
        kinds.add(kind_of_name(text, line) if not kind and line.isidentifier() else kind)
        if "" in kinds:
            return ""
    return together(kinds | empty) if kinds else ""


def _values(text: bytes, start: int) -> Iterator[str]:
    """What is given back, with what stands behind it in the text, by each ``return`` that gives something."""
    for found in _RETURN.finditer(text, start):
        if _BEFORE.fullmatch(text, text.rfind(b"\n", 0, found.start()) + 1, found.start()):
            value = text[found.end() : found.end() + _FAR].decode("utf-8", "replace")
            if not _NOTHING.match(value.partition("\n")[0].strip()):
                yield value


def gives_back(text: bytes, start: int) -> bool:
    """Does a definition, of which the head begins before a place, give back or yield something at all?"""
    return bool(_YIELDS.search(text, start)) or next(_values(text, start), None) is not None


def kind_of_name(text: bytes, name: str) -> str:
    """The kind of a local name: of everything that is assigned to it, nothing but an empty literal included; None says
    nothing."""
    kinds: set[str] = set()
    for start, found in mentions(text, name.encode(), _IS_GIVEN):
        if found["more"] or _NAMES.fullmatch(text, text.rfind(b"\n", 0, start) + 1, start):
            before = text[text.rfind(b"\n", 0, start) + 1 : start]
            if not _NAMES.fullmatch(before) and before.strip():
                continue
            values = _in_a_row(text[found.end() : found.end() + _FAR].decode("utf-8", "replace"))
            place = before.count(b",")
            if len(values) != place + 1 + (found["more"] or b"").count(b","):
                return ""
            kinds.add(kind_of_value(values[place], empty=True))
            continue
        if not begins_line(text, start):
            before = text[text.rfind(b"\n", 0, start) + 1 : start]
            if _TARGETS.fullmatch(before) and sum(map(before.count, _BRACKETS[0])) == sum(
                map(before.count, _BRACKETS[1])
            ):
                return ""  # one of several names that are given something
            if not _BEFORE.fullmatch(before):
                continue
        if found["said"]:
            kinds.add(annotation_shape(found["said"].decode("utf-8", "replace")))
            continue
        value = text[found.end() : found.end() + _FAR].decode("utf-8", "replace")
        if not _NOTHING.match(value.partition("\n")[0].strip()):
            kinds.add(kind_of_value(value, empty=True))
    return together(kinds)


#: Other names that are given something in the line of a name.
_TARGETS = re.compile(rb"[ \t]+[^\n#'\"]*[,=][ \t]*")
_BRACKETS = tuple(rb"([{"), tuple(rb")]}")
#: Names before one, with commas between, that are given something together with it.
_NAMES = re.compile(rb"[ \t]+(?:\w+[ \t]*,[ \t]*)+")
_IS_GIVEN = re.compile(
    rb"(?P<more>(?:[ \t]*,[ \t]*\w+)+(?=[ \t]=[ \t]))?[ \t]*(?::[ \t]*(?P<said>[^=\n]+?))?[ \t]*=(?!=)[ \t]*"
)


def mentions(text: bytes, name: bytes, rest: re.Pattern[bytes]) -> Iterator[tuple[int, re.Match[bytes]]]:
    """Where a name stands with ``rest`` behind it, and the rest. (A pattern with the name in it would have to be made
    for each name, which takes longer than all that is found with it.)"""
    at = text.find(name)
    while at >= 0:
        found = rest.match(text, at + len(name))
        if found is not None:
            yield at, found
        at = text.find(name, at + 1)


def opening(text: bytes, place: int, signs: bytes) -> int:
    """Where one of some signs stands before a place, with nothing but white space between; -1 if none does."""
    at = place - 1
    while at >= 0 and text[at] in b" \t\n\r\f\v":
        at -= 1
    return at if at >= 0 and text[at] in signs else -1


def begins_line(text: bytes, place: int) -> bool:
    """Does nothing but an indentation stand before a place in its line?"""
    before = text[text.rfind(b"\n", 0, place) + 1 : place]
    return bool(before) and not before.strip(b" \t")


def together(kinds: Iterable[str]) -> str:
    """Several kinds and references as one: a list or a tuple is searched like a list. Empty if one is not known, or if
    they differ."""
    parts = {part for kind in kinds for part in (kind.split("|") if kind else [""])}
    plain = {each for each in parts if not each.startswith(REFERENCE)}
    if plain == {"list", "tuple"}:
        plain = {"list"}
    if len(plain) > 1 or "" in plain:
        return ""
    return "|".join(sorted(plain | {each for each in parts if each.startswith(REFERENCE)}))


def kind_of_value(value: str, *, empty: bool = False, cut: bool = False) -> str:
    """The kind of an expression that a text begins with: one display, one comprehension, one call of a constructor, or
    what is given on; also with something added to it, cut out of it, or chosen between two of them. A display whose
    elements are written down only counts if it is ``empty`` ones that are asked for, too. ``cut``: the text is a line,
    what a bracket holds may go on in the next one."""
    made, end, few = _first(value, cut=cut)
    if not made:
        return ""
    rest = value[end:].partition("\n")[0].partition("#")[0].strip()
    if rest.startswith("[") and (end := _closing(rest, 0)) >= 0 and _is_cut(rest[1:end]):
        rest = rest[end + 1 :].strip()
    if not rest:
        return "" if few and not empty else made
    if rest.count(" else ") > rest.startswith("if "):
        return ""  # what is chosen first is not seen
    if rest.startswith("+ "):
        return made
    if rest.startswith("or "):
        return together((made, kind_of_value(rest[3:].strip(), empty=True)))
    if rest.startswith("if ") and " else " in rest:
        other = rest.rpartition(" else ")[2].strip()
        if other == "None":
            return "" if few and not empty else made
        return together((made, kind_of_value(other, empty=not few)))
    return ""


def _is_cut(index: str) -> bool:
    """Is an index ``1:-1``, and not one of what is looked up in something that is cut?"""
    return ":" in index and not any(sign in index for sign in "([{\"',")


def _first(value: str, *, cut: bool) -> tuple[str, int, bool]:
    """(kind of the operand that a text begins with, where that ends, is it a display of what is written down)."""
    if value[:1] in ("[", "{"):
        end = _closing(value, 0)
        if end < 0:
            return "", 0, False
        inside = value[1:end]
        kind = "list" if value[0] == "[" else "dict" if not inside.strip() else ""
        return kind, end + 1, not (" for " in inside or "\nfor " in inside or "*" in inside)
    found = _GIVEN_ON.match(value)
    if found is None:
        return "", 0, False
    name, end = found[0], found.end()
    if value[end : end + 1] != "(":
        return (f"{REFERENCE}{name}", end, False) if name.startswith("self.") and name.count(".") == 1 else _NONE
    end = _closing(value, end)
    if end < 0:
        if not cut:
            return _NONE
        end = len(value)
    made = _MADE.get(name) or _MAKING.get(name.rpartition(".")[2]) if name.count(".") < 3 else ""
    return made or f"{REFERENCE}{name.replace('super()', 'super')}()", end + 1, False


_NONE = "", 0, False


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
